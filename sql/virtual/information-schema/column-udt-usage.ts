import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const columnUdtUsage = systemTable({
  schema: 'information_schema',
  name: 'column_udt_usage',
  columns: {
    udt_catalog: STRING,
    udt_schema: STRING,
    udt_name: STRING,
    table_catalog: STRING,
    table_schema: STRING,
    table_name: STRING,
    column_name: STRING,
  },
  *rows({ database, objects }) {
    for (const { info, namespace } of objects.relations)
      for (const { name, type } of info.columns)
        if (type.enum !== undefined)
          yield {
            udt_catalog: database.name,
            udt_schema: type.enum.schemaName,
            udt_name: type.enum.name,
            table_catalog: database.name,
            table_schema: namespace.name,
            table_name: info.name,
            column_name: name,
          };
  },
});
