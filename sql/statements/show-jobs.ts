import { notSupported, SqlError } from '../../base/errors';
import { arrayToRepr } from '../../catalog/types/array';
import { timestampOfMicros } from '../../catalog/types/datetime';
import { floatToRepr } from '../../catalog/types/float';
import type { Repr } from '../../catalog/types/sql-type';
import { arrayOf, FLOAT8, INT8, STRING, TIMESTAMP } from '../../catalog/types/table';
import { isFinished, type JobRecord } from '../../jobs/job';
import { getJob, requestCancel, requestPause, requestResume } from '../../jobs/job-rows';
import type { ControlJobsStatement, JobSelection, ShowJobsStatement } from '../parse/ast';
import { canSeeJob, requireJob, requireJobControl } from '../privileges/job-access';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** SHOW JOBS, SHOW JOB, and PAUSE, RESUME, CANCEL JOB. */

const STRING_ARRAY = arrayOf(STRING);

export const JOB_COLUMNS = columnsOf(
  ['job_id', INT8],
  ['job_type', STRING],
  ['description', STRING],
  ['statement', STRING],
  ['user_name', STRING],
  ['status', STRING],
  ['running_status', STRING],
  ['created', TIMESTAMP],
  ['started', TIMESTAMP],
  ['finished', TIMESTAMP],
  ['modified', TIMESTAMP],
  ['fraction_completed', FLOAT8],
  ['error', STRING],
  ['coordinator_id', INT8],
  ['trace_id', INT8],
  ['last_run', TIMESTAMP],
  ['next_run', TIMESTAMP],
  ['num_runs', INT8],
  ['execution_errors', STRING_ARRAY],
);

const timestamp = (micros: number | null): Repr =>
  micros === null ? null : timestampOfMicros(micros);

function jobRow(job: JobRecord): Repr[] {
  return [
    job.id,
    job.type,
    job.description,
    '',
    job.user,
    job.status,
    job.runningStatus,
    timestamp(job.createdMicros),
    timestamp(job.startedMicros),
    timestamp(job.finishedMicros),
    timestamp(job.modifiedMicros),
    floatToRepr(job.fractionCompleted),
    job.error,
    job.coordinatorId === null || isFinished(job.status) ? null : BigInt(job.coordinatorId),
    null,
    timestamp(job.lastRunMicros),
    null,
    BigInt(job.numRuns),
    arrayToRepr(STRING_ARRAY, []),
  ];
}

export async function showJobs(
  statement: ShowJobsStatement,
  context: StatementContext,
): Promise<TableResult> {
  if (statement.forSchedules) throw notSupported('SHOW JOBS FOR SCHEDULES');
  const { jobs } = context.engine;
  if (statement.jobs === null) {
    const listed = jobs.list({ automatic: statement.automatic });
    const seen = listed.filter((job) => canSeeJob(context, job));
    return { columns: JOB_COLUMNS, rows: seen.map(jobRow) };
  }
  const ids = await jobIds(statement.jobs, context);
  if (statement.whenComplete) {
    if (context.holdsWriteLock) {
      throw notSupported(
        'waiting for a job after a write in the same transaction',
        'The job waits for this transaction. Commit before.',
      );
    }
    for (const id of ids) await jobs.wait(id).catch(() => undefined); // its row tells how it ended
  }
  const rows = ids.flatMap((id) => {
    const job = findJob(id, context);
    return job === undefined || !canSeeJob(context, job) ? [] : [jobRow(job)];
  });
  return { columns: JOB_COLUMNS, rows };
}

function findJob(id: bigint, context: StatementContext): JobRecord | undefined {
  try {
    return context.engine.jobs.get(id);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

const COMMAND_TAG = { PAUSE: 'PAUSE JOBS', RESUME: 'RESUME JOBS', CANCEL: 'CANCEL JOBS' } as const;

export async function controlJobs(
  statement: ControlJobsStatement,
  context: StatementContext,
): Promise<string> {
  if (statement.forSchedules) throw notSupported(`${statement.command} JOBS FOR SCHEDULES`);
  requireJobControl(context);
  const ids = await jobIds(statement.jobs, context);
  const { command } = statement;
  const tag = `${COMMAND_TAG[command]} ${ids.length}`;
  if (context.inTransactionBlock) return await controlInBlock(command, ids, tag, context);
  const { jobs } = context.engine;
  for (const id of ids) {
    requireJob(context, jobs.get(id));
    if (command === 'PAUSE') await jobs.pause(id);
    else if (command === 'RESUME') await jobs.resume(id);
    else await jobs.cancel(id);
  }
  return tag;
}

const REQUESTS = { PAUSE: requestPause, RESUME: requestResume, CANCEL: requestCancel } as const;

/** What is requested is part of the transaction; the jobs are told when it has committed. */
async function controlInBlock(
  command: keyof typeof REQUESTS,
  ids: readonly bigint[],
  tag: string,
  context: StatementContext,
): Promise<string> {
  if (ids.length === 0) return tag;
  await context.definer.run({
    what: COMMAND_TAG[command],
    text: `${command} JOBS VALUES ${ids.map((id) => `(${id})`).join(', ')}`,
    body(run) {
      for (const id of ids) {
        requireJob(run.names, getJob(run.db, id));
        REQUESTS[command](run.db, id);
      }
      return tag;
    },
  });
  context.afterCommit(() => {
    const { jobs } = context.engine;
    for (const id of ids) {
      const { status } = jobs.get(id);
      if (!isFinished(status) && status !== 'paused') jobs.notify(id);
    }
  });
  return tag;
}

async function jobIds(selection: JobSelection, context: StatementContext): Promise<bigint[]> {
  const rows =
    selection.kind === 'id'
      ? await context.evaluate(selection.expression)
      : await context.select(selection.select);
  return rows.map((row) => {
    const id = row[0];
    if (typeof id === 'bigint') return id;
    throw new SqlError('datatypeMismatch', 'a job id must be an INT');
  });
}
