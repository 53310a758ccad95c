import { SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import type { WriteClock } from '../../storage/ranges/clock';
import type { PushedWrite } from '../../storage/ranges/pushed-writes';
import { type ThreadRequest, WRITING_CONNECTION } from './messages';
import type { PoolThread } from './pool-thread';

/** A transaction in a query thread: every statement that names it sees the rows as they were when it was opened. */
export interface Snapshot {
  close(): void;
}

export class PinnedSnapshot implements Snapshot {
  readonly thread: PoolThread;
  readonly connection: number;
  /**
   * Its transaction has begun. Requests may be sent before: the thread takes them in order. What comes of them counts only when this
   * has not failed.
   */
  readonly opened: Promise<unknown>;
  isOpening = true;
  closed = false;

  constructor(thread: PoolThread, connection: number, opened: Promise<unknown>) {
    this.thread = thread;
    this.connection = connection;
    this.opened = opened.finally(() => {
      this.isOpening = false;
    });
    this.opened.catch(() => undefined);
  }

  /** Whoever has a cursor on it is in it. */
  enter(): void {}

  leave(): void {}

  /** Its rows can't be had now: wait for `inPlace`. */
  get isAway(): boolean {
    return false;
  }

  async inPlace(): Promise<void> {}

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.thread.tell({ kind: 'end', connection: this.connection });
    this.thread.releaseConnection(this.connection);
  }
}

/** The thread has answered a statement that was sent while its transaction began. @throws what kept that from beginning */
export async function openedFirst(on: PinnedSnapshot, statement: Promise<unknown>): Promise<void> {
  await statement.catch(() => undefined);
  await on.opened;
}

type Savepoint = Extract<ThreadRequest, { kind: 'savepoint' }>['command'];

/** A transaction makes way for others when its client has said nothing for so long. */
const IDLE_MS = 50;

/**
 * A write transaction: its statements see what the ones before them wrote. Whoever opens it holds the write lock. While nobody
 * is in it, it can make way: it is rolled back, and done again before its next statement.
 */
export class Writer extends PinnedSnapshot {
  private readonly clock: Pick<WriteClock, 'begin'>;
  private users = 0;
  private lastUsed = performance.now();
  private away: { readonly back: Promise<void>; readonly arrive: () => void } | undefined;
  private failure: unknown;
  /** Somebody waits for `inPlace`. */
  wantsBack = false;

  constructor(thread: PoolThread, opened: Promise<unknown>, clock: Pick<WriteClock, 'begin'>) {
    super(thread, WRITING_CONNECTION, opened);
    this.clock = clock;
  }

  /** Comes true when the thread has ended, and with it the transaction. */
  get lost(): Promise<void> {
    return this.thread.gone;
  }

  get isLost(): boolean {
    return !this.thread.isUsable;
  }

  override enter(): void {
    this.users++;
  }

  override leave(): void {
    this.users--;
    this.lastUsed = performance.now();
  }

  get isIdle(): boolean {
    const { users, closed, away, lastUsed, isOpening } = this;
    if (users > 0 || closed || isOpening || away !== undefined || this.failure !== undefined)
      return false;
    return performance.now() - lastUsed >= IDLE_MS;
  }

  override get isAway(): boolean {
    return this.away !== undefined || this.failure !== undefined;
  }

  /** @throws SqlError serializationFailure (40001): what it did could not be done again */
  override async inPlace(): Promise<void> {
    await this.opened;
    if (this.away !== undefined) {
      this.wantsBack = true;
      await this.away.back;
    }
    if (this.failure !== undefined) throw this.failure;
  }

  /** @returns false: it has written too much to do it again, and is where it was */
  async makeWay(): Promise<boolean> {
    let arrive = (): void => undefined;
    const back = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    this.away = { back, arrive };
    const { connection } = this;
    const { timestamp, end } = this.clock.begin();
    try {
      const made = await this.thread.command({ kind: 'makeWay', connection, timestamp });
      if (!made) this.arrived();
      return made;
    } catch (error) {
      this.failure = error;
      this.arrived();
      return false;
    } finally {
      end();
    }
  }

  async comeBack(): Promise<void> {
    try {
      await this.thread.command({ kind: 'comeBack', connection: this.connection });
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      this.failure = new SqlError(
        'serializationFailure',
        `restart transaction: TransactionRetryWithProtoRefreshError: it made way for another, and could not go on: ${cause}`,
      );
    }
    this.arrived();
  }

  private arrived(): void {
    const { away } = this;
    this.away = undefined;
    this.wantsBack = false;
    away?.arrive();
  }

  /** The transaction is over afterwards, also when this throws. @param pushed when it is there later than its rows say */
  async end(command: 'COMMIT' | 'ROLLBACK', pushed?: PushedWrite): Promise<void> {
    invariant(!this.closed, 'an open transaction');
    this.closed = true;
    try {
      await this.inPlace().catch((error: unknown) => {
        if (command === 'COMMIT') throw error;
      });
      const { connection } = this;
      // Values of sequences stay handed out after a rollback.
      const { timestamp, end } = this.clock.begin();
      await this.thread
        .command({ kind: 'endWrite', connection, command, pushed, timestamp })
        .finally(end);
    } finally {
      this.thread.releaseConnection(this.connection);
      await this.thread.released();
    }
  }

  /** @param depth savepoints are numbered from 0, the outermost */
  async savepoint(command: Savepoint, depth: number): Promise<void> {
    this.enter();
    try {
      await this.inPlace();
      await this.thread.command({ kind: 'savepoint', connection: this.connection, command, depth });
    } finally {
      this.leave();
    }
  }

  /** Rolls back, without waiting for it. */
  override close(): void {
    if (!this.closed) this.end('ROLLBACK').catch(() => undefined);
  }
}
