import type { ExternalFile, ExternalStorage } from '../storage/external/external-storage';
import { openStorage } from '../storage/external/open-storage';
import type { ExternalStorageOptions } from '../storage/external/storage-options';
import { openDecrypted } from './encryption';

/** Where a data file of a backup is: enough to open it without the manifest that names it. Plain data. */
export interface DataFile {
  /** Of its location, secrets included. */
  readonly uri: string;
  readonly path: string;
  /** Whether all of it is going to be read. */
  readonly isWanted?: boolean;
}

/** Opens data files, decrypted. */
export interface DataFileOpener {
  open(file: DataFile): Promise<ExternalFile>;
}

/** @throws SqlError undefinedFile (58P01) */
export async function openDataFile(
  storage: ExternalStorage,
  { path, isWanted = false }: DataFile,
  key: Uint8Array | undefined,
): Promise<ExternalFile> {
  const opened = await storage.open(path, { isFinal: true, isWanted });
  return key === undefined ? opened : await openDecrypted(opened, key);
}

/** Opens data files where no chain is open: in the threads that read ranges, which know no manifest. */
export class DataFiles implements DataFileOpener {
  private readonly options: ExternalStorageOptions;
  private readonly key: Uint8Array | undefined;
  private readonly storages = new Map<string, Promise<ExternalStorage>>();

  /** @param key of an encrypted backup */
  constructor(options: ExternalStorageOptions, key: Uint8Array | undefined) {
    this.options = options;
    this.key = key;
  }

  async open(file: DataFile): Promise<ExternalFile> {
    const { uri } = file;
    let storage = this.storages.get(uri);
    if (storage === undefined) {
      storage = openStorage(uri, this.options);
      this.storages.set(uri, storage);
      storage.catch(() => this.storages.delete(uri)); // the next one tries again
    }
    return await openDataFile(await storage, file, this.key);
  }

  async close(): Promise<void> {
    const opened = await Promise.all(this.storages.values());
    await Promise.all(opened.map((storage) => storage.close()));
  }
}
