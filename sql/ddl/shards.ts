import { SqlError } from '../../base/errors';
import type { IndexDescriptor } from '../../catalog/descriptor/gen/index_pb';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { Family } from '../../catalog/descriptor/gen/type_pb';
import { quoteIdentifier } from '../../catalog/identifiers';
import {
  addCheck,
  addColumn,
  findColumn,
  removeColumn,
  renameColumn,
} from '../../catalog/table-builder';
import { INT4, OID } from '../../catalog/types/table';
import type { DdlRun } from './run';

/**
 * Hash-sharded indexes: their first column is the bucket of the others' values, a computed column that CockroachDB adds.
 * Source: the descriptors in backups of v21.2-alpha.
 */

/** Buckets are INT4. */
const BUCKETS_MAX = 2_147_483_647;
/** A check lists them all. */
const BUCKETS_HERE_MAX = 2_048;

/** @throws SqlError featureNotSupported (0A000), syntaxError (42601), invalidParameterValue (22023) */
export function checkBuckets(buckets: number, run: DdlRun): void {
  if (run.names.settings.get('experimental_enable_hash_sharded_indexes') !== 'on') {
    throw new SqlError(
      'featureNotSupported',
      'hash sharded indexes require the experimental_enable_hash_sharded_indexes session variable',
    );
  }
  if (buckets === 0) {
    throw new SqlError('syntaxError', 'USING HASH needs WITH BUCKET_COUNT = n');
  }
  if (buckets < 2 || buckets > BUCKETS_MAX) {
    throw new SqlError(
      'invalidParameterValue',
      `BUCKET_COUNT must be a 32-bit integer greater than 1, got ${buckets}`,
    );
  }
  if (buckets <= BUCKETS_HERE_MAX) return;
  throw new SqlError(
    'featureNotSupported',
    `a BUCKET_COUNT of more than ${BUCKETS_HERE_MAX} is not supported`,
  );
}

const shardName = (columns: readonly string[], buckets: number): string =>
  `crdb_internal_${columns.join('_')}_shard_${buckets}`;

/**
 * A column's value as text that is the same for equal values, whatever the session's settings; written `CAST(c AS STRING)` by CockroachDB,
 * where the time zone and such things decide about shards of the other types here.
 * @returns undefined for types whose equal values have, or come to have, several texts
 */
function shardText(table: TableDescriptor, name: string): string | undefined {
  const column = quoteIdentifier(name);
  const type = findColumn(table, name)?.type;
  switch (type?.family) {
    // The others' texts are names, which change.
    case Family.OidFamily:
      return type.oid === OID.oid ? `CAST(${column} AS STRING)` : undefined;
    case Family.TimestampTZFamily:
      return `CAST(timezone('UTC':::STRING, ${column}) AS STRING)`;
    case Family.BytesFamily:
      return `encode(${column}, 'hex':::STRING)`;
    case Family.EnumFamily:
    case Family.DecimalFamily:
    case Family.FloatFamily:
    case Family.IntervalFamily:
    case Family.CollatedStringFamily:
    case Family.ArrayFamily:
    case Family.Box2DFamily:
      return undefined;
    default:
      return `CAST(${column} AS STRING)`;
  }
}

/**
 * The sum of the columns' hashes, as v21.1 and the alphas of v21.2 have it and every later version reads it. The releases of v21.2 have
 * `datums_to_bytes`, which the others do not know, so that it is left for what has no other way.
 */
function hashOf(table: TableDescriptor, columns: readonly string[]): string {
  const texts = columns.flatMap((name) => shardText(table, name) ?? []);
  if (texts.length < columns.length) {
    return `fnv32(crdb_internal.datums_to_bytes(${columns.map(quoteIdentifier).join(', ')}))`;
  }
  return sumOf(texts.map((text) => `fnv32(COALESCE(${text}, '':::STRING))`));
}

function sumOf([first = '', ...rest]: readonly string[]): string {
  if (rest.length === 0) return first;
  return `${first} + ${rest.length === 1 ? rest[0] : `(${sumOf(rest)})`}`;
}

/** Of a column of shards; those of columns that are still to come get it when they are there. */
export function shardExpression(
  table: TableDescriptor,
  columns: readonly string[],
  buckets: number,
): string {
  return `mod(${hashOf(table, columns)}, ${buckets}:::INT8)`;
}

/** The column of the shards of `columns`, added with its check when it is missing. */
export function shardColumn(
  table: TableDescriptor,
  columns: readonly string[],
  buckets: number,
  run: DdlRun,
): ColumnDescriptor {
  checkBuckets(buckets, run);
  const name = shardName(columns, buckets);
  const known = findColumn(table, name);
  if (known !== undefined) return known;
  const computeExpr = shardExpression(table, columns, buckets);
  const made = addColumn(table, { name, type: INT4, nullable: false, hidden: true, computeExpr });
  const shards = Array.from({ length: buckets }, (_, i) => `${i}:::INT8`).join(', ');
  const check = addCheck(table, undefined, `${quoteIdentifier(name)} IN (${shards})`, [made.id]);
  check.hidden = true;
  return made;
}

/** After an index is gone: its shards' column goes with it, unless another index has it. @returns the column that went */
export function forgetShards(
  table: TableDescriptor,
  index: IndexDescriptor,
): ColumnDescriptor | undefined {
  const column = index.sharded?.isSharded ? findColumn(table, index.sharded.name) : undefined;
  if (column === undefined) return undefined;
  const left = [...table.indexes, ...(table.primaryIndex ? [table.primaryIndex] : [])];
  if (left.some((other) => other.keyColumnIds.includes(column.id))) return undefined;
  table.checks = table.checks.filter(
    (check) => !(check.hidden && check.columnIds.length === 1 && check.columnIds[0] === column.id),
  );
  removeColumn(table, column);
  return column;
}

/** After a column was renamed: the columns of its shards are named after it. */
export function renameShards(table: TableDescriptor, column: ColumnDescriptor): void {
  const indexes = [...table.indexes, ...(table.primaryIndex ? [table.primaryIndex] : [])];
  for (const { sharded, keyColumnIds, keyColumnNames } of indexes) {
    if (!sharded?.isSharded || !keyColumnIds.includes(column.id)) continue;
    const old = findColumn(table, sharded.name);
    sharded.columnNames = keyColumnNames.slice(1);
    sharded.name = shardName(sharded.columnNames, sharded.shardBuckets);
    if (old !== undefined) renameColumn(table, old, sharded.name);
  }
}
