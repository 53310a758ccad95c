import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { grantRows } from './privileges';

const OF_COLUMNS = ['SELECT', 'INSERT', 'UPDATE'];

export const columnPrivileges = systemTable({
  schema: 'information_schema',
  name: 'column_privileges',
  columns: {
    grantor: STRING,
    grantee: STRING,
    table_catalog: STRING,
    table_schema: STRING,
    table_name: STRING,
    column_name: STRING,
    privilege_type: STRING,
    is_grantable: STRING,
  },
  *rows({ database, objects }) {
    for (const { info, table, namespace } of objects.relations)
      for (const { grantee, privilege } of grantRows(table.privileges))
        for (const kind of OF_COLUMNS.filter((name) => name === privilege || privilege === 'ALL'))
          for (const column of info.columns)
            yield {
              grantee,
              table_catalog: database.name,
              table_schema: namespace.name,
              table_name: info.name,
              column_name: column.name,
              privilege_type: kind,
            };
  },
});
