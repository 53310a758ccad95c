import { STRING } from '../../../catalog/types/table';
import { columnName } from '../catalog-objects';
import { systemTable } from '../system-table';
import { namedConstraints } from './constraint-rows';

/** The columns that a constraint is about; of a foreign key, those it refers to. */
export const constraintColumnUsage = systemTable({
  schema: 'information_schema',
  name: 'constraint_column_usage',
  columns: {
    table_catalog: STRING,
    table_schema: STRING,
    table_name: STRING,
    column_name: STRING,
    constraint_catalog: STRING,
    constraint_schema: STRING,
    constraint_name: STRING,
  },
  *rows(context) {
    const { database, catalog } = context;
    for (const { relation, name, columns, constraint } of namedConstraints(context)) {
      if (name.endsWith('_not_null') && constraint === undefined) continue;
      const references = constraint?.references;
      const target = references === undefined ? relation.table : references.table;
      const names =
        references === undefined
          ? columns
          : references.columnIds.map((id) => columnName(references.table, id));
      for (const column of names)
        yield {
          table_catalog: database.name,
          table_schema: catalog.schemaName(target.unexposedParentSchemaId || 29),
          table_name: target.name,
          column_name: column,
          constraint_catalog: database.name,
          constraint_schema: relation.namespace.name,
          constraint_name: name,
        };
    }
  },
});
