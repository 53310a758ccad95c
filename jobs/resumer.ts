import type { Logger } from '../base/logger';
import type { JobRecord } from './job';
import type { JobProgress } from './job-rows';

/** What a job's statement answers when it waited for it; the columns are the job type's. */
export type JobResultRow = readonly (bigint | number | string | null)[];

/** What a job sees of the registry while it runs. */
export interface JobContext {
  /** As it was when this run began; `progress` is the last checkpoint. */
  readonly job: JobRecord;
  /**
   * Aborted, with a `JobInterrupted` as its reason, when the job is to stop: paused, canceled, or the server shuts down. Pass
   * it on, or call `signal.throwIfAborted()` between steps of at most a few hundred milliseconds.
   */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /**
   * Records progress in a transaction of its own. Inside a transaction, in any thread, call `updateJobProgress` instead.
   * @throws JobInterrupted when the job may not go on
   */
  updateProgress(progress: JobProgress): Promise<void>;
}

/** How jobs of one type are done. Made anew for every run. */
export interface Resumer {
  /**
   * Does the work, or what is left of it: it may have been interrupted anywhere, by `kill -9` too, and is called again with
   * the last checkpoint. When it has settled, nothing of it may write any more, worker threads included. It should make its
   * results visible in the transaction in which it calls `completeJob`.
   */
  resume(context: JobContext): Promise<JobResultRow>;
  /**
   * Removes what `resume` left; runs after it settled, maybe in a later process, and maybe several times. Its signal is
   * aborted only when the server shuts down.
   */
  onFailOrCancel(context: JobContext): Promise<void>;
}

export type ResumerFactory = (job: JobRecord) => Resumer;
