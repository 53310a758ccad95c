import { timestampOfMicros } from '../../../catalog/types/datetime';
import { floatToRepr } from '../../../catalog/types/float';
import { arrayOf, FLOAT8, INT8, STRING, TIMESTAMP } from '../../../catalog/types/table';
import { isFinished } from '../../../jobs/job';
import { canSeeJob } from '../../privileges/job-access';
import { systemTable } from '../system-table';

const time = (micros: number | null): bigint | undefined =>
  micros === null ? undefined : timestampOfMicros(micros);

export const jobs = systemTable({
  schema: 'crdb_internal',
  name: 'jobs',
  volatile: true,
  columns: {
    job_id: INT8,
    job_type: STRING,
    description: STRING,
    statement: STRING,
    user_name: STRING,
    descriptor_ids: arrayOf(INT8),
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
    execution_errors: arrayOf(STRING),
  },
  *rows(context) {
    const { engine } = context;
    for (const automatic of [false, true])
      for (const job of engine.jobs.list({ automatic })) {
        if (!canSeeJob(context, job)) continue;
        yield {
          job_id: job.id,
          job_type: job.type,
          description: job.description,
          statement: job.statement,
          user_name: job.user,
          descriptor_ids: [],
          status: job.status,
          running_status: job.runningStatus,
          created: time(job.createdMicros),
          started: time(job.startedMicros),
          finished: time(job.finishedMicros),
          modified: time(job.modifiedMicros),
          fraction_completed: floatToRepr(job.fractionCompleted),
          error: job.error,
          coordinator_id: isFinished(job.status) ? undefined : job.coordinatorId,
          last_run: time(job.lastRunMicros),
          num_runs: job.numRuns,
          execution_errors: [],
        };
      }
  },
});
