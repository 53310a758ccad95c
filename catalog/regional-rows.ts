import { clone, create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../base/errors';
import {
  type IndexDescriptor,
  IndexDescriptor_Direction,
  IndexDescriptorSchema,
  type PartitioningDescriptor,
  PartitioningDescriptorSchema,
} from './descriptor/gen/index_pb';
import type { TableDescriptor } from './descriptor/gen/table_pb';

/**
 * The keys of tables that are REGIONAL BY ROW: every index has the row's region in front and a partition a region. Nobody wrote
 * that column, it is left out of what is shown, and a unique index is unique over the others alone: in all regions.
 * Here a table lies in SQLite by those others (`physical.ts`); the descriptor, and so backups, have the whole key.
 */

/** Of a column that REGIONAL BY ROW names no other for. */
export const REGION_COLUMN = 'crdb_region';

/** How many columns of the key nobody wrote. */
export const implicitColumnCount = (index: IndexDescriptor): number =>
  index.partitioning?.numImplicitColumns ?? 0;

/** The columns of the key that were written. */
export const explicitKeyIds = (index: IndexDescriptor): number[] =>
  index.keyColumnIds.slice(implicitColumnCount(index));

/** The index as it was written: a copy when something is left out. */
export function explicitIndex(index: IndexDescriptor): IndexDescriptor {
  const count = implicitColumnCount(index);
  if (count === 0) return index;
  const copy = clone(IndexDescriptorSchema, index);
  copy.keyColumnIds = copy.keyColumnIds.slice(count);
  copy.keyColumnNames = copy.keyColumnNames.slice(count);
  copy.keyColumnDirections = copy.keyColumnDirections.slice(count);
  return copy;
}

export const allIndexes = (table: TableDescriptor): IndexDescriptor[] => [
  ...(table.primaryIndex === undefined ? [] : [table.primaryIndex]),
  ...table.indexes,
];

/** The name of the column that holds a row's region; undefined: the table is not REGIONAL BY ROW. */
export function regionColumnName(table: TableDescriptor): string | undefined {
  const locality = table.localityConfig?.locality;
  if (locality?.case !== 'regionalByRow') return undefined;
  return locality.value.as === '' ? REGION_COLUMN : locality.value.as;
}

/** What an index is partitioned by. */
export interface RegionPartitions {
  readonly column: { readonly id: number; readonly name: string };
  /** A partition a region: its name, and its value as tuples of partitions are encoded. */
  readonly list: readonly { readonly name: string; readonly value: Uint8Array }[];
}

/** Those of a table that has some; undefined: it is not REGIONAL BY ROW. */
export function partitionsOf(table: TableDescriptor): RegionPartitions | undefined {
  const name = regionColumnName(table);
  const column = table.columns.find((candidate) => candidate.name === name);
  const known = allIndexes(table).find((index) => (index.partitioning?.list.length ?? 0) > 0);
  if (column === undefined || known?.partitioning === undefined) return undefined;
  return {
    column,
    list: known.partitioning.list.map((part) => ({
      name: part.name,
      value: part.values[0] ?? new Uint8Array(),
    })),
  };
}

/**
 * Partitions an index, and puts the region in front of its key unless it stands there already.
 * @throws SqlError featureNotSupported (0A000) when it stands elsewhere in the key
 */
export function partitionIndex(index: IndexDescriptor, { column, list }: RegionPartitions): void {
  const at = index.keyColumnIds.indexOf(column.id);
  if (at > 0) {
    throw notSupported(
      `index "${index.name}" of a REGIONAL BY ROW table with "${column.name}" behind other columns`,
      'Put the column first in the index, or leave it out.',
    );
  }
  if (index.sharded?.isSharded) {
    throw new SqlError(
      'featureNotSupported',
      'hash sharded indexes are not compatible with REGIONAL BY ROW tables',
    );
  }
  if (at < 0) {
    index.keyColumnIds.unshift(column.id);
    index.keyColumnNames.unshift(column.name);
    index.keyColumnDirections.unshift(IndexDescriptor_Direction.ASC);
    index.keySuffixColumnIds = index.keySuffixColumnIds.filter((id) => id !== column.id);
    const stored = index.storeColumnIds.indexOf(column.id);
    if (stored >= 0) {
      index.storeColumnIds.splice(stored, 1);
      index.storeColumnNames.splice(stored, 1);
    }
  }
  index.partitioning = partitioning(list, at < 0 ? 1 : implicitColumnCount(index));
}

const partitioning = (
  list: RegionPartitions['list'],
  numImplicitColumns: number,
): PartitioningDescriptor =>
  create(PartitioningDescriptorSchema, {
    numColumns: 1,
    numImplicitColumns,
    list: list.map(({ name, value }) => ({ name, values: [value] })),
  });

/** Undoes `partitionIndex`. */
export function unpartitionIndex(index: IndexDescriptor): void {
  const { keyColumnIds, keyColumnNames, keyColumnDirections } = explicitIndex(index);
  Object.assign(index, { keyColumnIds, keyColumnNames, keyColumnDirections });
  delete index.partitioning;
}
