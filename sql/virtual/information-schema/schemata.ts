import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const schemata = systemTable({
  schema: 'information_schema',
  name: 'schemata',
  columns: {
    catalog_name: STRING,
    schema_name: STRING,
    default_character_set_name: STRING,
    sql_path: STRING,
    crdb_is_user_defined: STRING,
  },
  *rows({ database, objects }) {
    for (const { name, id } of objects.namespaces)
      yield {
        catalog_name: database.name,
        schema_name: name,
        crdb_is_user_defined: id === 0 || name === 'public' ? 'NO' : 'YES',
      };
  },
});
