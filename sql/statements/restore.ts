import { type ChainSource, type LayerLocation, layerUris, locateLayers } from '../../backup/chain';
import type { RestoreOptions, RestoreTargets } from '../../backup/restore/request';
import {
  createRestoreJob,
  type PreparedRestore,
  prepareRestore,
} from '../../backup/restore/start-restore';
import { notSupported, SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { redactUri } from '../../storage/external/uri';
import { requireFeature } from '../cluster-settings/setting-reads';
import type { ResultColumn } from '../engine';
import type { BackupSource, RestoreStatement, StringOrPlaceholder, Uris } from '../parse/ast';
import { formatRestore } from '../parse/format';
import { requirePrivilege, securedById } from '../privileges/access';
import { requireLocations, requireRestore } from '../privileges/external-access';
import { exactAsOf } from '../session/as-of';
import { nameDefaults } from '../session/name-resolution';
import { untilAborted } from '../session/statement-run';
import { DETACHED_COLUMNS, resultRow, WAITING_COLUMNS } from './backup-result';
import { encryptionSecret } from './encryption-options';
import type { StatementContext } from './statement-context';
import { statementStorage } from './statement-storage';
import type { TableResult } from './table-result';

/** RESTORE: from the statement to a job, and the job's result. */

export const restoreColumns = (statement: RestoreStatement): readonly ResultColumn[] =>
  statement.options.detached ? DETACHED_COLUMNS : WAITING_COLUMNS;

export async function restore(
  statement: RestoreStatement,
  context: StatementContext,
): Promise<TableResult> {
  requireFeature(context.engine.db, 'RESTORE');
  const { detached } = statement.options;
  if (context.inTransactionBlock) {
    if (!detached) {
      throw new SqlError(
        'activeSqlTransaction',
        'RESTORE cannot be used inside a transaction without DETACHED option',
      );
    }
  }
  const jobId = await createJob(statement, context);
  // In a block it starts at COMMIT, unless it was rolled back to a savepoint before; a ROLLBACK forgets it.
  context.afterCommit(() => context.engine.jobs.startIfKnown(jobId));
  if (detached) return { columns: DETACHED_COLUMNS, rows: [[jobId]] };
  // Who stops waiting leaves the job running, as with DETACHED.
  const result = await untilAborted(context.engine.jobs.wait(jobId), context.signal);
  return { columns: WAITING_COLUMNS, rows: [resultRow(result)] };
}

async function createJob(statement: RestoreStatement, context: StatementContext): Promise<bigint> {
  let prepared: PreparedRestore | undefined;
  const id = await context.definer.run({
    what: 'RESTORE',
    async prepare() {
      prepared = await prepare(statement, context);
    },
    body(run) {
      const ready = defined(prepared, 'a RESTORE that is prepared');
      const description = describe(statement, ready.layers, context);
      const { jobs } = context.engine;
      return String(
        createRestoreJob(run, ready, description, jobs, (id) =>
          requirePrivilege(run.names, securedById(run.names, id), 'CREATE'),
        ),
      );
    },
  });
  const jobId = BigInt(id);
  // In a block it is prepared in the block's thread, and starts later, if ever.
  if (prepared !== undefined && !context.inTransactionBlock) {
    context.engine.restoreThreads.remember(jobId, prepared.manifests);
  }
  return jobId;
}

async function prepare(
  statement: RestoreStatement,
  context: StatementContext,
): Promise<PreparedRestore> {
  requireRestore(context, statement.targets.kind);
  const targets = restoreTargets(statement);
  const { incrementalLocation } = statement.options;
  const source = chainSource(statement.source, context, incrementalLocation);
  requireLocations(context, sourceUris(source), 'RESTORE');
  refuseOptions(statement);
  // In a block the job starts later, if ever.
  if (!context.inTransactionBlock) context.engine.restoreThreads.warmUp();
  const storage = statementStorage(context);
  const layers = await locateLayers(source, storage);
  return await prepareRestore(
    layers,
    targets,
    restoreOptions(statement, context),
    {
      ...nameDefaults(context),
      notice: (notice) => context.notice({ severity: 'NOTICE', code: '00000', ...notice }),
    },
    storage,
  );
}

/** As SHOW JOBS tells it: the subdirectory is part of the URI, secrets are redacted. */
function describe(
  statement: RestoreStatement,
  layers: readonly LayerLocation[],
  context: StatementContext,
): string {
  const { source } = statement;
  const named = layers.slice(0, source.kind === 'layers' ? source.layers.length : 1);
  return formatRestore(statement, named.map(layerUris), {
    redact: redactUri,
    parameter: (index) => context.text({ kind: 'placeholder', index, location: 0 }),
  });
}

function restoreTargets(statement: RestoreStatement): RestoreTargets {
  const { targets } = statement;
  switch (targets.kind) {
    case 'cluster':
    case 'databases':
      return targets;
    case 'tables':
      return targets;
    case 'systemUsers':
      throw notSupported('RESTORE SYSTEM USERS');
    case 'tenant':
      throw notSupported('RESTORE TENANT');
  }
}

/** One URI, or those of all localities. */
const texts = (uris: Uris, context: StatementContext): readonly string[] =>
  uris.map((uri) => context.text(uri));

/** The location of the backup, as RESTORE and SHOW BACKUP name it. */
export function chainSource(
  source: BackupSource,
  context: StatementContext,
  incrementalLocation: Uris | null = null,
): ChainSource {
  if (source.kind === 'layers' && incrementalLocation !== null) {
    throw new SqlError(
      'invalidParameterValue',
      'incremental_location option only works with collection-based backups',
    );
  }
  if (source.kind === 'layers') {
    return { kind: 'layers', uris: source.layers.map((layer) => texts(layer, context)) };
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
    collection: texts(source.collection, context),
    ...(incrementalLocation === null
      ? {}
      : { incrementalLocation: texts(incrementalLocation, context) }),
  };
}

export const sourceUris = (source: ChainSource): readonly string[] =>
  source.kind === 'layers'
    ? source.uris.flat()
    : [source.collection, source.incrementalLocation ?? []].flat();

function restoreOptions(statement: RestoreStatement, context: StatementContext): RestoreOptions {
  const { options } = statement;
  const common = {
    skipMissingForeignKeys: options.skipMissingForeignKeys,
    skipMissingSequences: options.skipMissingSequences,
    skipMissingSequenceOwners: options.skipMissingSequenceOwners,
    skipMissingViews: options.skipMissingViews,
    skipLocalitiesCheck: options.skipLocalitiesCheck,
    schemaOnly: options.schemaOnly,
    verifyData: options.verifyBackupTableData,
    pauseOnError: pausesOnError(options.debugPauseOn, context),
  };
  const given = {
    intoDb: options.intoDb,
    intoSchema: options.intoSchema,
    newDbName: options.newDbName,
  };
  const values = Object.entries(given).flatMap(([name, value]) =>
    value === null ? [] : [[name, context.text(value)]],
  );
  const asOf = statement.asOf === null ? {} : { asOf: exactAsOf(statement.asOf) };
  const secret = encryptionSecret(options, context, 'RESTORE');
  return {
    ...common,
    ...asOf,
    ...(secret === undefined ? {} : { secret }),
    ...Object.fromEntries(values),
  };
}

function pausesOnError(value: StringOrPlaceholder | null, context: StatementContext): boolean {
  if (value === null) return false;
  const text = context.text(value);
  if (text === 'error') return true;
  throw new SqlError(
    'invalidParameterValue',
    `debug_pause_on cannot be set with the value ${text}`,
  );
}

/** What can't be honoured is refused by its name, never ignored. */
function refuseOptions({ options }: RestoreStatement): void {
  if (options.verifyBackupTableData && !options.schemaOnly) {
    throw new SqlError(
      'invalidParameterValue',
      'to set the verify_backup_table_data option, the schema_only option must be set',
    );
  }
}
