import { Worker } from 'node:worker_threads';
import { fromTransferredError } from '../../base/error-transfer';
import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import { putLast } from '../../base/thread-priority';
import { workerPath } from '../../base/worker-path';
import type { DefinitionResult } from '../ddl/definition';
import type { CompiledWrite } from '../emit/compiled-write';
import {
  type QueryThreadData,
  THREAD_ID_SLOT,
  type ThreadReply,
  type ThreadRequest,
  WRITING_CONNECTION,
} from './messages';
import type { Batch, ConnectionRequest, QueryHost } from './query-host';

/** One query thread as the main thread sees it: who waits for which answer, which connections are in use. */

interface Waiter {
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that doesn't come back from SQLite this long after a cancel is given up: the client has its answer within a second. */
const STUCK_MS = 600;

/** The same when the server stops. */
const STOP_MS = 1_000;

const LONG_MS = 500;

/** Answers are made in batches that are soon garbage: a small nursery does, and V8's own takes 48 MiB a thread. */
const RESOURCES = { maxYoungGenerationSizeMb: 16 } as const;

export class PoolThread implements QueryHost {
  readonly isInline = false;
  private readonly worker: Worker;
  private readonly flags: Int32Array;
  private readonly cursorWaiters = new Map<number, Waiter>();
  private readonly connectionWaiters = new Map<number, Waiter>();
  private readonly used = new Set<number>();
  /** Not sent yet. */
  private readonly outbox: ThreadRequest[] = [];
  private failure: Error | undefined;
  /** When it was given its present request, or gave its last answer. */
  private workingSince = 0;
  private exited = false;
  /** Comes true when the thread has ended. */
  private readonly gone: Promise<void>;
  private readonly mourners = new Set<() => void>();
  private writingUsers = 0;
  private readonly writeIds = new Map<CompiledWrite, number>();
  private nextWriteId = 1;
  /** Called once, when the thread is gone for whatever reason. */
  private readonly onGone: (thread: PoolThread) => void;

  constructor(
    store: Pick<QueryThreadData, 'storeDirectory' | 'durability'>,
    onGone: (thread: PoolThread) => void,
    onExit: (thread: PoolThread) => void,
  ) {
    this.onGone = onGone;
    const cancelFlags = new SharedArrayBuffer((THREAD_ID_SLOT + 1) * 4);
    this.flags = new Int32Array(cancelFlags);
    const data: QueryThreadData = { ...store, cancelFlags };
    this.worker = new Worker(workerPath(__dirname, 'query-thread'), {
      workerData: data,
      resourceLimits: RESOURCES,
    });
    this.worker.on('message', (reply: ThreadReply) => this.onReply(reply));
    this.worker.on('error', (error) => this.fail(error));
    this.gone = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    this.worker.on('exit', () => {
      this.exited = true;
      this.fail(threadRestarted());
      onExit(this);
      for (const listener of this.mourners) listener();
    });
    this.worker.unref();
  }

  /** Answers that are waited for. */
  get load(): number {
    return this.cursorWaiters.size + this.connectionWaiters.size;
  }

  /** Inside of SQLite, or on its way out of it: the process can't end before it comes back. */
  get isBusy(): boolean {
    return !this.exited && (this.load > 0 || this.failure !== undefined);
  }

  /** Has been at one request for so long that who comes next had better go elsewhere. */
  get isLong(): boolean {
    return this.load > 0 && performance.now() - this.workingSince > LONG_MS;
  }

  /** Open cursors and snapshots: whoever has one waits for this thread and no other. */
  get connectionsUsed(): number {
    return this.used.size + this.writingUsers;
  }

  /** It has not failed. */
  get isUsable(): boolean {
    return this.failure === undefined;
  }

  get hasRoom(): boolean {
    return this.failure === undefined && this.used.size < limits.queryConnectionsPerThreadMax;
  }

  /** Reserves a connection. @throws SqlError insufficientResources (53000) when all are in use */
  takeConnection(): number {
    for (let i = 0; i < limits.queryConnectionsPerThreadMax; i++)
      if (!this.used.has(i)) {
        this.used.add(i);
        this.flags[i] = 0;
        return i;
      }
    throw new SqlError('insufficientResources', 'too many open cursors and transactions');
  }

  releaseConnection(connection: number): void {
    if (connection === WRITING_CONNECTION) this.writingUsers--;
    else this.used.delete(connection);
  }

  /** The writing connection, which its users share: they follow each other. */
  takeWritingConnection(): number {
    if (this.writingUsers++ === 0) this.flags[WRITING_CONNECTION] = 0;
    return WRITING_CONNECTION;
  }

  /** Somebody writes here, or reads what was returned. */
  get isWriting(): boolean {
    return this.writingUsers > 0;
  }

  whenGone(listener: () => void): () => void {
    this.mourners.add(listener);
    return () => this.mourners.delete(listener);
  }

  /** When nothing of the thread can be in a transaction any more: at once, or when it has exited. */
  async released(): Promise<void> {
    if (this.failure !== undefined && !this.exited) await this.gone;
  }

  /** What the thread needs to know of a write before it can run it: nothing the second time. */
  introduce(write: CompiledWrite): { readonly writeId: number; readonly write?: CompiledWrite } {
    const known = this.writeIds.get(write);
    if (known !== undefined) return { writeId: known };
    const writeId = this.nextWriteId++;
    this.writeIds.set(write, writeId);
    // The thread forgets in the same order: execute/write/known-writes.ts.
    const [oldest] = this.writeIds.keys();
    if (this.writeIds.size > limits.writePlansPerThreadMax && oldest !== undefined)
      this.writeIds.delete(oldest);
    return { writeId, write };
  }

  async batch(request: Extract<ThreadRequest, { kind: 'run' | 'next' | 'write' }>): Promise<Batch> {
    const reply = await this.ask(this.cursorWaiters, request.cursor, request);
    if (reply.kind === 'batch') return reply;
    throw reply.kind === 'error' ? fromTransferredError(reply.error) : threadRestarted();
  }

  async define(request: Extract<ThreadRequest, { kind: 'define' }>): Promise<DefinitionResult> {
    const reply = await this.ask(this.cursorWaiters, request.cursor, request);
    if (reply.kind === 'defined') return reply.result;
    throw reply.kind === 'error' ? fromTransferredError(reply.error) : threadRestarted();
  }

  async checkpoint(cursor: number): Promise<number> {
    const reply = await this.ask(this.cursorWaiters, cursor, { kind: 'checkpoint', cursor });
    if (reply.kind === 'checkpointed') return reply.frames;
    throw reply.kind === 'error' ? fromTransferredError(reply.error) : threadRestarted();
  }

  async begin(connection: number): Promise<void> {
    await this.command({ kind: 'begin', connection });
  }

  /** A request about a connection's transaction. @returns false when it was declined */
  async command(request: ConnectionRequest): Promise<boolean> {
    const reply = await this.ask(this.connectionWaiters, request.connection, request);
    if (reply.kind === 'failed') throw fromTransferredError(reply.error);
    return reply.kind !== 'stayed';
  }

  /** A request that has no answer. */
  tell(request: ThreadRequest): void {
    if (this.failure === undefined) this.send(request);
  }

  /** Ends what runs on a connection: between rows or at the next function call, else with the whole thread. */
  cancel(connection: number, cursor: number): void {
    if (!this.cursorWaiters.has(cursor)) return;
    Atomics.store(this.flags, connection, 1);
    const timer = setTimeout(() => {
      if (this.cursorWaiters.has(cursor)) this.kill(cursor);
    }, STUCK_MS);
    timer.unref();
  }

  clearCancel(connection: number): void {
    Atomics.store(this.flags, connection, 0);
  }

  async stop(): Promise<void> {
    if (this.failure !== undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const gone = new Promise<void>((resolve) => this.worker.once('exit', () => resolve()));
    const given = (ms: number) =>
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
    this.worker.ref();
    this.tell({ kind: 'stop' });
    await Promise.race([gone, given(STOP_MS)]);
    clearTimeout(timer);
    if (this.exited) return;
    this.fail(threadRestarted());
    // Ends a thread that runs JavaScript; one inside of SQLite only when it comes back.
    void this.worker.terminate();
    await Promise.race([gone, given(STOP_MS)]);
    clearTimeout(timer);
  }

  private ask(
    waiters: Map<number, Waiter>,
    key: number,
    request: ThreadRequest,
  ): Promise<ThreadReply> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      if (this.load === 0) this.workingSince = performance.now();
      waiters.set(key, { resolve, reject });
      this.worker.ref();
      this.send(request);
    });
  }

  /** What belongs together is sent together: waking the thread costs more than what it is asked to do. */
  private send(request: ThreadRequest): void {
    if (this.outbox.push(request) === 1) process.nextTick(this.sendAll);
  }

  private readonly sendAll = (): void => {
    const requests = this.outbox.splice(0);
    if (this.failure !== undefined) return;
    try {
      this.worker.postMessage(requests);
    } catch (error) {
      // One that can't be copied must not take the others with it.
      if (requests.length > 1) for (const request of requests) this.sendAlone(request);
      else this.refuse(requests[0], error);
    }
  };

  private sendAlone(request: ThreadRequest): void {
    try {
      this.worker.postMessage([request]);
    } catch (error) {
      this.refuse(request, error);
    }
  }

  private refuse(request: ThreadRequest | undefined, error: unknown): void {
    if (request === undefined || !('connection' in request || 'cursor' in request)) return;
    const byCursor = 'cursor' in request;
    const waiters = byCursor ? this.cursorWaiters : this.connectionWaiters;
    const key = byCursor ? request.cursor : request.connection;
    const waiter = waiters.get(key);
    waiters.delete(key);
    waiter?.reject(error instanceof Error ? error : new Error(String(error)));
  }

  private onReply(reply: ThreadReply): void {
    const byCursor = 'cursor' in reply;
    const waiters = byCursor ? this.cursorWaiters : this.connectionWaiters;
    const key = byCursor ? reply.cursor : reply.connection;
    const waiter = waiters.get(key);
    waiters.delete(key);
    this.workingSince = performance.now();
    if (this.load === 0) this.worker.unref();
    waiter?.resolve(reply);
  }

  /** The statement that was canceled ends as such; the thread's others have to start again. */
  private kill(cursor: number): void {
    const waiter = this.cursorWaiters.get(cursor);
    this.cursorWaiters.delete(cursor);
    waiter?.reject(new SqlError('queryCanceled', 'query execution canceled'));
    this.fail(threadRestarted());
    putLast(Atomics.load(this.flags, THREAD_ID_SLOT));
    void this.worker.terminate();
  }

  private fail(error: Error): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    const waiting = [...this.cursorWaiters.values(), ...this.connectionWaiters.values()];
    this.cursorWaiters.clear();
    this.connectionWaiters.clear();
    for (const waiter of waiting) waiter.reject(error);
    this.onGone(this);
  }
}

/** Reads can be repeated: clients know what to do about 40001. */
function threadRestarted(): SqlError {
  return new SqlError(
    'serializationFailure',
    'restart transaction: the query thread was restarted while this statement was open',
  );
}
