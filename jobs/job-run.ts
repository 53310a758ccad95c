import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../base/limits';
import type { Logger } from '../base/logger';
import type { Connection } from '../storage/ranges/connection';
import type { JobRecord } from './job';
import { endOfRecord, type JobEnd } from './job-end';
import { JobInterrupted, jobCanceled, jobNotReverted } from './job-errors';
import { failuresOf, isTransient, noteFailedRun, type RetryPolicy } from './job-retry';
import {
  beginRevert,
  claimJob,
  completeJob,
  finishRevert,
  getJob,
  transitionJob,
  updateJobProgress,
} from './job-rows';
import type { JobContext, JobResultRow, Resumer, ResumerFactory } from './resumer';

export interface JobRunOptions {
  readonly id: bigint;
  readonly factory: ResumerFactory;
  /** One write transaction. */
  readonly write: <T>(body: (db: Connection) => T) => Promise<T>;
  readonly log: Logger;
  readonly nodeId: number;
  /** Pause, cancel or shutdown. */
  readonly signal: AbortSignal;
  readonly shutdown: AbortSignal;
  /** Asked before each wait: settings may change while a job waits. */
  readonly retryPolicy: () => RetryPolicy;
  readonly revertRetryDelaysMs: readonly number[];
}

/** A timer can't wait longer; who is woken looks at the record again. */
const SLEEP_MS_MAX = 24 * 3_600_000;

/**
 * One run of one job, from where its record says it is to an end. Every step reads the record and changes it in one
 * transaction, so a process that dies between any two steps leaves a record from which the next run goes on.
 */
export class JobRun {
  private readonly options: JobRunOptions;
  private log: Logger;

  constructor(options: JobRunOptions) {
    this.options = options;
    this.log = options.log;
  }

  /** Never rejects. */
  async toEnd(): Promise<JobEnd> {
    const { shutdown } = this.options;
    try {
      const end = await this.run();
      this.log.info({ end: end.kind }, 'job run ended');
      return end;
    } catch (error) {
      if (shutdown.aborted) return { kind: 'stopped' };
      // The record could not be changed (a full disk, for one): it says where the next run goes on.
      this.log.error({ err: error }, 'job record could not be written');
      return { kind: 'failed', error };
    }
  }

  private async run(): Promise<JobEnd> {
    for (;;) {
      const job = await this.options.write((db) => this.claim(db));
      if (job.status === 'reverting') return await this.revert(job, undefined);
      if (job.status !== 'running') return endOfRecord(job);
      this.log = this.options.log.child({ traceId: String(job.traceId) });
      this.log.info({ type: job.type, run: job.numRuns }, 'job runs');
      let result: JobResultRow;
      try {
        result = await this.resumer(job).resume(this.context(job, this.options.signal));
        await this.options.write((db) => {
          if (getJob(db, job.id).status !== 'succeeded') completeJob(db, job.id);
        });
      } catch (error) {
        const end = await this.onStopped(job, error);
        if (end !== 'retry') return end;
        continue;
      }
      return { kind: 'succeeded', result };
    }
  }

  /** Takes up a job; requests that were recorded before it ran are carried out here. */
  private claim(db: Connection): JobRecord {
    const { id, nodeId } = this.options;
    const job = getJob(db, id);
    if (job.status === 'pending') transitionJob(db, job, 'running');
    if (job.status === 'pause-requested') transitionJob(db, job, 'paused');
    if (job.status === 'cancel-requested') beginRevert(db, job, jobCanceled());
    if (['pending', 'running', 'cancel-requested', 'reverting'].includes(job.status)) {
      claimJob(db, id, nodeId, newTraceId());
    }
    return getJob(db, id);
  }

  /** @param job as this run took it up @returns `retry` when it is time for another run */
  private async onStopped(job: JobRecord, error: unknown): Promise<JobEnd | 'retry'> {
    const { id, shutdown } = this.options;
    if (shutdown.aborted) return { kind: 'stopped' };
    const now = await this.options.write((db) => {
      const before = getJob(db, id);
      const paused = before.status === 'pause-requested' && this.isInterruption(error);
      if (paused) transitionJob(db, before, 'paused');
      else if (before.status === 'cancel-requested') beginRevert(db, before, jobCanceled());
      else if (before.status !== 'succeeded') this.retryOrRevert(db, job, before, error);
      return getJob(db, id);
    });
    if (now.status === 'reverting') {
      if (now.outcome === 'failed') this.log.warn({ err: error }, 'job failed, reverting');
      return await this.revert(now, error);
    }
    if (now.status === 'running' || now.status === 'pause-requested') {
      this.log.warn({ err: error, nextRun: now.nextRunMicros }, 'job failed, to be tried again');
      return await this.waitForNextRun(now);
    }
    if (now.status === 'succeeded') {
      this.log.warn({ err: error }, 'error after the job had succeeded');
    }
    return endOfRecord(now);
  }

  private retryOrRevert(db: Connection, job: JobRecord, now: JobRecord, error: unknown): void {
    const failures = failuresOf(job, now);
    const retries = isTransient(error) && failures <= limits.jobRetriesMax;
    if (retries) noteFailedRun(db, job, failures, error, this.options.retryPolicy());
    else beginRevert(db, now, error);
  }

  /** Until its time has come, or a request for it has. */
  private async waitForNextRun({ nextRunMicros }: JobRecord): Promise<'retry' | JobEnd> {
    const { shutdown } = this.options;
    await this.rest(nextRunMicros === null ? 0 : nextRunMicros / 1000 - Date.now());
    return shutdown.aborted ? { kind: 'stopped' } : 'retry';
  }

  /** Less when the job is told to stop. */
  private async rest(delayMs: number): Promise<void> {
    const { signal } = this.options;
    const until = Date.now() + delayMs;
    while (!signal.aborted && Date.now() < until) {
      const ms = Math.min(until - Date.now(), SLEEP_MS_MAX);
      await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Whether an error only says that the job was told to stop; Node's own APIs answer an aborted signal with `AbortError`. */
  private isInterruption(error: unknown): boolean {
    if (error instanceof JobInterrupted) return true;
    const { name } = (error ?? {}) as { name?: unknown };
    return this.options.signal.aborted && name === 'AbortError';
  }

  /** @param cause why it failed, when that happened in this process: an error with more to it than its recorded text */
  private async revert(job: JobRecord, cause: unknown): Promise<JobEnd> {
    const { shutdown, revertRetryDelaysMs } = this.options;
    for (const delayMs of [0, ...revertRetryDelaysMs]) {
      await this.rest(delayMs);
      const stopped = await this.stoppedRevert(job.id);
      if (stopped !== undefined) return stopped;
      try {
        await this.resumer(job).onFailOrCancel(this.context(job, shutdown));
        const ended = await this.options.write((db) => {
          finishRevert(db, getJob(db, job.id));
          return getJob(db, job.id);
        });
        const end = endOfRecord(ended);
        return end.kind === 'failed' && cause !== undefined ? { ...end, error: cause } : end;
      } catch (error) {
        if (shutdown.aborted) return { kind: 'stopped' };
        this.log.error({ err: error }, 'job could not be reverted');
        await this.options.write((db) => {
          const now = getJob(db, job.id);
          noteFailedRun(db, now, now.failures + 1, error, this.options.retryPolicy());
          updateJobProgress(db, job.id, { runningStatus: `could not be reverted: ${text(error)}` });
        });
      }
    }
    // Still `reverting`: it is tried again later.
    const known = cause !== undefined && !this.isInterruption(cause);
    return { kind: 'failed', error: known ? cause : jobNotReverted(job.id) };
  }

  /** A revert that is to be paused, or left for the next start. */
  private async stoppedRevert(id: bigint): Promise<JobEnd | undefined> {
    if (this.options.shutdown.aborted) return { kind: 'stopped' };
    return await this.options.write((db) => {
      const job = getJob(db, id);
      if (job.status !== 'pause-requested') return undefined;
      transitionJob(db, job, 'paused');
      return { kind: 'paused' };
    });
  }

  private resumer(job: JobRecord): Resumer {
    return this.options.factory(job);
  }

  private context(job: JobRecord, signal: AbortSignal): JobContext {
    return {
      job,
      signal,
      log: this.log,
      updateProgress: async (progress) => {
        await this.options.write((db) => updateJobProgress(db, job.id, progress));
      },
    };
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Positive, and never 0. */
const newTraceId = (): bigint => BigInt.asUintN(63, randomBytes(8).readBigUInt64BE()) | 1n;
