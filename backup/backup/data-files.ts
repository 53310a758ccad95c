import {
  type ExternalStorage,
  isListingUnsupported,
} from '../../storage/external/external-storage';
import { encryptBytes } from '../encryption';
import type { BackupManifest_File } from '../format/gen/backup_pb';
import { joinPath } from '../format/layout';
import type { Encrypt } from '../format/manifest-writer';
import type { BackupPayload } from './payload';
import { type FinishedFile, fileMessage } from './span-writer';

/** The data files of a layer. */

export interface DataFilesOptions {
  readonly jobId: bigint;
  readonly payload: BackupPayload;
  readonly signal: AbortSignal;
}

/** Data files of one job have numbers that follow its own, which no other file has: the last bits of ids name nodes. */
const FILES_MAX = 1 << 15;
const DATA_FILE = /^([0-9]{1,19})\.sst$/;

/** Writes the data files of a layer. */
export class DataFiles {
  readonly files: BackupManifest_File[] = [];
  private readonly storage: ExternalStorage;
  /** Of the storage; empty: the default one. */
  private readonly locality: string;
  private readonly options: DataFilesOptions;
  private readonly encrypt: Encrypt | undefined;

  constructor(storage: ExternalStorage, locality: string, options: DataFilesOptions) {
    this.storage = storage;
    this.locality = locality;
    this.options = options;
    this.encrypt = encryption(options.payload);
  }

  async turn(finished: FinishedFile[]): Promise<void> {
    for (let file = finished.shift(); file !== undefined; file = finished.shift()) {
      const path = `${this.options.jobId + BigInt(this.files.length)}.sst`;
      const plain = Buffer.concat(file.pieces);
      const stored = this.encrypt === undefined ? plain : this.encrypt(plain);
      await this.storage.write(joinPath(this.options.payload.directory, path), stored);
      this.files.push(fileMessage(file, path, this.locality));
    }
    await nextTurn();
    this.options.signal.throwIfAborted();
  }

  /** What an earlier run of the job has left. */
  async deleteOld(): Promise<void> {
    await deleteDataFiles(this.storage, this.options.payload.directory, this.options.jobId);
  }
}

/** Lets messages in: a request to stop is one. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function deleteDataFiles(
  storage: ExternalStorage,
  directory: string,
  jobId: bigint,
): Promise<void> {
  const prefix = directory === '' ? '' : joinPath(directory, '');
  const found: string[] = [];
  try {
    for await (const path of storage.list(prefix, '/')) {
      const number = BigInt(DATA_FILE.exec(path.slice(prefix.length))?.[1] ?? -1);
      if (number >= jobId && number < jobId + BigInt(FILES_MAX)) found.push(path);
    }
  } catch (error) {
    // What can't be seen stays; no manifest will name it.
    if (!isListingUnsupported(error)) throw error;
  }
  for (const path of found) await storage.delete(path);
}

export function encryption({ key }: BackupPayload): Encrypt | undefined {
  if (key === undefined) return undefined;
  const bytes = Buffer.from(key, 'base64');
  return (plain) => encryptBytes(plain, bytes);
}
