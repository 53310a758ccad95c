import { invariant } from '../../base/invariant';
import { type ThreadRequest, WRITING_CONNECTION } from './messages';
import type { PoolThread } from './pool-thread';

/** A transaction in a query thread: every statement that names it sees the rows as they were when it was opened. */
export interface Snapshot {
  close(): void;
}

export class PinnedSnapshot implements Snapshot {
  readonly thread: PoolThread;
  readonly connection: number;
  closed = false;

  constructor(thread: PoolThread, connection: number) {
    this.thread = thread;
    this.connection = connection;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.thread.tell({ kind: 'end', connection: this.connection });
    this.thread.releaseConnection(this.connection);
  }
}

type Savepoint = Extract<ThreadRequest, { kind: 'savepoint' }>['command'];

/** A write transaction: its statements see what the ones before them wrote. Whoever opens it holds the write lock. */
export class Writer extends PinnedSnapshot {
  constructor(thread: PoolThread) {
    super(thread, WRITING_CONNECTION);
  }

  /** Comes true when the thread has ended, and with it the transaction. */
  get lost(): Promise<void> {
    return this.thread.gone;
  }

  get isLost(): boolean {
    return !this.thread.isUsable;
  }

  /** The transaction is over afterwards, also when this throws. */
  async end(command: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    invariant(!this.closed, 'an open transaction');
    this.closed = true;
    try {
      await this.thread.command({ kind: 'endWrite', connection: this.connection, command });
    } finally {
      this.thread.releaseConnection(this.connection);
      await this.thread.released();
    }
  }

  /** @param depth savepoints are numbered from 0, the outermost */
  async savepoint(command: Savepoint, depth: number): Promise<void> {
    await this.thread.command({ kind: 'savepoint', connection: this.connection, command, depth });
  }

  /** Rolls back, without waiting for it. */
  override close(): void {
    if (!this.closed) this.end('ROLLBACK').catch(() => undefined);
  }
}
