import { create } from '@bufbuild/protobuf';
import { SqlError } from '../../../base/errors';
import { type ExternalStorage, fileExists } from '../../../storage/external/external-storage';
import { redactUri } from '../../../storage/external/uri';
import { type BackupManifest, BackupManifestSchema } from '../../format/gen/backup_pb';
import { CHECKSUM_SUFFIX, FILE, joinPath } from '../../format/layout';
import { type Encrypt, writeManifest } from '../../format/manifest-writer';

/** The directory that a BACKUP writes to: it must be free, and is taken from then on. */

/** @throws SqlError duplicateFile (58P02) when there is a backup, or one is being made */
export async function refuseUsed(
  storage: ExternalStorage,
  uri: string,
  directory: string,
): Promise<void> {
  const shown = redactUri(uri);
  const location = directory === '' ? shown : joinPath(shown, directory);
  for (const name of [FILE.manifest, FILE.oldManifest]) {
    if (await fileExists(storage, joinPath(directory, name))) {
      throw new SqlError('duplicateFile', `${location} already contains a ${name} file`);
    }
  }
  if (await fileExists(storage, joinPath(directory, FILE.checkpoint))) {
    throw new SqlError(
      'duplicateFile',
      `${location} already contains a ${FILE.checkpoint} file (is another operation already in progress?)`,
    );
  }
}

/** Tells others that the directory is taken. */
export async function takeDirectory(
  storage: ExternalStorage,
  directory: string,
  backupId: string,
): Promise<void> {
  const manifest = create(BackupManifestSchema, { id: Buffer.from(backupId, 'hex') });
  await writeCheckpoint(storage, directory, manifest);
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
