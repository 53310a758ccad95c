import { type Connection, statement, wideStatement } from './connection';
import { keepsHistory } from './history-tables';

/** Descriptors as they have been: each change with its time. */

/** Of one transaction, the last of a descriptor's changes counts. @param descriptor null: it is gone */
export function noteDescriptor(
  db: Connection,
  id: number,
  nowNanos: bigint,
  descriptor: Uint8Array | null,
): void {
  if (!keepsHistory(db)) return;
  statement(db, 'INSERT OR REPLACE INTO descriptor_history VALUES (?, ?, ?)').run(
    id,
    nowNanos,
    descriptor,
  );
}

/** One state of a descriptor. */
export interface DescriptorVersion {
  readonly id: number;
  readonly time: bigint;
  readonly descriptor: Uint8Array | null;
}

interface RawVersion {
  readonly id: bigint;
  readonly time: bigint;
  readonly descriptor: Uint8Array | null;
}

const plain = ({ id, time, descriptor }: RawVersion): DescriptorVersion => ({
  id: Number(id),
  time,
  descriptor,
});

/** The states that held at a time, by id. */
export function descriptorsAt(db: Connection, time: bigint): DescriptorVersion[] {
  const rows = wideStatement(
    db,
    `SELECT id, ts AS time, descriptor FROM descriptor_history AS h
     WHERE ts = (SELECT max(ts) FROM descriptor_history AS o WHERE o.id = h.id AND o.ts <= ?)
       AND descriptor IS NOT NULL ORDER BY id`,
  ).all(time);
  return (rows as RawVersion[]).map(plain);
}

/** The changes after one time, up to another, oldest first. */
export function descriptorChanges(
  db: Connection,
  after: bigint,
  upTo: bigint,
): DescriptorVersion[] {
  const rows = wideStatement(
    db,
    `SELECT id, ts AS time, descriptor FROM descriptor_history
     WHERE ts > ? AND ts <= ? ORDER BY ts, id`,
  ).all(after, upTo);
  return (rows as RawVersion[]).map(plain);
}

/** Whether one descriptor was changed after one time, up to another. */
export function isDescriptorChanged(
  db: Connection,
  id: number,
  after: bigint,
  upTo: bigint,
): boolean {
  const sql = 'SELECT 1 FROM descriptor_history WHERE id = ? AND ts > ? AND ts <= ? LIMIT 1';
  return statement(db, sql).get(id, after, upTo) !== undefined;
}

/** When descriptors were last changed at or before a time, 0 when never; and whether they were changed after it. */
export function descriptorEpoch(
  db: Connection,
  time: bigint,
): { readonly epoch: bigint; readonly isLatest: boolean } {
  const row = wideStatement(
    db,
    `SELECT (SELECT max(ts) FROM descriptor_history WHERE ts <= ?) AS epoch,
            EXISTS (SELECT 1 FROM descriptor_history WHERE ts > ?) AS later`,
  ).get(time, time) as { readonly epoch: bigint | null; readonly later: bigint };
  return { epoch: row.epoch ?? 0n, isLatest: row.later === 0n };
}

/** When a descriptor went, if it is gone and that is known. */
export function droppedAt(db: Connection, id: number): bigint | undefined {
  const row = wideStatement(
    db,
    'SELECT ts, descriptor FROM descriptor_history WHERE id = ? ORDER BY ts DESC LIMIT 1',
  ).get(id) as { readonly ts: bigint; readonly descriptor: Uint8Array | null } | undefined;
  return row?.descriptor === null ? row.ts : undefined;
}

/** A descriptor as it was when it was last there, as far as that is known. */
export function lastDescriptor(db: Connection, id: number): Uint8Array | undefined {
  const row = statement(
    db,
    `SELECT descriptor FROM descriptor_history WHERE id = ? AND descriptor IS NOT NULL
     ORDER BY ts DESC LIMIT 1`,
  ).get(id) as { readonly descriptor: Uint8Array } | undefined;
  return row?.descriptor;
}
