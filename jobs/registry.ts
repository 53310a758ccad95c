import type { Logger } from '../base/logger';
import type { Connection } from '../storage/ranges/connection';
import type { WriteLocker } from '../storage/ranges/write-lock';
import { writeTransaction } from '../storage/ranges/write-transaction';
import { isFinished, type JobRecord, type NewJob } from './job';
import { endOfRecord, type JobEnd, resultOf } from './job-end';
import { JobInterrupted } from './job-errors';
import {
  DEFAULT_RETENTION_POLICY,
  deleteExpiredJobs,
  hasExpiredJobs,
  type RetentionPolicy,
} from './job-retention';
import { DEFAULT_RETRY_POLICY, type RetryPolicy, retryDelayMs } from './job-retry';
import {
  findJob,
  getJob,
  insertJob,
  type JobFilter,
  listJobs,
  listUnfinishedJobs,
  requestCancel,
  requestPause,
  requestResume,
} from './job-rows';
import { JobRun } from './job-run';
import type { JobResultRow, ResumerFactory } from './resumer';

export interface JobRegistryOptions {
  /** The registry's own connection, used by nobody else: it runs transactions of its own. */
  readonly db: Connection;
  readonly lock: WriteLocker;
  readonly log: Logger;
  /** Shown as coordinator; part of job ids. */
  readonly nodeId: number;
  /** Pauses between attempts to revert a job; then it is tried again as `retryPolicy` says. */
  readonly revertRetryDelaysMs?: readonly number[];
  /** Asked whenever it matters: cluster settings may change. */
  readonly retryPolicy?: () => RetryPolicy;
  readonly retentionPolicy?: () => RetentionPolicy;
}

const REVERT_RETRY_DELAYS_MS: readonly number[] = [100, 1_000, 5_000];

/** Between two looks whether it is time to remove old jobs. */
const RETENTION_TICK_MS = 10_000;

/** A timer can't wait longer. */
const TIMER_MS_MAX = 24 * 3_600_000;

interface Entry {
  readonly controller: AbortController;
  readonly end: Promise<JobEnd>;
}

/** Where jobs are made; a thread has no more of the registry than this. */
export interface JobMaker {
  /** See `JobRegistry.create`. */
  create(db: Connection, job: NewJob): bigint;
}

/**
 * Runs jobs and keeps their records. All state is in the `jobs` table: what is running here is what `adoptAll` would start
 * again after a crash. Lives in the main thread.
 */
export class JobRegistry implements JobMaker {
  private readonly options: JobRegistryOptions;
  private readonly db: Connection;
  private readonly factories = new Map<string, ResumerFactory>();
  private readonly running = new Map<bigint, Entry>();
  /** Jobs that are to be started once more: those that could not be reverted, or whose record could not be written. */
  private readonly postponed = new Map<bigint, NodeJS.Timeout>();
  /** Told whenever a run ends. */
  private readonly onlookers = new Set<() => void>();
  private retentionTimer: NodeJS.Timeout | undefined;
  private readonly shutdownController = new AbortController();

  constructor(options: JobRegistryOptions) {
    this.options = options;
    this.db = options.db;
  }

  /** Says how jobs of a type are done; before `adoptAll`. */
  register(type: string, factory: ResumerFactory): void {
    this.factories.set(type, factory);
  }

  /**
   * Creates a job in the caller's write transaction on `db`. It starts when the caller, having committed, calls `start`; when
   * the process dies in between, the next one's `adoptAll` starts it. @returns its id
   */
  create(db: Connection, job: NewJob): bigint {
    return insertJob(db, job, this.options.nodeId);
  }

  /** This registry, except that `create` makes its jobs: for what is done on behalf of a schedule. */
  creatingWith(create: JobMaker['create']): JobRegistry {
    return Object.create(this, { create: { value: create } }) as JobRegistry;
  }

  /** From now on `told` is called whenever a run ends. */
  onRunEnd(told: () => void): void {
    this.onlookers.add(told);
  }

  /** Creates a job in a transaction of its own. */
  async createAlone(job: NewJob): Promise<bigint> {
    return await this.write(`create ${job.type} job`, (db) => this.create(db, job));
  }

  /** Runs a job that is `pending` or `running`, or does what was requested of it. Nothing when it is running already. */
  start(id: bigint): void {
    const { signal } = this.shutdownController;
    if (signal.aborted || this.running.has(id)) return;
    clearTimeout(this.postponed.get(id));
    this.postponed.delete(id);
    const job = getJob(this.db, id);
    const factory = this.factories.get(job.type);
    if (factory === undefined) {
      const about = { jobId: String(id), type: job.type };
      this.options.log.warn(about, 'no way to run jobs of this type; left as it is');
      return;
    }
    const controller = new AbortController();
    const run = new JobRun({
      id,
      factory,
      write: (body) => this.write(`job ${id}`, body),
      log: this.options.log.child({ jobId: String(id) }),
      nodeId: this.options.nodeId,
      signal: controller.signal,
      shutdown: signal,
      retryPolicy: () => this.retryPolicy,
      revertRetryDelaysMs: this.options.revertRetryDelaysMs ?? REVERT_RETRY_DELAYS_MS,
    });
    const end = run.toEnd().then((reached) => this.onEnd(id, reached));
    this.running.set(id, { controller, end });
  }

  /** The same for a job that a rollback may have forgotten. @returns whether it has not */
  startIfKnown(id: bigint): boolean {
    const isKnown = findJob(this.db, id) !== undefined;
    if (isKnown) this.start(id);
    return isKnown;
  }

  private get retryPolicy(): RetryPolicy {
    return this.options.retryPolicy?.() ?? DEFAULT_RETRY_POLICY;
  }

  private get retentionPolicy(): RetentionPolicy {
    return this.options.retentionPolicy?.() ?? DEFAULT_RETENTION_POLICY;
  }

  private onEnd(id: bigint, end: JobEnd): JobEnd {
    this.running.delete(id);
    for (const told of this.onlookers) told();
    try {
      this.goOn(findJob(this.db, id), end);
    } catch (error) {
      this.options.log.error({ err: error, jobId: String(id) }, 'job record could not be read');
    }
    return end;
  }

  private goOn(job: JobRecord | undefined, end: JobEnd): void {
    if (job === undefined) return;
    // It may have been resumed before its run had wound down.
    if (end.kind === 'paused' && job.status !== 'paused') this.start(job.id);
    if (end.kind === 'failed' && !isFinished(job.status)) this.postpone(job);
  }

  private postpone({ id, failures }: JobRecord): void {
    if (this.shutdownController.signal.aborted) return;
    const delayMs = retryDelayMs(Math.max(1, failures), this.retryPolicy);
    const timer = setTimeout(() => this.start(id), Math.min(delayMs, TIMER_MS_MAX));
    this.postponed.set(id, timer.unref());
  }

  /** Removes old jobs now, and from time to time, until the registry is shut down. */
  async keepTidy(): Promise<void> {
    const tidiedMs = Date.now();
    await this.deleteExpired();
    if (this.shutdownController.signal.aborted) return;
    const tick = (): void => {
      if (Date.now() - tidiedMs >= this.retentionPolicy.intervalMs) void this.keepTidy();
      else this.retentionTimer = setTimeout(tick, RETENTION_TICK_MS).unref();
    };
    this.retentionTimer = setTimeout(tick, RETENTION_TICK_MS).unref();
  }

  private async deleteExpired(): Promise<void> {
    const { retentionMs } = this.retentionPolicy;
    try {
      if (!hasExpiredJobs(this.db, retentionMs)) return;
      await this.write('remove old jobs', (db) => deleteExpiredJobs(db, retentionMs));
    } catch (error) {
      this.options.log.warn({ err: error }, 'old jobs could not be removed');
    }
  }

  /**
   * Goes on with all that an earlier process left: running jobs run on, requested pauses and cancels are carried out, reverts
   * are finished. Paused jobs stay paused. @returns how many jobs were started
   */
  adoptAll(): number {
    const jobs = listUnfinishedJobs(this.db).filter((job) => job.status !== 'paused');
    for (const job of jobs) this.start(job.id);
    return jobs.filter((job) => this.running.has(job.id)).length;
  }

  /** PAUSE JOB. Returns when it is recorded; the job stops at its next check. @throws see `requestPause` */
  async pause(id: bigint): Promise<void> {
    await this.write(`pause job ${id}`, (db) => requestPause(db, id));
    this.notify(id);
  }

  /** CANCEL JOB. Returns when it is recorded; reverting goes on in the background. @throws see `requestCancel` */
  async cancel(id: bigint): Promise<void> {
    await this.write(`cancel job ${id}`, (db) => requestCancel(db, id));
    this.notify(id);
  }

  /** RESUME JOB. @throws see `requestResume` */
  async resume(id: bigint): Promise<void> {
    await this.write(`resume job ${id}`, (db) => requestResume(db, id));
    this.notify(id);
  }

  /** Tells the registry that a transaction committed which called `requestPause`, `requestCancel` or `requestResume`. */
  notify(id: bigint): void {
    const entry = this.running.get(id);
    const { status } = getJob(this.db, id);
    if (entry === undefined) {
      if (status !== 'paused' && !isFinished(status)) this.start(id);
      return;
    }
    if (status === 'pause-requested') entry.controller.abort(new JobInterrupted('pause'));
    if (status === 'cancel-requested') entry.controller.abort(new JobInterrupted('cancel'));
  }

  /**
   * Waits until a job's run ends.
   * @returns its result; an empty row when it had ended before
   * @throws the job's error; SqlError 57014 when it was canceled, 55000 paused, 57P01 the server shuts down, 42704 no such job
   */
  async wait(id: bigint): Promise<JobResultRow> {
    const entry = this.running.get(id);
    if (entry !== undefined) return resultOf(id, await entry.end);
    return resultOf(id, endOfRecord(getJob(this.db, id)));
  }

  /**
   * Waits until a job has finished, however often it is paused or tried again before. Nothing when there is no such job.
   * @throws the signal's reason
   */
  async whenFinished(id: bigint, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const job = findJob(this.db, id);
      if (job === undefined || isFinished(job.status)) return;
      await this.nextEnd(signal);
    }
  }

  private async nextEnd(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const told = (): void => {
        this.onlookers.delete(told);
        signal.removeEventListener('abort', told);
        resolve();
      };
      this.onlookers.add(told);
      signal.addEventListener('abort', told, { once: true });
    });
  }

  /** @throws SqlError undefinedObject (42704) */
  get(id: bigint): JobRecord {
    return getJob(this.db, id);
  }

  list(filter: JobFilter): JobRecord[] {
    return listJobs(this.db, filter);
  }

  /** Interrupts all jobs and waits until they have stopped; their records stay as they are for the next start. */
  async shutdown(): Promise<void> {
    const interruption = new JobInterrupted('shutdown');
    this.shutdownController.abort(interruption);
    clearTimeout(this.retentionTimer);
    for (const timer of this.postponed.values()) clearTimeout(timer);
    this.postponed.clear();
    const entries = [...this.running.values()];
    for (const entry of entries) entry.controller.abort(interruption);
    await Promise.all(entries.map((entry) => entry.end));
  }

  private async write<T>(owner: string, body: (db: Connection) => T): Promise<T> {
    return await writeTransaction(this.options.lock, this.db, owner, body);
  }
}
