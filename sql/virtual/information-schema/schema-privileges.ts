import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { grantRows } from './privileges';

export const schemaPrivileges = systemTable({
  schema: 'information_schema',
  name: 'schema_privileges',
  columns: {
    grantee: STRING,
    table_catalog: STRING,
    table_schema: STRING,
    privilege_type: STRING,
    is_grantable: STRING,
  },
  *rows({ database, objects, catalog }) {
    for (const { name, id } of objects.namespaces) {
      const union = catalog.entry(id)?.descriptor.union;
      const privileges = union?.case === 'schema' ? union.value.privileges : database.privileges;
      if (id === 0) {
        yield {
          grantee: 'public',
          table_catalog: database.name,
          table_schema: name,
          privilege_type: 'USAGE',
        };
        continue;
      }
      for (const { grantee, privilege } of grantRows(privileges))
        yield {
          grantee,
          table_catalog: database.name,
          table_schema: name,
          privilege_type: privilege,
        };
    }
  },
});
