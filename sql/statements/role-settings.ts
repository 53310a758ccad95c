import { SqlError } from '../../base/errors';
import { ADMIN_ROLE, PUBLIC_ROLE, ROOT_USER } from '../../catalog/roles';
import { bumpCatalogVersion } from '../../storage/ranges/descriptor-rows';
import { deleteRoleSettings, putRoleSetting } from '../../storage/ranges/role-setting-rows';
import { getUser } from '../../storage/ranges/user-rows';
import { runDefinition } from '../ddl/run';
import type { AlterRoleSetStatement } from '../parse/privileges-ast';
import { hasOption, isAdmin } from '../privileges/access';
import { roleNamed, unknownRole } from '../privileges/role-names';
import { databaseNamed } from '../privileges/targets';
import { SessionSettings } from '../session/settings';
import { settingText } from './settings';
import type { StatementContext } from './statement-context';

/** What a session can't begin with. */
const NOT_STORED = new Set(['database', 'role', 'transaction_isolation', 'transaction_read_only']);

/** ALTER ROLE … [IN DATABASE …] SET or RESET: what sessions of the role begin with. */
export async function alterRoleSet(
  statement: AlterRoleSetStatement,
  context: StatementContext,
): Promise<string> {
  const value = await valueGiven(statement, context);
  return runDefinition('ALTER ROLE', context, (run) => {
    const role = statement.role === null ? '' : roleNamed(statement.role, context);
    if (role === '' && !isAdmin(run.names)) {
      throw new SqlError(
        'insufficientPrivilege',
        'only users with the admin role are allowed to ALTER ROLE ALL ... SET',
      );
    }
    if ([ADMIN_ROLE, ROOT_USER, PUBLIC_ROLE, 'node'].includes(role)) {
      const kind = role === ROOT_USER ? 'user' : 'role';
      throw new SqlError('insufficientPrivilege', `cannot edit ${role} ${kind}`);
    }
    if (role !== '' && role !== run.names.user && !hasOption(run.names, 'CREATEROLE')) {
      throw new SqlError(
        'insufficientPrivilege',
        `user ${run.names.user} does not have CREATEROLE privilege`,
      );
    }
    if (role !== '' && getUser(run.db, role) === undefined) {
      if (statement.ifExists) return;
      throw unknownRole(role);
    }
    if (role !== '' && run.catalog.roles.isAdmin(role) && !isAdmin(run.names)) {
      throw new SqlError('insufficientPrivilege', 'must be superuser to alter superusers');
    }
    const { database, variable } = statement;
    const databaseId = database === null ? 0 : databaseNamed(database, run.names).id;
    if (variable === null) deleteRoleSettings(run.db, databaseId, role);
    else {
      const name = context.settings.canonicalName(variable);
      if (value === null) deleteRoleSettings(run.db, databaseId, role, name);
      else putRoleSetting(run.db, { databaseId, role, name, value });
    }
    bumpCatalogVersion(run.db);
  });
}

/** The value, checked as SET checks it; null: RESET. */
async function valueGiven(
  { variable, values }: AlterRoleSetStatement,
  context: StatementContext,
): Promise<string | null> {
  if (variable === null) return null;
  const name = context.settings.canonicalName(variable);
  if (NOT_STORED.has(name)) {
    throw new SqlError('cantChangeRuntimeParam', `parameter "${name}" cannot be changed`);
  }
  if (values === null) return null;
  const trial = new SessionSettings(() => undefined);
  trial.set(name, await settingText(name, values, context));
  return trial.get(name);
}
