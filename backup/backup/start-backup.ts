import { randomUUID } from 'node:crypto';
import { wallNanos } from '../../base/clock';
import { SqlError } from '../../base/errors';
import { Turns } from '../../base/turns';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { listUnfinishedJobs } from '../../jobs/job-rows';
import type { JobMaker } from '../../jobs/registry';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import { redactUri } from '../../storage/external/uri';
import type { Connection } from '../../storage/ranges/connection';
import { chainKey, type LayerLocation, withStorage } from '../chain';
import { type ChainKey, type EncryptionSecret, keptKey, makeKey } from '../encryption-secret';
import { FILE, joinPath } from '../format/layout';
import { writeEncryptionInfo } from '../format/manifest-writer';
import { BACKUP_JOB_TYPE } from './backup-job';
import { checkAppend } from './layer/append';
import { deleteCheckpoint, takeDirectory } from './layer/destination';
import { type LayerPlace, placeLayer, type StatedPlace } from './layer/layer-place';
import { decodeBackupPayload, encodeBackupPayload } from './payload';
import type { BackupScope } from './targets/targets';

/** A BACKUP whose place is taken: what is left is to create its job, or to give the place back. */
export interface PreparedBackup {
  readonly scope: BackupScope;
  readonly place: LayerPlace;
  readonly backupId: string;
  readonly key: ChainKey | undefined;
  readonly versions: BackupVersions;
}

/** Which versions a BACKUP holds. */
export interface BackupVersions {
  /** All since the layer before, or since history begins. */
  readonly revisionHistory: boolean;
  /** Its end; undefined: now. */
  readonly asOf: bigint | undefined;
}

export interface BackupRequest {
  readonly versions: BackupVersions;
  readonly scope: BackupScope;
  readonly place: StatedPlace;
  readonly secret: EncryptionSecret | undefined;
  /** What the names of the statement were looked up in. */
  readonly catalog: CatalogSnapshot;
  readonly db: Connection;
}

/** Of two at once each would find that the other wants it, and neither would get it. */
const taking = new Turns();

/**
 * Finds the layer's place and takes it.
 * @throws SqlError duplicateFile (58P02) when there is a backup in it; what `checkAppend` and the storage throw
 */
export async function prepareBackup(
  { scope, place: stated, secret, catalog, db, versions }: BackupRequest,
  storage: ExternalStorageOptions,
): Promise<PreparedBackup> {
  const place = await placeLayer(stated, wallNanos(), storage);
  const { uri, directory, base } = place;
  const chain =
    base === undefined || secret === undefined ? undefined : await chainKey(base, secret, storage);
  const about = { scope, catalog, db, asOf: versions.asOf };
  if (base !== undefined) await checkAppend(base, chain?.key, about, storage);
  const made =
    base === undefined && secret !== undefined
      ? await makeKey(secret, { options: storage })
      : undefined;
  const backupId = randomUUID().replaceAll('-', '');
  return await withStorage(uri, storage, async (opened) => {
    await taking.take(joinPath(redactUri(uri), directory), async () => {
      await takeDirectory(opened, uri, directory, backupId);
    });
    if (made !== undefined) await writeEncryptionInfo(opened, directory, made.info);
    return { scope, place, backupId, key: made ?? chain, versions };
  });
}

/** What a BACKUP has taken that is not a job yet. Plain data. */
export interface TakenPlace {
  readonly uri: string;
  readonly directory: string;
  /** Its encryption key is its own, not its chain's. */
  readonly ownsKey: boolean;
}

export const takenPlace = ({ place, key }: PreparedBackup): TakenPlace => ({
  uri: place.uri,
  directory: place.directory,
  ownsKey: key !== undefined && place.base === undefined,
});

/** Gives the directory of a BACKUP back that did not become a job. */
export async function abandonBackup(
  { uri, directory, ownsKey }: TakenPlace,
  storage: ExternalStorageOptions,
): Promise<void> {
  await withStorage(uri, storage, async (opened) => {
    if (ownsKey) await opened.delete(joinPath(directory, FILE.encryptionInfo));
    await deleteCheckpoint(opened, directory);
  });
}

/**
 * Creates the job in the caller's write transaction; it runs from `jobs.start` on. @returns its id
 * @throws SqlError objectInUse (55006) when another one adds a layer to the same chain
 */
export function createBackupJob(
  db: Connection,
  { scope, place, backupId, key, versions }: PreparedBackup,
  about: { readonly description: string; readonly user: string },
  jobs: JobMaker,
): bigint {
  const { uri, partitions, directory, inCollection, base } = place;
  if (base !== undefined) refuseConcurrent(db, base);
  return jobs.create(db, {
    type: BACKUP_JOB_TYPE,
    description: about.description,
    statement: about.description,
    user: about.user,
    payload: encodeBackupPayload({
      scope,
      uri,
      ...(partitions.length === 0 ? {} : { partitions }),
      directory,
      inCollection,
      backupId,
      ...(base === undefined ? {} : { base }),
      ...(versions.revisionHistory ? { revisionHistory: true as const } : {}),
      ...(versions.asOf === undefined ? {} : { asOf: String(versions.asOf) }),
      ...keptKey(key),
    }),
  });
}

/** Two layers that begin where the same one ends would each lack what the other has. */
function refuseConcurrent(db: Connection, base: readonly LayerLocation[]): void {
  const [full] = base;
  for (const { id, type, payload } of listUnfinishedJobs(db)) {
    if (type !== BACKUP_JOB_TYPE) continue;
    const [other] = decodeBackupPayload(payload).base ?? [];
    if (other?.uri !== full?.uri || other?.directory !== full?.directory) continue;
    throw new SqlError('objectInUse', `job ${id} is adding a layer to the same backup`);
  }
}
