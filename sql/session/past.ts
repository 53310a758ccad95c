import { notSupported, SqlError } from '../../base/errors';
import { HistoryTtls } from '../../catalog/history-ttl';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { timestampOfMicros } from '../../catalog/types/datetime';
import type { Connection } from '../../storage/ranges/connection';
import { clockText, requireAfter } from '../../storage/ranges/history-reads';
import { historyStart } from '../../storage/ranges/history-tables';
import type { SessionValues } from '../builtins/repr';
import type { EngineContext } from '../engine-context';
import type { AsOfClause, SelectStatement } from '../parse/ast';
import { hlcAsOf, readsNewest } from './as-of';
import { type BlockSnapshot, openBlockSnapshot, openFixedSnapshot } from './block-snapshot';
import type { PreparedQuery } from './compile-query';
import { type RowLock, rowLockOf } from './row-locks';
import type { SessionSettings } from './settings';
import type { TransactionState } from './transaction';

/** Queries over the rows and the catalog of an earlier time. */

type Engine = Pick<
  EngineContext,
  'db' | 'catalog' | 'queries' | 'tableWrites' | 'onlookers' | 'writeLock' | 'clock' | 'past'
>;

type Transaction = TransactionState<BlockSnapshot>;

/** Rows and catalog of an earlier time. */
export interface PastSnapshot extends BlockSnapshot {
  readonly asOf: bigint;
}

export const isPast = (sight: BlockSnapshot | undefined): sight is PastSnapshot =>
  sight?.asOf !== undefined;

/** A query with the tables of then. */
export const readAsOf = <Query extends Pick<PreparedQuery, 'compiled'>>(
  query: Query,
  { asOf }: PastSnapshot,
): Query => ({ ...query, compiled: { ...query.compiled, asOf } });

/** Nanoseconds since 1970. @throws SqlError invalidParameterValue (22023) */
export const nanosAsOf = (asOf: AsOfClause, { clock }: Pick<Engine, 'clock'>): bigint =>
  hlcAsOf(asOf, clock.now()).wallTime;

/** The catalog that a query of this session is described with; undefined: that of now. */
export function describedCatalog(
  asOf: AsOfClause | null,
  transaction: Transaction,
  engine: Engine,
): CatalogSnapshot | undefined {
  if (transaction.snapshot !== undefined) return undefined;
  const time =
    transaction.asOf ?? (asOf === null || readsNewest(asOf) ? undefined : nanosAsOf(asOf, engine));
  return time === undefined ? undefined : engine.past.at(time);
}

/**
 * The rows that a query is to see: the block's, or those of an earlier time; undefined: those of now.
 * @throws SqlError syntaxError (42601): a block sees one time only
 */
export async function openSight(
  { asOf }: SelectStatement,
  transaction: Transaction,
  engine: Engine,
  settings: SessionSettings,
): Promise<BlockSnapshot | undefined> {
  if (transaction.status !== 'T') {
    if (asOf === null || readsNewest(asOf)) return undefined;
    return await openPast(engine, nanosAsOf(asOf, engine));
  }
  if (asOf !== null) requireSameTime(asOf, transaction, engine);
  transaction.snapshot ??=
    transaction.asOf === undefined
      ? await openBlockSnapshot(engine, transaction, settings.get('transaction_read_only') === 'on')
      : await openPast(engine, transaction.asOf);
  return transaction.snapshot;
}

function requireSameTime(asOf: AsOfClause, transaction: Transaction, engine: Engine): void {
  const expected = transaction.asOf ?? BigInt(transaction.startedMicros) * 1000n;
  const got = nanosAsOf(asOf, engine);
  if (got === transaction.asOf) return;
  throw new SqlError(
    'syntaxError',
    `inconsistent AS OF SYSTEM TIME timestamp; expected: ${clockText(expected)}, got: ${clockText(got)}`,
    { hint: 'try SET TRANSACTION AS OF SYSTEM TIME' },
  );
}

/** @throws SqlError featureNotSupported (0A000) on a server with --no-history */
export function requireHistory(db: Connection, what: string): void {
  if (historyStart(db) !== undefined) return;
  throw notSupported(`${what} without history`, 'Start the server without --no-history.');
}

/** Writes after this get later times, and those with earlier ones are there. */
async function openPast(engine: Engine, asOf: bigint): Promise<BlockSnapshot> {
  requireHistory(engine.db, 'AS OF SYSTEM TIME');
  await engine.clock.settle(asOf);
  const snapshot = await openFixedSnapshot(engine);
  try {
    return { ...snapshot, asOf, catalog: engine.past.at(asOf), close: () => snapshot.close() };
  } catch (error) {
    snapshot.close();
    throw error;
  }
}

/** Queries of system tables are served as of now when the time is no longer ago. */
const SYSTEM_TABLES_NANOS_MAX = 60_000_000_000n;

/**
 * The query as one over the rows of `asOf`.
 * @throws SqlError snapshotTooOld (72000); readOnlySqlTransaction (25006); 0A000 for what has no history
 */
export function queryOfPast(
  query: PreparedQuery,
  statement: SelectStatement,
  past: PastSnapshot,
  engine: Engine,
): PreparedQuery {
  const { asOf, catalog } = past;
  const lock: RowLock | undefined = rowLockOf(statement.tree);
  const writes = query.compiled.writes ? 'nextval() or setval()' : lock?.name;
  if (writes !== undefined) {
    throw new SqlError(
      'readOnlySqlTransaction',
      `cannot execute ${writes} in a read-only transaction`,
    );
  }
  const now = engine.clock.now();
  if (query.tables.length > 0 && now - asOf > SYSTEM_TABLES_NANOS_MAX)
    throw notSupported('AS OF SYSTEM TIME more than a minute ago of system tables');
  const ttls = new HistoryTtls(engine.db, engine.catalog.snapshot());
  for (const id of query.relationIds) {
    const kind = catalog.tableById(id)?.kind;
    if (kind !== undefined && kind !== 'view') requireAfter(now - ttls.of(id), asOf);
  }
  return readAsOf(query, past);
}

/** Clocks stand still in a query of the past. */
export function valuesOfPast(values: SessionValues, asOf: bigint): SessionValues {
  const time = timestampOfMicros(Number(asOf / 1000n));
  return {
    ...values,
    transactionTimestamp: time,
    statementTimestamp: time,
    logicalTimestamp: asOf,
  };
}
