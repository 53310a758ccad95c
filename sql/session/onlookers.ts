import type { Awaitable } from '../../base/awaitable';
import type { TableWrites } from '../execute/table-writes';
import type { LiveSessions } from './live-sessions';
import type { StatementRun } from './statement-run';
import { overtaken, type TouchedTables } from './touched-tables';

/** When the rows of a block were fixed that only reads. */
export interface Sight {
  /** `Onlookers.era` after that. */
  readonly era: number;
  /** `TableWrites.position` before that. */
  readonly position: number;
}

/** A block that was kept although somebody comes after it whom others could see before. */
interface Window extends Sight {
  readonly written: ReadonlySet<number>;
}

const WINDOWS_MAX = 1_000;

/**
 * Queries beside a block that must come before what it has made way for. Whoever sees that, and not what the block writes,
 * would contradict it: one serial order must explain what all have seen, those who only read included.
 */
export class Onlookers {
  private readonly sessions: LiveSessions;
  private readonly tableWrites: TableWrites;
  /** There is one writer at a time. */
  private ahead: TouchedTables | undefined;
  private committing: Promise<unknown> | undefined;
  private count = 0;
  /** The newest last. */
  private readonly windows: Window[] = [];

  constructor(sessions: LiveSessions, tableWrites: TableWrites) {
    this.sessions = sessions;
    this.tableWrites = tableWrites;
  }

  /** How many blocks have come before somebody they made way for. */
  get era(): number {
    return this.count;
  }

  /** Queries that are at work now count: their rows may yet be those after what passes. */
  watch(block: TouchedTables): void {
    this.ahead = block;
    this.count++;
    for (const session of this.sessions.list())
      for (const { reads } of session.statements) if (reads !== undefined) block.seen(reads);
  }

  /** The block is kept, if `work` ends well: until then nobody looks. */
  async commit(block: TouchedTables, work: Promise<void>): Promise<void> {
    if (this.ahead !== block) return await work;
    this.committing = work;
    try {
      await work;
      // Its own commit is the next.
      const position = this.tableWrites.position + 1;
      this.windows.push({ era: this.count, position, written: block.written });
      if (this.windows.length > WINDOWS_MAX) this.windows.shift();
    } finally {
      this.forget(block);
    }
  }

  forget(block: TouchedTables): void {
    if (this.ahead !== block) return;
    this.ahead = undefined;
    this.committing = undefined;
  }

  /**
   * Before a query outside of the block. @param sight the rows that it sees; undefined: those of now
   * @throws SqlError serializationFailure (40001): they are from between a block and those who came after it
   */
  note(
    run: Pick<StatementRun, 'reads'>,
    reads: ReadonlySet<number>,
    sight?: Sight,
  ): Awaitable<void> {
    run.reads = reads;
    if (this.committing === undefined) return this.noteNow(reads, sight);
    return this.committing.catch(() => undefined).then(() => this.noteNow(reads, sight));
  }

  private noteNow(reads: ReadonlySet<number>, sight: Sight | undefined): void {
    if (this.ahead !== undefined && (sight === undefined || sight.era === this.count))
      this.ahead.seen(reads);
    if (sight !== undefined) this.checkSight(reads, sight);
  }

  private checkSight(reads: ReadonlySet<number>, sight: Sight): void {
    for (let i = this.windows.length - 1; i >= 0; i--) {
      const window = this.windows[i];
      if (window === undefined || window.position <= sight.position) return;
      if (window.era > sight.era) continue;
      for (const id of reads) if (window.written.has(id)) throw overtaken();
    }
  }
}
