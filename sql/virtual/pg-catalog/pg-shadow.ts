import { arrayOf, BOOL, NAME, OID, STRING, TIMESTAMPTZ } from '../../../catalog/types/table';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';
import { loginRows, roleEntries } from './role-entries';

/** Users who may log in; passwords are not shown. */
export const pgShadow = systemTable({
  schema: 'pg_catalog',
  name: 'pg_shadow',
  volatile: true,
  columns: {
    usename: NAME,
    usesysid: OID,
    usecreatedb: BOOL,
    usesuper: BOOL,
    userepl: BOOL,
    usebypassrls: BOOL,
    passwd: STRING,
    valuntil: TIMESTAMPTZ,
    useconfig: arrayOf(STRING),
  },
  rows: loginRows,
});

/** Roles that nobody logs in as. */
export const pgGroup = systemTable({
  schema: 'pg_catalog',
  name: 'pg_group',
  volatile: true,
  columns: { groname: NAME, grosysid: OID, grolist: arrayOf(OID) },
  *rows(context) {
    for (const role of roleEntries(context).filter((entry) => !entry.canLogin))
      yield { groname: role.name, grosysid: roleOid(role.name), grolist: [] };
  },
});
