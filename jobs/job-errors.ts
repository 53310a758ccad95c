import { SqlError } from '../base/errors';
import type { JobStatus } from './job';

/** Messages as CockroachDB's. */
export function jobDoesNotExist(id: bigint): SqlError {
  return new SqlError('undefinedObject', `job with ID ${id} does not exist`);
}

export function cannotPause(status: JobStatus): SqlError {
  return wrongStatus(`job with status ${status} cannot be requested to be paused`);
}

export function cannotCancel(status: JobStatus): SqlError {
  return wrongStatus(`job with status ${status} cannot be requested to be canceled`);
}

export function cannotResume(status: JobStatus): SqlError {
  return wrongStatus(`job with status ${status} cannot be resumed`);
}

/** Of a job that failed or was canceled before it was paused. */
export function cannotCancelReverting(id: bigint, error: string): SqlError {
  return wrongStatus(
    `job ${id} is paused and has non-nil FinalResumeError ${error} hence cannot be canceled and should be reverted`,
  );
}

function wrongStatus(message: string): SqlError {
  return new SqlError('objectNotInPrerequisiteState', message);
}

export function jobCanceled(): SqlError {
  return new SqlError('queryCanceled', 'job canceled by user');
}

export function jobPaused(id: bigint): SqlError {
  return new SqlError('objectNotInPrerequisiteState', `job ${id} was paused before it completed`, {
    hint: `It goes on after RESUME JOB ${id}.`,
  });
}

export function jobStopped(id: bigint): SqlError {
  return new SqlError('adminShutdown', `job ${id} was stopped because the server shuts down`, {
    hint: 'It goes on when the server starts again.',
  });
}

export function jobNotReverted(id: bigint): SqlError {
  return new SqlError('internalError', `job ${id} could not be reverted`, {
    hint: 'It is tried again later; SHOW JOB tells why and when.',
  });
}

/**
 * Why a job has to stop working, although nothing is wrong with it: the reason of its context's signal. Resumers let it
 * pass; they never catch it.
 */
export class JobInterrupted extends Error {
  override readonly name = 'JobInterrupted';
  readonly why: 'pause' | 'cancel' | 'shutdown';

  constructor(why: 'pause' | 'cancel' | 'shutdown') {
    super(`the job is interrupted: ${why}`);
    this.why = why;
  }
}
