import { notSupported } from '../../base/errors';
import { createIndex, dropIndex } from '../ddl/alter-indexes';
import { alterRegions } from '../ddl/alter-regions';
import { alterSequence } from '../ddl/alter-sequence';
import { alterTable } from '../ddl/alter-table';
import { alterType } from '../ddl/alter-type';
import { commentOn } from '../ddl/comment-on';
import { configureZone } from '../ddl/configure-zone';
import { createExtension } from '../ddl/create-extension';
import { createSchema, createSequence, createType } from '../ddl/create-objects';
import { createTable } from '../ddl/create-table';
import { createTableAs } from '../ddl/create-table-as';
import { createView } from '../ddl/create-view';
import { dropObjects } from '../ddl/drop';
import { ownerTo } from '../ddl/owner';
import { refreshView } from '../ddl/refresh-view';
import { renameIndex, renameObject } from '../ddl/rename';
import { setLocality } from '../ddl/set-locality';
import { setSchema } from '../ddl/set-schema';
import { truncate } from '../ddl/truncate';
import type { ResultColumn } from '../engine';
import type { Statement } from '../parse/ast';
import { controlSchedules } from '../schedules/control-schedules';
import { CREATE_SCHEDULE_COLUMNS, createSchedule } from '../schedules/create-schedule';
import {
  SHOW_CREATE_SCHEDULE_COLUMNS,
  showCreateSchedules,
  showSchedules,
  showSchedulesColumns,
} from '../schedules/show-schedules';
import { backup, backupColumns } from './backup';
import { setClusterSetting, showAllClusterSettings, showClusterSetting } from './cluster-settings';
import { controlJobs } from './control-jobs';
import { createDatabase, dropDatabaseStatement } from './databases';
import {
  alterDefaultPrivileges,
  DEFAULT_PRIVILEGE_COLUMNS,
  showDefaultPrivileges,
} from './default-privileges';
import { EXPLAIN_COLUMNS, explain } from './explain';
import {
  createExternalConnection,
  dropExternalConnection,
  externalConnectionColumns,
  showExternalConnections,
} from './external-connections';
import { fileReadColumns, readFileStatement, writeFileStatement } from './files';
import { grantPrivileges } from './grants';
import { cancel, showLive } from './live-sessions';
import { dropOwned, reassignOwned } from './owned';
import { restore, restoreColumns } from './restore';
import { grantRole } from './role-members';
import { alterRoleSet } from './role-settings';
import { alterRole, createRole, dropRole } from './roles';
import { setRole, setSessionAuthorization } from './set-role';
import {
  deallocate,
  discard,
  setVariable,
  showAll,
  showSavepointStatus,
  showTransactionStatus,
  showVariable,
  useDatabase,
} from './settings';
import {
  SHOW_BACKUPS_COLUMNS,
  showBackupColumns,
  showBackupStatement,
  showBackups,
} from './show-backup';
import {
  showColumns,
  showConstraints,
  showCreateAll,
  showCreateStatement,
  showDatabases,
  showEnums,
  showIndexes,
  showSchemas,
  showSequences,
  showTables,
  showTypes,
  showUsers,
} from './show-catalog';
import { ROLE_GRANT_COLUMNS, showGrants, showRoleGrants } from './show-grants';
import { JOB_COLUMNS, showJobs } from './show-jobs';
import { showRanges } from './show-ranges';
import { showPartitions, showRegions, showSurvivalGoal, showSyntax } from './show-regions';
import { showStatistics } from './show-statistics';
import { showZone, showZones } from './show-zones';
import type { StatementContext } from './statement-context';
import { writeSystemTable } from './system-writes';
import type { TableResult } from './table-result';

/**
 * How each kind of statement is run. Queries and transaction control belong to the session itself; whatever is in no table here
 * is refused by its name.
 */

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** Statements that answer with rows. `columns` is given where running it only to describe it would have effects or cost I/O. */
interface RowsHandler<K extends Statement['kind']> {
  readonly kind: 'rows';
  readonly run: (statement: Of<K>, context: StatementContext) => Promise<TableResult> | TableResult;
  readonly columns?: (statement: Of<K>) => readonly ResultColumn[];
}

/** Statements that answer with a command tag. */
interface CommandHandler<K extends Statement['kind']> {
  readonly kind: 'command';
  readonly run: (statement: Of<K>, context: StatementContext) => Promise<string> | string;
}

export type Handler<K extends Statement['kind'] = Statement['kind']> =
  | RowsHandler<K>
  | CommandHandler<K>;

/** Kinds that the session runs itself. */
export type SessionKind =
  | 'Empty'
  | 'Select'
  | 'Prepare'
  | 'Execute'
  | 'Insert'
  | 'Update'
  | 'Delete'
  | 'Copy'
  | 'Begin'
  | 'Commit'
  | 'Rollback'
  | 'Savepoint'
  | 'ReleaseSavepoint'
  | 'RollbackToSavepoint'
  | 'SetTransaction';

const rows = <K extends Statement['kind']>(
  run: RowsHandler<K>['run'],
  columns?: RowsHandler<K>['columns'],
): RowsHandler<K> =>
  columns === undefined ? { kind: 'rows', run } : { kind: 'rows', run, columns };

const command = <K extends Statement['kind']>(
  run: CommandHandler<K>['run'],
): CommandHandler<K> => ({
  kind: 'command',
  run,
});

type Handlers = { readonly [K in Exclude<Statement['kind'], SessionKind>]: Handler<K> };

export const HANDLERS: Handlers = {
  Backup: rows(backup, backupColumns),
  Explain: rows(explain, () => EXPLAIN_COLUMNS),
  Deallocate: command(deallocate),
  Unsupported: command((statement) => {
    throw notSupported(statement.what);
  }),
  Restore: rows(restore, restoreColumns),
  ShowBackup: rows(showBackupStatement, showBackupColumns),
  FileWrite: command(writeFileStatement),
  FileRead: rows(readFileStatement, fileReadColumns),
  CreateExternalConnection: command(createExternalConnection),
  DropExternalConnection: command(dropExternalConnection),
  ShowExternalConnections: rows(showExternalConnections, externalConnectionColumns),
  ShowBackups: rows(showBackups, () => SHOW_BACKUPS_COLUMNS),
  ShowJobs: rows(showJobs, () => JOB_COLUMNS),
  ControlJobs: command(controlJobs),
  CreateSchedule: rows(createSchedule, () => CREATE_SCHEDULE_COLUMNS),
  ShowSchedules: rows(showSchedules, showSchedulesColumns),
  ShowCreateSchedules: rows(showCreateSchedules, () => SHOW_CREATE_SCHEDULE_COLUMNS),
  ControlSchedules: command(controlSchedules),
  CreateDatabase: command(createDatabase),
  DropDatabase: command(dropDatabaseStatement),
  CreateTable: command(createTable),
  CreateTableAs: command(createTableAs),
  Truncate: command(truncate),
  CreateExtension: command(createExtension),
  RefreshView: command(refreshView),
  CreateIndex: command(createIndex),
  CreateView: command(createView),
  CreateSequence: command(createSequence),
  CreateType: command(createType),
  CreateSchema: command(createSchema),
  DropObjects: command(dropObjects),
  DropIndex: command(dropIndex),
  AlterTable: command(alterTable),
  AlterType: command(alterType),
  AlterSequence: command(alterSequence),
  RenameObject: command(renameObject),
  RenameIndex: command(renameIndex),
  SetSchema: command(setSchema),
  OwnerTo: command(ownerTo),
  AlterRegions: command(alterRegions),
  SetLocality: command(setLocality),
  ConfigureZone: command(configureZone),
  CommentOn: command(commentOn),
  ShowDatabases: rows(showDatabases),
  ShowSchemas: rows(showSchemas),
  ShowTables: rows(showTables),
  ShowColumns: rows(showColumns),
  ShowCreate: rows(showCreateStatement),
  ShowCreateAll: rows(showCreateAll),
  ShowIndexes: rows(showIndexes),
  ShowConstraints: rows(showConstraints),
  ShowSequences: rows(showSequences),
  ShowTypes: rows(showTypes),
  ShowEnums: rows(showEnums),
  ShowRanges: rows(showRanges),
  ShowZone: rows(showZone),
  ShowZones: rows(showZones),
  ShowUsers: rows(showUsers),
  ShowRoles: rows(showUsers),
  ShowGrants: rows(showGrants),
  ShowRoleGrants: rows(showRoleGrants, () => ROLE_GRANT_COLUMNS),
  ShowDefaultPrivileges: rows(showDefaultPrivileges, () => DEFAULT_PRIVILEGE_COLUMNS),
  CreateRole: command(createRole),
  AlterRole: command(alterRole),
  AlterRoleSet: command(alterRoleSet),
  DropRole: command(dropRole),
  SystemWrite: command(writeSystemTable),
  GrantRole: command(grantRole),
  Grant: command(grantPrivileges),
  AlterDefaultPrivileges: command(alterDefaultPrivileges),
  ReassignOwned: command(reassignOwned),
  DropOwned: command(dropOwned),
  SetRole: command(setRole),
  SetSessionAuthorization: command(setSessionAuthorization),
  ShowClusterSetting: rows(showClusterSetting),
  ShowAllClusterSettings: rows(showAllClusterSettings),
  ShowVariable: rows(showVariable),
  ShowAll: rows(showAll),
  ShowTransactionStatus: rows(showTransactionStatus),
  ShowSavepointStatus: rows(showSavepointStatus),
  ShowLive: rows(showLive),
  Cancel: command(cancel),
  ShowPartitions: rows(showPartitions),
  ShowStatistics: rows(showStatistics),
  ShowRegions: rows(showRegions),
  ShowSurvivalGoal: rows(showSurvivalGoal),
  ShowSyntax: rows(showSyntax),
  SetVariable: command(setVariable),
  SetClusterSetting: command(setClusterSetting),
  ResetVariable: command((statement, context) => {
    context.settings.reset(statement.name);
    return 'RESET';
  }),
  ResetAll: command((_, context) => {
    context.settings.resetAll();
    return 'RESET';
  }),
  Use: command(useDatabase),
  Discard: command(discard),
};

/** The handler of a statement; `undefined` for what the session runs itself. */
export function handlerOf(statement: Statement): Handler | undefined {
  const handlers: { readonly [kind: string]: unknown } = HANDLERS;
  // Each row takes the statements of its own kind: that is what `Handlers` says.
  return handlers[statement.kind] as Handler | undefined;
}
