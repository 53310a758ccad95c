import { create } from '@bufbuild/protobuf';
import {
  type PrivilegeDescriptor,
  PrivilegeDescriptorSchema,
  UserPrivilegesSchema,
} from './descriptor/gen/privilege_pb';

/**
 * Privileges of descriptors: one bit a kind. Source: format reference 05 §12.
 */

const BITS = {
  ALL: 1,
  CREATE: 2,
  DROP: 3,
  GRANT: 4,
  SELECT: 5,
  INSERT: 6,
  DELETE: 7,
  UPDATE: 8,
  USAGE: 9,
  ZONECONFIG: 10,
  CONNECT: 11,
  RULE: 12,
  MODIFYCLUSTERSETTING: 13,
  EXECUTE: 20,
  BACKUP: 23,
  RESTORE: 24,
} as const;

export type PrivilegeName = keyof typeof BITS;

const NAMES = Object.keys(BITS) as PrivilegeName[];

export const privilegeBit = (name: PrivilegeName): bigint => 1n << BigInt(BITS[name]);

export const ALL_PRIVILEGES = privilegeBit('ALL');
const USAGE_PRIVILEGE = privilegeBit('USAGE');

/** What privileges are granted on. */
export type ObjectKind = 'database' | 'schema' | 'table' | 'sequence' | 'type';

const TABLE_PRIVILEGES = [
  'CREATE',
  'DELETE',
  'DROP',
  'GRANT',
  'INSERT',
  'SELECT',
  'UPDATE',
  'ZONECONFIG',
] as const;

/** What may be granted on each kind, beside ALL. Source: CockroachDB v21.2's documentation of GRANT. */
export const GRANTABLE: Readonly<Record<ObjectKind, readonly PrivilegeName[]>> = {
  database: [
    'CONNECT',
    'CREATE',
    'DELETE',
    'DROP',
    'GRANT',
    'INSERT',
    'SELECT',
    'UPDATE',
    'ZONECONFIG',
  ],
  schema: ['CREATE', 'GRANT', 'USAGE'],
  table: TABLE_PRIVILEGES,
  sequence: [...TABLE_PRIVILEGES, 'USAGE'],
  type: ['GRANT', 'USAGE'],
};

export const maskOf = (names: Iterable<PrivilegeName>): bigint => {
  let mask = 0n;
  for (const name of names) mask |= privilegeBit(name);
  return mask;
};

/** Names of the bits set, alphabetically as CockroachDB lists them; ALL alone when it is set. */
export function privilegeNames(mask: bigint): PrivilegeName[] {
  if ((mask & ALL_PRIVILEGES) !== 0n) return ['ALL'];
  return NAMES.filter((name) => (mask & privilegeBit(name)) !== 0n).sort();
}

export function isPrivilegeName(text: string): text is PrivilegeName {
  return text in BITS;
}

/** The owner, also of descriptors from before v20.2, which have none. */
export function ownerOf(privileges: PrivilegeDescriptor | undefined): string {
  return privileges === undefined || privileges.owner === '' ? 'root' : privileges.owner;
}

/** What a new object of `owner` carries: everything for admin and root; types are usable by everybody. */
export function defaultPrivileges(owner: string, isType = false): PrivilegeDescriptor {
  const users = [
    { user: 'admin', privileges: ALL_PRIVILEGES },
    ...(isType ? [{ user: 'public', privileges: USAGE_PRIVILEGE }] : []),
    { user: 'root', privileges: ALL_PRIVILEGES },
  ];
  return create(PrivilegeDescriptorSchema, { users, owner, version: 1 });
}

/** What `user` was granted itself. */
export function maskFor(privileges: PrivilegeDescriptor | undefined, user: string): bigint {
  return privileges?.users.find((entry) => entry.user === user)?.privileges ?? 0n;
}

/** Changes what `user` has been granted; entries stay sorted and none is empty. */
export function setMask(privileges: PrivilegeDescriptor, user: string, mask: bigint): void {
  const others = privileges.users.filter((entry) => entry.user !== user);
  if (mask !== 0n) others.push(create(UserPrivilegesSchema, { user, privileges: mask }));
  privileges.users = others.sort((a, b) => (a.user < b.user ? -1 : 1));
}

export function grant(privileges: PrivilegeDescriptor, user: string, mask: bigint): void {
  const held = maskFor(privileges, user);
  if ((held & ALL_PRIVILEGES) !== 0n) return;
  setMask(privileges, user, (mask & ALL_PRIVILEGES) !== 0n ? ALL_PRIVILEGES : held | mask);
}

/** Taking something from ALL leaves what else there is for the kind of object. */
export function revoke(
  privileges: PrivilegeDescriptor,
  user: string,
  mask: bigint,
  kind: ObjectKind,
): void {
  if ((mask & ALL_PRIVILEGES) !== 0n) {
    setMask(privileges, user, 0n);
    return;
  }
  const held = maskFor(privileges, user);
  const single = (held & ALL_PRIVILEGES) === 0n ? held : maskOf(GRANTABLE[kind]);
  setMask(privileges, user, single & ~mask);
}

export interface Grant {
  readonly user: string;
  readonly privileges: readonly PrivilegeName[];
}

export function grantsOf(privileges: PrivilegeDescriptor | undefined): Grant[] {
  return (privileges?.users ?? []).map((entry) => ({
    user: entry.user,
    privileges: privilegeNames(entry.privileges),
  }));
}
