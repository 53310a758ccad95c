import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

const PRIVILEGES = [
  'ALL',
  'CONNECT',
  'CREATE',
  'DELETE',
  'DROP',
  'GRANT',
  'INSERT',
  'SELECT',
  'UPDATE',
  'USAGE',
  'ZONECONFIG',
];

export const userPrivileges = systemTable({
  schema: 'information_schema',
  name: 'user_privileges',
  columns: { grantee: STRING, table_catalog: STRING, privilege_type: STRING, is_grantable: STRING },
  *rows({ database }) {
    for (const grantee of ['admin', 'root'])
      for (const privilege of PRIVILEGES)
        yield { grantee, table_catalog: database.name, privilege_type: privilege };
  },
});
