import { INT8, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { namedConstraints } from './constraint-rows';

export const keyColumnUsage = systemTable({
  schema: 'information_schema',
  name: 'key_column_usage',
  columns: {
    constraint_catalog: STRING,
    constraint_schema: STRING,
    constraint_name: STRING,
    table_catalog: STRING,
    table_schema: STRING,
    table_name: STRING,
    column_name: STRING,
    ordinal_position: INT8,
    position_in_unique_constraint: INT8,
  },
  *rows(context) {
    const catalog = context.database.name;
    for (const { relation, name, type, columns, constraint } of namedConstraints(context)) {
      if (type === 'CHECK') continue;
      const references = constraint?.references;
      const unique = references?.index?.index.keyColumnIds;
      for (const [i, column] of columns.entries()) {
        const target = references?.columnIds[i];
        yield {
          constraint_catalog: catalog,
          constraint_schema: relation.namespace.name,
          constraint_name: name,
          table_catalog: catalog,
          table_schema: relation.namespace.name,
          table_name: relation.info.name,
          column_name: column,
          ordinal_position: i + 1,
          position_in_unique_constraint:
            target === undefined ? undefined : (unique?.indexOf(target) ?? i) + 1,
        };
      }
    }
  },
});
