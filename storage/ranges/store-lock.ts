import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { SqlError } from '../../base/errors';
import { sqliteCode, toStorageError } from './sqlite-errors';

const LOCK_FILE = 'LOCK';

/** Held until `release` or the end of the process, however it ends. */
export interface StoreLock {
  release(): void;
}

/** Referenced from here, because better-sqlite3 closes a connection that is garbage, and with it the lock would be gone. */
const heldConnections = new Set<Database.Database>();

/**
 * Takes the store's lock: an exclusive transaction on a database of its own that stays empty. It is a lock of the
 * operating system, so `kill -9` releases it, and unlike a lock on `store.db` it does not keep our worker threads out.
 * @throws SqlError objectInUse (55006) when another server, or another store object of this process, holds it
 */
export function acquireStoreLock(directory: string): StoreLock {
  const path = resolve(directory, LOCK_FILE);
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: 0 });
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) {
      throw new SqlError('objectInUse', `store "${directory}" is in use by another server`, {
        hint: 'Stop the other server, or start this one with another --store.',
        cause: error,
      });
    }
    throw toStorageError(error, path);
  }
  const held = db;
  heldConnections.add(held);
  return {
    release: () => {
      heldConnections.delete(held);
      held.close();
    },
  };
}
