import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import { wallNanos } from '../../base/clock';
import { SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { clearStaging } from '../staging/staging-directory';
import {
  type Connection,
  type ConnectOptions,
  configure,
  connectStore,
  type Durability,
  PAGE_BYTES,
  STORE_FILE,
  storeFile,
} from './connection';
import { switchHistory } from './history-tables';
import { toStorageError } from './sqlite-errors';
import { acquireStoreLock, type StoreLock } from './store-lock';
import { APPLICATION_ID, createLaterTables, createMetaTables, STORE_VERSION } from './store-schema';
import { setWriteTime } from './write-time';

export interface OpenStoreOptions {
  readonly durability?: Durability;
  /** Runs in the transaction that creates a new store: what the catalog and the users start with. */
  readonly initialize?: (db: Connection) => void;
  /** Whether overwritten and deleted rows are kept for a while, for those who read the past. */
  readonly history?: boolean;
}

/** Names that a directory may hold before it is a store: the first server may have died early, or files were put ready. */
const EXPECTED_ENTRY =
  /^(store\.db(-wal|-shm|-journal)?|LOCK(-journal)?|staging|extern|logs|lost\+found)$/;

/**
 * An open store: one directory, one process. Connections are for one thread each; worker threads open theirs with
 * `connectStore(store.directory, …)` and close them before `close()`.
 */
export class Store {
  readonly directory: string;
  readonly durability: Durability;
  private readonly lock: StoreLock;
  /** Kept open so that closing another connection is never the last close, which would checkpoint. */
  private readonly base: Connection;
  private readonly connections = new Set<Connection>();
  private fileDescriptor: number | undefined;
  private closed = false;

  constructor(directory: string, durability: Durability, lock: StoreLock, base: Connection) {
    this.directory = directory;
    this.durability = durability;
    this.lock = lock;
    this.base = base;
  }

  /** A connection for this thread; closed by the caller or by `close()`. */
  connect(options: Omit<ConnectOptions, 'durability'> = {}): Connection {
    invariant(!this.closed, 'connect() on a closed store');
    const db = connectStore(this.directory, { ...options, durability: this.durability });
    this.connections.add(db);
    return db;
  }

  /**
   * `store.db`, open for reading until the store is closed, in all threads: to close it earlier would take SQLite's locks away, which
   * belong to the process and its file. Source: sqlite.org/howtocorrupt.html, "POSIX advisory locks".
   */
  fd(): number {
    invariant(!this.closed, 'fd() of a closed store');
    this.fileDescriptor ??= openSync(storeFile(this.directory), 'r');
    return this.fileDescriptor;
  }

  /**
   * Moves everything from the WAL into `store.db`, closes this thread's connections and releases the lock. Afterwards the
   * directory holds no `-wal` file, unless a worker thread still has a connection.
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      for (const db of this.connections) if (db.open) db.close();
      this.base.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      throw toStorageError(error, storeFile(this.directory));
    } finally {
      if (this.base.open) this.base.close();
      if (this.fileDescriptor !== undefined) closeSync(this.fileDescriptor);
      this.lock.release();
    }
  }
}

/**
 * Opens the store in `path`, creating it (directory mode 0700) when there is none. What a crash left in the WAL is
 * recovered here.
 * @throws SqlError objectInUse (55006): another server has it; objectNotInPrerequisiteState (55000): not a store, or one of
 *   a newer version; dataCorrupted (XX001); ioError (58030)
 */
export function openStore(path: string, options: OpenStoreOptions = {}): Store {
  const directory = resolve(path);
  prepareDirectory(directory);
  const lock = acquireStoreLock(directory);
  try {
    clearStaging(directory);
    const durability = options.durability ?? 'full';
    const base = openBase(directory, durability, options);
    return new Store(directory, durability, lock, base);
  } catch (error) {
    lock.release();
    throw toStorageError(error, storeFile(directory));
  }
}

function prepareDirectory(directory: string): void {
  let entries: string[];
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    entries = readdirSync(directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SqlError('ioError', `could not open store directory "${directory}": ${reason}`);
  }
  if (entries.includes(STORE_FILE)) return;
  const foreign = entries.find((entry) => !EXPECTED_ENTRY.test(entry));
  if (foreign !== undefined) throw notAStore(directory, `it holds "${foreign}"`);
}

function notAStore(directory: string, why: string): SqlError {
  return new SqlError(
    'objectNotInPrerequisiteState',
    `"${directory}" is not an Ootheca store: ${why}`,
    { hint: 'Name an empty or new directory with --store.' },
  );
}

function openBase(
  directory: string,
  durability: Durability,
  { initialize, history = true }: OpenStoreOptions,
): Connection {
  const path = storeFile(directory);
  checkLength(path);
  const db = new Database(path, { timeout: 0 });
  try {
    const number = (pragma: string): number => Number(db.pragma(pragma, { simple: true }));
    const applicationId = number('application_id');
    const isEmpty = number('page_count') === 0 || !hasTables(db);
    if (applicationId !== APPLICATION_ID && !isEmpty) {
      throw notAStore(directory, `${STORE_FILE} is a database of another program`);
    }
    const version = number('user_version');
    if (version > STORE_VERSION) {
      throw new SqlError(
        'objectNotInPrerequisiteState',
        `store "${directory}" has version ${version}, this program reads up to ${STORE_VERSION}`,
        { hint: 'Start the newer program that wrote it.' },
      );
    }
    db.pragma(`page_size = ${PAGE_BYTES}`);
    invariant(db.pragma('journal_mode = WAL', { simple: true }) === 'wal', 'no WAL');
    configure(db, { durability });
    if (isEmpty) create(db, initialize, history);
    else {
      createLaterTables(db);
      db.transaction(() => switchHistory(db, history, wallNanos()))();
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function hasTables(db: Connection): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
}

function create(
  db: Connection,
  initialize: OpenStoreOptions['initialize'],
  history: boolean,
): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    createMetaTables(db, randomUUID(), Date.now() * 1000);
    const now = wallNanos();
    switchHistory(db, history, now);
    setWriteTime(db, now);
    initialize?.(db);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  } finally {
    setWriteTime(db, undefined);
  }
}

/**
 * A file shorter than its header says has lost its end. SQLite would notice only when a query comes to a missing page.
 * With a WAL beside it the file may be short for a good reason: a checkpoint that a crash interrupted.
 */
function checkLength(path: string): void {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined || file.size === 0) return;
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const db = new Database(path, { readonly: true, timeout: 0 });
  try {
    const pages = Number(db.pragma('page_count', { simple: true }));
    const pageBytes = Number(db.pragma('page_size', { simple: true }));
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    if (pages * pageBytes > file.size) {
      throw new SqlError('dataCorrupted', `the store is damaged: ${path}`, {
        detail: `${file.size} bytes where its header counts ${pages} pages of ${pageBytes}`,
      });
    }
  } finally {
    db.close();
  }
}
