import type { JobStatus } from '../../jobs/job';
import { getJob, requestCancel, requestPause, requestResume } from '../../jobs/job-rows';
import type { Connection } from '../../storage/ranges/connection';
import type { ControlJobsStatement } from '../parse/ast';
import { requireJob, requireJobControl } from '../privileges/job-access';
import { jobsOfSchedules, selectedIds } from './job-selection';
import type { StatementContext } from './statement-context';

/** PAUSE, RESUME, CANCEL JOB. */

type Command = ControlJobsStatement['command'];

const COMMAND_TAG = { PAUSE: 'PAUSE JOBS', RESUME: 'RESUME JOBS', CANCEL: 'CANCEL JOBS' } as const;

/** Of a schedule's jobs, those that the command can be for; of jobs by their ids, others are an error. */
const STATUSES: { readonly [C in Command]: readonly JobStatus[] } = {
  PAUSE: ['pending', 'running', 'reverting'],
  RESUME: ['paused'],
  CANCEL: ['pending', 'running', 'paused'],
};

export async function controlJobs(
  statement: ControlJobsStatement,
  context: StatementContext,
): Promise<string> {
  requireJobControl(context);
  const { command, reason } = statement;
  const ids = await controlledIds(statement, context);
  const tag = `${COMMAND_TAG[command]} ${ids.length}`;
  if (ids.length === 0) return tag;
  await context.definer.run({
    what: COMMAND_TAG[command],
    text: textOf(statement, ids),
    body(run) {
      for (const id of ids) {
        requireJob(run.names, getJob(run.db, id));
        request(command, run.db, id, reason);
      }
      return tag;
    },
  });
  context.afterCommit(() => {
    for (const id of ids) context.engine.jobs.notify(id);
  });
  return tag;
}

function request(command: Command, db: Connection, id: bigint, reason: string | null): void {
  if (command === 'PAUSE') requestPause(db, id, reason ?? undefined);
  else if (command === 'RESUME') requestResume(db, id);
  else requestCancel(db, id);
}

async function controlledIds(
  { jobs, forSchedules, command }: ControlJobsStatement,
  context: StatementContext,
): Promise<bigint[]> {
  if (!forSchedules) return await selectedIds(jobs, context);
  const made = await jobsOfSchedules(jobs, context);
  return made.filter(({ status }) => STATUSES[command].includes(status)).map(({ id }) => id);
}

/** The statement with the ids that it came down to: what a block's thread runs. */
function textOf({ command, reason }: ControlJobsStatement, ids: readonly bigint[]): string {
  const values = ids.map((id) => `(${id})`).join(', ');
  const why = reason === null ? '' : ` WITH REASON = '${reason.replaceAll("'", "''")}'`;
  return `${command} JOBS VALUES ${values}${why}`;
}
