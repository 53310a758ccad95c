import {
  type ChainSource,
  type LayerLocation,
  layerUri,
  locateLayers,
  openLocation,
} from '../../backup/chain';
import { readEncryptionInfo } from '../../backup/format/manifest';
import type { RestoreTargets } from '../../backup/restore/request';
import {
  createRestoreJob,
  type PreparedRestore,
  prepareRestore,
} from '../../backup/restore/start-restore';
import { notSupported, SqlError } from '../../base/errors';
import { floatToRepr } from '../../catalog/types/float';
import { FLOAT8, INT8, STRING } from '../../catalog/types/table';
import type { JobResultRow } from '../../jobs/resumer';
import { redactUri } from '../../storage/external/uri';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import type { ResultColumn } from '../engine';
import type { BackupSource, RestoreStatement, Uris } from '../parse/ast';
import { formatRestore } from '../parse/format';
import { requireLocations, requireRestore } from '../privileges/external-access';
import { currentDatabase } from '../session/name-resolution';
import { untilAborted } from '../session/statement-run';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** RESTORE: from the statement to a job, and the job's result. */

const WAITING_COLUMNS = columnsOf(
  ['job_id', INT8],
  ['status', STRING],
  ['fraction_completed', FLOAT8],
  ['rows', INT8],
  ['index_entries', INT8],
  ['bytes', INT8],
);
const DETACHED_COLUMNS = columnsOf(['job_id', INT8]);

export const restoreColumns = (statement: RestoreStatement): readonly ResultColumn[] =>
  statement.options.detached ? DETACHED_COLUMNS : WAITING_COLUMNS;

export async function restore(
  statement: RestoreStatement,
  context: StatementContext,
): Promise<TableResult> {
  const { detached } = statement.options;
  if (context.inTransactionBlock) {
    if (!detached) {
      throw new SqlError(
        'activeSqlTransaction',
        'RESTORE cannot be used inside a transaction without DETACHED option',
      );
    }
    throw notSupported(
      'RESTORE WITH DETACHED inside a transaction',
      'Run it outside of BEGIN … COMMIT.',
    );
  }
  const jobId = await startJob(statement, context);
  if (detached) return { columns: DETACHED_COLUMNS, rows: [[jobId]] };
  // Who stops waiting leaves the job running, as with DETACHED.
  const result = await untilAborted(context.engine.jobs.wait(jobId), context.signal);
  return { columns: WAITING_COLUMNS, rows: [resultRow(result)] };
}

function resultRow(row: JobResultRow) {
  return row.map((value, i) => (i === 2 ? floatToRepr(Number(value)) : value));
}

async function startJob(statement: RestoreStatement, context: StatementContext): Promise<bigint> {
  const { engine } = context;
  requireRestore(context, statement.targets.kind);
  const targets = restoreTargets(statement);
  const source = chainSource(statement.source, context);
  requireLocations(context, sourceUris(source), 'RESTORE');
  await refuseOptions(statement, source, context);
  const layers = await locateLayers(source, engine.storage);
  const prepared = await prepareRestore(
    layers,
    targets,
    restoreOptions(statement, context),
    {
      user: context.user,
      currentDatabase: currentDatabase(context),
      searchPath: context.settings.searchPath(context.user),
    },
    engine.storage,
  );
  context.signal.throwIfAborted();
  return await createJob(statement, prepared, context);
}

async function createJob(
  statement: RestoreStatement,
  prepared: PreparedRestore,
  context: StatementContext,
): Promise<bigint> {
  const { engine } = context;
  const description = describe(statement, prepared.layers, context);
  const jobId = await writeTransaction(engine.writeLock, engine.db, 'RESTORE', (db) =>
    createRestoreJob(db, prepared, description, description, engine.jobs),
  );
  engine.jobs.start(jobId);
  return jobId;
}

/** As SHOW JOBS tells it: the subdirectory is part of the URI, secrets are redacted. */
function describe(
  statement: RestoreStatement,
  layers: readonly LayerLocation[],
  context: StatementContext,
): string {
  const { source } = statement;
  const named = layers.slice(0, source.kind === 'layers' ? source.layers.length : 1);
  return formatRestore(
    statement,
    named.map((layer) => [layerUri(layer)]),
    {
      redact: redactUri,
      parameter: (index) => context.text({ kind: 'placeholder', index, location: 0 }),
    },
  );
}

function restoreTargets(statement: RestoreStatement): RestoreTargets {
  const { targets } = statement;
  switch (targets.kind) {
    case 'cluster':
    case 'databases':
      return targets;
    case 'tables': {
      const renamed = targets.patterns.find((pattern) => pattern.as !== null);
      if (renamed !== undefined) {
        throw notSupported('RESTORE TABLE … AS', 'Restore into another database with into_db.');
      }
      return targets;
    }
    case 'systemUsers':
      throw notSupported('RESTORE SYSTEM USERS');
    case 'tenant':
      throw notSupported('RESTORE TENANT');
  }
}

function single(uris: Uris, context: StatementContext): string {
  const [only, ...others] = uris;
  if (only === undefined || others.length > 0) {
    throw notSupported('a locality-aware backup (several URIs for one layer)');
  }
  return context.text(only);
}

/** The location of the backup, as RESTORE and SHOW BACKUP name it. */
export function chainSource(source: BackupSource, context: StatementContext): ChainSource {
  if (source.kind === 'layers') {
    return { kind: 'layers', uris: source.layers.map((layer) => single(layer, context)) };
  }
  if (source.incrementals.length > 0) {
    throw new SqlError(
      'invalidParameterValue',
      'RESTORE FROM ... IN can only by used against a single collection path (per-locality)',
    );
  }
  const { subdirectory } = source;
  return {
    kind: 'collection',
    subdirectory: subdirectory === 'LATEST' ? { latest: true } : context.text(subdirectory),
    collection: single(source.collection, context),
  };
}

export const sourceUris = (source: ChainSource): readonly string[] =>
  source.kind === 'layers' ? source.uris : [source.collection];

function restoreOptions(statement: RestoreStatement, context: StatementContext) {
  const { options } = statement;
  const common = {
    skipMissingForeignKeys: options.skipMissingForeignKeys,
    skipMissingSequences: options.skipMissingSequences,
    skipMissingSequenceOwners: options.skipMissingSequenceOwners,
    skipMissingViews: options.skipMissingViews,
  };
  return options.intoDb === null ? common : { ...common, intoDb: context.text(options.intoDb) };
}

/** What can't be honoured yet is refused by its name, never ignored. */
async function refuseOptions(
  statement: RestoreStatement,
  source: ChainSource,
  context: StatementContext,
): Promise<void> {
  const { options } = statement;
  if (statement.asOf !== null) {
    throw notSupported(
      'RESTORE … AS OF SYSTEM TIME',
      'Without it the backup is restored as of its end time.',
    );
  }
  if (options.encryptionPassphrase !== null || options.kms !== null) {
    await refuseEncryption(source, context);
  }
  const unsupported = [
    ['into_schema', options.intoSchema],
    ['new_db_name', options.newDbName],
    ['debug_pause_on', options.debugPauseOn],
    ['incremental_location', options.incrementalLocation],
    ['schema_only', options.schemaOnly || null],
    ['verify_backup_table_data', options.verifyBackupTableData || null],
  ] as const;
  for (const [name, value] of unsupported) {
    if (value !== null) throw notSupported(`RESTORE option "${name}"`);
  }
}

async function refuseEncryption(source: ChainSource, context: StatementContext): Promise<never> {
  const [base] = await locateLayers(source, context.engine.storage);
  if (base !== undefined) {
    const storage = await openLocation(base.uri, context.engine.storage);
    try {
      await readEncryptionInfo(storage, base.directory);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      throw error.withMessage(`could not find or read encryption information: ${error.message}`);
    } finally {
      await storage.close();
    }
  }
  throw notSupported('restoring an encrypted backup');
}
