import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';

import { sha256Prefix } from '../../base/checksum';
import { CorruptionError, notSupported, SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import { decodeMessage } from '../../catalog/descriptor/decode';
import { TimestampSchema } from '../../catalog/descriptor/gen/common_pb';
import type { Descriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import { type ExternalStorage, isMissingFile } from '../../storage/external/external-storage';
import {
  type BackupManifest,
  BackupManifestSchema,
  type BackupPartitionDescriptor,
  BackupPartitionDescriptorSchema,
  type EncryptionInfo,
  EncryptionInfoSchema,
  type StatsTable,
  StatsTableSchema,
} from './gen/backup_pb';
import { CHECKSUM_SUFFIX, FILE, joinPath } from './layout';

/**
 * Reads the manifest of a layer and the small files beside it:
 * stored bytes, checksum over them, decryption, gzip, protobuf.
 */

/** Turns the bytes of an encrypted file into what they were. */
export type Decrypt = (bytes: Uint8Array, file: string) => Uint8Array;

export interface LayerManifest {
  readonly manifest: BackupManifest;
  /** Of the layer, relative to the storage's location. */
  readonly directory: string;
  /** Which of the manifest's names it had. */
  readonly fileName: string;
  readonly stored: StoredManifest;
}

/** A manifest's file as it was read, its checksum verified. Plain data. */
export interface StoredManifest {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads the manifest of the layer in `directory` (empty: the location itself).
 * @param known its file, where it has been read before
 * @throws SqlError undefinedFile (58P01) when there is no backup, as the storage words it;
 * CorruptionError
 */
export async function readManifest(
  storage: ExternalStorage,
  directory: string,
  decrypt?: Decrypt,
  known?: StoredManifest,
): Promise<LayerManifest> {
  const decode = (stored: StoredManifest): Promise<LayerManifest> =>
    decodeManifest(storage, directory, stored, decrypt);
  if (known !== undefined) return usable(await decode(known));
  const fetch = (fileName: string): Promise<StoredManifest> =>
    fetchManifest(storage, directory, fileName);
  // A storage takes its time to answer, and few layers have the slim one.
  const fetching = fetch(FILE.manifest);
  fetching.catch(() => undefined);
  const storedSlim = await unlessMissing(fetch(FILE.slimManifest));
  const slim = storedSlim && (await decode(storedSlim));
  if (slim !== undefined && !slim.manifest.hasExternalManifestSsts) return usable(slim);
  try {
    return usable(await decode(await fetching));
  } catch (error) {
    if (!isMissingFile(error)) throw error;
    if (slim !== undefined)
      throw notSupported('reading a backup whose BACKUP_METADATA has its lists in other files');
    const old = await unlessMissing(fetch(FILE.oldManifest));
    if (old === undefined) throw error;
    return usable(await decode(old));
  }
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

/** Refuses what would be misread. */
function usable(layer: LayerManifest): LayerManifest {
  if (layer.manifest.elidedPrefix !== 0)
    throw notSupported(
      'a backup whose files leave out key prefixes',
      'take the backup with the cluster setting bulkio.backup.elide_common_prefix.enabled off',
    );
  return layer;
}

async function fetchManifest(
  storage: ExternalStorage,
  directory: string,
  fileName: string,
): Promise<StoredManifest> {
  const path = joinPath(directory, fileName);
  const fetchingChecksum = unlessMissing(
    storage.readAll(`${path}${CHECKSUM_SUFFIX}`, limits.smallFileBytesMax),
  );
  fetchingChecksum.catch(() => undefined);
  const bytes = await storage.readAll(path, limits.manifestBytesMax);
  const checksum = await fetchingChecksum;
  if (checksum !== undefined) verifyChecksum(bytes, checksum, `${storage.redactedUrl}/${path}`);
  return { fileName, bytes };
}

async function decodeManifest(
  storage: ExternalStorage,
  directory: string,
  stored: StoredManifest,
  decrypt: Decrypt | undefined,
): Promise<LayerManifest> {
  const { fileName, bytes } = stored;
  const file = `${storage.redactedUrl}/${joinPath(directory, fileName)}`;
  const manifest = await decodeStored(BackupManifestSchema, bytes, file, decrypt);
  stampUntimedTables(manifest);
  return { manifest, directory, fileName, stored };
}

const CHECKSUM_BYTES = 4;

function verifyChecksum(stored: Uint8Array, checksum: Uint8Array, file: string): void {
  const expected = Buffer.from(checksum).toString('hex');
  const actual = Buffer.from(sha256Prefix(stored, CHECKSUM_BYTES)).toString('hex');
  if (expected !== actual)
    throw new CorruptionError(
      file,
      undefined,
      `checksum mismatch; expected ${expected}, got ${actual}`,
    );
}

const ENCRYPTED = Buffer.from('encrypt');
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/**
 * Decrypts, decompresses and decodes the bytes of a small file.
 * @param file for messages
 */
export async function decodeStored<Desc extends DescMessage>(
  schema: Desc,
  stored: Uint8Array,
  file: string,
  decrypt?: Decrypt,
): Promise<MessageShape<Desc>> {
  const plain = decrypt === undefined ? stored : decrypt(stored, file);
  const bytes = startsWith(plain, GZIP) ? await decompress(plain, file) : plain;
  try {
    return decodeMessage(schema, bytes, file);
  } catch (error) {
    if (!startsWith(stored, ENCRYPTED)) throw error;
    throw new SqlError(
      'invalidParameterValue',
      'file appears encrypted -- try specifying one of "encryption_passphrase" or "kms"',
      { cause: error },
    );
  }
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}

const gunzipAsync = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);

async function decompress(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: limits.manifestBytesMax });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE')
      throw new SqlError(
        'programLimitExceeded',
        `${file} exceeds ${limits.manifestBytesMax} bytes when decompressed`,
      );
    throw new CorruptionError(file, undefined, 'invalid gzip data', error);
  }
}

/**
 * Tables of version 1 may lack their time: it was only known once their transaction had
 * committed.
 */
function stampUntimedTables(manifest: BackupManifest): void {
  for (const descriptor of manifest.descriptors) stampUntimedTable(descriptor);
  for (const revision of manifest.descriptorChanges)
    if (revision.desc !== undefined) stampUntimedTable(revision.desc);
}

function stampUntimedTable(descriptor: Descriptor): void {
  if (descriptor.union.case !== 'table') return;
  const table = descriptor.union.value;
  const time = table.modificationTime;
  if (table.version === 1 && (time === undefined || (time.wallTime === 0n && time.logical === 0)))
    table.modificationTime = create(TimestampSchema, { wallTime: 1n });
}

/** Reads a file named in `partition_descriptor_filenames`. */
export async function readPartitionDescriptor(
  storage: ExternalStorage,
  path: string,
  decrypt?: Decrypt,
): Promise<BackupPartitionDescriptor> {
  const stored = await storage.readAll(path, limits.manifestBytesMax);
  const file = `${storage.redactedUrl}/${path}`;
  return decodeStored(BackupPartitionDescriptorSchema, stored, file, decrypt);
}

/** Reads a layer's table statistics; without any the file is empty. */
export async function readStatistics(
  storage: ExternalStorage,
  directory: string,
  decrypt?: Decrypt,
): Promise<StatsTable> {
  const path = joinPath(directory, FILE.statistics);
  const stored = await storage.readAll(path, limits.manifestBytesMax);
  return decodeStored(StatsTableSchema, stored, `${storage.redactedUrl}/${path}`, decrypt);
}

/** Reads how a full backup is encrypted. The file itself never is. */
export async function readEncryptionInfo(
  storage: ExternalStorage,
  directory: string,
): Promise<EncryptionInfo> {
  const path = joinPath(directory, FILE.encryptionInfo);
  const stored = await storage.readAll(path, limits.smallFileBytesMax);
  return decodeMessage(EncryptionInfoSchema, stored, `${storage.redactedUrl}/${path}`);
}
