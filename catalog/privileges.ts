import { create } from '@bufbuild/protobuf';
import { type PrivilegeDescriptor, PrivilegeDescriptorSchema } from './descriptor/gen/privilege_pb';

/**
 * Privileges of descriptors: one bit a kind. Source: format reference 05 §12.
 */

const KINDS: ReadonlyArray<readonly [bit: number, name: string]> = [
  [1, 'ALL'],
  [2, 'CREATE'],
  [3, 'DROP'],
  [4, 'GRANT'],
  [5, 'SELECT'],
  [6, 'INSERT'],
  [7, 'DELETE'],
  [8, 'UPDATE'],
  [9, 'USAGE'],
  [10, 'ZONECONFIG'],
  [11, 'CONNECT'],
  [12, 'RULE'],
  [13, 'MODIFYCLUSTERSETTING'],
  [20, 'EXECUTE'],
  [23, 'BACKUP'],
  [24, 'RESTORE'],
];

const bitOf = (name: string): bigint => {
  const kind = KINDS.find(([, kindName]) => kindName === name);
  return kind === undefined ? 0n : 1n << BigInt(kind[0]);
};

export const ALL_PRIVILEGES = bitOf('ALL');
const USAGE_PRIVILEGE = bitOf('USAGE');

/** Names of the bits set, alphabetically as CockroachDB lists them; ALL alone when it is set. */
export function privilegeNames(mask: bigint): string[] {
  if ((mask & ALL_PRIVILEGES) !== 0n) return ['ALL'];
  return KINDS.filter(([bit]) => (mask & (1n << BigInt(bit))) !== 0n)
    .map(([, name]) => name)
    .sort();
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

export interface Grant {
  readonly user: string;
  readonly privileges: readonly string[];
}

export function grantsOf(privileges: PrivilegeDescriptor | undefined): Grant[] {
  return (privileges?.users ?? []).map((entry) => ({
    user: entry.user,
    privileges: privilegeNames(entry.privileges),
  }));
}
