import { type Connection, wideStatement } from './connection';
import { metaHistoryName, THERE_COLUMN } from './meta-history';
import { END_COLUMN } from './physical-table';

/**
 * A sequence's stored value, undefined when there is no such sequence. What it means for a sequence that was never
 * advanced is the catalog's business.
 */
export function readSequence(db: Connection, tableId: number): bigint | undefined {
  const row = wideStatement(db, 'SELECT value FROM sequences WHERE table_id = ?').get(tableId) as
    | { value: bigint }
    | undefined;
  return row?.value;
}

/** All stored values by table id. */
export function readSequences(db: Connection): Map<number, bigint> {
  const rows = wideStatement(db, 'SELECT table_id AS id, value FROM sequences').all();
  return new Map(
    (rows as { id: bigint; value: bigint }[]).map(({ id, value }) => [Number(id), value]),
  );
}

export function writeSequence(db: Connection, tableId: number, value: bigint): void {
  const update = wideStatement(db, 'UPDATE sequences SET value = ? WHERE table_id = ?');
  if (update.run(value, tableId).changes > 0) return;
  wideStatement(db, 'INSERT INTO sequences VALUES (?, ?)').run(tableId, value);
}

export function deleteSequence(db: Connection, tableId: number): void {
  wideStatement(db, 'DELETE FROM sequences WHERE table_id = ?').run(tableId);
}

/** The stored value at a time, undefined when there was none. */
export function readSequenceAsOf(
  db: Connection,
  tableId: number,
  time: bigint,
): bigint | undefined {
  const sql = `${STATES} LIMIT 1`;
  const state = wideStatement(db, sql).get(tableId, time) as SequenceState | undefined;
  return state === undefined ? readSequence(db, tableId) : (state.value ?? undefined);
}

/** A query for the rows of `sequences` as of a time. */
export function sequencesAsOfSql(time: bigint): string {
  const history = `main.${metaHistoryName('sequences')}`;
  const later = (than: string): string =>
    `SELECT 1 FROM ${history} AS e WHERE e.table_id = ${than}.table_id AND e.${END_COLUMN} > ${time}`;
  return `SELECT table_id, value FROM main.sequences AS r WHERE NOT EXISTS (${later('r')})
    UNION ALL SELECT table_id, value FROM ${history} AS s
    WHERE ${END_COLUMN} > ${time} AND ${THERE_COLUMN}
      AND NOT EXISTS (${later('s')} AND e.${END_COLUMN} < s.${END_COLUMN})`;
}

/** How a sequence was until a time; its value is null when it had none. */
interface SequenceState {
  readonly until: bigint;
  readonly value: bigint | null;
}

const STATES = `SELECT ${END_COLUMN} AS until, value FROM ${metaHistoryName('sequences')}
  WHERE table_id = ? AND ${END_COLUMN} > ? ORDER BY ${END_COLUMN}`;

/** From `time` on the stored value is so; undefined: there is none. */
export interface SequenceChange {
  readonly time: bigint;
  readonly value: bigint | undefined;
}

/** The changes after a time, oldest first. */
export function* sequenceChanges(
  db: Connection,
  tableId: number,
  after: bigint,
): Generator<SequenceChange> {
  let time: bigint | undefined;
  const states = db.prepare(STATES).safeIntegers().iterate(tableId, after);
  for (const { until, value } of states as IterableIterator<SequenceState>) {
    if (time !== undefined) yield { time, value: value ?? undefined };
    time = until;
  }
  if (time !== undefined) yield { time, value: readSequence(db, tableId) };
}
