import {
  abandonBackup,
  type BackupDestination,
  createBackupJob,
  type PreparedBackup,
  prepareBackup,
} from '../../backup/backup/start-backup';
import { type BackupScope, contentsOf, resolveScope } from '../../backup/backup/targets';
import { fullBackupName } from '../../backup/format/layout';
import type { RestoreTargets } from '../../backup/restore/request';
import { wallNanos } from '../../base/clock';
import { notSupported, SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { redactUri } from '../../storage/external/uri';
import { requireFeature } from '../cluster-settings/setting-reads';
import type { ResultColumn } from '../engine';
import type { BackupStatement } from '../parse/ast';
import { formatBackup } from '../parse/format';
import { requireBackup } from '../privileges/backup-access';
import { requireLocations } from '../privileges/external-access';
import { checkAsOf } from '../session/as-of';
import { currentDatabase } from '../session/name-resolution';
import { untilAborted } from '../session/statement-run';
import { DETACHED_COLUMNS, resultRow, WAITING_COLUMNS } from './backup-result';
import type { StatementContext } from './statement-context';
import { cleanUpStorage, statementStorage } from './statement-storage';
import type { TableResult } from './table-result';

/** BACKUP: from the statement to a job, and the job's result. */

export const backupColumns = (statement: BackupStatement): readonly ResultColumn[] =>
  statement.options.detached ? DETACHED_COLUMNS : WAITING_COLUMNS;

export async function backup(
  statement: BackupStatement,
  context: StatementContext,
): Promise<TableResult> {
  requireFeature(context.engine.db, 'BACKUP');
  const { detached } = statement.options;
  if (context.inTransactionBlock && !detached) {
    throw new SqlError(
      'activeSqlTransaction',
      'BACKUP cannot be used inside a transaction without DETACHED option',
    );
  }
  const jobId = await createJob(statement, context);
  // In a block it starts at COMMIT, unless it was rolled back to a savepoint before; a ROLLBACK forgets it.
  context.afterCommit(() => context.engine.jobs.startIfKnown(jobId));
  if (detached) return { columns: DETACHED_COLUMNS, rows: [[jobId]] };
  // Who stops waiting leaves the job running, as with DETACHED.
  const result = await untilAborted(context.engine.jobs.wait(jobId), context.signal);
  return { columns: WAITING_COLUMNS, rows: [resultRow(result)] };
}

async function createJob(statement: BackupStatement, context: StatementContext): Promise<bigint> {
  const { engine, user } = context;
  let prepared: PreparedBackup | undefined;
  try {
    const id = await context.definer.run({
      what: 'BACKUP',
      async prepare() {
        prepared = await prepare(statement, context);
        context.signal.throwIfAborted();
      },
      body(run) {
        const ready = defined(prepared, 'a BACKUP that is prepared');
        const description = describe(statement, ready.destination, context);
        return String(createBackupJob(run.db, ready, { description, user }, engine.jobs));
      },
    });
    return BigInt(id);
  } catch (error) {
    if (prepared !== undefined) await abandonBackup(prepared, cleanUpStorage(context));
    throw error;
  }
}

async function prepare(
  statement: BackupStatement,
  context: StatementContext,
): Promise<PreparedBackup> {
  const uris = statedUris(statement, context);
  requireLocations(context, uris, 'BACKUP');
  if (statement.asOf !== null) checkAsOf(statement.asOf);
  const scope = scopeOf(statement, context);
  requireBackup(context, scope.kind === 'cluster' ? undefined : contentsOf(context.catalog, scope));
  refuseOptions(statement);
  const destination = destinationOf(statement, uris, context);
  const { encryptionPassphrase } = statement.options;
  const passphrase = encryptionPassphrase === null ? undefined : context.text(encryptionPassphrase);
  return await prepareBackup(scope, destination, passphrase, statementStorage(context));
}

function describe(
  statement: BackupStatement,
  { uri, directory, inCollection }: BackupDestination,
  context: StatementContext,
): string {
  const subdirectory = inCollection ? `/${directory}` : null;
  return formatBackup(
    statement,
    { subdirectory, uris: [uri], incrementalFrom: [] },
    {
      redact: redactUri,
      parameter: (index) => context.text({ kind: 'placeholder', index, location: 0 }),
    },
  );
}

function statedUris(
  { destination }: BackupStatement,
  context: StatementContext,
): readonly string[] {
  const uris = destination.kind === 'path' ? destination.to : destination.collection;
  return uris.map((uri) => context.text(uri));
}

function scopeOf({ targets }: BackupStatement, context: StatementContext): BackupScope {
  return resolveScope(context.catalog, backupTargets(targets), {
    user: context.user,
    currentDatabase: currentDatabase(context),
    searchPath: context.settings.searchPath(context.user),
  });
}

function backupTargets(targets: BackupStatement['targets']): RestoreTargets {
  switch (targets.kind) {
    case 'cluster':
    case 'databases':
    case 'tables':
      return targets;
    case 'systemUsers':
      throw notSupported('BACKUP SYSTEM USERS');
    case 'tenant':
      throw notSupported('BACKUP TENANT');
  }
}

function destinationOf(
  { destination }: BackupStatement,
  uris: readonly string[],
  context: StatementContext,
): BackupDestination {
  const [uri = '', ...others] = uris;
  if (others.length > 0) {
    throw notSupported('BACKUP to several locations', 'Give one, without COCKROACH_LOCALITY.');
  }
  if (destination.kind === 'path') {
    if (destination.incrementalFrom.length > 0) throw noIncremental('INCREMENTAL FROM');
    return { uri, directory: '', inCollection: false };
  }
  const { subdirectory } = destination;
  if (subdirectory === 'LATEST') throw noIncremental('BACKUP INTO LATEST IN');
  if (subdirectory === null) {
    return { uri, directory: fullBackupName(wallNanos()), inCollection: true };
  }
  return { uri, directory: subdirectoryOf(context.text(subdirectory)), inCollection: true };
}

const noIncremental = (what: string): SqlError =>
  notSupported(what, 'Incremental backups are not written yet: take a full one with BACKUP INTO.');

/** @throws SqlError invalidParameterValue (22023) for what leads out of the collection */
function subdirectoryOf(text: string): string {
  const path = text.replace(/^\/+|\/+$/g, '');
  if (path === '' || path.split('/').some((part) => part === '..' || part === '.')) {
    throw new SqlError('invalidParameterValue', `invalid subdirectory of a collection: "${text}"`);
  }
  return path;
}

/** What can't be honoured is refused by its name, never ignored. */
function refuseOptions({ options }: BackupStatement): void {
  if (options.encryptionPassphrase !== null && options.kms !== null) {
    throw new SqlError(
      'invalidParameterValue',
      'cannot have both encryption_passphrase and kms option set',
    );
  }
  if (options.kms !== null) throw notSupported('BACKUP option "kms"');
  if (options.revisionHistory) throw notSupported('BACKUP option "revision_history"');
  if (options.incrementalLocation !== null) {
    throw notSupported('BACKUP option "incremental_location"');
  }
}
