import { invariant } from '../../base/invariant';
import { type Connection, wideStatement } from './connection';
import { advanceCounter } from './counters';

/** `pending`: its rows are still to be written, `ready`: all of them are there. */
export type RangeState = 'pending' | 'ready';

/** A contiguous key span [startKey, endKey) of one table. */
export interface RangeRecord {
  readonly rangeId: number;
  readonly tableId: number;
  readonly startKey: Uint8Array;
  readonly endKey: Uint8Array;
  readonly state: RangeState;
  /** The job that fills it or filled it. */
  readonly jobId: bigint | undefined;
  /** Of its rows; of a pending one, what its planner expects to read for them. */
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly indexEntries: number;
  /** Where its rows come from, in words of whoever planned it. */
  readonly source: string;
}

export interface NewRange {
  readonly tableId: number;
  readonly startKey: Uint8Array;
  readonly endKey: Uint8Array;
  readonly source: string;
  /** What is to be read for it, about. */
  readonly plannedBytes?: number;
}

/** What a range turned out to hold. */
export interface RangeContents {
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly indexEntries: number;
}

interface RawRange {
  range_id: bigint;
  table_id: bigint;
  start_key: Uint8Array;
  end_key: Uint8Array;
  state: RangeState;
  job_id: bigint | null;
  size_bytes: bigint;
  row_count: bigint;
  index_entries: bigint;
  source: string;
}

const fromRaw = (raw: RawRange): RangeRecord => ({
  rangeId: Number(raw.range_id),
  tableId: Number(raw.table_id),
  startKey: raw.start_key,
  endKey: raw.end_key,
  state: raw.state,
  jobId: raw.job_id ?? undefined,
  sizeBytes: Number(raw.size_bytes),
  rowCount: Number(raw.row_count),
  indexEntries: Number(raw.index_entries),
  source: raw.source,
});

const all = (db: Connection, tail: string, ...params: unknown[]): RangeRecord[] =>
  (wideStatement(db, `SELECT * FROM ranges ${tail}`).all(...params) as RawRange[]).map(fromRaw);

/** Inserts a job's pending ranges in the caller's write transaction. @returns their ids, consecutive, in order */
export function insertRanges(
  db: Connection,
  jobId: bigint,
  ranges: readonly NewRange[],
): readonly number[] {
  const first = advanceCounter(db, 'next_range_id', ranges.length);
  const insert = wideStatement(
    db,
    `INSERT INTO ranges VALUES (?, ?, ?, ?, 'pending', ?, ?, 0, 0, ?)`,
  );
  return ranges.map((range, i) => {
    const { tableId, startKey, endKey, plannedBytes = 0, source } = range;
    insert.run(first + i, tableId, startKey, endKey, jobId, plannedBytes, source);
    return first + i;
  });
}

/** Ranges of a job that are still to be done, in the order they were inserted. */
export function pendingRanges(db: Connection, jobId: bigint): RangeRecord[] {
  return all(db, `WHERE job_id = ? AND state = 'pending' ORDER BY range_id`, jobId);
}

/**
 * Marks a range as written, in the transaction that wrote its rows. A range that is ready already was applied before: that
 * is a bug of the caller, and rolling back keeps the rows single.
 */
export function markRangeReady(db: Connection, rangeId: number, contents: RangeContents): void {
  const { changes } = wideStatement(
    db,
    `UPDATE ranges SET state = 'ready', size_bytes = ?, row_count = ?, index_entries = ?
     WHERE range_id = ? AND state = 'pending'`,
  ).run(contents.sizeBytes, contents.rowCount, contents.indexEntries, rangeId);
  invariant(changes === 1, `range ${rangeId} is not pending`);
}

/** Ranges of a table by start key, as SHOW RANGES lists them. */
export function rangesOfTable(db: Connection, tableId: number): RangeRecord[] {
  return all(db, 'WHERE table_id = ? ORDER BY start_key, range_id', tableId);
}

/** Sums over a job's ranges that are ready: what RESTORE reports, also after a restart. */
export interface JobRangeTotals extends RangeContents {
  readonly rangeCount: number;
  readonly readyCount: number;
}

export function rangeTotalsOfJob(db: Connection, jobId: bigint): JobRangeTotals {
  const raw = wideStatement(
    db,
    `SELECT count(*) AS range_count, total(state = 'ready') AS ready_count,
       coalesce(sum(size_bytes) FILTER (WHERE state = 'ready'), 0) AS size_bytes, coalesce(sum(row_count), 0) AS row_count,
       coalesce(sum(index_entries), 0) AS index_entries
     FROM ranges WHERE job_id = ?`,
  ).get(jobId) as Record<
    'range_count' | 'ready_count' | 'size_bytes' | 'row_count' | 'index_entries',
    bigint | number
  >;
  return {
    rangeCount: Number(raw.range_count),
    readyCount: Number(raw.ready_count),
    sizeBytes: Number(raw.size_bytes),
    rowCount: Number(raw.row_count),
    indexEntries: Number(raw.index_entries),
  };
}

export function deleteRangesOfTable(db: Connection, tableId: number): void {
  wideStatement(db, 'DELETE FROM ranges WHERE table_id = ?').run(tableId);
}

export function deleteRangesOfJob(db: Connection, jobId: bigint): void {
  wideStatement(db, 'DELETE FROM ranges WHERE job_id = ?').run(jobId);
}
