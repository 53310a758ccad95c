import { displayExpression } from '../../catalog/show-create';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { ColumnInfo, IndexInfo, TableInfo } from '../../catalog/table-info';
import { arrayToRepr } from '../../catalog/types/array';
import type { Repr } from '../../catalog/types/sql-type';
import { arrayOf, STRING } from '../../catalog/types/table';
import { typeName } from '../../catalog/types/type-name';
import { boolRepr } from './table-result';

const STRING_ARRAY = arrayOf(STRING);

/** Without the annotations that only storage needs: `n * 2:::INT8` is shown as `n * 2`. */
export const withoutAnnotations = (expression: string): string =>
  expression.replace(/:::[A-Z0-9_]+(\(\d+(,\s*\d+)?\))?(\[\])?/g, '');

/** SHOW COLUMNS' rows: name, type, nullable, default, generation expression, indexes, hidden. */
export function columnRows(table: TableInfo, catalog: CatalogSnapshot): Repr[][] {
  const indexes = [...(table.primaryIndex ? [table.primaryIndex] : []), ...table.secondaryIndexes];
  return table.columns
    .filter((column) => column.inaccessible !== true)
    .map((column) => [
      column.name,
      typeName(column.type),
      boolRepr(column.nullable),
      column.defaultExpr === undefined ? null : displayExpression(column.defaultExpr, catalog),
      column.computeExpr === undefined
        ? ''
        : withoutAnnotations(displayExpression(column.computeExpr, catalog)),
      arrayToRepr(STRING_ARRAY, indexesWith(column, table, indexes)),
      boolRepr(column.hidden),
    ]);
}

/** Every row is stored in the primary index; only its key columns count as being in it. */
function indexesWith(
  column: ColumnInfo,
  table: TableInfo,
  indexes: readonly IndexInfo[],
): string[] {
  return indexes
    .filter(
      (index) =>
        index.keyColumns.some((key) => key.columnId === column.id) ||
        index.implicitColumnIds?.includes(column.id) ||
        index.suffixColumnIds.includes(column.id) ||
        (index.id !== table.primaryIndex?.id && index.storedColumnIds.includes(column.id)),
    )
    .map((index) => index.name)
    .sort();
}
