import { BOOL, INT4, NAME, OID, STRING, TIMESTAMPTZ } from '../../../catalog/types/table';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';
import { roleEntries } from './role-entries';

export const pgAuthid = systemTable({
  schema: 'pg_catalog',
  name: 'pg_authid',
  volatile: true,
  columns: {
    oid: OID,
    rolname: NAME,
    rolsuper: BOOL,
    rolinherit: BOOL,
    rolcreaterole: BOOL,
    rolcreatedb: BOOL,
    rolcanlogin: BOOL,
    rolreplication: BOOL,
    rolbypassrls: BOOL,
    rolconnlimit: INT4,
    rolpassword: STRING,
    rolvaliduntil: TIMESTAMPTZ,
  },
  *rows(context) {
    for (const role of roleEntries(context))
      yield {
        oid: roleOid(role.name),
        rolname: role.name,
        rolsuper: role.isSuperuser,
        rolinherit: !role.isRoot,
        rolcreaterole: role.canCreateRole,
        rolcreatedb: role.canCreateDatabase,
        rolcanlogin: role.canLogin,
        rolreplication: false,
        rolbypassrls: false,
        rolconnlimit: -1,
        rolpassword: '********',
      };
  },
});
