import { Worker } from 'node:worker_threads';
import { fromTransferredError } from '../../base/error-transfer';
import { InvariantError } from '../../base/invariant';
import { workerPath } from '../../base/worker-path';
import type { StagedRange, StageTask } from './stage-task';
import type { StagerReply, StagerRequest, StagerThreadData } from './stager-messages';

/** Who stages ranges: this thread, for what is small (inline-stager.ts), or threads of their own. */
export interface Stagers {
  /** How many ranges are worth being under way. */
  readonly inFlightMax: number;
  /** @throws as `stageRange`; anything after `close` was called */
  stage(task: StageTask): Promise<StagedRange>;
  /** Settles when nothing is being staged any more. */
  close(): Promise<void>;
}

/** Less than this, as stored, is staged by the thread that writes: starting threads would take longer. */
export const INLINE_BYTES_MAX = 1 << 20;

/** @param dataBytes of the backup, all layers */
export const stagesInThreads = ({ schemaOnly = false, dataBytes = 0 }: StagedWork): boolean =>
  !schemaOnly && dataBytes >= INLINE_BYTES_MAX;

interface StagedWork {
  readonly schemaOnly?: boolean;
  readonly dataBytes?: number;
}

/** Ranges under way for each thread: some of them are small, and what is large at the end should not be begun last. */
const RANGES_PER_THREAD = 4;

/** A thread's objects die young: a small nursery keeps the process small (as for query threads). */
const RESOURCES = { maxYoungGenerationSizeMb: 8 } as const;

const STOP_MS = 500;

/** What a thread has been given: while this thread writes it can't give it the next one. */
const TASKS_PER_THREAD = 2;

/** Threads that stage, started at once; whichever has least to do takes the next task. */
export class StagerThreads implements Stagers {
  readonly inFlightMax: number;
  private readonly threads: StagerThread[];
  private readonly queue: { readonly task: StageTask; readonly waiting: Waiting }[] = [];

  constructor(count: number) {
    this.threads = Array.from({ length: count }, () => new StagerThread());
    this.inFlightMax = count * RANGES_PER_THREAD;
  }

  /** Where what is staged comes from; to be called once, before `stage`. */
  open(data: StagerThreadData): this {
    for (const thread of this.threads) thread.open(data);
    return this;
  }

  stage(task: StageTask): Promise<StagedRange> {
    return new Promise((resolve, reject) => {
      this.queue.push({ task, waiting: { resolve, reject } });
      this.next();
    });
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
      .stage(next.task)
      .then(resolve, reject)
      .finally(() => this.next());
    this.next();
  }

  async close(): Promise<void> {
    const reason = new InvariantError('staging is being stopped');
    for (const { waiting } of this.queue.splice(0)) waiting.reject(reason);
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}

interface Waiting {
  readonly resolve: (range: StagedRange) => void;
  readonly reject: (error: unknown) => void;
}

class StagerThread {
  private readonly worker: Worker;
  private readonly tasks = new Map<number, Waiting>();
  private readonly exited: Promise<void>;
  private nextId = 1;
  private failure: unknown;

  constructor() {
    const path = workerPath(__dirname, 'stager-thread');
    this.worker = new Worker(path, { resourceLimits: RESOURCES });
    this.worker.on('message', (reply: StagerReply) => this.onReply(reply));
    this.worker.on('error', (error) => {
      this.failure = error;
    });
    this.exited = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        this.failure ??= new InvariantError(`staging thread ended with code ${code}`);
        for (const { reject } of this.tasks.values()) reject(this.failure);
        this.tasks.clear();
        resolve();
      });
    });
  }

  get taskCount(): number {
    return this.tasks.size;
  }

  open(data: StagerThreadData): void {
    this.tell({ kind: 'open', data });
  }

  stage(task: StageTask): Promise<StagedRange> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.tasks.set(id, { resolve, reject });
      this.tell({ kind: 'stage', id, task });
    });
  }

  private onReply(reply: StagerReply): void {
    const waiting = this.tasks.get(reply.id);
    this.tasks.delete(reply.id);
    if (reply.kind === 'staged') waiting?.resolve(reply.range);
    else waiting?.reject(fromTransferredError(reply.error));
  }

  /** A thread that waits for a storage is not waited for: it holds nothing but a file that will be removed. */
  async close(): Promise<void> {
    this.tell({ kind: 'stop' });
    const impatience = setTimeout(() => void this.worker.terminate(), STOP_MS);
    await this.exited;
    clearTimeout(impatience);
  }

  private tell(request: StagerRequest): void {
    this.worker.postMessage(request);
  }
}
