import { create } from '@bufbuild/protobuf';
import { defined } from '../../../base/invariant';
import type { ExternalStorage } from '../../../storage/external/external-storage';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { type BackupManifest, BackupPartitionDescriptorSchema } from '../../format/gen/backup_pb';
import { joinPath } from '../../format/layout';
import { type Encrypt, writePartitionDescriptor } from '../../format/manifest-writer';
import type { BackupPayload } from '../payload';
import { partName } from './localities';

/** The locations of a layer, opened, by locality; that of the empty one has the manifest. */
export class LayerStorages {
  private readonly storages: ReadonlyMap<string, ExternalStorage>;

  private constructor(storages: ReadonlyMap<string, ExternalStorage>) {
    this.storages = storages;
  }

  static async open(
    { uri, partitions = [] }: Pick<BackupPayload, 'uri' | 'partitions'>,
    options: ExternalStorageOptions,
  ): Promise<LayerStorages> {
    const opened = new LayerStorages(new Map());
    const storages = opened.storages as Map<string, ExternalStorage>;
    try {
      storages.set('', await openStorage(uri, options));
      for (const partition of partitions) {
        storages.set(partition.locality, await openStorage(partition.uri, options));
      }
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  of(locality: string): ExternalStorage {
    return defined(this.storages.get(locality), `location of ${locality}`);
  }

  all(): Iterable<ExternalStorage> {
    return this.storages.values();
  }

  /** Tells each location of a locality what it holds of the layer. */
  async writeParts(
    { id, files, localityKvs }: BackupManifest,
    directory: string,
    encrypt: Encrypt | undefined,
  ): Promise<void> {
    for (const [i, locality] of localityKvs.entries()) {
      const part = create(BackupPartitionDescriptorSchema, {
        localityKv: locality,
        files: files.filter((file) => file.localityKv === locality),
        backupId: id,
      });
      const path = joinPath(directory, partName(i + 1, locality));
      await writePartitionDescriptor(this.of(locality), path, part, encrypt);
    }
  }

  /** What `writeParts` has written. */
  async deleteParts(directory: string): Promise<void> {
    const localities = [...this.storages.keys()].filter((locality) => locality !== '');
    for (const [i, locality] of localities.entries()) {
      await this.of(locality).delete(joinPath(directory, partName(i + 1, locality)));
    }
  }

  async close(): Promise<void> {
    for (const storage of this.storages.values()) await storage.close();
  }
}
