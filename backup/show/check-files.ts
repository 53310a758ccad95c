import { SqlError } from '../../base/errors';
import { isMissingFile } from '../../storage/external/external-storage';
import { type BackupChain, type BackupLayer, requirePart } from '../chain';
import type { BackupManifest_File } from '../format/gen/backup_pb';
import { joinPath } from '../format/layout';

/** `SHOW BACKUP … WITH check_files`: looks at every data file of a chain. What is in them is not read. */

/** Files that are asked for at once. */
const PARALLEL = 16;
/** Files that the error names; CockroachDB's own number. */
const NAMED_MAX = 10;

/** What the checked files take in their storages. */
export class StoredFiles {
  /** By `fileKey`: the file's size, and the bytes of data that its entries in the manifest count together. */
  private readonly files: ReadonlyMap<string, StoredFile>;

  constructor(files: ReadonlyMap<string, StoredFile>) {
    this.files = files;
  }

  /** The size of an entry's file; where several entries share it, their part of it by the data they hold. */
  bytesOf(layer: BackupLayer, file: BackupManifest_File): bigint {
    const stored = this.files.get(fileKey(layer, file));
    if (stored === undefined) return 0n;
    if (stored.entries === 1) return stored.sizeBytes;
    if (stored.dataBytes === 0n) return stored.sizeBytes / BigInt(stored.entries);
    return (stored.sizeBytes * (file.entryCounts?.dataSize ?? 0n)) / stored.dataBytes;
  }
}

interface StoredFile {
  readonly layer: BackupLayer;
  readonly file: BackupManifest_File;
  sizeBytes: bigint;
  entries: number;
  dataBytes: bigint;
}

function fileKey({ location }: BackupLayer, file: BackupManifest_File): string {
  return JSON.stringify([location.uri, location.directory, file.localityKv, file.path]);
}

/**
 * @param signal stops the work between two files
 * @throws SqlError undefinedFile (58P01) naming up to ten files that are missing, or have not the size that the manifest tells
 */
export async function checkFiles(chain: BackupChain, signal: AbortSignal): Promise<StoredFiles> {
  const files = filesOf(chain);
  const bad: { readonly name: string; readonly order: number }[] = [];
  const waiting = [...files.values()].entries();
  const work = async (): Promise<void> => {
    for (const [order, stored] of waiting) {
      signal.throwIfAborted();
      if (bad.length >= NAMED_MAX) return;
      const name = await lookAt(stored);
      if (name !== undefined) bad.push({ name, order });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  if (bad.length > 0) throw missing(bad.sort((a, b) => a.order - b.order).map(({ name }) => name));
  return new StoredFiles(files);
}

function filesOf(chain: BackupChain): Map<string, StoredFile> {
  const files = new Map<string, StoredFile>();
  for (const layer of chain.layers) {
    for (const file of layer.manifest.files) {
      if (file.path === '') continue;
      requirePart(layer, file);
      const key = fileKey(layer, file);
      const stored = files.get(key) ?? { layer, file, sizeBytes: 0n, entries: 0, dataBytes: 0n };
      stored.entries += 1;
      stored.dataBytes += file.entryCounts?.dataSize ?? 0n;
      files.set(key, stored);
    }
  }
  return files;
}

/** Notes the file's size. @returns how the error names it, when it is not as the manifest says */
async function lookAt(stored: StoredFile): Promise<string | undefined> {
  const { layer, file } = stored;
  const storage = layer.partitions.get(file.localityKv) ?? layer.storage;
  const path = joinPath(layer.location.directory, file.path);
  const name = `${storage.redactedUrl.replace(/\?.*$/s, '').replace(/\/+$/, '')}/${path}`;
  try {
    const opened = await storage.open(path);
    stored.sizeBytes = BigInt(opened.sizeBytes);
    await opened.close();
  } catch (error) {
    if (!isMissingFile(error)) throw error;
    return name;
  }
  const expected = file.backingFileSize;
  if (stored.sizeBytes === 0n) return `${name} (empty)`;
  if (expected === 0n || expected === stored.sizeBytes) return undefined;
  return `${name} (${stored.sizeBytes} bytes instead of ${expected})`;
}

function missing(names: readonly string[]): SqlError {
  const list = names.slice(0, NAMED_MAX).map((name) => `\n\t${name}`);
  return new SqlError(
    'undefinedFile',
    `The following files are missing from the backup:${list.join('')}`,
  );
}
