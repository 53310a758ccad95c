import { SQLSTATE, SqlError } from '../base/errors';
import { limits } from '../base/limits';
import { type Connection, wideStatement } from '../storage/ranges/connection';
import type { JobRecord } from './job';
import { nowMicros } from './job-rows';

/** When a job whose run failed is tried again, and what is remembered of the runs that failed. */

export interface RetryPolicy {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

/** Source: CockroachDB, jobs.registry.retry.initial_delay and max_delay. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  initialDelayMs: 30_000,
  maxDelayMs: 24 * 3_600_000,
};

/** From the start of the run that was the `failures`-th to fail to the next. Source: CockroachDB, jobs/adopt.go. */
export function retryDelayMs(failures: number, policy: RetryPolicy): number {
  const { initialDelayMs, maxDelayMs } = policy;
  return Math.min(initialDelayMs * (2 ** Math.min(failures, 62) - 1), maxDelayMs);
}

/** Of the operating system: the network, or a file system behind one. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Whether the same may work later: a storage did not answer. What is wrong with a backup, or with the store, stays so. */
export function isTransient(error: unknown): boolean {
  if (error instanceof SqlError) {
    return error.transient || error.sqlstate === SQLSTATE.connectionFailure;
  }
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && TRANSIENT_CODES.has(code);
}

/**
 * How many runs have failed one after the other, with the one that just did.
 * @param job as it was when that run began: when it got further than that, this failure is the first
 */
export function failuresOf(job: JobRecord, now: JobRecord): number {
  return now.fractionCompleted > job.fractionCompleted ? 1 : job.failures + 1;
}

/** Notes a run or a revert that failed and is to be followed by another. @param failures with this one */
export function noteFailedRun(
  db: Connection,
  job: JobRecord,
  failures: number,
  cause: unknown,
  policy: RetryPolicy,
): void {
  const now = nowMicros();
  const startMicros = job.lastRunMicros ?? now;
  const errors = [...job.executionErrors, executionError(job, cause, startMicros, now)];
  const nextRun = Math.max(now, startMicros + retryDelayMs(failures, policy) * 1000);
  wideStatement(
    db,
    'UPDATE jobs SET failures = ?, execution_errors = ?, next_run = ?, modified = ? WHERE id = ?',
  ).run(
    failures,
    JSON.stringify(errors.slice(-limits.jobExecutionErrorsMax)),
    Math.round(nextRun),
    now,
    job.id,
  );
}

/** As CockroachDB words it: `running execution from '…' to '…' on 1 failed: …`. */
function executionError(
  job: JobRecord,
  cause: unknown,
  startMicros: number,
  endMicros: number,
): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const status = job.outcome === null ? 'running' : 'reverting';
  const times = `from '${timeText(startMicros)}' to '${timeText(endMicros)}'`;
  return `${status} execution ${times} on ${job.coordinatorId ?? 1} failed: ${text}`.slice(
    0,
    limits.jobExecutionErrorCharactersMax,
  );
}

const timeText = (micros: number): string =>
  new Date(micros / 1000).toISOString().replace('T', ' ').replace('Z', '');
