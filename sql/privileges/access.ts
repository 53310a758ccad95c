import { SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { PUBLIC_SCHEMA_ID, SYSTEM_DATABASE_ID } from '../../catalog/constants';
import type { PrivilegeDescriptor } from '../../catalog/descriptor/gen/privilege_pb';
import {
  ALL_PRIVILEGES,
  maskFor,
  maskOf,
  ownerOf,
  type PrivilegeName,
} from '../../catalog/privileges';
import { NODE_USER, PUBLIC_ROLE } from '../../catalog/roles';
import type { CatalogSnapshot, DescriptorHeader } from '../../catalog/snapshot';

/**
 * Who may do what, asked of one version of the catalog. What was compiled under an answer is kept by user and catalog version, so a
 * statement that was seen before asks nothing.
 */

/** Whose rights count. */
export interface Actor {
  readonly catalog: CatalogSnapshot;
  readonly user: string;
}

/** Something that has an owner and privileges. */
export interface Secured {
  /** As messages call it. */
  readonly kind: 'database' | 'schema' | 'relation' | 'type';
  readonly name: string;
  readonly databaseId: number;
  readonly privileges: PrivilegeDescriptor | undefined;
}

const MESSAGE_KINDS = {
  database: 'database',
  schema: 'schema',
  table: 'relation',
  type: 'type',
} as const;

export function secured(entry: DescriptorHeader): Secured {
  const { union } = entry.descriptor;
  const hasPrivileges = union.case !== undefined && union.case !== 'function';
  return {
    kind: MESSAGE_KINDS[entry.kind],
    name: entry.name,
    databaseId: entry.kind === 'database' ? entry.id : entry.databaseId,
    privileges: hasPrivileges ? union.value.privileges : undefined,
  };
}

/** By descriptor id. */
export function securedById(actor: Actor, id: number): Secured {
  return secured(defined(actor.catalog.entry(id), `descriptor ${id}`));
}

/** Whether the user, a role of the user's, or everybody holds one of the privileges; owners hold them all. */
export function hasPrivilege(
  actor: Actor,
  object: Secured,
  ...anyOf: readonly PrivilegeName[]
): boolean {
  const wanted = maskOf(anyOf) | ALL_PRIVILEGES;
  const holds = (role: string): boolean =>
    (maskFor(object.privileges, role) & wanted) !== 0n || isOwner(object, role);
  return someRole(actor, holds) || holds(PUBLIC_ROLE);
}

function isOwner(object: Secured, role: string): boolean {
  return role === NODE_USER || ownerOf(object.privileges) === role;
}

function someRole({ catalog, user }: Actor, holds: (role: string) => boolean): boolean {
  if (holds(user)) return true;
  for (const role of catalog.roles.rolesOf(user).keys()) if (holds(role)) return true;
  return false;
}

export function hasAnyPrivilege(actor: Actor, object: Secured): boolean {
  const holds = (role: string): boolean =>
    maskFor(object.privileges, role) !== 0n || isOwner(object, role);
  return someRole(actor, holds) || holds(PUBLIC_ROLE);
}

/** Admins own everything but the system database. */
export function hasOwnership(actor: Actor, object: Secured): boolean {
  if (object.databaseId !== SYSTEM_DATABASE_ID && isAdmin(actor)) return true;
  return someRole(actor, (role) => isOwner(object, role));
}

export const isAdmin = ({ catalog, user }: Actor): boolean => catalog.roles.isAdmin(user);

export const hasOption = ({ catalog, user }: Actor, option: string): boolean =>
  catalog.roles.hasOption(user, option);

const denied = (message: string): SqlError => new SqlError('insufficientPrivilege', message);

/** @throws SqlError insufficientPrivilege (42501) */
export function requirePrivilege(actor: Actor, object: Secured, privilege: PrivilegeName): void {
  requireOneOf(actor, object, [privilege]);
}

/** @throws SqlError insufficientPrivilege (42501) */
export function requireOneOf(
  actor: Actor,
  object: Secured,
  privileges: readonly PrivilegeName[],
): void {
  if (hasPrivilege(actor, object, ...privileges)) return;
  throw denied(
    `user ${actor.user} does not have ${privileges.join(' or ')} privilege on ${object.kind} ${object.name}`,
  );
}

/** @throws SqlError insufficientPrivilege (42501) */
export function requireAnyPrivilege(actor: Actor, object: Secured): void {
  if (hasAnyPrivilege(actor, object)) return;
  throw denied(`user ${actor.user} has no privileges on ${object.kind} ${object.name}`);
}

/** @throws SqlError insufficientPrivilege (42501) */
export function requireOwnership(actor: Actor, object: Secured): void {
  if (hasOwnership(actor, object)) return;
  const kind = object.kind === 'relation' ? 'table' : object.kind;
  throw denied(`must be owner of ${kind} ${object.name}`);
}

/**
 * To make something in a schema takes CREATE on it, in `public` on the database.
 * @throws SqlError insufficientPrivilege (42501)
 */
export function requireCreateIn(actor: Actor, databaseId: number, schemaId: number): void {
  const isPublic = schemaId === PUBLIC_SCHEMA_ID || schemaId === 0;
  requirePrivilege(actor, securedById(actor, isPublic ? databaseId : schemaId), 'CREATE');
}

/** To name something in a schema takes USAGE on it. @throws SqlError insufficientPrivilege (42501) */
export function requireSchemaUsage(actor: Actor, schemaId: number): void {
  if (schemaId === PUBLIC_SCHEMA_ID || schemaId === 0) return;
  const entry = actor.catalog.entry(schemaId);
  if (entry !== undefined) requirePrivilege(actor, secured(entry), 'USAGE');
}

/** @param what ends the sentence "only users with the admin role are allowed to …" */
export function requireAdmin(actor: Actor, what: string): void {
  if (!isAdmin(actor)) throw denied(`only users with the admin role are allowed to ${what}`);
}

/** A role option such as CREATEROLE. @throws SqlError insufficientPrivilege (42501) */
export function requireOption(actor: Actor, option: string): void {
  if (hasOption(actor, option)) return;
  throw denied(`user ${actor.user} does not have ${option} privilege`);
}

/**
 * Whether the user may give an object to `newOwner`: it exists, the object is the user's, and the user is a member of the new owner.
 * What the new owner needs itself (CREATE where the object is) is checked for them.
 * @throws SqlError undefinedObject (42704), insufficientPrivilege (42501)
 */
export function requireNewOwner(actor: Actor, object: Secured, newOwner: string): void {
  if (actor.catalog.roles.get(newOwner) === undefined) {
    throw new SqlError('undefinedObject', `role/user "${newOwner}" does not exist`);
  }
  if (isAdmin(actor)) return;
  requireOwnership(actor, object);
  if (!actor.catalog.roles.isMember(actor.user, newOwner)) {
    throw denied(`must be member of role "${newOwner}"`);
  }
}
