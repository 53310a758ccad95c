import { create } from '@bufbuild/protobuf';
import type { DatabaseDescriptor, SchemaDescriptor } from './descriptor/gen/descriptor_pb';
import {
  type DefaultPrivilegeDescriptor,
  DefaultPrivilegeDescriptor_Type,
  DefaultPrivilegeDescriptorSchema,
  type DefaultPrivilegesForRole,
  DefaultPrivilegesForRole_ExplicitRoleSchema,
  DefaultPrivilegesForRole_ForAllRolesSchema,
  DefaultPrivilegesForRole_ObjectEntrySchema,
  DefaultPrivilegesForRoleSchema,
  type PrivilegeDescriptor,
  PrivilegeDescriptorSchema,
} from './descriptor/gen/privilege_pb';
import {
  ALL_PRIVILEGES,
  GRANTABLE,
  grant,
  maskFor,
  maskOf,
  type ObjectKind,
  privilegeBit,
  revoke,
  setMask,
} from './privileges';
import { PUBLIC_ROLE } from './roles';

/**
 * What new objects grant by themselves (ALTER DEFAULT PRIVILEGES), as descriptors of databases and schemas carry it: an entry for each
 * role whose objects are meant, and one for those of all roles. What holds without it — everything to the creator, USAGE of types to
 * everybody — is a flag that is set until it is revoked; so a role of which nothing was changed has no entry. Source: CockroachDB v21.2,
 * pkg/sql/catalog/descpb/privilege.proto; schemas carry some since v22.1, without flags.
 */

/** Kinds that ALTER DEFAULT PRIVILEGES tells apart. */
export type DefaultKind = 'tables' | 'sequences' | 'types' | 'schemas';

/** In descriptors. */
const KEYS: Readonly<Record<DefaultKind, number>> = {
  tables: 1,
  sequences: 2,
  types: 3,
  schemas: 4,
};

export const DEFAULT_KINDS = Object.keys(KEYS) as DefaultKind[];

export const OBJECT_KINDS: Readonly<Record<DefaultKind, ObjectKind>> = {
  tables: 'table',
  sequences: 'sequence',
  types: 'type',
  schemas: 'schema',
};

const FLAGS = {
  tables: 'roleHasAllPrivilegesOnTables',
  sequences: 'roleHasAllPrivilegesOnSequences',
  types: 'roleHasAllPrivilegesOnTypes',
  schemas: 'roleHasAllPrivilegesOnSchemas',
} as const;

/** In place of a role: all of them. */
export const ALL_ROLES = '';

const USAGE = privilegeBit('USAGE');

/** A database or schema. */
export type DefaultsHolder = Pick<DatabaseDescriptor | SchemaDescriptor, 'defaultPrivileges'>;

export interface DefaultGrant {
  readonly user: string;
  readonly mask: bigint;
}

export interface DefaultChange {
  /** Whose objects, or ALL_ROLES. */
  readonly role: string;
  readonly kind: DefaultKind;
  readonly grantee: string;
  readonly mask: bigint;
  readonly isRevoke: boolean;
}

const roleOf = ({ role }: DefaultPrivilegesForRole): string =>
  role.case === 'explicitRole' ? role.value.user : ALL_ROLES;

const entryOf = (
  descriptor: DefaultPrivilegeDescriptor | undefined,
  role: string,
): DefaultPrivilegesForRole | undefined =>
  descriptor?.defaultPrivilegesPerRole.find((entry) => roleOf(entry) === role);

const usersOf = (entry: DefaultPrivilegesForRole, kind: DefaultKind) =>
  entry.defaultPrivilegesPerObject.find(({ key }) => key === KEYS[kind])?.value?.users ?? [];

/** What was granted explicitly on new objects of the role, or of all roles. */
export function grantedByDefault(
  { defaultPrivileges }: DefaultsHolder,
  role: string,
  kind: DefaultKind,
): DefaultGrant[] {
  const entry = entryOf(defaultPrivileges, role);
  if (entry === undefined) return [];
  return usersOf(entry, kind).map(({ user, privileges }) => ({ user, mask: privileges }));
}

/** Whether everybody may use new types of the role; undefined: nothing of this role was changed. */
export function publicUsesTypes(
  { defaultPrivileges }: DefaultsHolder,
  role: string,
): boolean | undefined {
  return entryOf(defaultPrivileges, role)?.role.value?.publicHasUsageOnTypes;
}

/** Whether the role has all privileges on its own new objects: it does until that is revoked. */
export function roleHasAll(
  { defaultPrivileges }: DefaultsHolder,
  role: string,
  kind: DefaultKind,
): boolean {
  const found = entryOf(defaultPrivileges, role)?.role;
  return found?.case === 'explicitRole' ? found.value[FLAGS[kind]] : role !== ALL_ROLES;
}

/** Roles that have an entry, in its order. */
export const rolesWithDefaults = ({ defaultPrivileges }: DefaultsHolder): string[] =>
  (defaultPrivileges?.defaultPrivilegesPerRole ?? []).map(roleOf);

/** GRANT or REVOKE of one grantee's default privileges. */
export function changeDefaultPrivileges(
  holder: DatabaseDescriptor | SchemaDescriptor,
  { role, kind, grantee, mask, isRevoke }: DefaultChange,
): void {
  const isSchema = holder.$typeName === 'ootheca.descriptor.SchemaDescriptor';
  // v21.2 knows of no type: without one they are a database's.
  holder.defaultPrivileges ??= create(
    DefaultPrivilegeDescriptorSchema,
    isSchema ? { type: DefaultPrivilegeDescriptor_Type.SCHEMA } : {},
  );
  const entries = holder.defaultPrivileges.defaultPrivilegesPerRole;
  const hasFlags = !isSchema;
  const entry = entryOf(holder.defaultPrivileges, role) ?? newEntry(role, hasFlags);
  const held = create(PrivilegeDescriptorSchema, {
    users: usersOf(entry, kind),
    owner: '',
    version: 0,
  });
  if (hasFlags) expand(entry, held, kind);
  if (isRevoke) revoke(held, grantee, mask, OBJECT_KINDS[kind]);
  else grant(held, grantee, mask);
  if (hasFlags) fold(entry, held, kind);
  const others = entry.defaultPrivilegesPerObject.filter(({ key }) => key !== KEYS[kind]);
  const own = create(DefaultPrivilegesForRole_ObjectEntrySchema, { key: KEYS[kind], value: held });
  entry.defaultPrivilegesPerObject =
    held.users.length === 0 ? others : [...others, own].sort((a, b) => a.key - b.key);
  setEntries(holder, [
    ...entries.filter((other) => other !== entry),
    ...(isUnchanged(entry, hasFlags) ? [] : [entry]),
  ]);
}

function setEntries(holder: DefaultsHolder, entries: DefaultPrivilegesForRole[]): void {
  if (entries.length === 0) delete holder.defaultPrivileges;
  else if (holder.defaultPrivileges !== undefined) {
    holder.defaultPrivileges.defaultPrivilegesPerRole = entries.sort(byRole);
  }
}

/** Those of all roles are last. */
function byRole(a: DefaultPrivilegesForRole, b: DefaultPrivilegesForRole): number {
  const [one, other] = [roleOf(a), roleOf(b)];
  if (one === ALL_ROLES || other === ALL_ROLES) return one === ALL_ROLES ? 1 : -1;
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function newEntry(role: string, hasFlags: boolean): DefaultPrivilegesForRole {
  const publicHasUsageOnTypes = hasFlags;
  if (role === ALL_ROLES) {
    const value = create(DefaultPrivilegesForRole_ForAllRolesSchema, { publicHasUsageOnTypes });
    return create(DefaultPrivilegesForRoleSchema, { role: { case: 'forAllRoles', value } });
  }
  const value = create(DefaultPrivilegesForRole_ExplicitRoleSchema, {
    user: role,
    publicHasUsageOnTypes,
    roleHasAllPrivilegesOnTables: hasFlags,
    roleHasAllPrivilegesOnSequences: hasFlags,
    roleHasAllPrivilegesOnSchemas: hasFlags,
    roleHasAllPrivilegesOnTypes: hasFlags,
  });
  return create(DefaultPrivilegesForRoleSchema, { role: { case: 'explicitRole', value } });
}

/** Flags become entries that can be granted and revoked like others. */
function expand(
  { role }: DefaultPrivilegesForRole,
  held: PrivilegeDescriptor,
  kind: DefaultKind,
): void {
  if (kind === 'types' && role.value?.publicHasUsageOnTypes === true) {
    grant(held, PUBLIC_ROLE, USAGE);
    role.value.publicHasUsageOnTypes = false;
  }
  if (role.case !== 'explicitRole' || !role.value[FLAGS[kind]]) return;
  grant(held, role.value.user, ALL_PRIVILEGES);
  role.value[FLAGS[kind]] = false;
}

/** The reverse of `expand`. */
function fold(
  { role }: DefaultPrivilegesForRole,
  held: PrivilegeDescriptor,
  kind: DefaultKind,
): void {
  if (kind === 'types' && role.value !== undefined) {
    const mask = maskFor(held, PUBLIC_ROLE);
    if ((mask & (USAGE | ALL_PRIVILEGES)) !== 0n) {
      role.value.publicHasUsageOnTypes = true;
      revoke(held, PUBLIC_ROLE, USAGE, OBJECT_KINDS[kind]);
    }
  }
  if (role.case !== 'explicitRole') return;
  const mask = maskFor(held, role.value.user);
  const each = maskOf(GRANTABLE[OBJECT_KINDS[kind]]);
  if ((mask & ALL_PRIVILEGES) === 0n && (mask & each) !== each) return;
  role.value[FLAGS[kind]] = true;
  setMask(held, role.value.user, 0n);
}

/** Whether it says what holds without it. */
function isUnchanged(entry: DefaultPrivilegesForRole, hasFlags: boolean): boolean {
  const { role, defaultPrivilegesPerObject: objects } = entry;
  if (objects.length > 0) return false;
  if (!hasFlags || role.value === undefined) return true;
  return (
    role.value.publicHasUsageOnTypes &&
    (role.case !== 'explicitRole' || DEFAULT_KINDS.every((kind) => role.value[FLAGS[kind]]))
  );
}

/** What new objects of the roles grant is forgotten, and what was granted to them. */
export function removeDefaultsOf(
  holder: DatabaseDescriptor | SchemaDescriptor,
  roles: readonly string[],
): void {
  const entries = holder.defaultPrivileges?.defaultPrivilegesPerRole ?? [];
  const kept = entries.filter((entry) => !roles.includes(roleOf(entry)));
  const hasFlags = holder.$typeName === 'ootheca.descriptor.DatabaseDescriptor';
  for (const entry of kept) {
    for (const { value } of entry.defaultPrivilegesPerObject) {
      for (const role of roles) if (value !== undefined) setMask(value, role, 0n);
    }
    entry.defaultPrivilegesPerObject = entry.defaultPrivilegesPerObject.filter(
      ({ value }) => (value?.users.length ?? 0) > 0,
    );
  }
  setEntries(
    holder,
    kept.filter((entry) => !isUnchanged(entry, hasFlags)),
  );
}

/** What of it names the role: as the one whose objects are meant, or to whom they are granted. */
export function namesRole(
  holder: DefaultsHolder,
  name: string,
): { readonly kind: DefaultKind; readonly role: string } | undefined {
  for (const role of rolesWithDefaults(holder)) {
    for (const kind of DEFAULT_KINDS) {
      const granted = grantedByDefault(holder, role, kind);
      const isChanged =
        granted.length > 0 ||
        !roleHasAll(holder, role, kind) ||
        (kind === 'types' && publicUsesTypes(holder, role) === false);
      const isNamed = role === name ? isChanged : granted.some(({ user }) => user === name);
      if (isNamed) return { kind, role };
    }
  }
  return undefined;
}
