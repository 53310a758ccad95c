import { toBinary } from '@bufbuild/protobuf';
import { SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { CatalogManager, writeDescriptor } from '../../catalog/catalog-manager';
import { PUBLIC_SCHEMA_ID } from '../../catalog/constants';
import { type Descriptor, DescriptorSchema } from '../../catalog/descriptor/gen/descriptor_pb';
import { physicalTable } from '../../catalog/physical';
import { headerOf } from '../../catalog/snapshot';
import type { JobMaker } from '../../jobs/registry';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import { redactUri } from '../../storage/external/uri';
import type { Connection } from '../../storage/ranges/connection';
import { deleteDescriptor } from '../../storage/ranges/descriptor-rows';
import { makeRoom } from '../../storage/ranges/history-tables';
import {
  allocateDescriptorIds,
  reserveDescriptorIdsThrough,
} from '../../storage/ranges/id-allocator';
import { createPhysicalTable } from '../../storage/ranges/physical-table';
import { putStatistic } from '../../storage/ranges/statistic-rows';
import { backupCatalog } from '../backup-catalog';
import { BackupChain, chainKey, type LayerLocation, layerUri } from '../chain';
import { type ChainKey, keptKey } from '../encryption-secret';
import { HistogramDataSchema, type StatsTable } from '../format/gen/backup_pb';
import { readStatistics } from '../format/manifest';
import type { HlcTime } from '../format/mvcc/version-iterator';
import { StoredManifests } from '../stored-manifests';
import { type ClusterPayload, encodePayload } from './payload';
import { type ClusterPlan, type PlanInput, planRestore, type RestorePlan } from './plan';
import { regionEnvironment } from './regions';
import type { RestoreContext, RestoreOptions, RestoreTargets } from './request';
import { RESTORE_JOB_TYPE } from './restore-job';
import { refuseNewer, refuseTenants } from './source-checks';

/** A RESTORE whose manifests are read: what is left is one transaction that checks, plans and creates the job. */
export interface PreparedRestore {
  readonly layers: readonly LayerLocation[];
  readonly key?: ChainKey;
  readonly asOf?: HlcTime;
  readonly input: Omit<PlanInput, 'regions'>;
  readonly statistics: StatsTable | undefined;
  /** As they were read: the job need not read them again. */
  readonly manifests: StoredManifests;
  /** Of all rows of the backup, as its manifests say. */
  readonly dataBytes: number;
}

/**
 * Reads what a RESTORE needs to be planned.
 * @throws SqlError, CorruptionError: nothing was changed
 */
export async function prepareRestore(
  layers: readonly LayerLocation[],
  targets: RestoreTargets,
  options: RestoreOptions,
  context: RestoreContext,
  storage: ExternalStorageOptions,
): Promise<PreparedRestore> {
  const { secret, asOf } = options;
  const key = secret === undefined ? undefined : await chainKey(layers, secret, storage);
  const manifests = new StoredManifests();
  const chain = await BackupChain.open(layers, {
    storage,
    manifests,
    ...(asOf === undefined ? {} : { asOf }),
    ...(key === undefined ? {} : { key: key.key }),
  });
  try {
    const { manifest, location } = chain.last;
    const statistics = statisticsOf(chain);
    if (targets.kind === 'cluster') {
      if (chain.layers[0]?.manifest.descriptorCoverage !== 1) {
        throw new SqlError(
          'invalidParameterValue',
          'full cluster RESTORE can only be used on full cluster BACKUP files',
        );
      }
    }
    refuseNewer(manifest.clusterVersion);
    refuseTenants(manifest, targets.kind === 'cluster');
    const file = redactUri(layerUri(location));
    const backup = backupCatalog(manifest, file);
    const { formatVersion, completeDbs } = manifest;
    const coverage = { formatVersion, completeDbs };
    return {
      layers,
      ...(asOf === undefined ? {} : { asOf }),
      ...(key === undefined ? {} : { key }),
      input: { file, backup, coverage, targets, options, context },
      statistics: await statistics,
      manifests,
      dataBytes: dataBytesOf(chain),
    };
  } finally {
    await chain.close();
  }
}

function dataBytesOf({ layers }: BackupChain): number {
  return layers.reduce(
    (sum, { manifest }) => sum + Number(manifest.entryCounts?.dataSize ?? 0n),
    0,
  );
}

/** Statistics only help estimates: a backup without readable ones restores all the same. */
async function statisticsOf(chain: BackupChain): Promise<StatsTable | undefined> {
  const { manifest, storage, location } = chain.last;
  if (Object.keys(manifest.statisticsFilenames).length === 0) return undefined;
  try {
    return await readStatistics(storage, location.directory, chain.decrypt);
  } catch {
    return undefined;
  }
}

/**
 * Plans the restore and creates its descriptors (OFFLINE), empty tables and job, in the caller's write transaction.
 * The job is started by `jobs.start` once the transaction has committed.
 * @param checkTarget told of each database and schema that was there before and gets something new; throws when it must not
 * @returns the job's id
 */
export function createRestoreJob(
  { db, nowNanos: now }: { readonly db: Connection; readonly nowNanos: bigint },
  prepared: PreparedRestore,
  description: string,
  jobs: JobMaker,
  checkTarget: (id: number) => void,
): bigint {
  const { key, asOf } = prepared;
  const { options } = prepared.input;
  const catalog = new CatalogManager(db);
  const input = { ...prepared.input, regions: regionEnvironment(db) };
  const plan = planRestore(input, catalog.snapshot(), {
    allocate: () => allocateDescriptorIds(db, 1),
    reserveThrough: (id) => reserveDescriptorIdsThrough(db, id),
  });
  checkTargets(plan, checkTarget);
  const replaced = plan.cluster?.replaced ?? [];
  for (const { id } of replaced) deleteDescriptor(db, id, now);
  for (const descriptor of [...plan.inserts, ...plan.updates]) writeDescriptor(db, descriptor, now);
  createTables(db, plan, catalog);
  if (!options.schemaOnly) takeOverStatistics(db, plan, prepared.statistics);
  const createdIds = plan.inserts.map((descriptor) =>
    defined(headerOf(descriptor), 'header of a restored descriptor'),
  );
  return jobs.create(db, {
    type: RESTORE_JOB_TYPE,
    description,
    user: prepared.input.context.user,
    descriptorIds: plan.tables.map(({ newId }) => newId),
    payload: encodePayload({
      layers: prepared.layers,
      tables: plan.tables,
      createdIds: createdIds.map((header) => header.id),
      dataBytes: prepared.dataBytes,
      ...(options.schemaOnly ? { schemaOnly: true } : {}),
      ...(options.verifyData ? { verifyData: true } : {}),
      ...(options.pauseOnError ? { pauseOnError: true } : {}),
      ...keptKey(key),
      ...(asOf === undefined
        ? {}
        : { asOf: { wallTime: String(asOf.wallTime), logical: asOf.logical } }),
      ...(plan.cluster === undefined ? {} : { cluster: clusterPayload(plan.cluster) }),
    }),
  });
}

function checkTargets({ inserts }: RestorePlan, checkTarget: (id: number) => void): void {
  const headers = inserts.map((made) => defined(headerOf(made), 'header of a new descriptor'));
  const made = new Set(headers.map(({ id }) => id));
  const targets = headers.flatMap(({ databaseId, schemaId }) => [databaseId, schemaId]);
  for (const id of new Set(targets)) {
    if (id !== 0 && id !== PUBLIC_SCHEMA_ID && !made.has(id)) checkTarget(id);
  }
}

function clusterPayload({ system, overwrites, replaced }: ClusterPlan): ClusterPayload {
  return {
    system,
    overwrites: overwrites.map(encodeDescriptor),
    replaced: replaced.map(({ descriptor }) => encodeDescriptor(descriptor)),
  };
}

const encodeDescriptor = (descriptor: Descriptor): string =>
  Buffer.from(toBinary(DescriptorSchema, descriptor)).toString('base64');

/** Without their indexes: those are built when the rows are there. */
function createTables(db: Connection, plan: RestorePlan, catalog: CatalogManager): void {
  const snapshot = catalog.snapshot();
  for (const { newId } of plan.tables) {
    const table = snapshot.tableDescriptor(newId);
    if (table === undefined || table.sequenceOpts !== undefined) continue;
    if (table.viewQuery !== '' && !table.isMaterializedView) continue;
    const physical = physicalTable(table, (id) => snapshot.enumMetadata(id));
    makeRoom(db, newId);
    createPhysicalTable(db, { ...physical, indexes: [] });
  }
}

function takeOverStatistics(
  db: Connection,
  plan: RestorePlan,
  statistics: StatsTable | undefined,
): void {
  const newIds = new Map(plan.tables.map(({ oldId, newId }) => [oldId, newId]));
  for (const statistic of statistics?.statistics ?? []) {
    const tableId = newIds.get(statistic.tableId);
    if (tableId === undefined) continue;
    const { seconds = 0n, nanos = 0 } = statistic.createdAt ?? {};
    putStatistic(db, {
      tableId,
      statisticId: BigInt.asIntN(64, statistic.statisticId),
      name: statistic.name === '' ? null : statistic.name,
      columnIds: statistic.columnIds,
      createdMicros: Number(seconds * 1_000_000n) + Math.floor(nanos / 1000),
      rowCount: Number(statistic.rowCount),
      distinctCount: Number(statistic.distinctCount),
      nullCount: Number(statistic.nullCount),
      histogram:
        statistic.histogramData === undefined
          ? null
          : toBinary(HistogramDataSchema, statistic.histogramData),
    });
  }
}
