import { SqlError } from '../../base/errors';
import { locationParam, parseLocation } from '../../storage/external/uri';
import { type Actor, hasOption, hasPrivilege, isAdmin, secured } from './access';

/** Who may read and write backups where. */

/** Whether the location is reached with rights that the statement itself brings along, not with those of the server. */
function bringsRights(uri: string): boolean {
  const location = parseLocation(uri);
  const auth = locationParam(location, 'AUTH');
  switch (location.scheme) {
    case 's3':
      return auth !== 'implicit';
    case 'gs':
      return auth === 'specified';
    case 'azure':
    case 'azure-blob':
    case 'userfile':
      return true;
    default:
      return false;
  }
}

/** @throws SqlError insufficientPrivilege (42501) */
export function requireLocations(
  actor: Actor,
  uris: readonly string[],
  what: 'BACKUP' | 'RESTORE' | 'SHOW BACKUP',
): void {
  if (isAdmin(actor)) return;
  for (const uri of uris) {
    const { scheme } = parseLocation(uri);
    const verb = what === 'BACKUP' ? 'BACKUP to' : `${what} from`;
    if (!bringsRights(uri)) {
      throw new SqlError(
        'insufficientPrivilege',
        `only users with the admin role are allowed to ${verb} the specified ${scheme} URI`,
      );
    }
    if (scheme === 'userfile') requireUserfiles(actor, what);
  }
}

/** Files of users are tables of `defaultdb`, which the first use makes. */
function requireUserfiles(actor: Actor, what: string): void {
  const database = actor.catalog.holderOfName(0, 0, 'defaultdb');
  if (database === undefined || hasPrivilege(actor, secured(database), 'CREATE')) return;
  const opening = what === 'BACKUP' ? '' : 'failed to open backup storage location: ';
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
