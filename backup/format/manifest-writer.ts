import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';

import { sha256Prefix } from '../../base/checksum';
import type { ExternalStorage } from '../../storage/external/external-storage';
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

/** Writes the small files of a layer; the inverse of manifest.ts. */

/** Turns bytes into those of an encrypted file. */
export type Encrypt = (plain: Uint8Array) => Uint8Array;

const CHECKSUM_BYTES = 4;
const gzipAsync = promisify(gzip);

async function compressed<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
  encrypt: Encrypt | undefined,
): Promise<Uint8Array> {
  const bytes = await gzipAsync(toBinary(schema, message));
  return encrypt === undefined ? bytes : encrypt(bytes);
}

/** Writes a manifest by a name, and its checksum beside it. */
export async function writeManifest(
  storage: ExternalStorage,
  path: string,
  manifest: BackupManifest,
  encrypt?: Encrypt,
): Promise<void> {
  const stored = await compressed(BackupManifestSchema, manifest, encrypt);
  await storage.write(path, stored);
  await storage.write(`${path}${CHECKSUM_SUFFIX}`, sha256Prefix(stored, CHECKSUM_BYTES));
}

/** Writes what a location of another locality holds of a layer. */
export async function writePartitionDescriptor(
  storage: ExternalStorage,
  path: string,
  descriptor: BackupPartitionDescriptor,
  encrypt?: Encrypt,
): Promise<void> {
  await storage.write(path, await compressed(BackupPartitionDescriptorSchema, descriptor, encrypt));
}

/** Without statistics the file is empty. Never compressed. */
export async function writeStatistics(
  storage: ExternalStorage,
  directory: string,
  statistics: StatsTable,
  encrypt?: Encrypt,
): Promise<void> {
  const bytes = toBinary(StatsTableSchema, statistics);
  const stored = encrypt === undefined ? bytes : encrypt(bytes);
  await storage.write(joinPath(directory, FILE.statistics), stored);
}

/** Says how a full backup is encrypted. */
export async function writeEncryptionInfo(
  storage: ExternalStorage,
  directory: string,
  info: EncryptionInfo,
): Promise<void> {
  const path = joinPath(directory, FILE.encryptionInfo);
  await storage.write(path, toBinary(EncryptionInfoSchema, info));
}

/** Points to the newest full backup of a collection. @param directory relative to it, without a leading slash */
export async function writeLatest(collection: ExternalStorage, directory: string): Promise<void> {
  await collection.write(FILE.latest, Buffer.from(`/${directory}`));
}
