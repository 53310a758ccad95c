import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CorruptionError } from '../../base/errors';
import { nextRunOrNone } from '../../jobs/schedules/next-run';
import type { ExecutionArguments, Schedule } from '../../jobs/schedules/schedule';
import { findSchedule, updateSchedule } from '../../jobs/schedules/schedule-rows';
import type { Connection } from '../../storage/ranges/connection';
import {
  type ScheduledBackupExecutionArgs,
  ScheduledBackupExecutionArgsSchema,
} from '../format/gen/backup_pb';

/** Schedules of backups: their arguments, and how a full and an incremental one belong together. */

/** Source: CockroachDB, system.scheduled_jobs.executor_type. */
export const BACKUP_EXECUTOR = 'scheduled-backup-executor';

const TYPE_URL = 'type.googleapis.com/cockroach.ccl.backupccl.ScheduledBackupExecutionArgs';

export type BackupArguments = ScheduledBackupExecutionArgs;

export const FULL = 0;
export const INCREMENTAL = 1;

export function encodeBackupArguments(fields: {
  readonly type: typeof FULL | typeof INCREMENTAL;
  /** As it is run, secrets included. */
  readonly statement: string;
  /** The schedule that waits for the first backup of this one; 0: none. */
  readonly unpauseOnSuccess: bigint;
  readonly updatesLastBackupMetric: boolean;
}): ExecutionArguments {
  return encode(
    create(ScheduledBackupExecutionArgsSchema, {
      ...(fields.type === FULL ? {} : { backupType: fields.type }),
      backupStatement: fields.statement,
      ...(fields.unpauseOnSuccess === 0n ? {} : { unpauseOnSuccess: fields.unpauseOnSuccess }),
      ...(fields.updatesLastBackupMetric ? { updatesLastBackupMetric: true } : {}),
    }),
  );
}

const encode = (args: BackupArguments): ExecutionArguments => ({
  typeUrl: TYPE_URL,
  value: toBinary(ScheduledBackupExecutionArgsSchema, args),
});

/** @throws CorruptionError */
export function decodeBackupArguments({ id, arguments: args }: Schedule): BackupArguments {
  try {
    return fromBinary(ScheduledBackupExecutionArgsSchema, args.value);
  } catch (error) {
    throw new CorruptionError('store.db', undefined, `arguments of schedule ${id}`, error);
  }
}

/** Says that two schedules, a full and an incremental one, are of one chain. */
export function linkSchedules(db: Connection, one: bigint, other: bigint): void {
  setDependent(db, one, other);
  setDependent(db, other, one);
}

function setDependent(db: Connection, id: bigint, dependent: bigint): void {
  const schedule = findSchedule(db, id);
  if (schedule?.executorType !== BACKUP_EXECUTOR) return;
  const args = decodeBackupArguments(schedule);
  args.dependentScheduleId = dependent;
  updateSchedule(db, id, { arguments: encode(args) });
}

/** In the transaction that drops it: the other schedule of its chain stays alone. */
export function unlinkSchedule(db: Connection, schedule: Schedule): void {
  const { dependentScheduleId } = decodeBackupArguments(schedule);
  if (dependentScheduleId !== 0n) setDependent(db, dependentScheduleId, 0n);
}

/** The first full backup is there: what is incremental to it begins. */
export function unpauseIncremental(db: Connection, schedule: Schedule, nowMicros: number): void {
  const args = decodeBackupArguments(schedule);
  if (args.unpauseOnSuccess === 0n) return;
  const waiting = findSchedule(db, args.unpauseOnSuccess);
  // It may have been dropped.
  if (waiting === undefined) return;
  updateSchedule(db, waiting.id, { nextRunMicros: nextRunOrNone(waiting, nowMicros), state: '' });
  args.unpauseOnSuccess = 0n;
  updateSchedule(db, schedule.id, { arguments: encode(args) });
}
