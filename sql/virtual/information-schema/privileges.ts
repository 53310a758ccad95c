import type { PrivilegeDescriptor } from '../../../catalog/descriptor/gen/privilege_pb';
import { grantsOf } from '../../../catalog/privileges';

/** Grants one by one: ALL stands as itself, as CockroachDB lists it. */
export function* grantRows(
  privileges: PrivilegeDescriptor | undefined,
): Iterable<{ readonly grantee: string; readonly privilege: string }> {
  for (const { user, privileges: names } of grantsOf(privileges))
    for (const privilege of names) yield { grantee: user, privilege };
}
