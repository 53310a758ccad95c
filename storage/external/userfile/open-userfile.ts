import { posix } from 'node:path';
import { SqlError } from '../../../base/errors';
import { defined } from '../../../base/invariant';
import { connectStore } from '../../ranges/connection';
import type { ExternalStorage } from '../external-storage';
import type { ExternalStorageOptions } from '../storage-options';
import { type LocationUri, redactUri, refuseUnknownParams } from '../uri';
import { UserfileStorage } from './userfile-storage';

/**
 * Opens `userfile://<table prefix>/<path>`: files in the store. Source: CockroachDB, cloud/userfile/file_table_storage.go.
 * @throws see `openStorage`
 */
export async function openUserfile(
  location: LocationUri,
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  refuseUnknownParams(location, 'userfile', []);
  const normal = posix.normalize(location.path === '' ? '/' : location.path);
  if (location.path !== '' && location.path !== normal) {
    throw new SqlError(
      'invalidParameterValue',
      `path ${location.path} changes after normalization to ${normal}. userfile upload does not permit such path constructs`,
    );
  }
  const user = options.user ?? 'root';
  const directory = defined(options.storeDirectory, 'store of userfile URLs');
  return new UserfileStorage(connectStore(directory), {
    tablePrefix: location.host === '' ? userfilePrefix(user) : location.host,
    pathPrefix: location.path,
    redactedUrl: redactUri(uri),
    user,
    lock: options.writeLock,
    writes: options.userfileWrites,
    signal: options.signal,
  });
}

/** Where `userfile:///` URLs of a user lead. */
export const userfilePrefix = (user: string): string => `defaultdb.public.userfiles_${user}`;
