import { defined } from '../../../base/invariant';
import {
  type IndexDescriptor,
  IndexDescriptor_Direction,
  IndexDescriptor_Type,
} from '../../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import { type EnumResolver, typeFromMessage } from '../../../catalog/types/from-descriptor';
import type { EncodedIndex } from '../../format/datum/index-encoder';
import { type EncodedRows, slotOf } from '../../format/datum/row-encoder';
import { interleaveAncestors } from '../../interleave-ancestors';

/** What the encoders of a table's rows and index entries have to know of its descriptor. */

export interface TableEncoding {
  /** Stored columns, in the order in which they lie in SQLite, then virtual ones. */
  readonly rows: EncodedRows;
  readonly storedCount: number;
  readonly virtualIds: readonly number[];
  /** Of the primary key's columns. */
  readonly keySlots: readonly number[];
  readonly indexes: readonly EncodedIndex[];
}

export const storedColumnIds = ({ rows, storedCount }: TableEncoding): ReadonlySet<number> =>
  new Set(rows.columns.slice(0, storedCount).map(({ id }) => id));

const PRIMARY_ENCODING = 1;

export function tableEncoding(table: TableDescriptor, resolveEnum: EnumResolver): TableEncoding {
  const primary = defined(table.primaryIndex, `primary index of ${table.name}`);
  const stored = table.columns.filter((column) => !column.virtual);
  const virtual = table.columns.filter((column) => column.virtual);
  const rows: EncodedRows = {
    tableId: table.id,
    columns: [...stored, ...virtual].map((column) => ({
      id: column.id,
      type: typeFromMessage(column.type ?? {}, resolveEnum),
    })),
    primaryId: primary.id,
    primaryKey: keyColumns(primary),
    families: [...table.families]
      .sort((a, b) => a.id - b.id)
      .map(({ id, columnIds, defaultColumnId }) => ({
        id,
        columnIds: columnIds.filter((columnId) => stored.some((column) => column.id === columnId)),
        defaultColumnId,
      })),
    interleaveAncestors: interleaveAncestors(primary),
  };
  return {
    rows,
    storedCount: stored.length,
    virtualIds: virtual.map((column) => column.id),
    keySlots: rows.primaryKey.map(({ columnId }) => slotOf(rows, columnId)),
    indexes: table.indexes.map((index) => encodedIndex(index)),
  };
}

const keyColumns = (index: IndexDescriptor) =>
  index.keyColumnIds.map((columnId, i) => ({
    columnId,
    descending: index.keyColumnDirections[i] === IndexDescriptor_Direction.DESC,
  }));

const encodedIndex = (index: IndexDescriptor): EncodedIndex => ({
  id: index.id,
  unique: index.unique,
  inverted: index.type === IndexDescriptor_Type.INVERTED,
  version: index.version,
  asPrimary: index.encodingType === PRIMARY_ENCODING,
  keyColumns: keyColumns(index),
  suffixColumnIds: index.keySuffixColumnIds,
  storedColumnIds: index.storeColumnIds,
  compositeColumnIds: index.compositeColumnIds,
});
