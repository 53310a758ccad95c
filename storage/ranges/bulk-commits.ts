import { statSync } from 'node:fs';
import { SqlError } from '../../base/errors';
import { Checkpointer } from './checkpointer';
import { type Connection, type Durability, storeFile } from './connection';
import { GroupSync } from './group-sync';

/** A WAL of this size is checkpointed, by another thread: the larger it is, the fewer pages are written twice. */
const CHECKPOINT_BYTES = 128 << 20;

/** And at this size a load waits for it: then the WAL begins anew. */
const WAL_BYTES_MAX = 256 << 20;

/**
 * The commits of a load that is durable as a whole: each is in the WAL when it returns, which survives the process, and on its way
 * to the disk while the load goes on; `durable` waits for all. Commits come to the disk in their order, so after a loss of power
 * the store is as it was after one of them.
 */
export class BulkCommits {
  private readonly db: Connection;
  private readonly directory: string;
  private readonly durability: Durability;
  private readonly sync: GroupSync | undefined;
  private checkpointer: Checkpointer | undefined;

  /** @param db of the load, which nothing else uses */
  constructor(db: Connection, storeDirectory: string, durability: Durability) {
    this.db = db;
    this.directory = storeDirectory;
    this.durability = durability;
    this.sync = durability === 'full' ? new GroupSync(storeDirectory) : undefined;
    if (durability === 'full') db.pragma('synchronous = NORMAL');
    leaveCheckpoint(db);
  }

  /** To be called after each commit. */
  async committed(): Promise<void> {
    this.sync?.wait().catch(() => undefined); // `durable` asks again
    const { size } = statSync(`${storeFile(this.directory)}-wal`);
    if (size < CHECKPOINT_BYTES) return;
    this.checkpointer ??= new Checkpointer(this.directory, this.durability);
    const checkpointed = this.checkpointer.checkpoint();
    if (size > WAL_BYTES_MAX) await checkpointed;
  }

  /** @throws SqlError ioError (58030) when something committed may not be on the disk */
  async durable(): Promise<void> {
    if (this.sync === undefined) return;
    await this.sync.wait();
    if (this.sync.broken) throw new SqlError('ioError', 'could not bring the store to the disk');
  }

  /** Brings what is left in the WAL into the store. Others may write meanwhile. */
  async checkpoint(): Promise<void> {
    if (this.checkpointer === undefined) this.db.pragma('wal_checkpoint(PASSIVE)');
    else await this.checkpointer.checkpoint();
  }

  async close(): Promise<void> {
    this.sync?.close();
    await this.checkpointer?.close();
  }
}

/** The commits of a connection do not checkpoint: somebody else is about to. */
export function leaveCheckpoint(db: Connection): void {
  db.pragma('wal_autocheckpoint = 0');
}

/** They do again. Source: SQLite, SQLITE_DEFAULT_WAL_AUTOCHECKPOINT. */
export function takeCheckpoints(db: Connection): void {
  db.pragma('wal_autocheckpoint = 1000');
}
