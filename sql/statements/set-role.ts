import { notSupported, SqlError } from '../../base/errors';
import { ROOT_USER } from '../../catalog/roles';
import type { SetRoleStatement, SetSessionAuthorizationStatement } from '../parse/privileges-ast';
import { normalizeRole } from '../privileges/role-names';
import type { StatementContext } from './statement-context';

/** SET ROLE: a session acts as another role that its user may be. @throws SqlError insufficientPrivilege (42501) */
export function setRole(statement: SetRoleStatement, context: StatementContext): string {
  const loginUser = context.settings.get('session_user');
  const role = statement.role === null ? loginUser : normalizeRole(statement.role);
  const { roles } = context.catalog;
  if (role !== loginUser) {
    if (roles.get(role) === undefined) {
      throw new SqlError('invalidParameterValue', `role "${role}" does not exist`);
    }
    if (role === ROOT_USER) {
      throw new SqlError('insufficientPrivilege', 'only root can become root');
    }
    if (!roles.isAdmin(loginUser) && !roles.isMember(loginUser, role)) {
      throw new SqlError('insufficientPrivilege', `permission denied to set role "${role}"`);
    }
  }
  context.setUser(role);
  return 'SET';
}

export function setSessionAuthorization(
  statement: SetSessionAuthorizationStatement,
  context: StatementContext,
): string {
  if (statement.user !== null) {
    throw notSupported('SET SESSION AUTHORIZATION of a user', 'Use SET ROLE.');
  }
  context.setUser(context.settings.get('session_user'));
  return 'SET';
}
