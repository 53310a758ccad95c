import { BACKUP_EXECUTOR, unlinkSchedule } from '../../backup/schedule/backup-schedule';
import { nextRunAfter } from '../../jobs/schedules/next-run';
import type { Schedule } from '../../jobs/schedules/schedule';
import { deleteSchedule, findSchedule, updateSchedule } from '../../jobs/schedules/schedule-rows';
import type { Connection } from '../../storage/ranges/connection';
import type { ControlSchedulesStatement } from '../parse/schedules-ast';
import { requireAdmin } from '../privileges/access';
import { selectedIds } from '../statements/job-selection';
import type { StatementContext } from '../statements/statement-context';

/** PAUSE, RESUME, DROP SCHEDULE. Ids of no schedule are no error. */

type Command = ControlSchedulesStatement['command'];

export async function controlSchedules(
  { command, schedules }: ControlSchedulesStatement,
  context: StatementContext,
): Promise<string> {
  const what = `${command} SCHEDULES`;
  requireAdmin(context, what);
  const ids = await selectedIds(schedules, context);
  if (ids.length === 0) return `${what} 0`;
  const tag = await context.definer.run({
    what,
    text: `${what} VALUES ${ids.map((id) => `(${id})`).join(', ')}`,
    body(run) {
      let count = 0;
      for (const id of ids) {
        const schedule = findSchedule(run.db, id);
        if (schedule === undefined) continue;
        control(command, run.db, schedule);
        count++;
      }
      return `${what} ${count}`;
    },
  });
  context.afterCommit(() => context.engine.schedules.wake());
  return tag;
}

function control(command: Command, db: Connection, schedule: Schedule): void {
  const { id } = schedule;
  switch (command) {
    case 'PAUSE':
      updateSchedule(db, id, { nextRunMicros: null });
      return;
    case 'RESUME':
      // One that is active keeps its time: it may be a first run of its own.
      if (schedule.nextRunMicros !== null) updateSchedule(db, id, { runsHere: true });
      else {
        const nextRunMicros = nextRunAfter(schedule, Date.now() * 1000);
        updateSchedule(db, id, { nextRunMicros, state: '', runsHere: true });
      }
      return;
    case 'DROP':
      if (schedule.executorType === BACKUP_EXECUTOR) unlinkSchedule(db, schedule);
      deleteSchedule(db, id);
  }
}
