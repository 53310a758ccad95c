import { create } from '@bufbuild/protobuf';
import { SqlError } from '../../../base/errors';
import {
  type ExternalStorage,
  fileExists,
  isListingUnsupported,
} from '../../../storage/external/external-storage';
import { redactUri } from '../../../storage/external/uri';
import { type BackupManifest, BackupManifestSchema } from '../../format/gen/backup_pb';
import { CHECKSUM_SUFFIX, FILE, joinPath } from '../../format/layout';
import { type Encrypt, writeManifest } from '../../format/manifest-writer';

/** The directory that a BACKUP writes to: it must be free, and is taken from then on. */

/** Of a BACKUP that is about to take the directory; followed by its id. Source of the name: CockroachDB 22.1. */
const LOCK_PREFIX = 'BACKUP-LOCK-';

/**
 * Tells others that the directory is taken. No storage can look and write in one: whoever wants it says so in a file of its own first, and
 * looks then. Of two at once, of two servers, at least one sees the other. Where files can't be listed, what is there is looked for, no more.
 * @throws SqlError duplicateFile (58P02) when there is a backup in it, or one is being made
 */
export async function takeDirectory(
  storage: ExternalStorage,
  uri: string,
  directory: string,
  backupId: string,
): Promise<void> {
  const shown = redactUri(uri);
  const location = directory === '' ? shown : joinPath(shown, directory);
  const lock = joinPath(directory, `${LOCK_PREFIX}${backupId}`);
  await storage.write(lock, Buffer.from(backupId));
  try {
    await refuseLocked(storage, directory, { location, lock });
    await refuseUsed(storage, directory, location);
    const manifest = create(BackupManifestSchema, { id: Buffer.from(backupId, 'hex') });
    await writeCheckpoint(storage, directory, manifest);
  } catch (error) {
    // What a storage keeps that is away is in the way of nobody but of a backup into the same directory.
    await storage.delete(lock).catch(() => undefined);
    throw error;
  }
  await storage.delete(lock);
}

async function refuseLocked(
  storage: ExternalStorage,
  directory: string,
  { location, lock }: { readonly location: string; readonly lock: string },
): Promise<void> {
  try {
    for await (const path of storage.list(joinPath(directory, LOCK_PREFIX))) {
      if (path === lock) continue;
      const name = path.slice(path.lastIndexOf('/') + 1);
      throw new SqlError(
        'duplicateFile',
        `${location} already contains a ${name} file (is another operation already in progress?)`,
      );
    }
  } catch (error) {
    if (!isListingUnsupported(error)) throw error;
  }
}

async function refuseUsed(
  storage: ExternalStorage,
  directory: string,
  location: string,
): Promise<void> {
  const isThere = (name: string): Promise<boolean> =>
    fileExists(storage, joinPath(directory, name));
  const [manifest, oldManifest, checkpoint] = await Promise.all(
    [FILE.manifest, FILE.oldManifest, FILE.checkpoint].map(isThere),
  );
  if (manifest || oldManifest) {
    const name = manifest ? FILE.manifest : FILE.oldManifest;
    throw new SqlError('duplicateFile', `${location} already contains a ${name} file`);
  }
  if (checkpoint) {
    throw new SqlError(
      'duplicateFile',
      `${location} already contains a ${FILE.checkpoint} file (is another operation already in progress?)`,
    );
  }
}

/** @param manifest of what is written so far */
export async function writeCheckpoint(
  storage: ExternalStorage,
  directory: string,
  manifest: BackupManifest,
  encrypt?: Encrypt,
): Promise<void> {
  await writeManifest(storage, joinPath(directory, FILE.checkpoint), manifest, encrypt);
}

export async function deleteCheckpoint(storage: ExternalStorage, directory: string): Promise<void> {
  const path = joinPath(directory, FILE.checkpoint);
  await storage.delete(path);
  await storage.delete(`${path}${CHECKSUM_SUFFIX}`);
}
