import { SqlError } from '../../../base/errors';
import type { CatalogSnapshot } from '../../../catalog/snapshot';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { redactUri } from '../../../storage/external/uri';
import type { Connection } from '../../../storage/ranges/connection';
import { clockText } from '../../../storage/ranges/history-reads';
import { readStoreInfo } from '../../../storage/ranges/store-info';
import { backupCatalog } from '../../backup-catalog';
import { BackupChain, type LayerLocation, layerUri } from '../../chain';
import { prettyKey } from '../../format/datum/pretty-key';
import type { BackupManifest } from '../../format/gen/backup_pb';
import { checkCoverage } from '../../restore/coverage';
import { namedSystemDescriptors } from '../targets/system-source';
import type { BackupScope } from '../targets/targets';

/** Whether a layer may go onto a chain (format reference 02 §8). */

/** @throws SqlError with CockroachDB's texts */
export async function checkAppend(
  layers: readonly LayerLocation[],
  key: Uint8Array | undefined,
  about: {
    readonly scope: BackupScope;
    readonly catalog: CatalogSnapshot;
    readonly db: Connection;
    /** Where the layer ends; undefined: now. */
    readonly asOf: bigint | undefined;
  },
  storage: ExternalStorageOptions,
): Promise<void> {
  const opened = key === undefined ? {} : { key };
  const chain = await BackupChain.open(layers, { storage, withoutParts: true, ...opened });
  try {
    const { manifest, location } = chain.last;
    checkCluster(manifest, about.db);
    checkTime(manifest, about.asOf);
    checkOrder(chain.layers.map((layer) => layer.manifest));
    checkScope(chain.layers[0]?.manifest ?? manifest, manifest, about, layerUri(location));
  } finally {
    await chain.close();
  }
}

function checkCluster({ clusterId }: BackupManifest, db: Connection): void {
  const own = readStoreInfo(db).clusterId;
  const other = Buffer.from(clusterId)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  if (other === own) return;
  throw invalid(`previous BACKUP belongs to cluster ${other}`);
}

function checkTime({ endTime }: BackupManifest, asOf: bigint | undefined): void {
  const previous = endTime?.wallTime ?? 0n;
  if (asOf === undefined || asOf > previous) return;
  throw invalid(
    `AS OF SYSTEM TIME ${clockText(asOf)} must be greater than the end of the previous backup, ${clockText(previous)}`,
  );
}

/** INCREMENTAL FROM lists the layers itself: one may be missing, or stand in another's place. Nothing restores such a chain. */
function checkOrder(manifests: readonly BackupManifest[]): void {
  const spans = manifests.at(-1)?.spans ?? [];
  checkCoverage(
    manifests,
    spans.map(({ key, endKey }) => ({ start: key, end: endKey })),
    prettyKey,
  );
}

const FULL_CLUSTER = 1;

function checkScope(
  base: BackupManifest,
  last: BackupManifest,
  { scope, catalog }: { readonly scope: BackupScope; readonly catalog: CatalogSnapshot },
  uri: string,
): void {
  const isCluster = base.descriptorCoverage === FULL_CLUSTER;
  if (scope.kind === 'cluster') {
    if (!isCluster)
      throw invalid('cannot append a cluster backup to a backup of specific tables or databases');
    return;
  }
  if (isCluster) {
    throw invalid('cannot append a backup of specific tables or databases to a cluster backup');
  }
  for (const id of scope.databases) {
    if (last.completeDbs.includes(id)) continue;
    const name = catalog.databaseName(id);
    throw invalid(`previous backup does not contain the complete database "${name}"`);
  }
  const before = backupCatalog(last, redactUri(uri));
  for (const { id, name } of namedSystemDescriptors(scope.system ?? [])) {
    if (before.entry(id) === undefined)
      throw invalid(`previous backup does not contain table "${name}"`);
  }
  for (const id of scope.tables) {
    const entry = catalog.entry(id);
    if (entry === undefined || before.entry(id) !== undefined) continue;
    if (last.completeDbs.includes(entry.databaseId)) continue;
    throw invalid(`previous backup does not contain table "${entry.name}"`);
  }
}

const invalid = (message: string): SqlError => new SqlError('invalidParameterValue', message);
