import { SqlError } from '../../base/errors';
import { kmsAccess } from '../../storage/external/kms/kms';
import { accessOf } from '../../storage/external/open-storage';
import { parseLocation } from '../../storage/external/uri';
import { userfilePrefix } from '../../storage/external/userfile/open-userfile';
import { type Actor, hasOption, hasPrivilege, isAdmin, secured } from './access';

/** Who may read and write backups where. */

/** @throws SqlError insufficientPrivilege (42501) */
export function requireLocations(
  actor: Actor,
  uris: readonly string[],
  what: 'BACKUP' | 'RESTORE' | 'SHOW BACKUP' | 'UPLOAD',
): void {
  if (isAdmin(actor)) return;
  for (const uri of uris) {
    const { provider, explicit } = accessOf(uri);
    const verb = what === 'BACKUP' || what === 'UPLOAD' ? `${what} to` : `${what} from`;
    if (!explicit) {
      throw new SqlError(
        'insufficientPrivilege',
        `only users with the admin role are allowed to ${verb} the specified ${provider} URI`,
      );
    }
    if (provider === 'userfile') requireUserfiles(actor, uri, what);
  }
}

/** Whoever has a key management service asked with what this server may do. @throws SqlError insufficientPrivilege (42501) */
export function requireKms(
  actor: Actor,
  uris: readonly string[],
  what: 'BACKUP' | 'RESTORE' | 'SHOW BACKUP',
): void {
  if (isAdmin(actor)) return;
  for (const uri of uris) {
    const { provider, explicit } = kmsAccess(uri);
    if (explicit) continue;
    throw new SqlError(
      'insufficientPrivilege',
      `only users with the admin role are allowed to ${what} with the specified ${provider} kms URI`,
    );
  }
}

/** Files of users are tables of `defaultdb`, which the first use makes; each user has their own. */
function requireUserfiles(actor: Actor, uri: string, what: string): void {
  const { host } = parseLocation(uri);
  if (host !== '' && host !== userfilePrefix(actor.user)) {
    throw new SqlError(
      'insufficientPrivilege',
      `user ${actor.user} does not have SELECT privilege on relation ${host}_upload_files`,
    );
  }
  const database = actor.catalog.holderOfName(0, 0, 'defaultdb');
  if (database === undefined || hasPrivilege(actor, secured(database), 'CREATE')) return;
  const opening =
    what === 'BACKUP' || what === 'UPLOAD' ? '' : 'failed to open backup storage location: ';
  throw new SqlError(
    'insufficientPrivilege',
    `${opening}failed to create file table to store uploaded file names: create-file-table: user ${actor.user} does not have CREATE privilege on database defaultdb`,
  );
}

/** Of RESTORE, before a location is looked at. @throws SqlError insufficientPrivilege (42501) */
export function requireRestore(
  actor: Actor,
  targets: 'cluster' | 'databases' | 'tables' | 'systemUsers' | 'tenant',
): void {
  if (isAdmin(actor)) return;
  if (targets === 'cluster' || targets === 'systemUsers') {
    throw new SqlError(
      'insufficientPrivilege',
      'only users with the admin role are allowed to restore full cluster backups',
    );
  }
  if (targets === 'tenant') {
    throw new SqlError(
      'insufficientPrivilege',
      'only users with the admin role can perform RESTORE TENANT',
    );
  }
  if (targets === 'databases' && !hasOption(actor, 'CREATEDB')) {
    throw new SqlError(
      'insufficientPrivilege',
      'only users with the CREATEDB privilege can restore databases',
    );
  }
}
