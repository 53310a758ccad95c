import {
  ALL_ROLES,
  type DefaultKind,
  type DefaultsHolder,
  grantedByDefault,
  OBJECT_KINDS,
  publicUsesTypes,
} from '../../catalog/default-privileges';
import type { PrivilegeDescriptor } from '../../catalog/descriptor/gen/privilege_pb';
import {
  ALL_PRIVILEGES,
  defaultPrivileges,
  GRANTABLE,
  grant,
  maskOf,
  ownerOf,
} from '../../catalog/privileges';
import { ADMIN_ROLE, ROOT_USER } from '../../catalog/roles';
import { type Actor, securedById } from './access';

interface NewObject {
  readonly kind: DefaultKind;
  readonly databaseId: number;
  readonly schemaId: number;
  readonly owner: string;
}

/**
 * What a new object grants: everything to its owner, admin and root; to others what they hold on the database and can hold on the
 * object; and the default privileges of its database and schema that were set for its creator, and for all roles.
 */
export function initialPrivileges(actor: Actor, object: NewObject): PrivilegeDescriptor {
  const { kind, databaseId, schemaId } = object;
  const creators = [actor.user, ALL_ROLES];
  const database = defaultsOf(actor, databaseId);
  const isForAll =
    kind === 'types' && creators.some((role, i) => usesTypes(database, role, i === 0));
  const privileges = defaultPrivileges(object.owner, isForAll);
  if (kind !== 'types') inherit(privileges, actor, object);
  for (const holder of [database, defaultsOf(actor, schemaId)]) {
    for (const role of creators) {
      for (const { user, mask } of grantedByDefault(holder, role, kind)) {
        grant(privileges, user, mask);
      }
    }
  }
  return privileges;
}

/** Everybody may use types, unless that was revoked of the creator's. */
const usesTypes = (database: DefaultsHolder, role: string, isCreator: boolean): boolean =>
  publicUsesTypes(database, role) ?? isCreator;

/** None of `public`, which has no descriptor. */
function defaultsOf({ catalog }: Actor, id: number): DefaultsHolder {
  const union = catalog.entry(id)?.descriptor.union;
  return union?.case === 'database' || union?.case === 'schema' ? union.value : {};
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
