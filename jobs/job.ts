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
 * after a cancel was asked for has not, and is reverted. A revert can be paused too; it then goes on as a revert.
 */
export const JOB_TRANSITIONS: { readonly [From in JobStatus]: readonly JobStatus[] } = {
  pending: ['running', 'pause-requested', 'cancel-requested'],
  running: ['succeeded', 'pause-requested', 'cancel-requested', 'reverting'],
  'pause-requested': ['paused', 'succeeded', 'reverting', 'failed', 'canceled'],
  paused: ['running', 'cancel-requested', 'reverting'],
  'cancel-requested': ['reverting'],
  reverting: ['failed', 'canceled', 'pause-requested'],
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
  /** Set from the moment it begins to be reverted. */
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
  /** When it is tried again; null: nothing is waited for. */
  readonly nextRunMicros: number | null;
  /** Attempts that failed one after the other and brought it no further. */
  readonly failures: number;
  /** The last attempts that failed and were or will be followed by another, oldest first, as SHOW JOBS tells them. */
  readonly executionErrors: readonly string[];
  /** Of its last run: the server's log has it on each line about that run. */
  readonly traceId: bigint | null;
  readonly createdBy: JobCreator | null;
  readonly descriptorIds: readonly number[];
}

/** What made a job, when no user's statement did. */
export interface JobCreator {
  readonly type: string;
  readonly id: bigint;
}

/** Of jobs that a schedule made. Source: CockroachDB, system.jobs.created_by_type. */
export const CREATED_BY_SCHEDULE = 'crdb_schedule';

export interface NewJob {
  readonly type: string;
  readonly description: string;
  readonly statement?: string;
  readonly user: string;
  readonly payload: Uint8Array;
  readonly progress?: Uint8Array;
  readonly createdBy?: JobCreator;
  /** Of the objects that it works on. */
  readonly descriptorIds?: readonly number[];
}
