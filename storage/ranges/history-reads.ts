import { SqlError } from '../../base/errors';
import { type Connection, wideStatement } from './connection';
import { columnsOf, historyStart, retiredTablesOf, retiredUntil } from './history-tables';
import { META_TABLE_ID } from './meta-history';
import { END_COLUMN, historyName, quoteName, TIMESTAMP_COLUMN } from './physical-table';
import { settledTime } from './pushed-writes';
import { sequencesAsOfSql } from './sequence-rows';

/** The rows of tables as they were, on a connection that is in a read transaction. */

/** `seconds.nanos,logical`, as CockroachDB prints a time of its clock. */
export const clockText = (nanos: bigint, logical = 0): string =>
  `${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, '0')},${logical}`;

/** @throws SqlError snapshotTooOld (72000): what was there at `time` may be gone */
export function requireAfter(threshold: bigint, time: bigint): void {
  if (time > threshold) return;
  throw new SqlError(
    'snapshotTooOld',
    `batch timestamp ${clockText(time)} must be after replica GC threshold ${clockText(threshold)}`,
  );
}

/** Versions of a table that ended up to then may be gone. 0 = none. */
export function collectedUntil(db: Connection, tableId: number): bigint {
  const row = wideStatement(db, 'SELECT until_ts AS ts FROM collected WHERE table_id = ?').get(
    tableId,
  ) as { readonly ts: bigint } | undefined;
  return row?.ts ?? 0n;
}

/**
 * A query for all columns of a table's rows as of a time, `_ts` included.
 * @throws SqlError snapshotTooOld (72000)
 */
export function rowsAsOfSql(db: Connection, tableId: number, time: bigint): string {
  requireAfter(collectedUntil(db, tableId), time);
  const start = historyStart(db);
  if (start !== undefined) requireAfter(start, time);
  const { settled, table, history, firstEnded } = versionSource(db, tableId, time);
  const list = columnsOf(db, table).map(quoteName).join(', ');
  const began = `${TIMESTAMP_COLUMN} <= ${settled}`;
  const current = `SELECT ${list} FROM main.${quoteName(table)} WHERE ${began}`;
  if (firstEnded === undefined) return current;
  const ended = `rowid >= ${firstEnded} AND ${END_COLUMN} > ${settled}`;
  return `${current} UNION ALL SELECT ${list} FROM main.${quoteName(history)} WHERE ${ended} AND ${began}`;
}

/**
 * The first version that ended later. Versions are kept in the order in which they ended, but for those of one transaction, which all
 * ended before `time` or all after it.
 */
function firstEndedAfter(db: Connection, history: string, time: bigint): bigint | undefined {
  const table = `main.${quoteName(history)}`;
  // Asked for together, SQLite would read all of the table.
  const bound = (which: string): string => `(SELECT ${which}(rowid) FROM ${table})`;
  const bounds = db.prepare(`SELECT ${bound('min')} AS low, ${bound('max')} AS high`).get();
  const { low, high } = bounds as { readonly low: bigint | null; readonly high: bigint | null };
  if (low === null || high === null) return undefined;
  const next = db.prepare(
    `SELECT rowid AS id, ${END_COLUMN} AS "end" FROM ${table} WHERE rowid >= ? ORDER BY rowid LIMIT 1`,
  );
  let [from, to] = [low, high + 1n];
  while (from < to) {
    const middle = (from + to) / 2n;
    const { end } = next.get(middle) as { readonly end: bigint };
    if (end > time) to = middle;
    else from = middle + 1n;
  }
  return from > high ? undefined : from;
}

/** Whether the rows of a table are now what they were at `time`. */
export function isUnchangedSince(db: Connection, tableId: number, time: bigint): boolean {
  if (settledTime(db, tableId, time) !== time) return false;
  if (retiredUntil(db, tableId) > time) return false;
  const name = `t${tableId}`;
  if (firstEndedAfter(db, historyName(name), time) !== undefined) return false;
  const later = `${TIMESTAMP_COLUMN} IS NULL OR ${TIMESTAMP_COLUMN} > ?`;
  const found = db.prepare(`SELECT 1 FROM main.${quoteName(name)} WHERE ${later} LIMIT 1`);
  return found.get(time) === undefined;
}

const TABLE = /"t(\d+)" AS /g;
/** As the value of a sequence is asked for. */
const SEQUENCE = /FROM sequences WHERE table_id = (\d+)/g;
const WITH = /^WITH (RECURSIVE )?/;
const EXPLAIN = /^EXPLAIN QUERY PLAN /;

/** Where the versions of a table's rows lie that were there at some time from one on. */
export interface VersionSource {
  /** That time, as rows carry it (`visibleTimes`). */
  readonly settled: bigint;
  /** Of the rows that have not ended, or that were there when the table became another. */
  readonly table: string;
  /** Of those that have ended, in the order in which they did. */
  readonly history: string;
  /** The `rowid` of the first that ended later; undefined: none has. */
  readonly firstEnded: bigint | undefined;
}

export function versionSource(db: Connection, tableId: number, from: bigint): VersionSource {
  const settled = settledTime(db, tableId, from);
  const retired = retiredTablesOf(db, tableId).find(({ to }) => to > settled);
  const table = retired?.name ?? `t${tableId}`;
  const history = retired?.history ?? historyName(table);
  return { settled, table, history, firstEnded: firstEndedAfter(db, history, settled) };
}

/** Whether any version of a table that was there at `time`, or came later, has ended. */
export function hasEndedSince(db: Connection, tableId: number, time: bigint): boolean {
  const settled = settledTime(db, tableId, time);
  if (retiredUntil(db, tableId) > settled) return true;
  return firstEndedAfter(db, historyName(`t${tableId}`), settled) !== undefined;
}

/** Whether a row is of after a time, as rows carry it, or has no time. @param time SQL of its `_ts` */
export function isNewerSql(time: string, than: bigint): string {
  // A text has a logical part after its nanoseconds.
  return `${time} IS NULL OR CAST(${time} AS INTEGER) > ${than}`;
}

/** A query over tables as one over what they were: each name of a table comes to stand for its rows as of `time`. */
export function sqlAsOf(db: Connection, sql: string, time: bigint): string {
  const ids = new Set([...sql.matchAll(TABLE)].map(([, id]) => Number(id)));
  const queries = new Map([...ids].map((id) => [`"t${id}"`, rowsAsOfSql(db, id, time)]));
  const sequences = [...sql.matchAll(SEQUENCE)].map(([, id]) => Number(id));
  if (sequences.length > 0) {
    for (const id of [META_TABLE_ID, ...sequences]) requireAfter(collectedUntil(db, id), time);
    requireAfter(historyStart(db) ?? 0n, time);
    queries.set('sequences', sequencesAsOfSql(time));
  }
  return queries.size === 0 ? sql : withQueries(sql, queries);
}

/** A query in which tables stand for other queries, by their names. */
export function withQueries(sql: string, queries: ReadonlyMap<string, string>): string {
  const parts = [...queries].map(([name, query]) => `${name} AS NOT MATERIALIZED (${query})`);
  const [explain = ''] = EXPLAIN.exec(sql) ?? [];
  const query = sql.slice(explain.length);
  const match = WITH.exec(query);
  const head = `${explain}WITH ${match?.[1] ?? ''}${parts.join(', ')}`;
  return match === null ? `${head} ${query}` : `${head}, ${query.slice(match[0].length)}`;
}
