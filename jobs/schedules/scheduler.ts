import type { Logger } from '../../base/logger';
import type { WriteClock } from '../../storage/ranges/clock';
import type { Connection } from '../../storage/ranges/connection';
import type { WriteLocker } from '../../storage/ranges/write-lock';
import { setWriteTime } from '../../storage/ranges/write-time';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import { CREATED_BY_SCHEDULE } from '../job';
import { type ScheduleExecutor, ScheduleNotDue } from './executor';
import { nextRunOrNone, noteFailure, noteUnmade, whileRunning } from './next-run';
import type { Schedule } from './schedule';
import {
  countUnfinishedJobs,
  deleteRun,
  dueSchedules,
  type EndedRun,
  endedRuns,
  findSchedule,
  insertRun,
  nextDueMicros,
  updateSchedule,
} from './schedule-rows';

export interface SchedulerPolicy {
  readonly enabled: boolean;
  /** The longest time between two looks; the clock may have been set. */
  readonly paceMs: number;
  /** Runs that are begun in one look; 0: no limit. */
  readonly runsMax: number;
}

export interface SchedulerOptions {
  readonly db: Connection;
  readonly lock: WriteLocker;
  readonly clock: Pick<WriteClock, 'next'>;
  readonly log: Logger;
  /** Asked at each look: cluster settings may change. */
  readonly policy: () => SchedulerPolicy;
  /** By executor type. */
  readonly executors: ReadonlyMap<string, ScheduleExecutor>;
  /** Microseconds since 1970. */
  readonly now?: () => number;
}

const WAIT_MS_MIN = 1_000;

/** A timer can't wait longer. */
const WAIT_MS_MAX = 24 * 3_600_000;

/** Of schedules that a restored cluster brought. */
export const NOT_HERE =
  'schedule paused: it came with a restored cluster and may write where that one does; RESUME SCHEDULE lets it run here';

/**
 * Begins what is due. All state is in `scheduled_jobs` and `schedule_runs`: a job and the schedule's next time are written
 * together, so that neither a crash nor a restart begins a run twice or forgets one. Lives in the main thread.
 */
export class Scheduler {
  private readonly options: SchedulerOptions;
  private readonly stopped = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  /** Settles when the look that goes on has ended. */
  private looking: Promise<void> | undefined;
  private lookAgain = false;
  private started = false;

  constructor(options: SchedulerOptions) {
    this.options = options;
  }

  /** Begins what has become due while the server was down, and all that follows. */
  start(): void {
    this.started = true;
    this.wake();
  }

  /** Schedules have changed, or a job has ended. */
  wake(): void {
    if (!this.started || this.stopped.signal.aborted) return;
    if (this.looking !== undefined) {
      this.lookAgain = true;
      return;
    }
    clearTimeout(this.timer);
    this.looking = this.lookAndWait();
  }

  /** Settles when no run is being begun any more. */
  async stop(): Promise<void> {
    this.stopped.abort();
    clearTimeout(this.timer);
    await this.looking;
  }

  private async lookAndWait(): Promise<void> {
    // Not in the middle of what the caller does.
    await Promise.resolve();
    let waitMs = this.options.policy().paceMs;
    try {
      do {
        this.lookAgain = false;
        await this.look();
      } while (this.lookAgain && !this.stopped.signal.aborted);
      waitMs = this.untilNextMs();
    } catch (error) {
      if (!this.stopped.signal.aborted) {
        this.options.log.error({ err: error }, 'schedules could not be looked at');
      }
    }
    this.looking = undefined;
    if (this.stopped.signal.aborted) return;
    const delayMs = Math.min(Math.max(WAIT_MS_MIN, waitMs), WAIT_MS_MAX);
    this.timer = setTimeout(() => this.wake(), delayMs).unref();
  }

  private untilNextMs(): number {
    const { enabled, paceMs } = this.options.policy();
    const next = enabled ? nextDueMicros(this.options.db) : undefined;
    return next === undefined ? paceMs : Math.min(paceMs, (next - this.now()) / 1000);
  }

  /** Notes the ends of jobs, and begins the runs that are due now. */
  async look(): Promise<void> {
    await this.noteEnds();
    const { enabled, runsMax } = this.options.policy();
    if (!enabled) return;
    for (const id of dueSchedules(this.options.db, this.now(), runsMax)) {
      if (this.stopped.signal.aborted) return;
      await this.begin(id);
    }
  }

  private now(): number {
    return this.options.now?.() ?? Date.now() * 1000;
  }

  private async write<T>(body: (db: Connection) => T): Promise<T> {
    const { lock, db, clock } = this.options;
    const change = (): T => {
      setWriteTime(db, clock.next());
      return body(db);
    };
    return await writeTransaction(lock, db, 'schedules', change, this.stopped.signal);
  }

  private async noteEnds(): Promise<void> {
    if (endedRuns(this.options.db).length === 0) return;
    await this.write((db) => {
      for (const run of endedRuns(db)) {
        const schedule = findSchedule(db, run.scheduleId);
        if (schedule !== undefined) this.noteEnd(db, schedule, run);
        deleteRun(db, run.jobId);
      }
    });
  }

  private noteEnd(db: Connection, schedule: Schedule, { jobId, status }: EndedRun): void {
    if (status === null) return;
    if (status === 'succeeded') {
      this.options.executors.get(schedule.executorType)?.onSuccess(db, schedule, this.now());
      return;
    }
    const cause = `backup job ${jobId} scheduled by ${schedule.id} failed with status ${status}`;
    noteFailure(db, schedule, `backup job ${jobId} failed with err=${cause}`, this.now());
  }

  /** One schedule that was found due. */
  private async begin(id: bigint): Promise<void> {
    const schedule = await this.write((db) => this.dueToRun(db, id));
    if (schedule === undefined) return;
    const { executors, log } = this.options;
    const about = { scheduleId: String(id), label: schedule.label };
    try {
      const executor = executors.get(schedule.executorType);
      if (executor === undefined) {
        throw new Error(`executor "${schedule.executorType}" is not registered`);
      }
      log.info(about, 'schedule runs');
      await executor.execute({
        schedule,
        creator: { type: CREATED_BY_SCHEDULE, id },
        created: (db, jobId) => this.moveOn(db, schedule, jobId),
        signal: this.stopped.signal,
      });
    } catch (error) {
      if (error instanceof ScheduleNotDue || this.stopped.signal.aborted) return;
      log.warn({ ...about, err: error }, 'no job could be made of the schedule');
      const why = error instanceof Error ? error.message : String(error);
      await this.write((db) => {
        const now = findSchedule(db, id);
        if (now !== undefined && isDue(now, this.now())) noteUnmade(db, now, why, this.now());
      });
    }
  }

  /** The schedule, when it is to run now; otherwise it is moved on. */
  private dueToRun(db: Connection, id: bigint): Schedule | undefined {
    const now = this.now();
    const schedule = findSchedule(db, id);
    if (schedule === undefined || !isDue(schedule, now)) return undefined;
    const change = schedule.runsHere
      ? whileRunning(schedule, countUnfinishedJobs(db, id), now)
      : { nextRunMicros: null, state: NOT_HERE };
    if (change === undefined) return schedule;
    updateSchedule(db, id, change);
    return undefined;
  }

  private moveOn(db: Connection, begun: Schedule, jobId: bigint): void {
    const schedule = findSchedule(db, begun.id);
    const now = this.now();
    if (schedule === undefined || !isDue(schedule, now)) throw new ScheduleNotDue();
    updateSchedule(db, schedule.id, { nextRunMicros: nextRunOrNone(schedule, now), state: '' });
    insertRun(db, jobId, schedule.id);
  }
}

const isDue = ({ nextRunMicros }: Schedule, now: number): boolean =>
  nextRunMicros !== null && nextRunMicros <= now;
