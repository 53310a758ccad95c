import { displayExpression } from '../../../catalog/show-create';
import { BOOL, INT8, STRING } from '../../../catalog/types/table';
import { typeName } from '../../../catalog/types/type-name';
import { systemTable } from '../system-table';

export const tableColumns = systemTable({
  schema: 'crdb_internal',
  name: 'table_columns',
  columns: {
    descriptor_id: INT8,
    descriptor_name: STRING,
    column_id: INT8,
    column_name: STRING,
    column_type: STRING,
    nullable: BOOL,
    default_expr: STRING,
    hidden: BOOL,
  },
  *rows({ objects, catalog }) {
    for (const { oid, info } of objects.relations)
      for (const column of info.columns)
        yield {
          descriptor_id: oid,
          descriptor_name: info.name,
          column_id: column.id,
          column_name: column.name,
          column_type: typeName(column.type),
          nullable: column.nullable,
          default_expr:
            column.defaultExpr === undefined
              ? undefined
              : displayExpression(column.defaultExpr, catalog),
          hidden: column.hidden,
        };
  },
});
