import { type Connection, connectStore, type Durability } from '../../storage/ranges/connection';
import { GroupSync } from '../../storage/ranges/group-sync';
import type { WritePlan } from '../bind/write/plan';
import type { CompiledWrite } from '../emit/compiled-write';
import { prepareConnection } from './functions';
import type { InlineQueries } from './inline-queries';
import { StoredSequences } from './stored-sequences';
import { type OpenedWrite, openWrite, type WriteInputs } from './write/open-write';
import { WritingConnection } from './write/writing-connection';

/**
 * Writes of a few rows by key, outside of blocks, on a connection of the main thread. They commit without a sync; `synced` is
 * waited for before the client hears of it, so that the server never stands still for the disk and commits that come together
 * share a sync.
 */

const ROWS_MAX = 16;
const PROGRAMS_MAX = 32;

const CACHE_BYTES = 8 << 20;

/** Statements between two checkpoints, some 2,500 pages of the WAL. Each syncs the store itself, beside the syncs of commits. */
const CHECKPOINT_WRITES = 1_024;

/** Before the first. */
const FIRST_CHECKPOINT_WRITES = 256;

export class InlineWrites {
  private readonly storeDirectory: string;
  readonly durability: Durability;
  private readonly reads: InlineQueries;
  private readonly checkpoint: () => void;
  readonly cancel = new Int32Array(1);
  private readonly sequences: StoredSequences;
  /** Transactions of the connection, also those of blocks (inline-host.ts). */
  readonly writing: WritingConnection;
  private readonly sync: GroupSync;
  private readonly verdicts = new WeakMap<CompiledWrite, boolean>();
  private opened: Connection | undefined;
  private writes = 0;

  /** @param checkpoint has the WAL brought into the store, in another thread */
  constructor(
    storeDirectory: string,
    durability: Durability,
    reads: InlineQueries,
    checkpoint: () => void,
  ) {
    this.storeDirectory = storeDirectory;
    this.durability = durability;
    this.reads = reads;
    this.checkpoint = checkpoint;
    this.sequences = new StoredSequences(storeDirectory, durability);
    this.writing = new WritingConnection(
      () => this.db,
      () => this.sequences,
    );
    this.sync = new GroupSync(storeDirectory);
  }

  get db(): Connection {
    if (this.opened === undefined) {
      const { durability } = this;
      const db = connectStore(this.storeDirectory, { durability, cacheBytes: CACHE_BYTES });
      if (durability === 'full') db.pragma('synchronous = NORMAL');
      db.pragma('wal_autocheckpoint = 0');
      db.unsafeMode(true);
      prepareConnection(db, { cancel: this.cancel, sequences: this.writing });
      this.opened = db;
    }
    return this.opened;
  }

  /** Nobody knows what commits here are worth: a sync has failed. */
  get isBroken(): boolean {
    return this.sync.broken;
  }

  /** @param version the catalog's, which the write was bound with */
  isShort(write: CompiledWrite, version: number): boolean {
    if (this.isBroken) return false;
    let verdict = this.verdicts.get(write);
    if (verdict === undefined) {
      const { plan, programs } = write;
      verdict =
        writesFewRows(plan) &&
        programs.length <= PROGRAMS_MAX &&
        programs.every((program) => this.reads.isShort(program, version));
      this.verdicts.set(write, verdict);
    }
    return verdict;
  }

  /** Runs a short write to its commit. The caller holds the write lock, and may give it back then. @throws SqlError */
  run(write: CompiledWrite, inputs: Omit<WriteInputs, 'tables' | 'alone'>): OpenedWrite {
    const done = openWrite(
      this.db,
      this.cancel,
      this.writing,
      { ...inputs, tables: [], alone: true },
      write,
    );
    this.counted();
    return done;
  }

  /** After each commit. */
  counted(): void {
    if (++this.writes % CHECKPOINT_WRITES === FIRST_CHECKPOINT_WRITES) this.checkpoint();
  }

  /** When what was committed is durable. */
  async synced(): Promise<void> {
    if (this.durability === 'full') await this.sync.wait();
  }

  close(): void {
    this.sync.close();
    this.sequences.close();
    this.opened?.close();
    this.opened = undefined;
  }
}

/** Rows that are given one by one, or that a short query finds. */
function writesFewRows(plan: WritePlan): boolean {
  if (plan.kind === 'read' || (plan.steps ?? []).length > 0 || (plan.snapshots ?? []).length > 0)
    return false;
  if (plan.kind !== 'insert') return true;
  const { source } = plan;
  return source.kind === 'query' || (source.kind === 'cells' && source.rows.length <= ROWS_MAX);
}
