import {
  BACKUP_EXECUTOR,
  type BackupArguments,
  decodeBackupArguments,
} from '../../backup/schedule/backup-schedule';
import { quoteLiteral } from '../../catalog/identifiers';
import { timestampOfMicros } from '../../catalog/types/datetime';
import { JsonNumber, type JsonValue, jsonObject, jsonText } from '../../catalog/types/json';
import type { Repr } from '../../catalog/types/sql-type';
import { INT8, JSONB, STRING, TIMESTAMPTZ } from '../../catalog/types/table';
import type { Schedule } from '../../jobs/schedules/schedule';
import {
  countUnfinishedJobs,
  findSchedule,
  listSchedules,
} from '../../jobs/schedules/schedule-rows';
import type { ResultColumn } from '../engine';
import type { JobSelection } from '../parse/ast';
import type { ShowCreateSchedulesStatement, ShowSchedulesStatement } from '../parse/schedules-ast';
import { requireAdmin } from '../privileges/access';
import { requireSystemTable } from '../privileges/system-access';
import { selectedIds } from '../statements/job-selection';
import type { StatementContext } from '../statements/statement-context';
import { columnsOf, type TableResult } from '../statements/table-result';
import { shownBackup, shownTemplate } from './backup-text';

/** SHOW SCHEDULES, SHOW CREATE SCHEDULE. */

const TABLE = { name: 'scheduled_jobs', schemaName: 'public', databaseName: 'system' };

const EXECUTORS = {
  BACKUP: BACKUP_EXECUTOR,
  'SQL STATISTICS': 'scheduled-sql-stats-compaction-executor',
} as const;

/** FOR BACKUP shows the statement alone. */
export const showSchedulesColumns = ({
  executor,
}: ShowSchedulesStatement): readonly ResultColumn[] =>
  columnsOf(
    ['id', INT8],
    ['label', STRING],
    ['schedule_status', STRING],
    ['next_run', TIMESTAMPTZ],
    ['state', STRING],
    ['recurrence', STRING],
    ['jobsrunning', INT8],
    ['owner', STRING],
    ['created', TIMESTAMPTZ],
    ['command', executor === 'BACKUP' ? STRING : JSONB],
  );

export async function showSchedules(
  statement: ShowSchedulesStatement,
  context: StatementContext,
): Promise<TableResult> {
  requireSystemTable(context, TABLE);
  const { which, executor } = statement;
  const shown = (await selected(statement.schedules, context)).filter(
    ({ nextRunMicros, executorType }) =>
      (which === 'ALL' || (which === 'PAUSED') === (nextRunMicros === null)) &&
      (executor === null || EXECUTORS[executor] === executorType),
  );
  const rows = shown.map((schedule) => scheduleRow(schedule, executor, context));
  return { columns: showSchedulesColumns(statement), rows };
}

async function selected(
  selection: JobSelection | null,
  context: StatementContext,
): Promise<Schedule[]> {
  const { db } = context.engine;
  if (selection === null) return listSchedules(db);
  const ids = await selectedIds(selection, context);
  return ids.flatMap((id) => findSchedule(db, id) ?? []);
}

function scheduleRow(
  schedule: Schedule,
  executor: ShowSchedulesStatement['executor'],
  { engine }: StatementContext,
): Repr[] {
  const { id, nextRunMicros } = schedule;
  return [
    id,
    schedule.label,
    nextRunMicros === null ? 'PAUSED' : 'ACTIVE',
    nextRunMicros === null ? null : timestampOfMicros(nextRunMicros),
    schedule.state === '' ? null : schedule.state,
    schedule.recurrence ?? 'NEVER',
    BigInt(countUnfinishedJobs(engine.db, id, 'running')),
    schedule.owner,
    timestampOfMicros(schedule.createdMicros),
    executor === 'BACKUP'
      ? shownBackup(decodeBackupArguments(schedule).backupStatement)
      : command(schedule),
  ];
}

/** The arguments as JSON; NULL for those of an executor that is not here. */
function command(schedule: Schedule): string | null {
  if (schedule.executorType !== BACKUP_EXECUTOR) return null;
  const args = decodeBackupArguments(schedule);
  return jsonText(jsonObject(fieldsOf(args)));
}

/** Those that are set. Source: CockroachDB v21.2. */
function fieldsOf(args: BackupArguments): [string, JsonValue][] {
  const numbers: [string, bigint][] = [
    ['backup_type', BigInt(args.backupType)],
    ['unpause_on_success', args.unpauseOnSuccess],
    ['dependent_schedule_id', args.dependentScheduleId],
  ];
  const flags: [string, boolean][] = [
    ['updates_last_backup_metric', args.updatesLastBackupMetric],
    ['chain_protected_timestamp_records', args.chainProtectedTimestampRecords],
  ];
  return [
    ['backup_statement', shownBackup(args.backupStatement)],
    ...numbers
      .filter(([, value]) => value !== 0n)
      .map(([name, value]): [string, JsonValue] => [name, jsonInteger(value)]),
    ...flags.filter(([, value]) => value),
  ];
}

const jsonInteger = (value: bigint): JsonNumber =>
  new JsonNumber({ negative: value < 0n, digits: String(value).replace('-', ''), exponent: 0 });

export const SHOW_CREATE_SCHEDULE_COLUMNS = columnsOf(
  ['schedule_id', INT8],
  ['create_statement', STRING],
);

export async function showCreateSchedules(
  { schedules }: ShowCreateSchedulesStatement,
  context: StatementContext,
): Promise<TableResult> {
  requireAdmin(context, 'SHOW CREATE SCHEDULE');
  const shown = await selected(schedules, context);
  const rows = shown.map((schedule) => [schedule.id, createStatement(schedule, context)]);
  return { columns: SHOW_CREATE_SCHEDULE_COLUMNS, rows };
}

/** NULL for those that no statement makes here. */
function createStatement(schedule: Schedule, { engine }: StatementContext): string | null {
  if (schedule.executorType !== BACKUP_EXECUTOR) return null;
  const { dependentScheduleId, backupStatement, backupType } = decodeBackupArguments(schedule);
  const other = findSchedule(engine.db, dependentScheduleId);
  const isFull = backupType === 0;
  const full = isFull ? schedule : other;
  const recurrence = (isFull ? (other ?? schedule) : schedule).recurrence ?? '';
  const times = [schedule.nextRunMicros, other?.nextRunMicros ?? null];
  const next = times.filter((time) => time !== null);
  const firstRun = next.length === 0 ? Date.now() * 1000 : Math.min(...next);
  return [
    `CREATE SCHEDULE ${quoteLiteral(schedule.label)} FOR ${shownTemplate(backupStatement)}`,
    `RECURRING ${quoteLiteral(recurrence)}`,
    ...(full === undefined
      ? []
      : [`FULL BACKUP ${other === undefined ? 'ALWAYS' : quoteLiteral(full.recurrence ?? '')}`]),
    `WITH SCHEDULE OPTIONS first_run = '${timeText(firstRun)}',`,
    `on_execution_failure = '${schedule.onError}', on_previous_running = '${schedule.wait}'`,
  ].join(' ');
}

/** `2021-10-05 19:50:11.497459+00:00`. */
function timeText(micros: number): string {
  const seconds = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19);
  const rest = micros % 1e6;
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  return `${seconds.replace('T', ' ')}${fraction}+00:00`;
}
