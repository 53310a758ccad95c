import { abandonBackup, takenPlace } from '../../backup/backup/start-backup';
import { readLatest } from '../../backup/format/layout';
import {
  BACKUP_EXECUTOR,
  encodeBackupArguments,
  FULL,
  INCREMENTAL,
  linkSchedules,
} from '../../backup/schedule/backup-schedule';
import { SQLSTATE, SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { timestampOfMicros } from '../../catalog/types/datetime';
import { INT8, STRING, TIMESTAMPTZ } from '../../catalog/types/table';
import type { NewSchedule } from '../../jobs/schedules/schedule';
import { hasScheduleNamed, insertSchedule } from '../../jobs/schedules/schedule-rows';
import { openStorage } from '../../storage/external/open-storage';
import { redactUri } from '../../storage/external/uri';
import type { Connection } from '../../storage/ranges/connection';
import { requireFeature } from '../cluster-settings/setting-reads';
import type { BackupStatement } from '../parse/ast';
import type { CreateScheduleStatement } from '../parse/schedules-ast';
import { requireAdmin } from '../privileges/access';
import { prepare as prepareBackup } from '../statements/backup';
import type { StatementContext } from '../statements/statement-context';
import { cleanUpStorage, statementStorage } from '../statements/statement-storage';
import { columnsOf, type TableResult } from '../statements/table-result';
import { runnableText, shownBackup } from './backup-text';
import { qualifiedTargets } from './qualified-targets';
import { planRecurrences, type Recurrences } from './recurrences';
import { type ScheduleOptions, scheduleOptions } from './schedule-options';

/** CREATE SCHEDULE FOR BACKUP: one schedule of full backups, and one of incremental ones when there are to be any. */

const WHAT = 'CREATE SCHEDULE FOR BACKUP';

const WAITING = 'Waiting for initial backup to complete';

export const CREATE_SCHEDULE_COLUMNS = columnsOf(
  ['schedule_id', INT8],
  ['label', STRING],
  ['status', STRING],
  ['first_run', TIMESTAMPTZ],
  ['schedule', STRING],
  ['backup_stmt', STRING],
);

/** A row of the answer as it crosses threads. */
interface Made {
  readonly id: string;
  readonly label: string;
  readonly status: string;
  readonly firstRunMicros: number | null;
  readonly recurrence: string;
  readonly backup: string;
}

interface Plan {
  readonly label: string;
  readonly recurrences: Recurrences;
  readonly options: ScheduleOptions;
  readonly fullText: string;
  readonly incrementalText: string;
}

export async function createSchedule(
  statement: CreateScheduleStatement,
  context: StatementContext,
): Promise<TableResult> {
  requireAdmin(context, WHAT);
  requireFeature(context.engine.db, 'BACKUP');
  const nowMicros = Date.now() * 1000;
  let plan: Plan | undefined;
  const exists = (db: Connection): boolean =>
    statement.ifNotExists && hasScheduleNamed(db, labelOf(statement, nowMicros, context));
  const answer = await context.definer.run({
    what: WHAT,
    async prepare() {
      if (!exists(context.engine.db)) plan = await makePlan(statement, nowMicros, context);
    },
    body(run) {
      if (exists(run.db)) {
        const label = labelOf(statement, nowMicros, context);
        const message = `schedule ${JSON.stringify(label)} already exists, skipping`;
        run.notice({ severity: 'NOTICE', code: '00000', message });
        return '[]';
      }
      const ready = defined(plan, 'a planned schedule');
      return JSON.stringify(makeSchedules(run.db, ready, nowMicros, context));
    },
  });
  context.afterCommit(() => context.engine.schedules.wake());
  return { columns: CREATE_SCHEDULE_COLUMNS, rows: (JSON.parse(answer) as Made[]).map(rowOf) };
}

const rowOf = (made: Made) => [
  BigInt(made.id),
  made.label,
  made.status,
  made.firstRunMicros === null ? null : timestampOfMicros(made.firstRunMicros),
  made.recurrence,
  made.backup,
];

function labelOf(
  { label }: CreateScheduleStatement,
  nowMicros: number,
  context: StatementContext,
): string {
  return label === null ? `BACKUP ${Math.floor(nowMicros / 1e6)}` : context.text(label);
}

/** All that can be wrong with it is found here, as far as a BACKUP would find it now. */
async function makePlan(
  statement: CreateScheduleStatement,
  nowMicros: number,
  context: StatementContext,
): Promise<Plan> {
  const { fullBackup } = statement;
  const text = context.text.bind(context);
  const recurrences = planRecurrences(
    text(statement.recurrence),
    fullBackup === null || fullBackup === 'ALWAYS' ? fullBackup : { cron: text(fullBackup) },
    nowMicros,
  );
  const incremental = detached(statement.backup, context);
  const full = {
    ...incremental,
    options: { ...incremental.options, incrementalLocation: null },
  };
  await dryRun(full, context);
  const options = scheduleOptions(statement.options, context);
  if (!options.ignoresExistingBackups) await refuseExistingBackups(full, context);
  return {
    label: labelOf(statement, nowMicros, context),
    recurrences,
    options,
    fullText: runnableText(full, false, text),
    incrementalText: runnableText(incremental, true, text),
  };
}

/** As it is run by the scheduler, which has neither a client that waits nor a current database. */
function detached(backup: BackupStatement, context: StatementContext): BackupStatement {
  return {
    ...backup,
    targets: qualifiedTargets(backup.targets, context),
    options: { ...backup.options, detached: true },
  };
}

async function dryRun(backup: BackupStatement, context: StatementContext): Promise<void> {
  try {
    const prepared = await prepareBackup(backup, context);
    await abandonBackup(takenPlace(prepared), cleanUpStorage(context));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw error.withMessage(`failed to dry run backup: ${error.message}`);
  }
}

/** Two schedules of one collection would take each other's backups for their own. */
async function refuseExistingBackups(
  { destination }: BackupStatement,
  context: StatementContext,
): Promise<void> {
  const [collection] = destination.kind === 'collection' ? destination.collection : [];
  const uri = collection === undefined ? '' : context.text(collection);
  const storage = await openStorage(uri, statementStorage(context));
  try {
    await readLatest(storage);
  } catch (error) {
    if (error instanceof SqlError && error.sqlstate === SQLSTATE.undefinedFile) return;
    throw error;
  } finally {
    await storage.close();
  }
  throw new SqlError(
    'objectNotInPrerequisiteState',
    `backups already created in ${redactUri(uri)}; to ignore existing backups, ` +
      "the schedule can be created with the 'ignore_existing_backups' option",
  );
}

function makeSchedules(
  db: Connection,
  plan: Plan,
  nowMicros: number,
  context: StatementContext,
): Made[] {
  const { full, incremental } = plan.recurrences;
  const insert = (schedule: NewSchedule): bigint =>
    insertSchedule(db, schedule, { nowMicros, nodeId: context.engine.storage.nodeId });
  const about = {
    label: plan.label,
    owner: context.user,
    executorType: BACKUP_EXECUTOR,
    wait: plan.options.wait,
    onError: plan.options.onError,
  };
  const { updatesLastBackupMetric } = plan.options;
  const made: Made[] = [];
  let unpauseOnSuccess = 0n;
  if (incremental !== undefined) {
    unpauseOnSuccess = insert({
      ...about,
      nextRunMicros: null,
      state: WAITING,
      recurrence: incremental,
      arguments: encodeBackupArguments({
        type: INCREMENTAL,
        statement: plan.incrementalText,
        unpauseOnSuccess: 0n,
        updatesLastBackupMetric,
      }),
    });
    made.push({
      id: String(unpauseOnSuccess),
      label: plan.label,
      status: `PAUSED: ${WAITING}`,
      firstRunMicros: null,
      recurrence: incremental,
      backup: shownBackup(plan.incrementalText),
    });
  }
  const firstRunMicros = plan.options.firstRunMicros ?? full.firstRunMicros;
  const id = insert({
    ...about,
    nextRunMicros: firstRunMicros,
    state: '',
    recurrence: full.recurrence,
    arguments: encodeBackupArguments({
      type: FULL,
      statement: plan.fullText,
      unpauseOnSuccess,
      updatesLastBackupMetric,
    }),
  });
  if (incremental !== undefined) linkSchedules(db, id, unpauseOnSuccess);
  made.push({
    id: String(id),
    label: plan.label,
    status: 'ACTIVE',
    firstRunMicros,
    recurrence: full.recurrence,
    backup: shownBackup(plan.fullText),
  });
  return made;
}
