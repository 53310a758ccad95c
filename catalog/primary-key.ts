import type { IndexDescriptor } from './descriptor/gen/index_pb';
import type { TableDescriptor } from './descriptor/gen/table_pb';
import { explicitIndex, explicitKeyIds } from './regional-rows';
import {
  addIndex,
  columnById,
  compositeIds,
  type NewIndexColumn,
  setPrimaryKey,
} from './table-builder';

/** A table gets another primary key: what of its descriptor follows from that. */

/** Whether the key is the hidden one that a table gets when it names none. */
export function hasImplicitKey(table: TableDescriptor): boolean {
  const { primaryIndex } = table;
  const [id, ...more] = primaryIndex === undefined ? [] : explicitKeyIds(primaryIndex);
  const column = table.columns.find((other) => other.id === id);
  if (column === undefined || more.length > 0) return false;
  return column.hidden && column.defaultExpr === 'unique_rowid()' && /^rowid/.test(column.name);
}

/**
 * Sets the key. Indexes that leaned on the old one for their uniqueness, or lack columns of the new one, are made again: like
 * CockroachDB's they come last afterwards.
 * @param keepOld the old key becomes a unique index
 */
export function changePrimaryKey(
  table: TableDescriptor,
  columns: readonly NewIndexColumn[],
  name: string | undefined,
  keepOld: boolean,
): void {
  const old = table.primaryIndex;
  const written = old === undefined ? undefined : explicitIndex(old);
  setPrimaryKey(table, columns, name ?? old?.name);
  if (old === undefined || written === undefined || table.primaryIndex === undefined) return;
  table.primaryIndex.id = old.id;
  const newIds = table.primaryIndex.keyColumnIds;
  const isKept = keepOld && !sameKey(old, table.primaryIndex) && !isIndexed(table, old);
  const made = table.indexes.filter((index) => needsRewrite(table, index, newIds));
  const kept = table.indexes.filter((index) => !made.includes(index));
  table.indexes = kept;
  if (isKept) {
    // Its name is made while those of the others are taken.
    table.indexes = [...kept, ...made];
    addIndex(table, {
      name: undefined,
      unique: true,
      inverted: false,
      columns: written.keyColumnNames.map((column, i) => ({
        name: column,
        descending: written.keyColumnDirections[i] === 1,
      })),
      storing: [],
      predicate: undefined,
      createdExplicitly: false,
    });
    const copy = table.indexes.at(-1);
    table.indexes = copy === undefined ? kept : [...kept, copy];
  }
  table.indexes.push(...made);
  for (const index of table.indexes) refreshIndex(table, index, newIds);
}

function sameKey(a: IndexDescriptor, b: IndexDescriptor): boolean {
  const text = (index: IndexDescriptor): string =>
    index.keyColumnIds.map((id, i) => `${id} ${index.keyColumnDirections[i]}`).join();
  return text(a) === text(b);
}

/** Whether a unique index over exactly these columns is there. */
function isIndexed(table: TableDescriptor, key: IndexDescriptor): boolean {
  return table.indexes.some(
    (index) => index.unique && index.predicate === '' && sameKey(index, key),
  );
}

function needsRewrite(
  table: TableDescriptor,
  index: IndexDescriptor,
  newIds: readonly number[],
): boolean {
  const mayBeNull = index.keyColumnIds.some((id) => columnById(table, id).nullable);
  if (!index.unique || index.type !== 0 || mayBeNull) return true;
  const has = new Set([
    ...index.keyColumnIds,
    ...index.keySuffixColumnIds,
    ...index.storeColumnIds,
  ]);
  return newIds.some((id) => !has.has(id));
}

/** What an index carries besides its own columns. */
function refreshIndex(
  table: TableDescriptor,
  index: IndexDescriptor,
  newIds: readonly number[],
): void {
  index.keySuffixColumnIds = newIds.filter((id) => !index.keyColumnIds.includes(id));
  index.storeColumnIds = index.storeColumnIds.filter((id) => !newIds.includes(id));
  index.storeColumnNames = index.storeColumnIds.map((id) => columnById(table, id).name);
  index.compositeColumnIds = compositeIds(table, [
    ...index.keyColumnIds,
    ...index.keySuffixColumnIds,
  ]);
}
