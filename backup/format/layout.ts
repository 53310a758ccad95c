import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import {
  type ExternalStorage,
  isListingUnsupported,
  isMissingFile,
} from '../../storage/external/external-storage';

/**
 * Names and places of a backup's files.
 *
 *   <collection>/LATEST                           path of the newest full backup (20.2 to 21.2)
 *   <collection>/metadata/latest/LATEST-<hex>     the same since 22.1; the first is the newest
 *   <collection>/2021/05/13-101500.53/            a full backup, named by its end time in UTC
 *       BACKUP_MANIFEST, BACKUP_MANIFEST-CHECKSUM (BACKUP before 20.2, no checksum)
 *       BACKUP-STATISTICS, BACKUP_PART_<n>_<locality>, ENCRYPTION-INFO
 *       <number>.sst, data/<number>.sst
 *       20210513/113000.00/                       an incremental layer (until 21.2)
 *   <collection>/incrementals/2021/05/13-101500.53/… incremental layers since 22.1
 */

export const FILE = {
  manifest: 'BACKUP_MANIFEST',
  /** Before 20.2. */
  oldManifest: 'BACKUP',
  /** Since 23.1. */
  slimManifest: 'BACKUP_METADATA',
  /** Of a backup that is not finished. */
  checkpoint: 'BACKUP-CHECKPOINT',
  statistics: 'BACKUP-STATISTICS',
  encryptionInfo: 'ENCRYPTION-INFO',
  latest: 'LATEST',
} as const;

export const CHECKSUM_SUFFIX = '-CHECKSUM';
const LATEST_FOLDER = 'metadata/latest/';
const INCREMENTALS_FOLDER = 'incrementals';

/** `directory` may be empty: the location itself. */
export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory.replace(/\/+$/, '')}/${name}`;
}

/**
 * The newest full backup of a collection, relative to it, without a leading slash.
 * @throws SqlError undefinedFile (58P01) when the collection has none
 */
export async function readLatest(collection: ExternalStorage): Promise<string> {
  const read = (path: string): Promise<Uint8Array> =>
    collection.readAll(path, limits.smallFileBytesMax);
  // A storage takes its time to answer: what may be needed is asked for meanwhile.
  const old = read(FILE.latest);
  old.catch(() => undefined);
  const pointer = await newestPointer(collection);
  let bytes: Uint8Array;
  try {
    bytes = await (pointer === undefined ? old : read(pointer));
  } catch (error) {
    if (!isMissingFile(error)) throw error;
    const message = 'path does not contain a completed latest backup';
    throw new SqlError('undefinedFile', message, { cause: error });
  }
  const subdirectory = Buffer.from(bytes).toString('utf8').replace(/^\/+/, '').trimEnd();
  // The path leads below the collection, wherever the file says it does.
  if (subdirectory === '' || subdirectory.split('/').includes('..'))
    throw new SqlError('dataCorrupted', 'malformed LATEST file');
  return subdirectory;
}

async function newestPointer(collection: ExternalStorage): Promise<string | undefined> {
  try {
    for await (const path of collection.list(LATEST_FOLDER)) {
      if (path.startsWith(`${LATEST_FOLDER}LATEST-`)) return path;
    }
  } catch (error) {
    // http cannot list: 22.1 and later write LATEST there as well.
    if (!isListingUnsupported(error)) throw error;
  }
  return undefined;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Date, time of day and hundredths, in UTC. @param nanos since 1970 */
function nameParts(nanos: bigint) {
  const hundredths = nanos / 10_000_000n;
  const time = new Date(Number(hundredths / 100n) * 1000);
  const day = [String(time.getUTCFullYear()).padStart(4, '0'), two(time.getUTCMonth() + 1)];
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join('');
  return {
    day: [...day, two(time.getUTCDate())],
    clock: `${clock}.${two(Number(hundredths % 100n))}`,
  };
}

/** Where in its collection a full backup lies that ends at a time; without a leading slash. */
export function fullBackupName(endNanos: bigint): string {
  const { day, clock } = nameParts(endNanos);
  return `${day[0]}/${day[1]}/${day[2]}-${clock}`;
}

/** Where below its full backup an incremental layer lies that ends at a time. */
export function incrementalName(endNanos: bigint): string {
  const { day, clock } = nameParts(endNanos);
  return `${day.join('')}/${clock}`;
}

const FULL_BACKUP = /^\/?([^/]+\/[^/]+\/[^/]+)\/BACKUP_MANIFEST$/;

/**
 * `SHOW BACKUPS IN`: full backups of a collection, relative to it, without a leading slash;
 * oldest first.
 */
export async function listFullBackups(collection: ExternalStorage): Promise<string[]> {
  return listMatches(collection, '', FULL_BACKUP);
}

/** The time of day ends in hundredths; since 25.2 the layer's start time follows. */
const INCREMENTAL_LAYER = /^\/?([0-9][^/]*\/[0-9][^/]*\.[0-9][0-9])\/BACKUP_MANIFEST$/;

/**
 * Incremental layers below a full backup, in chain order: directories relative to the storage's
 * location.
 * @param fullBackup directory of the full backup; empty when it is the location itself
 */
export async function listIncrementals(
  storage: ExternalStorage,
  fullBackup: string,
): Promise<string[]> {
  const prefix = fullBackup === '' ? '' : `${fullBackup.replace(/\/+$/, '')}/`;
  try {
    const layers = await listMatches(storage, prefix, INCREMENTAL_LAYER);
    return layers.map((layer) => `${prefix}${layer}`);
  } catch (error) {
    // As for CockroachDB, incremental layers on http have to be named.
    if (isListingUnsupported(error)) return [];
    throw error;
  }
}

/**
 * Where the layers of a collection's full backup are: below it until 21.2, below `incrementals`
 * since 22.1.
 * @throws SqlError objectNotInPrerequisiteState when there are layers in both
 */
export async function listCollectionIncrementals(
  collection: ExternalStorage,
  fullBackup: string,
): Promise<string[]> {
  const [below, beside] = await Promise.all([
    listIncrementals(collection, fullBackup),
    listIncrementals(collection, joinPath(INCREMENTALS_FOLDER, fullBackup)),
  ]);
  if (below.length > 0 && beside.length > 0) {
    throw new SqlError(
      'objectNotInPrerequisiteState',
      `incremental layers of ${fullBackup} found in the backup and in ${INCREMENTALS_FOLDER}`,
      { hint: 'name the layers to restore explicitly' },
    );
  }
  return below.length > 0 ? below : beside;
}

/** Since 21.1 a layer's data files lie in directories of this name: manifests are found without listing them. */
const DATA_FOLDER = 'data/';

async function listMatches(
  storage: ExternalStorage,
  prefix: string,
  pattern: RegExp,
): Promise<string[]> {
  const found: string[] = [];
  let listed = 0;
  for await (const path of storage.list(prefix, DATA_FOLDER)) {
    if (++listed > limits.listedFilesMax)
      throw new SqlError('programLimitExceeded', `more than ${limits.listedFilesMax} files listed`);
    if (!path.startsWith(prefix)) continue;
    const match = pattern.exec(path.slice(prefix.length));
    if (match?.[1] !== undefined) found.push(match[1]);
  }
  return found.sort(compareStrings);
}

function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
