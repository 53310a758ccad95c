import { SqlError } from '../../../base/errors';
import {
  type ExternalStorage,
  fileExists,
  isMissingFile,
} from '../../../storage/external/external-storage';
import { decryptBytes } from '../../encryption';
import type { BackupManifest } from '../../format/gen/backup_pb';
import { CHECKSUM_SUFFIX, FILE, joinPath } from '../../format/layout';
import { readManifest } from '../../format/manifest';
import { type Encrypt, writeLatest, writeManifest } from '../../format/manifest-writer';
import type { BackupPayload } from '../payload';
import { deleteCheckpoint } from './destination';

/** A layer whose data is there becomes one that others find. */

/** In this order: whoever finds a manifest finds all that it names, and LATEST never names less. */
export async function publish(
  storage: ExternalStorage,
  payload: BackupPayload,
  manifest: BackupManifest,
  encrypt: Encrypt | undefined,
): Promise<void> {
  const { directory } = payload;
  await writeManifest(storage, joinPath(directory, FILE.manifest), manifest, encrypt);
  await finishPublication(storage, payload);
}

/**
 * What an earlier run of the job has come to: the manifest of a layer that is complete, of which others may not know yet.
 * @throws CorruptionError
 */
export async function publishedLayer(
  storage: ExternalStorage,
  { directory, key, backupId }: BackupPayload,
): Promise<BackupManifest | undefined> {
  const decrypt =
    key === undefined
      ? undefined
      : (bytes: Uint8Array, file: string) => decryptBytes(bytes, Buffer.from(key, 'base64'), file);
  try {
    const { manifest } = await readManifest(storage, directory, decrypt);
    // It is written after the manifest.
    if (!(await fileExists(storage, joinPath(directory, `${FILE.manifest}${CHECKSUM_SUFFIX}`))))
      return undefined;
    return Buffer.from(manifest.id).toString('hex') === backupId ? manifest : undefined;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

/** @throws what the storage throws, and what it means for the backup */
export async function finishPublication(
  storage: ExternalStorage,
  { directory, inCollection, base }: BackupPayload,
): Promise<void> {
  // LATEST names the newest full backup, whatever layers that has.
  if (inCollection && base === undefined) {
    try {
      await writeLatest(storage, directory);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      throw error.withMessage(
        `the backup in "${directory}" is complete, but LATEST could not be made to name it: ${error.message}`,
      );
    }
  }
  await deleteCheckpoint(storage, directory);
}
