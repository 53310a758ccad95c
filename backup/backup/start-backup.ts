import { randomUUID } from 'node:crypto';
import { SqlError } from '../../base/errors';
import type { JobMaker } from '../../jobs/registry';
import type { ExternalStorage } from '../../storage/external/external-storage';
import { openStorage } from '../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { Connection } from '../../storage/ranges/connection';
import { deriveKey } from '../encryption';
import { FILE, joinPath } from '../format/layout';
import { writeEncryptionInfo } from '../format/manifest-writer';
import { BACKUP_JOB_TYPE } from './backup-job';
import { deleteCheckpoint, refuseUsed, writeCheckpoint } from './destination';
import { encodeBackupPayload } from './payload';
import type { BackupScope } from './targets';

/** Where a BACKUP writes: the location's URL, secrets included, and the directory below it. */
export interface BackupDestination {
  readonly uri: string;
  readonly directory: string;
  readonly inCollection: boolean;
}

/** A BACKUP whose place is taken: what is left is to create its job, or to give the place back. */
export interface PreparedBackup {
  readonly scope: BackupScope;
  readonly destination: BackupDestination;
  readonly backupId: string;
  readonly key: Uint8Array | undefined;
}

/**
 * Takes a free directory.
 * @throws SqlError duplicateFile (58P02) when there is a backup in it; what the storage throws
 */
export async function prepareBackup(
  scope: BackupScope,
  destination: BackupDestination,
  passphrase: string | undefined,
  storage: ExternalStorageOptions,
): Promise<PreparedBackup> {
  const { uri, directory } = destination;
  const backupId = randomUUID().replaceAll('-', '');
  return await withDestination(uri, storage, async (opened) => {
    await refuseUsed(opened, uri, directory);
    await writeCheckpoint(opened, directory, backupId);
    const key =
      passphrase === undefined
        ? undefined
        : await deriveKey(passphrase, await writeEncryptionInfo(opened, directory));
    return { scope, destination, backupId, key };
  });
}

/** Gives the directory of a BACKUP back that did not become a job. */
export async function abandonBackup(
  { destination, key }: PreparedBackup,
  storage: ExternalStorageOptions,
): Promise<void> {
  const { uri, directory } = destination;
  await withDestination(uri, storage, async (opened) => {
    if (key !== undefined) await opened.delete(joinPath(directory, FILE.encryptionInfo));
    await deleteCheckpoint(opened, directory);
  });
}

async function withDestination<T>(
  uri: string,
  options: ExternalStorageOptions,
  body: (storage: ExternalStorage) => Promise<T>,
): Promise<T> {
  const storage = await openDestination(uri, options);
  try {
    return await body(storage);
  } finally {
    await storage.close();
  }
}

async function openDestination(
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  try {
    return await openStorage(uri, options);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw error.withMessage(`failed to open backup storage location: ${error.message}`);
  }
}

/** Creates the job in the caller's write transaction; it runs from `jobs.start` on. @returns its id */
export function createBackupJob(
  db: Connection,
  { scope, destination, backupId, key }: PreparedBackup,
  about: { readonly description: string; readonly user: string },
  jobs: JobMaker,
): bigint {
  return jobs.create(db, {
    type: BACKUP_JOB_TYPE,
    description: about.description,
    statement: about.description,
    user: about.user,
    payload: encodeBackupPayload({
      scope,
      ...destination,
      backupId,
      ...(key === undefined ? {} : { key: Buffer.from(key).toString('base64') }),
    }),
  });
}
