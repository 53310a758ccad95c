import type { BackupStatement, JobSelection, KeyValueOption, StringOrPlaceholder } from './ast';

/** Schedules. `schedules` selects them by their ids. */
export type ScheduleStatement =
  | CreateScheduleStatement
  | ShowSchedulesStatement
  | ShowCreateSchedulesStatement
  | ControlSchedulesStatement;

export interface CreateScheduleStatement {
  readonly kind: 'CreateSchedule';
  readonly ifNotExists: boolean;
  readonly label: StringOrPlaceholder | null;
  /** Into a collection, without a subdirectory. */
  readonly backup: BackupStatement;
  readonly recurrence: StringOrPlaceholder;
  /** `null`: one that fits `recurrence`. */
  readonly fullBackup: StringOrPlaceholder | 'ALWAYS' | null;
  readonly options: readonly KeyValueOption[];
}

export interface ShowSchedulesStatement {
  readonly kind: 'ShowSchedules';
  readonly which: 'ALL' | 'RUNNING' | 'PAUSED';
  /** `FOR BACKUP`, `FOR SQL STATISTICS`. */
  readonly executor: 'BACKUP' | 'SQL STATISTICS' | null;
  /** `null`: all. */
  readonly schedules: JobSelection | null;
}

export interface ShowCreateSchedulesStatement {
  readonly kind: 'ShowCreateSchedules';
  /** `null`: all. */
  readonly schedules: JobSelection | null;
}

export interface ControlSchedulesStatement {
  readonly kind: 'ControlSchedules';
  readonly command: 'PAUSE' | 'RESUME' | 'DROP';
  readonly schedules: JobSelection;
}
