import { invariant } from '../base/invariant';
import type { PhysicalIndex, PhysicalTable } from '../storage/ranges/physical-table';
import { sqliteColumnName, sqliteTableName } from './build-table-info';
import type { IndexDescriptor } from './descriptor/gen/index_pb';
import { IndexDescriptor_Direction, IndexDescriptor_Type } from './descriptor/gen/index_pb';
import type { TableDescriptor } from './descriptor/gen/table_pb';
import type { EnumResolver } from './types/from-descriptor';
import { typeFromMessage } from './types/from-descriptor';
import { sqliteColumn } from './types/table';

/**
 * How a table lies in SQLite: one column a stored column of the descriptor, keyed by its primary index.
 * Inverted and partial indexes have no SQLite counterpart yet and are left out: they never change an answer.
 */
export function physicalTable(table: TableDescriptor, resolveEnum: EnumResolver): PhysicalTable {
  const primary = table.primaryIndex;
  invariant(primary !== undefined, `table ${table.id} has a primary index`);
  const keyIds = new Set(primary.keyColumnIds);
  return {
    name: sqliteTableName(table.id),
    columns: table.columns
      .filter((column) => !column.virtual)
      .map((column) => ({
        name: sqliteColumnName(column.id),
        ...sqliteColumn(typeFromMessage(column.type ?? {}, resolveEnum)),
        notNull: keyIds.has(column.id),
      })),
    primaryKey: primary.keyColumnIds.map((columnId, i) => ({
      column: sqliteColumnName(columnId),
      descending: primary.keyColumnDirections[i] === IndexDescriptor_Direction.DESC,
    })),
    indexes: table.indexes.flatMap((index) => physicalIndex(table, index)),
  };
}

function physicalIndex(table: TableDescriptor, index: IndexDescriptor): PhysicalIndex[] {
  if (index.type === IndexDescriptor_Type.INVERTED || index.predicate !== '') return [];
  const columns = index.keyColumnIds.map((id) => table.columns.find((column) => column.id === id));
  if (columns.some((column) => column === undefined || column.virtual)) return [];
  return [
    {
      name: `${sqliteTableName(table.id)}_i${index.id}`,
      unique: index.unique,
      columns: index.keyColumnIds.map((columnId, i) => ({
        column: sqliteColumnName(columnId),
        descending: index.keyColumnDirections[i] === IndexDescriptor_Direction.DESC,
      })),
    },
  ];
}
