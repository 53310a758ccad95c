/** What a job is: its states, the legal ways between them, and its record. */

export const JOB_STATUSES = [
  'pending',
  'running',
  'pause-requested',
  'paused',
  'cancel-requested',
  'reverting',
  'succeeded',
  'failed',
  'canceled',
] as const;

export type JobStatus = (typeof JOB_STATUSES)[number];

/**
 * Legal transitions. A job that finishes its work after a pause was asked for has succeeded all the same; one that finishes
 * after a cancel was asked for has not, and is reverted.
 */
export const JOB_TRANSITIONS: { readonly [From in JobStatus]: readonly JobStatus[] } = {
  pending: ['running', 'pause-requested', 'cancel-requested'],
  running: ['succeeded', 'pause-requested', 'cancel-requested', 'reverting'],
  'pause-requested': ['paused', 'succeeded', 'reverting'],
  paused: ['running', 'cancel-requested'],
  'cancel-requested': ['reverting'],
  reverting: ['failed', 'canceled'],
  succeeded: [],
  failed: [],
  canceled: [],
};

export function isLegalTransition(from: JobStatus, to: JobStatus): boolean {
  return JOB_TRANSITIONS[from].includes(to);
}

/** Statuses from which nothing follows. */
export function isFinished(status: JobStatus): boolean {
  return JOB_TRANSITIONS[status].length === 0;
}

/** What a job that is being reverted ends as. */
export type JobOutcome = 'failed' | 'canceled';

/** A job as stored. Times are microseconds since 1970 UTC. */
export interface JobRecord {
  readonly id: bigint;
  /** `RESTORE`, `BACKUP` … */
  readonly type: string;
  /** The statement as users may see it: names qualified, secrets redacted. */
  readonly description: string;
  readonly statement: string;
  readonly user: string;
  readonly status: JobStatus;
  readonly runningStatus: string | null;
  readonly createdMicros: number;
  readonly startedMicros: number | null;
  readonly finishedMicros: number | null;
  readonly modifiedMicros: number;
  readonly fractionCompleted: number;
  /** Empty: none. */
  readonly error: string;
  /** SQLSTATE of `error`. */
  readonly errorCode: string | null;
  /** Set while reverting. */
  readonly outcome: JobOutcome | null;
  /** The node that runs it; null when none does. */
  readonly coordinatorId: number | null;
  /** What to do; written once by whoever created it, in its own encoding. */
  readonly payload: Uint8Array;
  /** How far it is, beyond `fractionCompleted`; in its type's own encoding. */
  readonly progress: Uint8Array;
  /** How often it was started, adoptions and resumptions included. */
  readonly numRuns: number;
  readonly lastRunMicros: number | null;
}

export interface NewJob {
  readonly type: string;
  readonly description: string;
  readonly statement?: string;
  readonly user: string;
  readonly payload: Uint8Array;
  readonly progress?: Uint8Array;
}
