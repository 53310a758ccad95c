import { type Connection, wideStatement } from './connection';

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
  wideStatement(
    db,
    `INSERT INTO sequences VALUES (?, ?)
     ON CONFLICT (table_id) DO UPDATE SET value = excluded.value`,
  ).run(tableId, value);
}

export function deleteSequence(db: Connection, tableId: number): void {
  wideStatement(db, 'DELETE FROM sequences WHERE table_id = ?').run(tableId);
}

/** Keeps the value of a sequence that is about to be dropped, for backups of the past. */
export function retireSequence(db: Connection, tableId: number): void {
  wideStatement(
    db,
    'INSERT OR REPLACE INTO retired_sequences SELECT table_id, value FROM sequences WHERE table_id = ?',
  ).run(tableId);
}

/** The last value of a sequence that was dropped. */
export function readRetiredSequence(db: Connection, tableId: number): bigint | undefined {
  const sql = 'SELECT value FROM retired_sequences WHERE table_id = ?';
  return (wideStatement(db, sql).get(tableId) as { readonly value: bigint } | undefined)?.value;
}
