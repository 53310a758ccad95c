import { arrayOf, BOOL, NAME, OID, STRING } from '../../../catalog/types/table';
import { hashOid, roleOid } from '../oids';
import { systemTable } from '../system-table';

/** What the builtins of pg_proc are written in. */
export const pgLanguage = systemTable({
  schema: 'pg_catalog',
  name: 'pg_language',
  columns: {
    oid: OID,
    lanname: NAME,
    lanowner: OID,
    lanispl: BOOL,
    lanpltrusted: BOOL,
    lanplcallfoid: OID,
    laninline: OID,
    lanvalidator: OID,
    lanacl: arrayOf(STRING),
  },
  *rows() {
    yield {
      oid: hashOid('language', 'internal'),
      lanname: 'internal',
      lanowner: roleOid('node'),
      lanispl: false,
      lanpltrusted: false,
      lanplcallfoid: 0,
      laninline: 0,
      lanvalidator: 0,
    };
  },
});
