import { arrayOf, NAME, OID, STRING } from '../../../catalog/types/table';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';

export const pgTablespace = systemTable({
  schema: 'pg_catalog',
  name: 'pg_tablespace',
  columns: {
    oid: OID,
    spcname: NAME,
    spcowner: OID,
    spclocation: STRING,
    spcacl: arrayOf(STRING),
    spcoptions: arrayOf(STRING),
  },
  *rows() {
    yield { oid: 0, spcname: 'pg_default', spcowner: roleOid('node') };
  },
});
