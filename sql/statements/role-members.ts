import { SqlError } from '../../base/errors';
import { ADMIN_ROLE, ROOT_USER } from '../../catalog/roles';
import { bumpCatalogVersion } from '../../storage/ranges/descriptor-rows';
import { deleteRoleMember, putRoleMember } from '../../storage/ranges/user-rows';
import { type DdlRun, runDefinition } from '../ddl/run';
import type { GrantRoleStatement } from '../parse/privileges-ast';
import { isAdmin } from '../privileges/access';
import { normalizeRole, roleNamed, unknownRole } from '../privileges/role-names';
import type { StatementContext } from './statement-context';

/** GRANT role TO user, REVOKE role FROM user. */
export async function grantRole(
  statement: GrantRoleStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition(statement.revoke ? 'REVOKE' : 'GRANT', context, (run) => {
    const roles = statement.roles.map(normalizeRole);
    const members = statement.members.map((member) => roleNamed(member, context));
    for (const role of roles) requireAdminOption(role, run);
    for (const name of [...roles, ...members]) {
      if (run.catalog.roles.get(name) === undefined) throw unknownRole(name);
    }
    for (const role of roles) {
      for (const member of members) {
        if (statement.revoke) revokeOne(role, member, statement.adminOption, run);
        else grantOne(role, member, statement.adminOption, run);
      }
    }
    bumpCatalogVersion(run.db);
  });
}

/** @throws SqlError insufficientPrivilege (42501) */
function requireAdminOption(role: string, run: DdlRun): void {
  const { user } = run.names;
  if (isAdmin(run.names) && role !== ADMIN_ROLE) return;
  if (run.catalog.roles.rolesOf(user).get(role) === true) return;
  const what = role === ADMIN_ROLE ? 'role admin' : 'superuser or role admin';
  throw new SqlError('insufficientPrivilege', `${user} is not a ${what} for role ${role}`);
}

/** @throws SqlError invalidGrantOperation (0LP01) */
function grantOne(role: string, member: string, adminOption: boolean, run: DdlRun): void {
  const { roles } = run.catalog;
  if (role === member) {
    throw new SqlError('invalidGrantOperation', `${role} cannot be a member of itself`);
  }
  if (roles.isMember(role, member)) {
    throw new SqlError(
      'invalidGrantOperation',
      `making ${member} a member of ${role} would create a cycle`,
    );
  }
  const held = roles.directRoles(member).get(role) === true;
  putRoleMember(run.db, { role, member, isAdmin: adminOption || held });
}

/** @throws SqlError objectInUse (55006) */
function revokeOne(role: string, member: string, adminOption: boolean, run: DdlRun): void {
  if (role === ADMIN_ROLE && member === ROOT_USER) {
    throw new SqlError(
      'objectInUse',
      'user root cannot be removed from role admin or lose the ADMIN OPTION',
    );
  }
  if (!run.catalog.roles.directRoles(member).has(role)) return;
  if (adminOption) putRoleMember(run.db, { role, member, isAdmin: false });
  else deleteRoleMember(run.db, role, member);
}
