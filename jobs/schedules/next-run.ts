import { SqlError } from '../../base/errors';
import type { Connection } from '../../storage/ranges/connection';
import { parseRecurrence } from './cron';
import type { Schedule } from './schedule';
import { type ScheduleChange, updateSchedule } from './schedule-rows';

/** When a schedule runs next, after whatever has happened. Texts are CockroachDB's. */

const RETRY_MICROS = 60e6;

/** @throws SqlError when the schedule has no recurrence, or none that ever comes */
export function nextRunAfter(schedule: Schedule, micros: number): number {
  const { recurrence, id } = schedule;
  const next = recurrence === null ? undefined : parseRecurrence(recurrence).next(micros);
  if (next !== undefined) return next;
  throw new SqlError(
    'objectNotInPrerequisiteState',
    `cannot set next run for schedule ${id} (empty schedule)`,
  );
}

/** Its time has come while `running` of its jobs have not ended. @returns undefined: that is no matter */
export function whileRunning(
  schedule: Schedule,
  running: number,
  nowMicros: number,
): ScheduleChange | undefined {
  if (running === 0) return undefined;
  switch (schedule.wait) {
    case 'WAIT':
      return {
        nextRunMicros: nowMicros + RETRY_MICROS,
        state: `delayed due to ${running} already running`,
      };
    case 'SKIP':
      return {
        nextRunMicros: nextRunAfter(schedule, nowMicros),
        state: `rescheduled due to ${running} already running`,
      };
    case 'START':
      return undefined;
  }
}

/** A job of it has failed. @param why the sentence that SHOW SCHEDULES tells */
export function noteFailure(
  db: Connection,
  schedule: Schedule,
  why: string,
  nowMicros: number,
): void {
  updateSchedule(db, schedule.id, afterFailure(schedule, why, nowMicros));
}

function afterFailure({ onError }: Schedule, why: string, nowMicros: number): ScheduleChange {
  switch (onError) {
    case 'RETRY':
      return { nextRunMicros: nowMicros + RETRY_MICROS, state: `retrying: ${why}` };
    case 'PAUSE':
      return { nextRunMicros: null, state: `schedule paused: ${why}` };
    case 'RESCHEDULE':
      return { state: `reschedule: ${why}` };
  }
}

/** No job could be made of it: what is due stays due unless the schedule is moved on. */
export function noteUnmade(
  db: Connection,
  schedule: Schedule,
  why: string,
  nowMicros: number,
): void {
  noteFailure(
    db,
    schedule,
    `failed to create job for schedule ${schedule.id}: err=${why}`,
    nowMicros,
  );
  if (schedule.onError !== 'RESCHEDULE') return;
  updateSchedule(db, schedule.id, { nextRunMicros: nextRunOrNone(schedule, nowMicros) });
}

/** What runs once, or never again, is paused. */
export function nextRunOrNone({ recurrence }: Schedule, micros: number): number | null {
  return recurrence === null ? null : (parseRecurrence(recurrence).next(micros) ?? null);
}
