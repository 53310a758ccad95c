import type { Connection } from '../../storage/ranges/connection';
import type { JobCreator } from '../job';
import type { Schedule } from './schedule';

/** How a run is begun. */
export interface ScheduledRun {
  readonly schedule: Schedule;
  /** What to create the run's job with. */
  readonly creator: JobCreator;
  /**
   * To be called once, in the write transaction that creates the job: with it the schedule moves on.
   * @throws ScheduleNotDue when somebody has paused or dropped it meanwhile
   */
  created(db: Connection, jobId: bigint): void;
  /** The server shuts down. */
  readonly signal: AbortSignal;
}

/** What schedules of one `executor_type` do. */
export interface ScheduleExecutor {
  /** Makes a job and starts it. @throws what is wrong with the schedule; its policy says what happens then */
  execute(run: ScheduledRun): Promise<void>;
  /** A job of the schedule has succeeded; in the caller's write transaction. */
  onSuccess(db: Connection, schedule: Schedule, nowMicros: number): void;
}

/** Not an error: the schedule was paused, dropped or changed while its run was being prepared. */
export class ScheduleNotDue extends Error {
  override readonly name = 'ScheduleNotDue';
}
