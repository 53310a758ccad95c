import { createHash, randomBytes } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { CorruptionError, SqlError } from '../base/errors';
import type { ExternalStorage } from '../storage/external/external-storage';
import { type OpenKms, openKms } from '../storage/external/kms/kms';
import type { ExternalStorageOptions } from '../storage/external/storage-options';
import { deriveKey } from './encryption';
import { type EncryptionInfo, EncryptionInfoSchema } from './format/gen/backup_pb';
import { readEncryptionInfo } from './format/manifest';

/** What the user gives to have a backup encrypted, and the key of its files. Source: format reference 06 §2. */
export type EncryptionSecret =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  /** URLs of key management services, secrets included. */
  | { readonly kind: 'kms'; readonly uris: readonly string[] };

const SALT_BYTES = 16;
const KEY_BYTES = 32;

interface KmsEnvironment {
  readonly options: ExternalStorageOptions;
  /** Tests bring their own. */
  readonly open?: OpenKms;
}

/** The key of a chain's files. */
export interface ChainKey {
  readonly key: Uint8Array;
  /** Where a KMS has it. */
  readonly kmsKey?: KmsKey;
}

/** A key that a KMS encrypted. */
export interface KmsKey {
  /** Of the KMS, secrets included. */
  readonly uri: string;
  /** In base64. */
  readonly encrypted: string;
}

/** The key of a new full backup, and what its directory has to say for it to be found again. */
export interface NewKey extends ChainKey {
  readonly info: EncryptionInfo;
}

/** A chain's key in the record of a job, which may have to go on after a crash. */
export interface KeptKey {
  /** In base64, made from a passphrase: it opens one backup, and the passphrase is kept nowhere. */
  readonly key?: string;
  /** The KMS is asked again each time the job runs: the key itself is kept nowhere. */
  readonly kmsKey?: KmsKey;
}

export function keptKey(found: ChainKey | undefined): KeptKey {
  if (found === undefined) return {};
  const { key, kmsKey } = found;
  return kmsKey === undefined ? { key: Buffer.from(key).toString('base64') } : { kmsKey };
}

/** A job's payload for the threads that run it, which have the key itself. @throws SqlError what a KMS throws */
export async function withOpenedKey<T extends KeptKey>(
  payload: T,
  environment: KmsEnvironment,
): Promise<T> {
  const { kmsKey, ...rest } = payload;
  if (kmsKey === undefined) return payload;
  const key = await decryptKey(kmsKey, environment);
  return { ...(rest as T), key: Buffer.from(key).toString('base64') };
}

/** @throws SqlError what a KMS throws */
export async function makeKey(
  secret: EncryptionSecret,
  environment: KmsEnvironment,
): Promise<NewKey> {
  if (secret.kind === 'passphrase') {
    const salt = randomBytes(SALT_BYTES);
    const info = create(EncryptionInfoSchema, { salt });
    return { key: await deriveKey(secret.passphrase, salt), info };
  }
  const key = randomBytes(KEY_BYTES);
  const entries = new Map<string, { key: Uint8Array; value: Uint8Array }>();
  let kmsKey: KmsKey | undefined;
  for (const uri of secret.uris) {
    await withKms(uri, environment, async (kms) => {
      const digest = digestOf(kms.masterKeyId);
      const value = await kms.encrypt(key);
      entries.set(digest.toString('hex'), { key: digest, value });
      kmsKey ??= { uri, encrypted: Buffer.from(value).toString('base64') };
    });
  }
  const info = create(EncryptionInfoSchema, { encryptedDataKeys: [...entries.values()] });
  return { key, info, ...(kmsKey === undefined ? {} : { kmsKey }) };
}

/**
 * The key of a chain's files.
 * @param directory of the full backup, which alone says how
 * @throws SqlError undefinedFile (58P01) when the backup is not encrypted; invalidParameterValue (22023) for a KMS that it does not know
 */
export async function findKey(
  storage: ExternalStorage,
  directory: string,
  secret: EncryptionSecret,
  environment: KmsEnvironment,
): Promise<ChainKey> {
  const info = await infoOf(storage, directory);
  if (secret.kind === 'kms') {
    const kmsKey = await kmsKeyOf(info, secret.uris, environment);
    return { key: await decryptKey(kmsKey, environment), kmsKey };
  }
  if (info.salt.length > 0) return { key: await deriveKey(secret.passphrase, info.salt) };
  if (info.encryptedDataKeys.length === 0) {
    const file = `${storage.redactedUrl}/${directory}/ENCRYPTION-INFO`;
    throw new CorruptionError(file, undefined, 'neither a salt nor a key');
  }
  throw new SqlError(
    'invalidParameterValue',
    'the backup was encrypted with a KMS, not a passphrase',
  );
}

async function infoOf(storage: ExternalStorage, directory: string): Promise<EncryptionInfo> {
  try {
    return await readEncryptionInfo(storage, directory);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw error.withMessage(`could not find or read encryption information: ${error.message}`);
  }
}

/** Each KMS has to be one of the backup's. @returns the first one's */
async function kmsKeyOf(
  { encryptedDataKeys }: EncryptionInfo,
  uris: readonly string[],
  environment: KmsEnvironment,
): Promise<KmsKey> {
  let found: KmsKey | undefined;
  for (const uri of uris) {
    const digest = await withKms(uri, environment, async (kms) => digestOf(kms.masterKeyId));
    const entry = encryptedDataKeys.find(({ key }) => digest.equals(key));
    if (entry === undefined) {
      throw new SqlError(
        'invalidParameterValue',
        'one of the provided URIs was not used when encrypting the base BACKUP: could not find an entry in the encryptedDataKeyMap',
      );
    }
    found ??= { uri, encrypted: Buffer.from(entry.value).toString('base64') };
  }
  if (found === undefined) throw new SqlError('invalidParameterValue', 'kms names no URI');
  return found;
}

async function decryptKey(
  { uri, encrypted }: KmsKey,
  environment: KmsEnvironment,
): Promise<Uint8Array> {
  const bytes = Buffer.from(encrypted, 'base64');
  const key = await withKms(uri, environment, (kms) => kms.decrypt(bytes));
  if (key.length === KEY_BYTES) return key;
  throw new SqlError('dataCorrupted', `the data key has ${key.length} bytes, not ${KEY_BYTES}`);
}

const digestOf = (masterKeyId: string): Buffer => createHash('sha256').update(masterKeyId).digest();

async function withKms<T>(
  uri: string,
  { options, open = openKms }: KmsEnvironment,
  use: (kms: Awaited<ReturnType<OpenKms>>) => Promise<T>,
): Promise<T> {
  const kms = await open(uri, options);
  try {
    return await use(kms);
  } finally {
    kms.close();
  }
}
