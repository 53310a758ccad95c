import { ownerOf } from '../../../catalog/privileges';
import { arrayOf, BOOL, INT4, INT8, NAME, OID, STRING } from '../../../catalog/types/table';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';

const UTF8 = 6;

export const pgDatabase = systemTable({
  schema: 'pg_catalog',
  name: 'pg_database',
  columns: {
    oid: OID,
    datname: NAME,
    datdba: OID,
    encoding: INT4,
    datcollate: NAME,
    datctype: NAME,
    datistemplate: BOOL,
    datallowconn: BOOL,
    datconnlimit: INT4,
    datlastsysoid: OID,
    datfrozenxid: INT8,
    datminmxid: INT8,
    dattablespace: OID,
    datacl: arrayOf(STRING),
  },
  *rows({ catalog }) {
    for (const database of catalog.databases())
      yield {
        oid: database.id,
        datname: database.name,
        datdba: roleOid(ownerOf(database.privileges)),
        encoding: UTF8,
        datcollate: 'en_US.utf8',
        datctype: 'en_US.utf8',
        datistemplate: false,
        datallowconn: true,
        datconnlimit: -1,
        datfrozenxid: 0,
        datminmxid: 0,
        dattablespace: 0,
      };
  },
});
