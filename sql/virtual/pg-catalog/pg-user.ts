import { arrayOf, BOOL, NAME, OID, STRING, TIMESTAMP } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { loginRows } from './role-entries';

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
  rows: loginRows,
});
