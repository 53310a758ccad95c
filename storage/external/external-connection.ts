import { SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { connectStore } from '../ranges/connection';
import { findExternalConnection } from '../ranges/external-connection-rows';
import type { ExternalStorageOptions } from './storage-options';
import { type LocationUri, refuseUnknownParams } from './uri';

/** Locations with names: `external://<name>/<path>`. Who uses the name need not see the secrets behind it. */
export const EXTERNAL_SCHEME = 'external';

/**
 * The URL that a connection's name stands for, with the path of `location` appended to its own.
 * @throws SqlError undefinedObject (42704)
 */
export function connectedUri(location: LocationUri, options: ExternalStorageOptions): string {
  refuseUnknownParams(location, 'external', []);
  const db = connectStore(defined(options.storeDirectory, 'store of external URLs'), {
    readonly: true,
  });
  try {
    const found = findExternalConnection(db, location.host);
    if (found === undefined) throw noConnection(location.host);
    const [path = '', query] = found.uri.split(/\?(.*)/s, 2);
    const joined = `${path.replace(/\/+$/, '')}${location.rawPath}`;
    return query === undefined ? joined : `${joined}?${query}`;
  } finally {
    db.close();
  }
}

export const noConnection = (name: string): SqlError =>
  new SqlError(
    'undefinedObject',
    `external connection with connection name "${name}" does not exist`,
  );
