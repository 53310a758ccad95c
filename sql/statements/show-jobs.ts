import { notSupported, SqlError } from '../../base/errors';
import type { Repr } from '../../catalog/types/sql-type';
import type { JobRecord } from '../../jobs/job';
import type { ShowJobsStatement } from '../parse/ast';
import { canSeeJob } from '../privileges/job-access';
import { JOB_TYPES, type JobColumn, jobValues } from '../virtual/crdb-internal/job-values';
import { jobsOfSchedules, selectedIds } from './job-selection';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** SHOW JOBS, SHOW JOB. */

/** Of crdb_internal.jobs, those that SHOW JOBS does not have. Source: CockroachDB v21.2. */
const LEFT_OUT: readonly string[] = [
  'descriptor_ids',
  'high_water_timestamp',
] satisfies JobColumn[];

const NAMES = (Object.keys(JOB_TYPES) as JobColumn[]).filter((name) => !LEFT_OUT.includes(name));

export const JOB_COLUMNS = columnsOf(...NAMES.map((name) => [name, JOB_TYPES[name]] as const));

function jobRow(job: JobRecord): Repr[] {
  const values = jobValues(job);
  return NAMES.map((name) => values[name]);
}

export async function showJobs(
  statement: ShowJobsStatement,
  context: StatementContext,
): Promise<TableResult> {
  const jobs = await shownJobs(statement, context);
  const seen = jobs.filter((job) => canSeeJob(context, job));
  return { columns: JOB_COLUMNS, rows: seen.map(jobRow) };
}

async function shownJobs(
  statement: ShowJobsStatement,
  context: StatementContext,
): Promise<JobRecord[]> {
  if (statement.jobs === null) {
    return context.engine.jobs.list({ automatic: statement.automatic });
  }
  if (statement.forSchedules) return await jobsOfSchedules(statement.jobs, context);
  const ids = await selectedIds(statement.jobs, context);
  if (statement.whenComplete) await waitForJobs(ids, context);
  return ids.flatMap((id) => findJob(id, context) ?? []);
}

/** Who may not see a job does not wait for it either. */
async function waitForJobs(ids: readonly bigint[], context: StatementContext): Promise<void> {
  if (context.holdsWriteLock) {
    throw notSupported(
      'waiting for a job after a write in the same transaction',
      'The job waits for this transaction. Commit before.',
    );
  }
  for (const id of ids) {
    const job = findJob(id, context);
    if (job === undefined || !canSeeJob(context, job)) continue;
    await context.engine.jobs.whenFinished(id, context.signal);
  }
}

function findJob(id: bigint, context: StatementContext): JobRecord | undefined {
  try {
    return context.engine.jobs.get(id);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}
