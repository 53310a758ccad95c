import { microsOfTimestamp, timestampOfMicros } from '../../catalog/types/datetime';
import { type Connection, wideStatement } from '../../storage/ranges/connection';
import { isUniqueViolation } from '../../storage/ranges/sqlite-errors';
import { uniqueId } from '../../storage/ranges/unique-id';
import { CREATED_BY_SCHEDULE, type JobStatus } from '../job';
import {
  decodeArguments,
  decodePolicies,
  decodeState,
  type ExecutionArguments,
  encodeArguments,
  encodePolicies,
  encodeState,
  type NewSchedule,
  type Schedule,
} from './schedule';

/** Rows of `scheduled_jobs` and `schedule_runs`. What writes runs in the caller's write transaction. */

interface RawSchedule {
  schedule_id: bigint;
  schedule_name: string;
  created: bigint | null;
  owner: string;
  next_run: bigint | null;
  schedule_state: Uint8Array | null;
  schedule_expr: string | null;
  schedule_details: Uint8Array | null;
  executor_type: string;
  execution_args: Uint8Array | null;
  runs_here: bigint;
}

const micros = (timestamp: bigint): number => Number(microsOfTimestamp(timestamp));

function fromRaw(raw: RawSchedule): Schedule {
  return {
    id: raw.schedule_id,
    label: raw.schedule_name,
    owner: raw.owner,
    createdMicros: raw.created === null ? 0 : micros(raw.created),
    nextRunMicros: raw.next_run === null ? null : micros(raw.next_run),
    state: decodeState(raw.schedule_state),
    recurrence: raw.schedule_expr,
    executorType: raw.executor_type,
    arguments: decodeArguments(raw.execution_args),
    runsHere: raw.runs_here !== 0n,
    ...decodePolicies(raw.schedule_details),
  };
}

/** Of this moment, and to run here. @returns its id */
export function insertSchedule(
  db: Connection,
  schedule: NewSchedule,
  { nowMicros, nodeId }: { readonly nowMicros: number; readonly nodeId: number },
): bigint {
  const insert = wideStatement(
    db,
    `INSERT INTO scheduled_jobs (schedule_id, schedule_name, created, owner, next_run, schedule_state,
       schedule_expr, schedule_details, executor_type, execution_args, runs_here)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
  );
  for (;;) {
    const id = uniqueId(nodeId);
    try {
      insert.run(
        id,
        schedule.label,
        timestampOfMicros(nowMicros),
        schedule.owner,
        schedule.nextRunMicros === null ? null : timestampOfMicros(schedule.nextRunMicros),
        encodeState(schedule.state),
        schedule.recurrence,
        encodePolicies(schedule),
        schedule.executorType,
        encodeArguments(schedule.arguments),
      );
      return id;
    } catch (error) {
      // A clock that was set back gives an id a second time.
      if (!isUniqueViolation(error)) throw error;
    }
  }
}

export function findSchedule(db: Connection, id: bigint): Schedule | undefined {
  const raw = wideStatement(db, 'SELECT * FROM scheduled_jobs WHERE schedule_id = ?').get(id);
  return raw === undefined ? undefined : fromRaw(raw as RawSchedule);
}

/** In the order of their ids, which is that of their creation. */
export function listSchedules(db: Connection): Schedule[] {
  const rows = wideStatement(db, 'SELECT * FROM scheduled_jobs ORDER BY schedule_id').all();
  return (rows as RawSchedule[]).map(fromRaw);
}

export interface ScheduleChange {
  /** `null`: pauses it. */
  readonly nextRunMicros?: number | null;
  readonly state?: string;
  readonly arguments?: ExecutionArguments;
  readonly runsHere?: true;
}

/** Nothing when there is no such schedule. */
export function updateSchedule(db: Connection, id: bigint, change: ScheduleChange): void {
  const { nextRunMicros: next, state } = change;
  wideStatement(
    db,
    `UPDATE scheduled_jobs SET
       next_run = CASE WHEN ? THEN ? ELSE next_run END,
       schedule_state = coalesce(?, schedule_state),
       execution_args = coalesce(?, execution_args),
       runs_here = max(runs_here, ?)
     WHERE schedule_id = ?`,
  ).run(
    next === undefined ? 0 : 1,
    next === undefined || next === null ? null : timestampOfMicros(next),
    state === undefined ? null : encodeState(state),
    change.arguments === undefined ? null : encodeArguments(change.arguments),
    change.runsHere === true ? 1 : 0,
    id,
  );
}

export function deleteSchedule(db: Connection, id: bigint): void {
  wideStatement(db, 'DELETE FROM scheduled_jobs WHERE schedule_id = ?').run(id);
}

export function hasScheduleNamed(db: Connection, label: string): boolean {
  const sql = 'SELECT 1 FROM scheduled_jobs WHERE schedule_name = ?';
  return wideStatement(db, sql).get(label) !== undefined;
}

export function countSchedulesOf(db: Connection, owner: string): number {
  const sql = 'SELECT count(*) FROM scheduled_jobs WHERE owner = ?';
  return Number(wideStatement(db, sql).pluck().get(owner));
}

/** Ids of those whose time has come, the longest overdue first. @param max 0: all */
export function dueSchedules(db: Connection, nowMicros: number, max: number): bigint[] {
  return wideStatement(
    db,
    'SELECT schedule_id FROM scheduled_jobs WHERE next_run <= ? ORDER BY next_run, schedule_id LIMIT ?',
  )
    .pluck()
    .all(timestampOfMicros(nowMicros), max === 0 ? -1 : max) as bigint[];
}

/** Undefined: all are paused. */
export function nextDueMicros(db: Connection): number | undefined {
  const next = wideStatement(db, 'SELECT min(next_run) FROM scheduled_jobs').pluck().get();
  return typeof next === 'bigint' ? micros(next) : undefined;
}

/** Jobs of the schedule that have not ended. @param status only those of this status */
export function countUnfinishedJobs(db: Connection, id: bigint, status?: JobStatus): number {
  return Number(
    wideStatement(
      db,
      `SELECT count(*) FROM jobs WHERE finished IS NULL AND created_by_type = ? AND created_by_id = ?
         AND status = coalesce(?, status)`,
    )
      .pluck()
      .get(CREATED_BY_SCHEDULE, id, status ?? null),
  );
}

/** Remembers that the end of a job is to be noted in its schedule. */
export function insertRun(db: Connection, jobId: bigint, scheduleId: bigint): void {
  wideStatement(db, 'INSERT INTO schedule_runs VALUES (?, ?)').run(jobId, scheduleId);
}

export function deleteRun(db: Connection, jobId: bigint): void {
  wideStatement(db, 'DELETE FROM schedule_runs WHERE job_id = ?').run(jobId);
}

/** A job that has ended, and its schedule has not been told. */
export interface EndedRun {
  readonly jobId: bigint;
  readonly scheduleId: bigint;
  /** `null`: its record is gone. */
  readonly status: JobStatus | null;
}

export function endedRuns(db: Connection): EndedRun[] {
  return wideStatement(
    db,
    `SELECT r.job_id AS "jobId", r.schedule_id AS "scheduleId", j.status
     FROM schedule_runs r LEFT JOIN jobs j ON j.id = r.job_id
     WHERE j.id IS NULL OR j.finished IS NOT NULL ORDER BY r.job_id`,
  ).all() as EndedRun[];
}
