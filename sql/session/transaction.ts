import { SqlError } from '../../base/errors';
import type { TransactionStatus } from '../engine';
import type { Statement } from '../parse/ast';
import type { LocalSettings } from './settings';

/** What a transaction block holds of the store; opened by its first query. */
export interface HeldSnapshot {
  close(): void;
}

/** What a failed block still runs. */
const RUN_WHEN_FAILED: ReadonlySet<Statement['kind']> = new Set([
  'Empty',
  'ShowTransactionStatus',
  'ShowSavepointStatus',
  'Commit',
  'Rollback',
  'RollbackToSavepoint',
]);

/** What a block still runs whose savepoint `cockroach_restart` was released. */
const RUN_WHEN_COMMITTED: ReadonlySet<Statement['kind']> = new Set([
  'Empty',
  'ShowTransactionStatus',
  'ShowSavepointStatus',
  'Commit',
  'Rollback',
]);

/**
 * The savepoint of CockroachDB's protocol for retries: rolling back to it begins the block again, with the rows of then, and
 * releasing it commits.
 */
export const RESTART_SAVEPOINT = 'cockroach_restart';

/** After a block that had to leave the main thread. */
const BLOCKS_IN_THREADS = 16;

interface Savepoint {
  readonly name: string;
  /** The block had done nothing yet. */
  readonly isInitial: boolean;
  /** SET LOCAL's values when it was made. */
  readonly locals: LocalSettings;
}

/** The state machine of BEGIN … COMMIT: idle, in a block, in a failed block, and the block's savepoints. */
export class TransactionState<S extends HeldSnapshot> {
  status: TransactionStatus = 'I';
  snapshot: S | undefined;
  /** When the block or, outside of one, the statement began: `now()`. Microseconds since 1970. */
  startedMicros = 0;
  /** The block reads what was then, in nanoseconds since 1970. */
  asOf: bigint | undefined;
  private savepoints: Savepoint[] = [];
  private isCommitted = false;
  private retried = false;
  private inThreads = 0;
  private inline = true;

  /** @throws SqlError inFailedSqlTransaction (25P02), invalidTransactionState (25000) */
  check(kind: Statement['kind']): void {
    if (this.isCommitted && !RUN_WHEN_COMMITTED.has(kind)) {
      throw new SqlError(
        'invalidTransactionState',
        'current transaction is committed, commands ignored until end of transaction block',
      );
    }
    if (this.status === 'E' && !RUN_WHEN_FAILED.has(kind)) {
      throw new SqlError(
        'inFailedSqlTransaction',
        'current transaction is aborted, commands ignored until end of transaction block',
      );
    }
  }

  begin(): void {
    if (this.status !== 'I') {
      throw new SqlError('activeSqlTransaction', 'there is already a transaction in progress');
    }
    this.status = 'T';
    this.retried = false;
    this.inline = this.inThreads === 0;
    if (!this.inline) this.inThreads--;
    this.asOf = undefined;
    this.savepoints = [];
    this.startedMicros = Date.now() * 1000;
  }

  /** The block is likely to be one of short statements, which run in the main thread. */
  get isInline(): boolean {
    return this.inline;
  }

  /** It was not: the next ones begin in threads, where they need not move. */
  goneToThread(): void {
    this.inline = false;
    this.inThreads = BLOCKS_IN_THREADS;
  }

  /** @returns the command tag: a failed block is rolled back, whatever is asked. @throws SqlError 25P01 */
  end(command: 'COMMIT' | 'ROLLBACK'): string {
    this.requireBlock();
    const { status } = this;
    this.release();
    this.status = 'I';
    this.asOf = undefined;
    this.savepoints = [];
    if (this.isCommitted) {
      this.isCommitted = false;
      return 'COMMIT';
    }
    return status === 'E' ? 'ROLLBACK' : command;
  }

  release(): void {
    const { snapshot } = this;
    this.snapshot = undefined;
    snapshot?.close();
  }

  /** A block that can be rolled back to a savepoint goes on seeing the rows that it saw. */
  fail(): void {
    if (this.isCommitted) return;
    if (this.status === 'T') this.status = 'E';
    if (this.savepoints.length === 0) this.release();
  }

  /** The outermost first. */
  savepointList(): readonly Pick<Savepoint, 'name' | 'isInitial'>[] {
    return this.savepoints;
  }

  get savepointCount(): number {
    return this.savepoints.length;
  }

  /** 0 = the outermost. @throws SqlError invalidSavepointSpecification (3B001) */
  savepointDepth(name: string): number {
    return this.find(name);
  }

  /** Committed by the release of its savepoint; only its end is missing. */
  get committed(): boolean {
    return this.isCommitted;
  }

  /** It has begun again at `cockroach_restart`. */
  get isRetried(): boolean {
    return this.retried;
  }

  /** That the block can begin again from there, or commit by releasing it. */
  isRestartSavepoint(name: string): boolean {
    return name === RESTART_SAVEPOINT && this.savepoints[0]?.name === name;
  }

  /** @throws SqlError syntaxError (42601): not a place for `cockroach_restart` */
  savepoint(name: string, locals: LocalSettings): void {
    this.requireBlock();
    this.checkSavepoint(name);
    this.savepoints.push({ name, isInitial: this.snapshot === undefined, locals });
  }

  checkSavepoint(name: string): void {
    if (name !== RESTART_SAVEPOINT) return;
    const why =
      this.savepoints.length > 0
        ? 'cannot be nested'
        : this.snapshot !== undefined
          ? 'needs to be the first statement in a transaction'
          : undefined;
    if (why !== undefined) throw new SqlError('syntaxError', `SAVEPOINT "${name}" ${why}`);
  }

  releaseSavepoint(name: string): void {
    this.requireBlock();
    const depth = this.find(name);
    this.isCommitted = this.isRestartSavepoint(name);
    this.savepoints.length = depth;
  }

  /** @returns SET LOCAL's values at the savepoint */
  rollbackTo(name: string): LocalSettings {
    this.requireBlock();
    const at = this.find(name);
    if (this.isRestartSavepoint(name)) this.retried = true;
    this.savepoints.length = at + 1;
    this.status = 'T';
    return this.savepoints[at]?.locals ?? new Map();
  }

  /** @throws SqlError invalidSavepointSpecification (3B001) */
  private find(name: string): number {
    const at = this.savepoints.findLastIndex((savepoint) => savepoint.name === name);
    if (at >= 0) return at;
    throw new SqlError('invalidSavepointSpecification', `savepoint "${name}" does not exist`);
  }

  /** @throws SqlError noActiveSqlTransaction (25P01): an error in CockroachDB, where PostgreSQL only warns */
  requireBlock(): void {
    if (this.status === 'I') {
      throw new SqlError('noActiveSqlTransaction', 'there is no transaction in progress');
    }
  }
}
