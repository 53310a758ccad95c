import { clone, create } from '@bufbuild/protobuf';

import { CorruptionError } from '../../base/errors';
import type { ForeignKeyReference, IndexDescriptor } from './gen/index_pb';
import {
  DescriptorState,
  type ForeignKeyConstraint,
  ForeignKeyConstraintSchema,
  type TableDescriptor,
} from './gen/table_pb';

/**
 * Foreign keys as releases up to 19.1 stored them, on indexes, turned into constraints of the two
 * tables.
 *
 * A key to a table that is not in the set keeps an empty list of referenced columns: whoever
 * restores it has to refuse it or leave it out, and needs its name for either. Source: format
 * reference 05 §7.
 */

/**
 * In place. @throws CorruptionError when indexes, columns or mirrored entries that must exist do
 * not
 */
export function upgradeForeignKeys(
  tables: ReadonlyMap<number, TableDescriptor>,
  file: string,
): void {
  const upgraded = new Map<TableDescriptor, Upgraded>();
  const context = { tables, file };
  for (const table of tables.values()) {
    if (table.state === DescriptorState.DROP) continue;
    const keys: Upgraded = { outbound: [], inbound: [] };
    for (const index of oldIndexes(table)) upgradeIndex(context, table, index, keys);
    upgraded.set(table, keys);
  }
  for (const [table, keys] of upgraded) {
    table.outboundFks.push(...keys.outbound);
    table.inboundFks.push(...keys.inbound);
    for (const index of oldIndexes(table)) {
      delete index.foreignKey;
      index.referencedBy = [];
    }
  }
}

interface Upgraded {
  readonly outbound: ForeignKeyConstraint[];
  readonly inbound: ForeignKeyConstraint[];
}

interface Context {
  readonly tables: ReadonlyMap<number, TableDescriptor>;
  readonly file: string;
}

function oldIndexes(table: TableDescriptor): IndexDescriptor[] {
  return table.primaryIndex === undefined ? table.indexes : [...table.indexes, table.primaryIndex];
}

function upgradeIndex(
  context: Context,
  table: TableDescriptor,
  index: IndexDescriptor,
  keys: Upgraded,
): void {
  const reference = index.foreignKey;
  if (reference !== undefined && reference.table !== 0)
    keys.outbound.push(constraintOf(context, table, index, reference));
  for (const mirrored of index.referencedBy) {
    const origin = context.tables.get(mirrored.table);
    if (origin === undefined || origin.state === DescriptorState.DROP) continue;
    keys.inbound.push(inboundOf(context, table, origin, mirrored.index));
  }
}

/** The attributes of a foreign key are those on the referencing side. */
function inboundOf(
  context: Context,
  table: TableDescriptor,
  origin: TableDescriptor,
  originIndexId: number,
): ForeignKeyConstraint {
  const originIndex = indexById(context, origin, originIndexId);
  const reference = originIndex.foreignKey;
  if (reference !== undefined && reference.table !== 0)
    return constraintOf(context, origin, originIndex, reference);
  // The other table was upgraded before this one was stored.
  const found = origin.outboundFks.find(
    (key) =>
      key.referencedTableId === table.id &&
      key.originColumnIds.every((id, i) => originIndex.keyColumnIds[i] === id),
  );
  if (found === undefined) {
    const where = `table ${origin.id} on index ${originIndexId}`;
    const words = `table ${table.id}: no foreign key of ${where}`;
    throw new CorruptionError(context.file, undefined, words);
  }
  return clone(ForeignKeyConstraintSchema, found);
}

function constraintOf(
  context: Context,
  table: TableDescriptor,
  index: IndexDescriptor,
  reference: ForeignKeyReference,
): ForeignKeyConstraint {
  // 0: all columns of the index.
  const count = reference.sharedPrefixLen || index.keyColumnIds.length;
  const referencedTable = context.tables.get(reference.table);
  return create(ForeignKeyConstraintSchema, {
    originTableId: table.id,
    originColumnIds: leadingColumns(context, table, index, count),
    referencedTableId: reference.table,
    referencedColumnIds:
      referencedTable === undefined
        ? []
        : leadingColumns(
            context,
            referencedTable,
            indexById(context, referencedTable, reference.index),
            count,
          ),
    name: reference.name,
    validity: reference.validity,
    onDelete: reference.onDelete,
    onUpdate: reference.onUpdate,
    match: reference.match,
  });
}

function leadingColumns(
  context: Context,
  table: TableDescriptor,
  index: IndexDescriptor,
  count: number,
): number[] {
  if (count < 0 || count > index.keyColumnIds.length) {
    const words = `table ${table.id}: foreign key of ${count} columns on index ${index.id}`;
    throw new CorruptionError(context.file, undefined, words);
  }
  return index.keyColumnIds.slice(0, count);
}

function indexById(context: Context, table: TableDescriptor, id: number): IndexDescriptor {
  for (const index of oldIndexes(table)) if (index.id === id) return index;
  for (const mutation of table.mutations)
    if (mutation.descriptor.case === 'index' && mutation.descriptor.value.id === id)
      return mutation.descriptor.value;
  throw new CorruptionError(context.file, undefined, `table ${table.id} has no index ${id}`);
}
