import { arrayToRepr } from '../../../catalog/types/array';
import { timestampOfMicros } from '../../../catalog/types/datetime';
import { floatToRepr } from '../../../catalog/types/float';
import type { Repr } from '../../../catalog/types/sql-type';
import { arrayOf, FLOAT8, INT8, STRING, TIMESTAMP } from '../../../catalog/types/table';
import { isFinished, type JobRecord } from '../../../jobs/job';

/** A job as crdb_internal.jobs and SHOW JOBS show it: the same columns, one of them without some. */

const STRING_ARRAY = arrayOf(STRING);
const INT_ARRAY = arrayOf(INT8);

export const JOB_TYPES = {
  job_id: INT8,
  job_type: STRING,
  description: STRING,
  statement: STRING,
  user_name: STRING,
  descriptor_ids: INT_ARRAY,
  status: STRING,
  running_status: STRING,
  created: TIMESTAMP,
  started: TIMESTAMP,
  finished: TIMESTAMP,
  modified: TIMESTAMP,
  fraction_completed: FLOAT8,
  high_water_timestamp: STRING,
  error: STRING,
  coordinator_id: INT8,
  trace_id: INT8,
  last_run: TIMESTAMP,
  next_run: TIMESTAMP,
  num_runs: INT8,
  execution_errors: STRING_ARRAY,
} as const;

export type JobColumn = keyof typeof JOB_TYPES;

export const timestamp = (micros: number | null): Repr =>
  micros === null ? null : timestampOfMicros(micros);

export const coordinatorOf = (job: JobRecord): Repr =>
  job.coordinatorId === null || isFinished(job.status) ? null : BigInt(job.coordinatorId);

export function jobValues(job: JobRecord): Readonly<Record<JobColumn, Repr>> {
  return {
    job_id: job.id,
    job_type: job.type,
    description: job.description,
    statement: job.statement,
    user_name: job.user,
    descriptor_ids: arrayToRepr(INT_ARRAY, job.descriptorIds.map(BigInt)),
    status: job.status,
    running_status: job.runningStatus,
    created: timestamp(job.createdMicros),
    started: timestamp(job.startedMicros),
    finished: timestamp(job.finishedMicros),
    modified: timestamp(job.modifiedMicros),
    fraction_completed: floatToRepr(job.fractionCompleted),
    high_water_timestamp: null,
    error: job.error,
    coordinator_id: coordinatorOf(job),
    trace_id: job.traceId,
    last_run: timestamp(job.lastRunMicros),
    next_run: timestamp(job.nextRunMicros),
    num_runs: BigInt(job.numRuns),
    execution_errors: arrayToRepr(STRING_ARRAY, job.executionErrors),
  };
}
