import type { LayerPlace, StatedPlace } from '../../backup/backup/layer/layer-place';
import { localityUris } from '../../backup/backup/layer/localities';
import { checkInterleaves } from '../../backup/backup/rows/interleaves';
import {
  abandonBackup,
  createBackupJob,
  type PreparedBackup,
  prepareBackup,
  type TakenPlace,
  takenPlace,
} from '../../backup/backup/start-backup';
import {
  type BackupContents,
  type BackupScope,
  contentsOf,
  resolveScope,
} from '../../backup/backup/targets/targets';
import type { RestoreTargets } from '../../backup/restore/request';
import { wallNanos } from '../../base/clock';
import { notSupported, SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { CatalogHistory } from '../../catalog/catalog-history';
import { HistoryTtls } from '../../catalog/history-ttl';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { UserfileWrite } from '../../storage/external/storage-options';
import { redactUri } from '../../storage/external/uri';
import { requireAfter } from '../../storage/ranges/history-reads';
import { historyStart } from '../../storage/ranges/history-tables';
import { requireFeature } from '../cluster-settings/setting-reads';
import type { ResultColumn } from '../engine';
import type { BackupStatement, StringOrPlaceholder } from '../parse/ast';
import { formatBackup } from '../parse/format';
import { requireBackup } from '../privileges/backup-access';
import { requireLocations } from '../privileges/external-access';
import { exactAsOf } from '../session/as-of';
import { nameDefaults } from '../session/name-resolution';
import { requireHistory } from '../session/past';
import { untilAborted } from '../session/statement-run';
import { isTableOfSystem } from '../virtual/registry';
import { DETACHED_COLUMNS, resultRow, WAITING_COLUMNS } from './backup-result';
import { encryptionSecret } from './encryption-options';
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
  const { jobId, place } = await createJob(statement, context);
  // A block's job has yet to begin when the statement is answered.
  const isAlone = detached && !context.inTransactionBlock;
  const snapshot = isAlone ? context.engine.backupSnapshots?.of(jobId) : undefined;
  // In a block it starts at COMMIT, unless it was rolled back, be it to a savepoint: then its place is given back.
  context.afterBlock(() => {
    if (context.inTransactionBlock) fixTimeOfBlock(jobId, context);
    if (context.engine.jobs.startIfKnown(jobId)) return;
    context.engine.backupSnapshots?.forget(jobId);
    if (place === undefined) return;
    // What a storage that is away keeps is in nobody's way but of a backup into the same directory.
    abandonBackup(place, cleanUpStorage(context)).catch(() => undefined);
  });
  if (detached) {
    if (snapshot !== undefined) await untilAborted(snapshot, context.signal);
    return { columns: DETACHED_COLUMNS, rows: [[jobId]] };
  }
  // Who stops waiting leaves the job running, as with DETACHED.
  const result = await untilAborted(context.engine.jobs.wait(jobId), context.signal);
  return { columns: WAITING_COLUMNS, rows: [resultRow(result)] };
}

/**
 * What others write after the COMMIT, while the job has yet to take its snapshot, is not in the backup: until then the block alone could
 * write.
 */
function fixTimeOfBlock(jobId: bigint, { engine }: StatementContext): void {
  if (historyStart(engine.db) !== undefined)
    engine.backupSnapshots?.fixTime(jobId, engine.clock.now());
}

interface CreatedJob {
  readonly jobId: bigint;
  /** To be given back when the job does not come to be; undefined: that happens by itself. */
  readonly place: TakenPlace | undefined;
}

async function createJob(
  statement: BackupStatement,
  context: StatementContext,
): Promise<CreatedJob> {
  const { engine, user } = context;
  let prepared: PreparedBackup | undefined;
  // Of the thread of a block, which holds the lock itself: userfiles are part of its transaction, and go with it.
  const userfileWrites: UserfileWrite[] | undefined = 'writeLock' in engine ? undefined : [];
  try {
    // In a block this is another thread's: it answers in a text.
    const answer = await context.definer.run({
      what: 'BACKUP',
      async prepare() {
        prepared = await prepare(statement, context, userfileWrites);
        context.signal.throwIfAborted();
      },
      body(run) {
        const ready = defined(prepared, 'a BACKUP that is prepared');
        for (const write of userfileWrites ?? []) write(run.db);
        const description = describe(statement, ready.place, context);
        const id = createBackupJob(run.db, ready, { description, user }, engine.jobs);
        const place = userfileWrites?.length ? {} : { place: takenPlace(ready) };
        return JSON.stringify({ id: String(id), ...place });
      },
    });
    const { id, place } = JSON.parse(answer) as { id: string; place?: TakenPlace };
    return { jobId: BigInt(id), place };
  } catch (error) {
    if (prepared !== undefined && !userfileWrites?.length)
      await abandonBackup(takenPlace(prepared), cleanUpStorage(context));
    throw error;
  }
}

/** Checks all that can be checked and takes the place; without a job, `abandonBackup` gives it back. */
export async function prepare(
  statement: BackupStatement,
  context: StatementContext,
  userfileWrites?: UserfileWrite[],
): Promise<PreparedBackup> {
  requireLocations(context, statedUris(statement, context), 'BACKUP');
  const { engine } = context;
  const { asOf, catalog } = timeOf(statement, context);
  const scope = scopeOf(statement, { ...context, catalog });
  const contents = contentsOf(catalog, scope);
  checkInterleaves(contents.tables, statement.options);
  requireBackup(context, scope.kind === 'cluster' ? undefined : contents);
  if (statement.options.revisionHistory)
    requireHistory(engine.db, 'BACKUP option "revision_history"');
  if (asOf !== undefined) requireKept(contents, asOf, context);
  const request = {
    scope,
    place: statedPlace(statement, context),
    secret: encryptionSecret(statement.options, context, 'BACKUP'),
    catalog,
    db: engine.db,
    versions: { revisionHistory: statement.options.revisionHistory, asOf },
  };
  // In a block the job starts later, if ever.
  if (!context.inTransactionBlock) engine.backupThreads.warmUp();
  const storage = statementStorage(context);
  return await prepareBackup(
    request,
    userfileWrites === undefined ? storage : { ...storage, userfileWrites },
  );
}

/** The time that the backup is of, undefined for now, and the catalog of then. */
function timeOf(
  { asOf }: BackupStatement,
  { engine, catalog }: StatementContext,
): { readonly asOf: bigint | undefined; readonly catalog: CatalogSnapshot } {
  if (asOf === null) return { asOf: undefined, catalog };
  requireHistory(engine.db, 'BACKUP AS OF SYSTEM TIME');
  const time = exactAsOf(asOf).wallTime;
  return { asOf: time, catalog: new CatalogHistory(engine.db, engine.catalog).at(time) };
}

/** @throws SqlError snapshotTooOld (72000) */
function requireKept({ tables }: BackupContents, asOf: bigint, { engine }: StatementContext): void {
  const ttls = new HistoryTtls(engine.db, engine.catalog.snapshot());
  const now = wallNanos();
  for (const { id } of tables) requireAfter(now - ttls.of(id), asOf);
}

function describe(
  statement: BackupStatement,
  place: LayerPlace,
  context: StatementContext,
): string {
  const { destination } = statement;
  const isCollection = destination.kind === 'collection';
  const uris = isCollection ? destination.collection : destination.to;
  const subdirectory = isCollection ? `/${place.shownDirectory ?? place.directory}` : null;
  const incrementalFrom = isCollection ? [] : texts(destination.incrementalFrom, context);
  return formatBackup(
    statement,
    { subdirectory, uris: texts(uris, context), incrementalFrom },
    {
      redact: redactUri,
      parameter: (index) => context.text({ kind: 'placeholder', index, location: 0 }),
    },
  );
}

const texts = (uris: readonly StringOrPlaceholder[], context: StatementContext): string[] =>
  uris.map((uri) => context.text(uri));

/** All that it reads and writes. */
function statedUris({ destination, options }: BackupStatement, context: StatementContext) {
  const uris =
    destination.kind === 'path'
      ? [...destination.to, ...destination.incrementalFrom]
      : [...destination.collection, ...(options.incrementalLocation ?? [])];
  return texts(uris, context);
}

function scopeOf({ targets }: BackupStatement, context: StatementContext): BackupScope {
  return resolveScope(
    context.catalog,
    backupTargets(targets),
    nameDefaults(context),
    isTableOfSystem,
  );
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

function statedPlace(
  { destination, options }: BackupStatement,
  context: StatementContext,
): StatedPlace {
  const apart = texts(options.incrementalLocation ?? [], context);
  const incrementalLocation = apart.length === 0 ? undefined : localityUris(apart);
  if (destination.kind === 'path') {
    if (incrementalLocation !== undefined) {
      throw new SqlError(
        'invalidParameterValue',
        'incremental_location option not supported with `BACKUP TO` syntax',
      );
    }
    const incrementalFrom = texts(destination.incrementalFrom, context);
    const uris = localityUris(texts(destination.to, context));
    return { kind: 'location', uris, incrementalFrom };
  }
  const { subdirectory, collection } = destination;
  if (apart.length > 0 && apart.length !== collection.length) {
    throw new SqlError(
      'invalidParameterValue',
      'the incremental_location option must contain the same number of locality aware URIs as the full backup destination',
    );
  }
  return {
    kind: 'collection',
    uris: localityUris(texts(collection, context)),
    subdirectory:
      subdirectory === null
        ? null
        : subdirectory === 'LATEST'
          ? { latest: true }
          : subdirectoryOf(context.text(subdirectory)),
    incrementalLocation,
  };
}

/** @throws SqlError invalidParameterValue (22023) for what leads out of the collection */
function subdirectoryOf(text: string): string {
  const path = text.replace(/^\/+|\/+$/g, '');
  if (path === '' || path.split('/').some((part) => part === '..' || part === '.')) {
    throw new SqlError('invalidParameterValue', `invalid subdirectory of a collection: "${text}"`);
  }
  return path;
}
