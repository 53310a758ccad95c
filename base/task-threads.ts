import { Worker } from 'node:worker_threads';
import { fromTransferredError, type TransferredError } from './error-transfer';
import { InvariantError } from './invariant';

/**
 * Threads that do tasks of one kind, each one after the other: whichever has least to do takes the next. The thread's side is
 * task-thread.ts.
 */

export type TaskRequest<Task> =
  | { readonly kind: 'task'; readonly id: number; readonly task: Task }
  /** Stops at the next check; the thread ends when it has answered. */
  | { readonly kind: 'stop' };

export type TaskReply<Result> =
  | { readonly kind: 'done'; readonly id: number; readonly result: Result }
  | { readonly kind: 'failed'; readonly id: number; readonly error: TransferredError };

/** A thread's objects die young: a small nursery keeps the process small (as for query threads). */
export const THREAD_RESOURCES = { maxYoungGenerationSizeMb: 8 } as const;

const STOP_MS = 500;

/** What a thread has been given: whoever gives it the next one may be busy when it is done with the first. */
const TASKS_PER_THREAD = 2;

interface Waiting<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export class TaskThreads<Task, Result> {
  private readonly threads: TaskThread<Task, Result>[];
  private readonly queue: { readonly task: Task; readonly waiting: Waiting<Result> }[] = [];

  constructor(threads: TaskThread<Task, Result>[]) {
    this.threads = threads;
  }

  /** Tasks that can be under way before one has to wait. */
  get capacity(): number {
    return this.threads.length * TASKS_PER_THREAD;
  }

  /** @throws what the task throws; anything after `close` was called */
  run(task: Task): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.queue.push({ task, waiting: { resolve, reject } });
      this.next();
    });
  }

  /** @param taskOf of each thread, by its number */
  async runInEach(taskOf: (index: number) => Task, options: RunOptions = {}): Promise<void> {
    const { transferOf } = options;
    await Promise.all(
      this.threads.map((thread, i) => thread.run(taskOf(i), transferOf?.(i) ?? [])),
    );
  }

  get threadCount(): number {
    return this.threads.length;
  }

  private next(): void {
    if (this.queue.length === 0) return;
    const [first, ...others] = this.threads;
    if (first === undefined) return;
    const thread = others.reduce((a, b) => (b.taskCount < a.taskCount ? b : a), first);
    if (thread.taskCount >= TASKS_PER_THREAD) return;
    const next = this.queue.shift();
    if (next === undefined) return;
    const { resolve, reject } = next.waiting;
    thread
      .run(next.task)
      .then(resolve, reject)
      .finally(() => this.next());
    this.next();
  }

  /** Settles when nothing is being done any more. */
  async close(): Promise<void> {
    const reason = new InvariantError('the threads are being stopped');
    for (const { waiting } of this.queue.splice(0)) waiting.reject(reason);
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

interface RunOptions {
  /** What is handed over with the task of each thread. */
  readonly transferOf?: (index: number) => readonly Transferable[];
}

export class TaskThread<Task, Result> {
  private readonly worker: Worker;
  private readonly tasks = new Map<number, Waiting<Result>>();
  private readonly exited: Promise<void>;
  private nextId = 1;
  private failure: unknown;

  /** @param file of JavaScript that calls `serveTasks` */
  constructor(file: string, data?: unknown, transferList: readonly Transferable[] = []) {
    this.worker = new Worker(file, {
      workerData: data,
      transferList: [...transferList],
      resourceLimits: THREAD_RESOURCES,
    });
    this.worker.on('message', (reply: TaskReply<Result>) => this.onReply(reply));
    this.worker.on('error', (error) => {
      this.failure = error;
    });
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        this.failure ??= new InvariantError(`a thread ended with code ${code}`);
        for (const { reject } of this.tasks.values()) reject(this.failure);
        this.tasks.clear();
        resolve();
      });
    });
  }

  get taskCount(): number {
    return this.tasks.size;
  }

  run(task: Task, transferList: readonly Transferable[] = []): Promise<Result> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.tasks.set(id, { resolve, reject });
      this.tell({ kind: 'task', id, task }, transferList);
    });
  }

  private onReply(reply: TaskReply<Result>): void {
    const waiting = this.tasks.get(reply.id);
    this.tasks.delete(reply.id);
    if (reply.kind === 'done') waiting?.resolve(reply.result);
    else waiting?.reject(fromTransferredError(reply.error));
  }

  /** A thread that waits for a storage is not waited for. */
  async close(): Promise<void> {
    this.tell({ kind: 'stop' });
    const impatience = setTimeout(() => void this.worker.terminate(), STOP_MS);
    await this.exited;
    clearTimeout(impatience);
  }

  private tell(request: TaskRequest<Task>, transferList: readonly Transferable[] = []): void {
    this.worker.postMessage(request, transferList);
  }
}

type Transferable = import('node:worker_threads').TransferListItem;
