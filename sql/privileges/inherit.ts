import type { PrivilegeDescriptor } from '../../catalog/descriptor/gen/privilege_pb';
import {
  ALL_PRIVILEGES,
  defaultPrivileges,
  GRANTABLE,
  grant,
  maskOf,
  ownerOf,
  setMask,
} from '../../catalog/privileges';
import { ADMIN_ROLE, PUBLIC_ROLE, ROOT_USER } from '../../catalog/roles';
import type { Connection } from '../../storage/ranges/connection';
import { listDefaultPrivileges } from '../../storage/ranges/default-privilege-rows';
import { type Actor, securedById } from './access';

/** Kinds that ALTER DEFAULT PRIVILEGES tells apart. */
export type DefaultKind = 'tables' | 'sequences' | 'schemas' | 'types';

export const OBJECT_KINDS = {
  tables: 'table',
  sequences: 'sequence',
  schemas: 'schema',
  types: 'type',
} as const;

interface NewObject {
  readonly kind: DefaultKind;
  readonly databaseId: number;
  readonly schemaId: number;
  readonly owner: string;
}

/**
 * What a new object grants: everything to its owner, admin and root; to others what they hold on the database and can hold on the
 * object; and the default privileges that were set for its creator.
 */
export function initialPrivileges(
  db: Connection,
  actor: Actor,
  object: NewObject,
): PrivilegeDescriptor {
  const { kind } = object;
  const privileges = defaultPrivileges(object.owner, kind === 'types');
  if (kind !== 'types') inherit(privileges, actor, object);
  for (const row of listDefaultPrivileges(db)) {
    const applies =
      row.databaseId === object.databaseId &&
      (row.schemaId === 0 || row.schemaId === object.schemaId) &&
      (row.role === '' || row.role === actor.user) &&
      row.objectType === kind;
    if (!applies) continue;
    if (row.mask === 0n && row.grantee === PUBLIC_ROLE) setMask(privileges, PUBLIC_ROLE, 0n);
    else grant(privileges, row.grantee, row.mask);
  }
  return privileges;
}

function inherit(privileges: PrivilegeDescriptor, actor: Actor, object: NewObject): void {
  const { kind, databaseId } = object;
  const possible = maskOf(GRANTABLE[OBJECT_KINDS[kind]]) | ALL_PRIVILEGES;
  for (const { user, privileges: mask } of securedById(actor, databaseId).privileges?.users ?? []) {
    if (user === ADMIN_ROLE || user === ROOT_USER) continue;
    if ((mask & possible) !== 0n) grant(privileges, user, mask & possible);
  }
}

/** The owner that a new descriptor was given, or who makes it. */
export const newOwnerOf = (given: PrivilegeDescriptor | undefined, actor: Actor): string =>
  given === undefined ? actor.user : ownerOf(given);
