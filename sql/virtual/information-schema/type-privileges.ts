import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { grantRows } from './privileges';

export const typePrivileges = systemTable({
  schema: 'information_schema',
  name: 'type_privileges',
  columns: {
    grantee: STRING,
    type_catalog: STRING,
    type_schema: STRING,
    type_name: STRING,
    privilege_type: STRING,
  },
  *rows({ database, catalog }) {
    for (const type of catalog.types(database.id))
      for (const { grantee, privilege } of grantRows(type.privileges))
        yield {
          grantee,
          type_catalog: database.name,
          type_schema: catalog.enumMetadata(type.id)?.schemaName,
          type_name: type.name,
          privilege_type: privilege,
        };
  },
});
