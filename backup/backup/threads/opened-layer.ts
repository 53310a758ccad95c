import { CatalogHistory } from '../../../catalog/catalog-history';
import { CatalogReader } from '../../../catalog/catalog-reader';
import type { CatalogSnapshot } from '../../../catalog/snapshot';
import { readTopology } from '../../../catalog/topology';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import type { Connection } from '../../../storage/ranges/connection';
import { isOfPast, PastTables } from '../history/past-tables';
import type { Base } from '../layer/base';
import { DataFiles } from '../layer/data-files';
import { LayerStorages } from '../layer/layer-storages';
import { partitionOf } from '../layer/localities';
import { PartWriter } from '../parts/part-writer';
import type { BackupPayload } from '../payload';
import type { PageTables } from '../rows/page-scan';
import type { OpenExpressions } from '../rows/table-source';
import { hadRoleSettings, isRoleSettings } from '../targets/role-settings';
import type { SystemContents, SystemRows } from '../targets/system-source';
import { type BackupContents, contentsOf } from '../targets/targets';

export interface LayerOptions {
  /** This thread's own connection, in a read transaction whose snapshot is what is backed up. */
  readonly db: Connection;
  /** Where the store's file has all that the snapshot sees. */
  readonly pages: PageTables | undefined;
  /** No commit that the snapshot holds is later, and none of those to come is earlier. */
  readonly endTime: bigint;
  readonly storage: ExternalStorageOptions;
  readonly jobId: bigint;
  readonly payload: BackupPayload;
  /** See `DataFilesOptions`. */
  readonly counter: Int32Array;
  readonly signal: AbortSignal;
  readonly openExpressions: OpenExpressions;
}

/** What each thread that writes a layer has open: where it goes, the chain that it goes onto, and the catalog of the layer's end. */
export class OpenedLayer {
  readonly storages: LayerStorages;
  readonly base: Base | undefined;
  readonly catalog: CatalogSnapshot;
  readonly files: DataFiles;
  private readonly options: LayerOptions;
  private partWriter: PartWriter | undefined;
  private knownContents: BackupContents | undefined;
  private pastTables: PastTables | undefined;

  private constructor(options: LayerOptions, storages: LayerStorages, base: Base | undefined) {
    const { db } = options;
    this.options = options;
    this.storages = storages;
    this.base = base;
    const present = new CatalogReader().read(db);
    this.catalog =
      options.payload.asOf === undefined
        ? present
        : new CatalogHistory(db, { snapshot: () => present }).at(options.endTime);
    const partitions = options.payload.partitions ?? [];
    const own = partitionOf(partitions, readTopology(db).locality)?.locality ?? '';
    this.files = new DataFiles(storages.of(own), own, options);
  }

  static async open(options: LayerOptions): Promise<OpenedLayer> {
    const storages = await LayerStorages.open(options.payload, options.storage);
    try {
      return new OpenedLayer(options, storages, await openBase(options));
    } catch (error) {
      await storages.close();
      throw error;
    }
  }

  /** @param systemRows of a full cluster, given before the first part is written */
  writer(systemRows?: SystemRows): PartWriter {
    const { options, catalog, files, base } = this;
    const past = (): PastTables | undefined => this.past;
    this.partWriter ??= new PartWriter({ ...options, catalog, files, base, systemRows, past });
    return this.partWriter;
  }

  /** What the backup is of, at the layer's end. */
  get contents(): BackupContents {
    const { catalog, options, base } = this;
    this.knownContents ??= contentsOf(
      catalog,
      options.payload.scope,
      systemContents(options, base),
    );
    return this.knownContents;
  }

  /**
   * Of a layer of earlier versions.
   * @throws SqlError snapshotTooOld (72000): they are no longer known
   */
  get past(): PastTables | undefined {
    if (!isOfPast(this.options.payload)) return undefined;
    const { options, catalog, contents, base } = this;
    this.pastTables ??= PastTables.read({ ...options, catalog, contents, base });
    return this.pastTables;
  }

  async close(): Promise<void> {
    await this.base?.close();
    await this.storages.close();
  }
}

/** What reads a chain is loaded where there is one. */
async function openBase({ payload, storage }: LayerOptions): Promise<Base | undefined> {
  const { base, key } = payload;
  if (base === undefined) return undefined;
  return await (await import('../layer/base.js')).Base.open(base, key, storage);
}

/** Once a chain has a table, its later layers have it as well. */
function systemContents(
  { db, payload, endTime }: LayerOptions,
  base: Base | undefined,
): SystemContents {
  if (payload.scope.kind !== 'cluster') return { roleSettings: false };
  const start = payload.revisionHistory === true ? (base?.startTime ?? 0n) : endTime;
  const inChain = base?.chain.last.manifest.descriptors.some(isRoleSettings) === true;
  return { roleSettings: inChain || hadRoleSettings(db, { start, end: endTime }) };
}
