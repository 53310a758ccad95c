import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { toStorageError } from './sqlite-errors';
import { registerWriteTime } from './write-time';

/** A connection to `store.db`; one thread's own. INTEGERs come back as bigint unless a statement says otherwise. */
export type Connection = Database.Database;
export type Statement = Database.Statement<unknown[], unknown>;

/**
 * `full`: a commit is on disk when it returns (docs/decisions/0004-durability.md). `none`: for stores that are removed at
 * exit.
 */
export type Durability = 'full' | 'none';

export interface ConnectOptions {
  readonly readonly?: boolean;
  readonly durability?: Durability;
  /** Page cache of this connection. */
  readonly cacheBytes?: number;
}

/** Pages of the store. Source: SQLite, PRAGMA page_size; 8 and 16 KiB were no faster when loading. */
export const PAGE_BYTES = 4096;

const CACHE_BYTES_DEFAULT = 32 << 20;

/** After a checkpoint the WAL file is cut down to this, so that one large transaction does not keep its space. */
const WAL_KEPT_BYTES = 64 << 20;

/**
 * Our own threads never meet SQLITE_BUSY: the write lock (write-lock.ts) sees to that. The timeout covers the moment in
 * which a dead worker's connection is being torn down.
 */
const BUSY_TIMEOUT_MS = 10_000;

export const STORE_FILE = 'store.db';

/** An absolute path: SQLite would take a relative one that starts with `file:` for a URI. */
export function storeFile(directory: string): string {
  return resolve(directory, STORE_FILE);
}

/** Of the store that a connection is to; there is room for temporary files. */
export const storeDirectory = (db: Connection): string => dirname(db.name);

/**
 * Opens a connection to the store in `directory` without taking the store's lock: for worker threads of the process that
 * holds it. `temp_store` stays on files, which SQLite creates only when a sort outgrows the cache: memory stays bounded.
 * @throws SqlError ioError (58030) when the store cannot be opened, dataCorrupted (XX001) when it is damaged
 */
export function connectStore(directory: string, options: ConnectOptions = {}): Connection {
  const path = storeFile(directory);
  try {
    const readonly = options.readonly ?? false;
    const db = new Database(path, { readonly, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    try {
      configure(db, options);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  } catch (error) {
    throw toStorageError(error, path);
  }
}

/** Sets what a connection, as opposed to the file, remembers. */
export function configure(db: Connection, options: ConnectOptions): void {
  db.defaultSafeIntegers(true);
  const cacheKib = Math.ceil((options.cacheBytes ?? CACHE_BYTES_DEFAULT) / 1024);
  db.pragma(`cache_size = -${cacheKib}`);
  db.pragma('foreign_keys = OFF');
  db.pragma('recursive_triggers = OFF');
  if (options.readonly) return;
  registerWriteTime(db);
  db.pragma(`synchronous = ${options.durability === 'none' ? 'OFF' : 'FULL'}`);
  db.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`);
}

/** Moves what is in the WAL into the store, as far as no reader needs it. @returns frames of the WAL when it began */
export function bringIn(db: Connection): number {
  const [row] = db.pragma('wal_checkpoint(PASSIVE)') as { log: bigint }[];
  return Number(row?.log ?? 0);
}

const statements = new WeakMap<Connection, Map<string, Statement>>();

/**
 * The prepared statement of a fixed text, prepared once a connection. For meta tables: run it with `get`, `all` or `run`,
 * never `iterate`. Integers come back as numbers; read 64-bit ids with `wideStatement`.
 */
export function statement(db: Connection, sql: string): Statement {
  return cached(db, sql, false);
}

/** As `statement`, but integers come back as bigint. */
export function wideStatement(db: Connection, sql: string): Statement {
  return cached(db, sql, true);
}

function cached(db: Connection, sql: string, wide: boolean): Statement {
  let known = statements.get(db);
  if (known === undefined) {
    known = new Map();
    statements.set(db, known);
  }
  const key = wide ? `wide ${sql}` : sql;
  let found = known.get(key);
  if (found === undefined) {
    found = db.prepare(sql).safeIntegers(wide);
    known.set(key, found);
  }
  return found;
}
