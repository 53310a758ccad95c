import { SQLSTATE, SqlError, type SqlStateName } from '../base/errors';
import type { JobRecord } from './job';
import { jobCanceled, jobPaused, jobStopped } from './job-errors';
import type { JobResultRow } from './resumer';

/** How one run of a job ended. */
export type JobEnd =
  | { readonly kind: 'succeeded'; readonly result: JobResultRow }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'paused' }
  /** Left as it is for the next start of the server. */
  | { readonly kind: 'stopped' };

/** The end that a job's record tells of; the result row of a job that ended earlier is not kept. */
export function endOfRecord(job: JobRecord): JobEnd {
  switch (job.status) {
    case 'succeeded':
      return { kind: 'succeeded', result: [] };
    case 'failed':
      return { kind: 'failed', error: recordedError(job) };
    case 'canceled':
      return { kind: 'canceled' };
    case 'paused':
      return { kind: 'paused' };
    case 'pending':
    case 'running':
    case 'pause-requested':
    case 'cancel-requested':
    case 'reverting':
      return { kind: 'stopped' };
  }
}

function recordedError(job: JobRecord): SqlError {
  const names = Object.keys(SQLSTATE) as SqlStateName[];
  const name = names.find((candidate) => SQLSTATE[candidate] === job.errorCode);
  return new SqlError(name ?? 'internalError', job.error);
}

/** The result, for a statement that waited; every other end is an error. */
export function resultOf(id: bigint, end: JobEnd): JobResultRow {
  switch (end.kind) {
    case 'succeeded':
      return end.result;
    case 'failed':
      throw end.error;
    case 'canceled':
      throw jobCanceled();
    case 'paused':
      throw jobPaused(id);
    case 'stopped':
      throw jobStopped(id);
  }
}
