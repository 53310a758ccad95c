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

/** The key of a new full backup, and what its directory has to say for it to be found again. */
export interface NewKey {
  readonly key: Uint8Array;
  readonly info: EncryptionInfo;
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
  for (const uri of secret.uris) {
    await withKms(uri, environment, async (kms) => {
      const digest = digestOf(kms.masterKeyId);
      entries.set(digest.toString('hex'), { key: digest, value: await kms.encrypt(key) });
    });
  }
  return { key, info: create(EncryptionInfoSchema, { encryptedDataKeys: [...entries.values()] }) };
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
): Promise<Uint8Array> {
  const info = await infoOf(storage, directory);
  if (secret.kind === 'kms') return await decryptedKey(info, secret.uris, environment);
  if (info.salt.length > 0) return await deriveKey(secret.passphrase, info.salt);
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

/** Each KMS has to be one of the backup's; the first one is asked. */
async function decryptedKey(
  { encryptedDataKeys }: EncryptionInfo,
  uris: readonly string[],
  environment: KmsEnvironment,
): Promise<Uint8Array> {
  let found: { readonly uri: string; readonly encrypted: Uint8Array } | undefined;
  for (const uri of uris) {
    const digest = await withKms(uri, environment, async (kms) => digestOf(kms.masterKeyId));
    const entry = encryptedDataKeys.find(({ key }) => digest.equals(key));
    if (entry === undefined) {
      throw new SqlError(
        'invalidParameterValue',
        'one of the provided URIs was not used when encrypting the base BACKUP: could not find an entry in the encryptedDataKeyMap',
      );
    }
    found ??= { uri, encrypted: entry.value };
  }
  if (found === undefined) throw new SqlError('invalidParameterValue', 'kms names no URI');
  const { uri, encrypted } = found;
  const key = await withKms(uri, environment, (kms) => kms.decrypt(encrypted));
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
