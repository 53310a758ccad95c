import { SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import type { WriteClock } from '../../storage/ranges/clock';
import type { PushedWrite } from '../../storage/ranges/pushed-writes';
import { InlineHost } from './inline-host';
import { type ThreadRequest, WRITING_CONNECTION } from './messages';
import type { QueryHost } from './query-host';
import type { RunInput } from './query-pool';

/** A transaction of the store: every statement that names it sees the rows as they were when it was opened. */
export interface Snapshot {
  close(): void;
}

export class PinnedSnapshot implements Snapshot {
  protected where: QueryHost;
  connection: number;
  /**
   * Its transaction has begun. Requests may be sent before: the thread takes them in order. What comes of them counts only when this
   * has not failed.
   */
  readonly opened: Promise<unknown>;
  isOpening = true;
  closed = false;
  private leaving: Promise<void> | undefined;
  /** How it leaves the main thread. */
  onLeave: (() => Promise<void>) | undefined;
  /** Told of each query that is to run here. */
  onOpen: (() => void) | undefined;
  /** Told of each query that has run here, with all of its rows where they are few. */
  onRead: ((query: RunInput, rows: Uint8Array | undefined) => void) | undefined;

  constructor(host: QueryHost, connection: number, opened: Promise<unknown>) {
    this.where = host;
    this.connection = connection;
    this.opened = opened.finally(() => {
      this.isOpening = false;
    });
    this.opened.catch(() => undefined);
  }

  /** Where its statements run. */
  get host(): QueryHost {
    return this.where;
  }

  /** In the main thread: for short statements and nothing else. */
  get isInline(): boolean {
    return this.where.isInline;
  }

  /** Whoever has a cursor on it is in it. */
  enter(): void {}

  leave(): void {}

  /** No more may happen to it in the main thread. */
  isFull = false;

  /** A statement has to wait for `inPlace` before it runs here. @param isShort it may run in the main thread */
  keepsWaiting(isShort: boolean): boolean {
    return this.leaving !== undefined || !this.mayRun(isShort);
  }

  private mayRun(isShort: boolean): boolean {
    return !this.isInline || (isShort && !this.isFull);
  }

  /** @throws SqlError serializationFailure (40001): it can't be had where the statement may run */
  async inPlace(isShort: boolean): Promise<void> {
    const mayStay = this.mayRun(isShort);
    const leaving = mayStay ? this.leaving : this.goToThread();
    await leaving?.catch((error: unknown) => {
      if (!mayStay) throw error;
    });
  }

  /** Goes on in a query thread. @throws SqlError serializationFailure (40001) */
  goToThread(): Promise<void> {
    this.leaving ??= this.leaveMainThread().finally(() => {
      this.leaving = undefined;
    });
    this.leaving.catch(() => undefined);
    return this.leaving;
  }

  private async leaveMainThread(): Promise<void> {
    if (this.isInline && !this.closed) await this.onLeave?.();
  }

  /** From now on it is where `other` was opened, which is not to be used any more. */
  become(other: PinnedSnapshot): void {
    if (this.closed) {
      other.close();
      return;
    }
    const { where, connection } = this;
    this.where = other.where;
    this.connection = other.connection;
    other.closed = true;
    where.tell({ kind: 'leave', connection });
    where.releaseConnection(connection);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.where.tell({ kind: 'end', connection: this.connection });
    this.where.releaseConnection(this.connection);
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

  /** Told when the thread has ended, and with it the transaction. */
  onLost: (() => void) | undefined;
  private unwatch: () => void;

  constructor(host: QueryHost, opened: Promise<unknown>, clock: Pick<WriteClock, 'begin'>) {
    super(host, WRITING_CONNECTION, opened);
    this.clock = clock;
    this.unwatch = host.whenGone(this.lose);
  }

  private readonly lose = (): void => this.onLost?.();

  get isLost(): boolean {
    return !this.where.isUsable;
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

  override keepsWaiting(isShort: boolean): boolean {
    this.isFull = this.where instanceof InlineHost && this.where.isHeavy;
    if (this.away !== undefined || this.failure !== undefined) return true;
    return super.keepsWaiting(isShort);
  }

  /** @throws SqlError serializationFailure (40001): what it did could not be done again */
  override async inPlace(isShort: boolean): Promise<void> {
    await this.opened;
    if (this.away !== undefined) {
      this.wantsBack = true;
      await this.away.back;
    }
    if (this.failure !== undefined) throw this.failure;
    await super.inPlace(isShort);
  }

  /**
   * Goes on in a thread, with all that it has done so far. @throws SqlError serializationFailure (40001) when that can't be done
   * again: it is rolled back then
   */
  async moveTo(thread: QueryHost): Promise<void> {
    const { where, connection } = this;
    invariant(where instanceof InlineHost, 'a block in the main thread');
    const { timestamp, end } = this.clock.begin();
    try {
      const unfinished = where.putDown(timestamp);
      this.where = thread;
      this.unwatch();
      this.unwatch = thread.whenGone(this.lose);
      await thread.command({ kind: 'takeUp', connection, unfinished });
    } catch (error) {
      this.failure = notAgain('it has come to a long statement', error);
      throw this.failure;
    } finally {
      end();
    }
  }

  /** What it has committed is on the disk. @throws SqlError ioError (58030) */
  async durable(): Promise<void> {
    if (this.where instanceof InlineHost) await this.where.durable();
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
      const made = await this.where.command({ kind: 'makeWay', connection, timestamp });
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
      await this.where.command({ kind: 'comeBack', connection: this.connection });
    } catch (error) {
      this.failure = notAgain('it made way for another', error);
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
      await this.inPlace(true).catch((error: unknown) => {
        if (command === 'COMMIT') throw error;
      });
      const { connection } = this;
      // Values of sequences stay handed out after a rollback.
      const { timestamp, end } = this.clock.begin();
      await this.where
        .command({ kind: 'endWrite', connection, command, pushed, timestamp })
        .finally(end);
    } finally {
      this.where.releaseConnection(this.connection);
      await this.where.released();
      this.unwatch();
    }
  }

  /** @param depth savepoints are numbered from 0, the outermost */
  async savepoint(command: Savepoint, depth: number): Promise<void> {
    this.enter();
    try {
      await this.inPlace(true);
      await this.where.command({ kind: 'savepoint', connection: this.connection, command, depth });
    } finally {
      this.leave();
    }
  }

  /** Rolls back, without waiting for it. */
  override close(): void {
    if (!this.closed) this.end('ROLLBACK').catch(() => undefined);
  }
}

function notAgain(what: string, error: unknown): SqlError {
  const cause = error instanceof Error ? error.message : String(error);
  return new SqlError(
    'serializationFailure',
    `restart transaction: TransactionRetryWithProtoRefreshError: ${what}, and could not go on: ${cause}`,
  );
}
