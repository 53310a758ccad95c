import { CatalogHistory } from '../../catalog/catalog-history';
import { CatalogReader } from '../../catalog/catalog-reader';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { readTopology } from '../../catalog/topology';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { Connection } from '../../storage/ranges/connection';
import { Base } from './base';
import { DataFiles } from './data-files';
import { LayerStorages } from './layer-storages';
import { partitionOf } from './localities';
import { PartWriter } from './part-writer';
import type { BackupPayload } from './payload';
import type { SystemRows } from './system-source';
import type { OpenExpressions } from './table-source';

export interface LayerOptions {
  /** This thread's own connection, in a read transaction whose snapshot is what is backed up. */
  readonly db: Connection;
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
    const { payload, storage } = options;
    const storages = await LayerStorages.open(payload, storage);
    try {
      return new OpenedLayer(options, storages, await Base.open(payload, storage));
    } catch (error) {
      await storages.close();
      throw error;
    }
  }

  /** @param systemRows of a full cluster, given before the first part is written */
  writer(systemRows?: SystemRows): PartWriter {
    const { options, catalog, files, base } = this;
    this.partWriter ??= new PartWriter({ ...options, catalog, files, base, systemRows });
    return this.partWriter;
  }

  async close(): Promise<void> {
    await this.base?.close();
    await this.storages.close();
  }
}
