import { invariant } from '../../base/invariant';
import type { Connection } from './connection';
import { toStorageError } from './sqlite-errors';
import type { WriteLocker } from './write-lock';
import { setWriteTime } from './write-time';

/**
 * Runs `body` in one SQLite write transaction on `db`, with the write lock held: all of it happens or, when it throws,
 * none. `body` is synchronous, because nothing else may use `db` in between; keep it short on the main thread.
 * @throws what `body` throws; SqlError for errors of the store (see sqlite-errors.ts); the signal's reason while waiting
 */
export async function writeTransaction<T>(
  lock: WriteLocker,
  db: Connection,
  owner: string,
  body: (db: Connection) => T,
  signal?: AbortSignal,
): Promise<T> {
  const lease = await lock.acquire(owner, signal);
  try {
    return transact(db, body);
  } finally {
    lease.release();
  }
}

/**
 * The transaction alone, for a caller that holds the write lock already.
 * @param nowNanos its time: without one, `body` has to set it before it changes meta tables that have a history
 */
export function transact<T>(db: Connection, body: (db: Connection) => T, nowNanos?: bigint): T {
  invariant(!db.inTransaction, 'write transaction inside a transaction');
  try {
    db.exec('BEGIN IMMEDIATE');
    setWriteTime(db, nowNanos);
    const result = body(db);
    invariant(!(result instanceof Promise), 'a write transaction must be synchronous');
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite itself rolls back on some errors (a full disk among them).
    if (db.inTransaction) db.exec('ROLLBACK');
    throw toStorageError(error, db.name);
  } finally {
    setWriteTime(db, undefined);
  }
}
