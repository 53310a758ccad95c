import type { PrivilegeDescriptor } from '../../../catalog/descriptor/gen/privilege_pb';
import type { ObjectKind } from '../../../catalog/privileges';
import type { Problems } from './problems';

/** CockroachDB checks privileges whenever it reads a descriptor (format reference 05 §12). */

const BIT = {
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
} as const;

const mask = (...names: readonly (keyof typeof BIT)[]): bigint =>
  names.reduce((all, name) => all | (1n << BigInt(BIT[name])), 0n);

const TABLE = mask(
  'ALL',
  'CREATE',
  'DROP',
  'GRANT',
  'SELECT',
  'INSERT',
  'DELETE',
  'UPDATE',
  'ZONECONFIG',
);
const VALID: Readonly<Record<ObjectKind, bigint>> = {
  table: TABLE,
  sequence: TABLE | mask('USAGE'),
  database: TABLE | mask('CONNECT'),
  schema: mask('ALL', 'GRANT', 'CREATE', 'USAGE'),
  type: mask('ALL', 'GRANT', 'USAGE'),
};

export function privilegeProblems(
  privileges: PrivilegeDescriptor | undefined,
  kind: ObjectKind,
  isSystem: boolean,
  about: string,
  problems: Problems,
): void {
  if (privileges === undefined) {
    problems.check(false, `${about}: no privileges`);
    return;
  }
  const { users, owner, version } = privileges;
  problems.check(version >= 1 && owner !== '', `${about}: no owner`);
  const names = users.map(({ user }) => user);
  problems.check([...names].sort().join() === names.join(), `${about}: users are not sorted`);
  problems.unique(names, `${about}: user`);
  for (const { user, privileges: bits, withGrantOption } of users) {
    problems.check(withGrantOption === 0n, `${about}: grant options are of later releases`);
    problems.check((bits & ~VALID[kind]) === 0n, `${about}: ${user} has ${bits} on a ${kind}`);
  }
  if (isSystem) return;
  for (const superuser of ['admin', 'root']) {
    const bits = users.find(({ user }) => user === superuser)?.privileges;
    problems.check(bits === mask('ALL'), `${about}: ${superuser} has ${bits}, not ALL`);
  }
}
