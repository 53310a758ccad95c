import { arrayOf, BOOL, INT4, NAME, OID, STRING, TIMESTAMPTZ } from '../../../catalog/types/table';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';
import { roleEntries } from './role-entries';

export const pgRoles = systemTable({
  schema: 'pg_catalog',
  name: 'pg_roles',
  volatile: true,
  columns: {
    oid: OID,
    rolname: NAME,
    rolsuper: BOOL,
    rolinherit: BOOL,
    rolcreaterole: BOOL,
    rolcreatedb: BOOL,
    rolcatupdate: BOOL,
    rolcanlogin: BOOL,
    rolreplication: BOOL,
    rolconnlimit: INT4,
    rolpassword: STRING,
    rolvaliduntil: TIMESTAMPTZ,
    rolbypassrls: BOOL,
    rolconfig: arrayOf(STRING),
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
        rolcatupdate: false,
        rolcanlogin: role.canLogin,
        rolreplication: false,
        rolconnlimit: -1,
        rolpassword: '********',
        rolbypassrls: false,
      };
  },
});
