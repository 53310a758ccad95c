import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../base/logger';
import type { Connection } from '../storage/ranges/connection';
import type { JobRecord } from './job';
import { endOfRecord, type JobEnd } from './job-end';
import { JobInterrupted, jobCanceled, jobNotReverted } from './job-errors';
import {
  beginRevert,
  claimJob,
  completeJob,
  finishRevert,
  getJob,
  noteRevertError,
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
  readonly revertRetryDelaysMs: readonly number[];
}

/**
 * One run of one job, from where its record says it is to an end. Every step reads the record and changes it in one
 * transaction, so a process that dies between any two steps leaves a record from which the next run goes on.
 */
export class JobRun {
  private readonly options: JobRunOptions;

  constructor(options: JobRunOptions) {
    this.options = options;
  }

  /** Never rejects. */
  async toEnd(): Promise<JobEnd> {
    const { log, shutdown } = this.options;
    try {
      const end = await this.run();
      log.info({ end: end.kind }, 'job run ended');
      return end;
    } catch (error) {
      if (shutdown.aborted) return { kind: 'stopped' };
      // The record could not be changed (a full disk, for one): it says where the next start of the server goes on.
      log.error({ err: error }, 'job record could not be written');
      return { kind: 'failed', error };
    }
  }

  private async run(): Promise<JobEnd> {
    const job = await this.options.write((db) => this.claim(db));
    if (job.status === 'reverting') return await this.revert(job, undefined);
    if (job.status !== 'running') return endOfRecord(job);
    this.options.log.info({ type: job.type, run: job.numRuns }, 'job runs');
    let result: JobResultRow;
    try {
      result = await this.resumer(job).resume(this.context(job, this.options.signal));
      await this.options.write((db) => {
        if (getJob(db, job.id).status !== 'succeeded') completeJob(db, job.id);
      });
    } catch (error) {
      return await this.onStopped(error);
    }
    return { kind: 'succeeded', result };
  }

  /** Takes up a job; requests that were recorded before it ran are carried out here. */
  private claim(db: Connection): JobRecord {
    const { id, nodeId } = this.options;
    const job = getJob(db, id);
    if (job.status === 'pending') transitionJob(db, job, 'running');
    if (job.status === 'pause-requested') transitionJob(db, job, 'paused');
    if (job.status === 'cancel-requested') beginRevert(db, job, jobCanceled());
    if (['pending', 'running', 'cancel-requested', 'reverting'].includes(job.status)) {
      claimJob(db, id, nodeId);
    }
    return getJob(db, id);
  }

  private async onStopped(error: unknown): Promise<JobEnd> {
    const { id, shutdown, log } = this.options;
    if (shutdown.aborted) return { kind: 'stopped' };
    const job = await this.options.write((db) => {
      const before = getJob(db, id);
      const paused = before.status === 'pause-requested' && this.isInterruption(error);
      if (paused) transitionJob(db, before, 'paused');
      else if (before.status === 'cancel-requested') beginRevert(db, before, jobCanceled());
      else if (before.status !== 'succeeded') beginRevert(db, before, error);
      return getJob(db, id);
    });
    if (job.status === 'reverting') {
      if (job.outcome === 'failed') log.warn({ err: error }, 'job failed, reverting');
      return await this.revert(job, error);
    }
    if (job.status === 'succeeded') log.warn({ err: error }, 'error after the job had succeeded');
    return endOfRecord(job);
  }

  /** Whether an error only says that the job was told to stop; Node's own APIs answer an aborted signal with `AbortError`. */
  private isInterruption(error: unknown): boolean {
    if (error instanceof JobInterrupted) return true;
    const { name } = (error ?? {}) as { name?: unknown };
    return this.options.signal.aborted && name === 'AbortError';
  }

  /** @param cause why it failed, when that happened in this process: an error with more to it than its recorded text */
  private async revert(job: JobRecord, cause: unknown): Promise<JobEnd> {
    const { shutdown, log, revertRetryDelaysMs } = this.options;
    for (const delayMs of [0, ...revertRetryDelaysMs]) {
      try {
        await sleep(delayMs, undefined, { signal: shutdown });
        await this.resumer(job).onFailOrCancel(this.context(job, shutdown));
        const ended = await this.options.write((db) => {
          finishRevert(db, getJob(db, job.id));
          return getJob(db, job.id);
        });
        const end = endOfRecord(ended);
        return end.kind === 'failed' && cause !== undefined ? { ...end, error: cause } : end;
      } catch (error) {
        if (shutdown.aborted) return { kind: 'stopped' };
        log.error({ err: error }, 'job could not be reverted');
        await this.options.write((db) => noteRevertError(db, job, error));
      }
    }
    // Still `reverting`: the next start of the server tries again.
    const known = cause !== undefined && !this.isInterruption(cause);
    return { kind: 'failed', error: known ? cause : jobNotReverted(job.id) };
  }

  private resumer(job: JobRecord): Resumer {
    return this.options.factory(job);
  }

  private context(job: JobRecord, signal: AbortSignal): JobContext {
    return {
      job,
      signal,
      log: this.options.log,
      updateProgress: async (progress) => {
        await this.options.write((db) => updateJobProgress(db, job.id, progress));
      },
    };
  }
}
