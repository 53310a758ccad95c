import { SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { limits } from '../../base/limits';
import type { Repr } from '../../catalog/types/sql-type';
import { WriteClock } from '../../storage/ranges/clock';
import type { Durability } from '../../storage/ranges/connection';
import type { SessionValues } from '../builtins/repr';
import type { Definition, DefinitionResult } from '../ddl/definition';
import type { CompiledQuery } from '../emit/compiled-query';
import type { RowBatch } from '../engine';
import type { RowFormat } from './data-row';
import type { InlineHost } from './inline-host';
import {
  type AdvancedSequences,
  type RowsTable,
  type ThreadRequest,
  WRITING_CONNECTION,
} from './messages';
import { PoolThread } from './pool-thread';
import type { QueryHost } from './query-host';
import { RunningWrite, type RunWriteInput } from './running-write';
import type { SentSignals } from './signal-functions';
import { openedFirst, PinnedSnapshot, type Snapshot, Writer } from './snapshots';

/**
 * Runs compiled queries in worker threads and hands out their rows in batches. The main thread never waits for SQLite;
 * a thread computes a batch only when it is asked for.
 */

const THREADS_KEPT = 2;

export interface RunInput {
  readonly query: CompiledQuery;
  /** Representations of `$1`, `$2` … */
  readonly parameters: readonly Repr[];
  readonly session: SessionValues;
  /** As in a Bind message: none = all text, one = for all columns, else one a column. */
  readonly formats?: RowFormat;
  /** Rows of `[SHOW …]` and system tables, under the names the query knows. */
  readonly tables?: readonly RowsTable[];
  readonly snapshot?: Snapshot;
  /** It is over after a few look-ups (short-plan.ts), and asked for all of its rows at once: it may run in the main thread. */
  readonly isShort?: boolean;
}

/** A running query; closed also after an error. One `next` at a time. */
export class RunningQuery {
  private readonly input: RunInput;
  private readonly pinned: PinnedSnapshot | undefined;
  private host: QueryHost;
  private connection: number;
  private readonly cursor: number;
  private opened = false;
  private finished = false;
  private canceled = false;
  private ahead: Promise<RowBatch> | undefined;
  /** Sequence values handed out so far, the latest last. */
  readonly advanced: AdvancedSequences[number][] = [];
  /** Sent and not yet taken. */
  signals: SentSignals = [];

  constructor(host: QueryHost, connection: number, cursor: number, input: RunInput) {
    this.host = host;
    this.connection = connection;
    this.cursor = cursor;
    this.input = input;
    this.pinned = input.snapshot instanceof PinnedSnapshot ? input.snapshot : undefined;
  }

  /**
   * At most `rowsMax` rows, 0 = as many as one batch holds.
   * @param timestamp of what is handed out of sequences; the caller holds the write lock then
   * @throws SqlError what the query raised, queryCanceled (57014), serializationFailure (40001) when its thread was lost
   */
  async next(rowsMax: number, timestamp?: bigint): Promise<RowBatch> {
    if (this.canceled) throw canceledError();
    const waiting = this.ahead ?? this.fetch(rowsMax, timestamp);
    this.ahead = undefined;
    const batch = await waiting;
    // The thread works on the next batch while this one is sent.
    if (rowsMax === 0 && !batch.done && !this.finished) {
      this.ahead = this.fetch(0);
      this.ahead.catch(() => undefined);
    }
    return batch;
  }

  private async fetch(rowsMax: number, timestamp?: bigint): Promise<RowBatch> {
    if (this.finished) return { bytes: new Uint8Array(0), rowCount: 0, done: true };
    const { cursor, pinned } = this;
    try {
      if (!this.opened && pinned !== undefined) await this.settle(pinned);
      const request: Extract<ThreadRequest, { kind: 'run' | 'next' }> = this.opened
        ? { kind: 'next', cursor, rowsMax, timestamp }
        : this.openRequest(rowsMax, timestamp);
      this.opened = true;
      const batch = this.host.batch(request);
      if (pinned?.isOpening === true) await openedFirst(pinned, batch);
      const { bytes, rowCount, done, advanced, signals } = await batch;
      if (request.kind === 'run') pinned?.onRead?.(this.input, done ? bytes : undefined);
      this.advanced.push(...advanced);
      if (signals.length > 0) this.signals = [...this.signals, ...signals];
      if (done) this.finish();
      return { bytes, rowCount, done };
    } catch (error) {
      this.finish();
      throw error;
    }
  }

  /** Where the block is now, and this query may run. */
  private async settle(pinned: PinnedSnapshot): Promise<void> {
    const isShort = this.input.isShort === true;
    if (pinned.keepsWaiting(isShort)) await pinned.inPlace(isShort);
    this.host = pinned.host;
    this.connection = pinned.connection;
  }

  private openRequest(
    rowsMax: number,
    timestamp: bigint | undefined,
  ): Extract<ThreadRequest, { kind: 'run' }> {
    const { query, parameters, session, formats = [], tables = [] } = this.input;
    const { cursor, connection } = this;
    return {
      kind: 'run',
      cursor,
      connection,
      query,
      parameters,
      session,
      formats,
      tables,
      rowsMax,
      timestamp,
    };
  }

  /** The pending `next` ends with queryCanceled; without one, the following `next` does. */
  cancel(): void {
    if (this.finished) return;
    this.canceled = true;
    this.host.cancel(this.connection, this.cursor);
  }

  async close(): Promise<void> {
    const { ahead } = this;
    this.ahead = undefined;
    if (!this.finished && ahead !== undefined) {
      this.host.cancel(this.connection, this.cursor);
      await ahead.catch(() => undefined);
    }
    if (this.finished) return;
    if (this.opened) this.host.tell({ kind: 'close', cursor: this.cursor });
    this.finish();
  }

  private finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.host.clearCancel(this.connection);
    if (this.pinned === undefined) this.host.releaseConnection(this.connection);
    else this.pinned.leave();
  }
}

function byLoad(threads: readonly PoolThread[]): PoolThread[] {
  return threads
    .filter((thread) => thread.hasRoom)
    .sort(
      (a, b) =>
        Number(a.isLong) - Number(b.isLong) ||
        a.load - b.load ||
        a.connectionsUsed - b.connectionsUsed,
    );
}

function canceledError(): SqlError {
  return new SqlError('queryCanceled', 'query execution canceled');
}

export class QueryPool {
  private readonly storeDirectory: string;
  private readonly durability: Durability;
  private readonly clock: WriteClock;
  private readonly threads = new Set<PoolThread>();
  /** Also those that are to end and have not yet. */
  private readonly living = new Set<PoolThread>();
  private lastToWrite: PoolThread | undefined;
  private nextCursor = 1;
  private closed = false;
  /** Where short blocks run. */
  inline: InlineHost | undefined;

  constructor(storeDirectory: string, durability: Durability = 'full', clock = new WriteClock()) {
    this.storeDirectory = storeDirectory;
    this.durability = durability;
    this.clock = clock;
  }

  /** Starts nothing yet: the first `next` does. @throws SqlError insufficientResources (53000) */
  run(input: RunInput): RunningQuery {
    const { snapshot } = input;
    const cursor = this.nextCursor++;
    if (snapshot !== undefined) {
      invariant(snapshot instanceof PinnedSnapshot && !snapshot.closed, 'an open snapshot');
      snapshot.enter();
      return new RunningQuery(snapshot.host, snapshot.connection, cursor, input);
    }
    const thread = this.pickThread();
    return new RunningQuery(thread, thread.takeConnection(), cursor, input);
  }

  /** A statement that writes; the caller holds the write lock. Starts nothing yet. */
  write(input: RunWriteInput): RunningWrite {
    const cursor = this.nextCursor++;
    const { writer } = input;
    if (writer !== undefined) {
      invariant(!writer.closed, 'an open transaction');
      writer.enter();
      return new RunningWrite(writer.host, writer.connection, cursor, input);
    }
    const thread = this.pickThreadToWrite();
    return new RunningWrite(thread, thread.takeWritingConnection(), cursor, input);
  }

  /** Changes the schema in a write transaction. @throws SqlError, the signal's reason */
  async define(
    writer: Writer,
    definition: Definition,
    signal: AbortSignal,
  ): Promise<DefinitionResult> {
    invariant(!writer.closed, 'an open transaction');
    signal.throwIfAborted();
    const { connection } = writer;
    const cursor = this.nextCursor++;
    const cancel = (): void => writer.host.cancel(connection, cursor);
    signal.addEventListener('abort', cancel, { once: true });
    writer.enter();
    try {
      await writer.inPlace(false);
      return await writer.host.define({ kind: 'define', cursor, connection, definition });
    } catch (error) {
      const canceled = error instanceof SqlError && error.sqlstate === '57014';
      throw canceled && signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', cancel);
      writer.host.clearCancel(connection);
      writer.leave();
    }
  }

  /**
   * Begins a write transaction; the caller holds the write lock. Must be closed.
   * @param timestamp of its writes: nanoseconds since 1970
   */
  async openWriter(savepoints: number, timestamp: bigint): Promise<Writer> {
    const writer = this.beginWriter(savepoints, timestamp);
    try {
      await writer.opened;
    } catch (error) {
      await writer.end('ROLLBACK').catch(() => undefined);
      throw error;
    }
    return writer;
  }

  /** The same without waiting for it. */
  beginWriter(savepoints: number, timestamp: bigint): Writer {
    const thread = this.pickThreadToWrite();
    const connection = thread.takeWritingConnection();
    const opened = thread.command({ kind: 'beginWrite', connection, savepoints, timestamp });
    return new Writer(thread, opened, this.clock);
  }

  /**
   * The same in the main thread, where it stays as long as its statements are short. Undefined: it can't be there.
   * @param onLeave told when it goes to a thread
   */
  beginInlineWriter(
    savepoints: number,
    timestamp: bigint,
    onLeave: () => void,
  ): Writer | undefined {
    const { inline } = this;
    if (inline === undefined || inline.isBroken) return undefined;
    const connection = WRITING_CONNECTION;
    const opened = inline.command({ kind: 'beginWrite', connection, savepoints, timestamp });
    const writer = new Writer(inline, opened, this.clock);
    writer.onLeave = () => {
      onLeave();
      return this.moveToThread(writer);
    };
    return writer;
  }

  private async moveToThread(writer: Writer): Promise<void> {
    const thread = this.pickThreadToWrite();
    const connection = thread.takeWritingConnection();
    try {
      await writer.moveTo(thread);
    } catch (error) {
      if (writer.host !== thread) thread.releaseConnection(connection);
      throw error;
    }
  }

  /** Begins a read transaction in the main thread. Undefined: it can't be there. Must be closed. */
  beginInlineSnapshot(): PinnedSnapshot | undefined {
    const { inline } = this;
    if (inline === undefined || inline.isBroken) return undefined;
    const connection = inline.takeConnection();
    if (connection === undefined) return undefined;
    return new PinnedSnapshot(inline, connection, inline.command({ kind: 'begin', connection }));
  }

  /** The thread that wrote last, whose statements are prepared and whose cache is warm, unless somebody depends on it. */
  private pickThreadToWrite(): PoolThread {
    const last = this.lastToWrite;
    const free = last?.hasRoom === true && last.load === 0 && last.connectionsUsed === 0;
    const thread = free && last !== undefined ? last : this.pickThread();
    this.lastToWrite = thread;
    return thread;
  }

  /** Begins a read transaction. Must be closed. */
  async openSnapshot(): Promise<PinnedSnapshot> {
    const snapshot = this.beginSnapshot();
    try {
      await snapshot.opened;
    } catch (error) {
      snapshot.close();
      throw error;
    }
    return snapshot;
  }

  /** The same without waiting for it. */
  beginSnapshot(): PinnedSnapshot {
    const thread = this.pickThreadToPin();
    const connection = thread.takeConnection();
    return new PinnedSnapshot(thread, connection, thread.begin(connection));
  }

  /**
   * A thread that nobody depends on, else a new one, else the one with the least to do: a long query must not stand before
   * the next statement of another session's open block.
   */
  private pickThread(): PoolThread {
    invariant(!this.closed, 'an open query pool');
    const [best] = byLoad([...this.threads]);
    if (best !== undefined && best.load === 0 && best.connectionsUsed === 0) return best;
    // Beside long queries there is room for others, which need not wait for their end.
    const extra = best?.isLong === true ? limits.queryThreadsBesideLongMax : 0;
    if (best !== undefined && this.threads.size >= limits.queryThreadsMax + extra) return best;
    return this.addThread();
  }

  /** Snapshots share half of the threads at most, so that queries outside of blocks find others. */
  private pickThreadToPin(): PoolThread {
    const pinned = [...this.threads].filter((thread) => thread.connectionsUsed > 0);
    const [best] = pinned.length < limits.queryThreadsMax / 2 ? [] : byLoad(pinned);
    return best === undefined || best.isLong ? this.pickThread() : best;
  }

  private addThread(): PoolThread {
    const data = { storeDirectory: this.storeDirectory, durability: this.durability };
    const made = new PoolThread(
      data,
      (thread) => this.threads.delete(thread),
      (thread) => this.living.delete(thread),
    );
    this.threads.add(made);
    this.living.add(made);
    return made;
  }

  /** Has a thread bring the WAL into the store, as far as no reader needs it. @returns frames of the WAL when it began */
  async checkpoint(): Promise<number> {
    return await this.pickThread().checkpoint(this.nextCursor++);
  }

  /** Starts the threads that are always there, so that the first query need not wait for them. */
  warmUp(): void {
    while (this.threads.size < THREADS_KEPT) this.addThread();
  }

  /** A query is at work, perhaps a canceled one that does not come back from SQLite. */
  get isBusy(): boolean {
    return [...this.living].some((thread) => thread.isBusy);
  }

  /** Ends all queries and threads, but for those that SQLite does not let go of. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.threads].map((thread) => thread.stop()));
    this.threads.clear();
    this.inline?.close();
  }
}
