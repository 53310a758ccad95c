import { SqlError } from '../../base/errors';
import { CREATED_BY_SCHEDULE, type JobRecord } from '../../jobs/job';
import type { JobSelection } from '../parse/ast';
import type { StatementContext } from './statement-context';

/** Which jobs a statement means. */

/** The ids that an expression or a query gives; NULL is none. */
export async function selectedIds(
  selection: JobSelection,
  context: StatementContext,
): Promise<bigint[]> {
  const rows =
    selection.kind === 'id'
      ? await context.evaluate(selection.expression)
      : await context.select(selection.select);
  return rows.flatMap((row) => {
    const id = row[0] ?? null;
    if (id === null) return [];
    if (typeof id === 'bigint') return [id];
    throw new SqlError('datatypeMismatch', 'a job id must be an INT');
  });
}

/** The jobs that the selected schedules have made. */
export async function jobsOfSchedules(
  selection: JobSelection,
  context: StatementContext,
): Promise<JobRecord[]> {
  const schedules = new Set(await selectedIds(selection, context));
  return [false, true]
    .flatMap((automatic) => context.engine.jobs.list({ automatic, includeOld: true }))
    .filter(
      ({ createdBy }) =>
        createdBy !== null && createdBy.type === CREATED_BY_SCHEDULE && schedules.has(createdBy.id),
    );
}
