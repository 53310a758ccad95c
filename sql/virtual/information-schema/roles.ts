import { STRING } from '../../../catalog/types/table';
import { listRoleMembers } from '../../../storage/ranges/user-rows';
import { type SystemContext, systemTable } from '../system-table';
import { yesOrNo } from './yes-or-no';

/** Roles of the user, also by way of other roles; whether it may grant them. */
function rolesOf({ engine, user }: SystemContext): ReadonlyMap<string, boolean> {
  const members = listRoleMembers(engine.db);
  const found = new Map<string, boolean>();
  const visit = (member: string): void => {
    for (const row of members)
      if (row.member === member && !found.has(row.role)) {
        found.set(row.role, row.isAdmin);
        visit(row.role);
      }
  };
  visit(user);
  return found;
}

export const applicableRoles = systemTable({
  schema: 'information_schema',
  name: 'applicable_roles',
  volatile: true,
  columns: { grantee: STRING, role_name: STRING, is_grantable: STRING },
  *rows(context) {
    for (const [role, isAdmin] of rolesOf(context))
      yield { grantee: context.user, role_name: role, is_grantable: yesOrNo(isAdmin) };
  },
});

export const administrableRoleAuthorizations = systemTable({
  schema: 'information_schema',
  name: 'administrable_role_authorizations',
  volatile: true,
  columns: { grantee: STRING, role_name: STRING, is_grantable: STRING },
  *rows(context) {
    for (const [role, isAdmin] of rolesOf(context))
      if (isAdmin) yield { grantee: context.user, role_name: role, is_grantable: 'YES' };
  },
});

export const enabledRoles = systemTable({
  schema: 'information_schema',
  name: 'enabled_roles',
  volatile: true,
  columns: { role_name: STRING },
  *rows(context) {
    yield { role_name: context.user };
    for (const role of rolesOf(context).keys()) yield { role_name: role };
  },
});
