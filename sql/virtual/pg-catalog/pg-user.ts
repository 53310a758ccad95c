import { arrayOf, BOOL, NAME, OID, STRING, TIMESTAMP } from '../../../catalog/types/table';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';
import { roleEntries } from './role-entries';

export const pgUser = systemTable({
  schema: 'pg_catalog',
  name: 'pg_user',
  volatile: true,
  columns: {
    usename: NAME,
    usesysid: OID,
    usecreatedb: BOOL,
    usesuper: BOOL,
    userepl: BOOL,
    usebypassrls: BOOL,
    passwd: STRING,
    valuntil: TIMESTAMP,
    useconfig: arrayOf(STRING),
  },
  *rows(context) {
    for (const role of roleEntries(context).filter((entry) => entry.canLogin))
      yield {
        usename: role.name,
        usesysid: roleOid(role.name),
        usecreatedb: role.canCreateDatabase,
        usesuper: role.isSuperuser,
        userepl: false,
        usebypassrls: false,
        passwd: '********',
      };
  },
});
