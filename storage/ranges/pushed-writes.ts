import { type Connection, wideStatement } from './connection';

/**
 * Transactions whose rows carry earlier times than that at which they became visible: somebody had read the past up to then when they
 * were not there yet, or a statement of theirs needed a time of its own. Between the two times the table is as before them.
 */

/** In place of a table's id: descriptors. */
export const CATALOG_TABLE_ID = 0;

/** The times of a write that was pushed. */
export interface PushedWrite {
  readonly tableIds: readonly number[];
  /** Of the first row that it wrote. */
  readonly first: bigint;
  /** From then on it is there. */
  readonly last: bigint;
}

/** In the transaction that has written. */
export function notePushedWrite(db: Connection, { tableIds, first, last }: PushedWrite): void {
  const insert = wideStatement(db, 'INSERT OR REPLACE INTO pushed_writes VALUES (?, ?, ?)');
  for (const id of tableIds) insert.run(id, first, last);
}

/** The time that rows carry which a reader as of `time` is to see. */
export function settledTime(db: Connection, tableId: number, time: bigint): bigint {
  const found = wideStatement(
    db,
    `SELECT first_ts AS first FROM pushed_writes
     WHERE table_id = ? AND first_ts <= ? AND last_ts > ?`,
  ).get(tableId, time, time) as { readonly first: bigint } | undefined;
  return found === undefined ? time : found.first - 1n;
}

/** Whether rows of a table that became visible after `time` may carry earlier times than that at which they did. */
export function isPushedAfter(db: Connection, tableId: number, time: bigint): boolean {
  const sql = 'SELECT 1 FROM pushed_writes WHERE table_id = ? AND last_ts > ? LIMIT 1';
  return wideStatement(db, sql).get(tableId, time) !== undefined;
}

/**
 * `visibleTimes` as SQL, of nanoseconds without a logical part.
 * @param after times up to then need not be exact @returns SQL of that time by SQL of the one that a row carries
 */
export function visibleTimeSql(
  db: Connection,
  tableId: number,
  after: bigint,
): (written: string) => string {
  const wall = (written: string): string => `CAST(${written} AS INTEGER)`;
  if (!isPushedAfter(db, tableId, after)) return wall;
  return (written) =>
    `ifnull((SELECT max(last_ts, ${wall(written)}) FROM main.pushed_writes WHERE table_id = ${tableId} ` +
    `AND first_ts <= ${wall(written)} ORDER BY first_ts DESC LIMIT 1), ${wall(written)})`;
}

/** By the time that a row of a table carries: that from which on it was there. */
export function visibleTimes(db: Connection, tableId: number): (written: bigint) => bigint {
  const pushed = wideStatement(
    db,
    'SELECT first_ts AS first, last_ts AS last FROM pushed_writes WHERE table_id = ? ORDER BY first_ts',
  ).all(tableId) as { readonly first: bigint; readonly last: bigint }[];
  return (written) => {
    let [low, high] = [0, pushed.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pushed[middle]?.first ?? 0n) <= written) low = middle + 1;
      else high = middle;
    }
    const found = pushed[low - 1];
    return found !== undefined && written < found.last ? found.last : written;
  };
}
