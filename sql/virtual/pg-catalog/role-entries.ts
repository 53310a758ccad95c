import { listRoleMembers, listRoleOptions, listUsers } from '../../../storage/ranges/user-rows';
import { roleOid } from '../oids';
import type { SystemContext } from '../system-table';

export interface RoleEntry {
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly isRoot: boolean;
  readonly canLogin: boolean;
  readonly canCreateRole: boolean;
  readonly canCreateDatabase: boolean;
  readonly validUntil: string | undefined;
}

/** Users and roles with what their options allow. */
export function roleEntries({ engine }: SystemContext): RoleEntry[] {
  const options = new Map<string, Map<string, string | null>>();
  for (const { username, option, value } of listRoleOptions(engine.db)) {
    const known = options.get(username) ?? new Map<string, string | null>();
    options.set(username, known.set(option, value));
  }
  const admins = new Set(
    listRoleMembers(engine.db)
      .filter((row) => row.role === 'admin')
      .map((row) => row.member),
  );
  return listUsers(engine.db).map(({ username, isRole }) => {
    const own = options.get(username);
    const isRoot = username === 'root' || username === 'admin';
    return {
      name: username,
      isSuperuser: isRoot || admins.has(username),
      isRoot,
      canLogin: own?.has('NOLOGIN') !== true && !isRole,
      canCreateRole: isRoot || own?.has('CREATEROLE') === true,
      canCreateDatabase: isRoot || own?.has('CREATEDB') === true,
      validUntil: own?.get('VALID UNTIL') ?? undefined,
    };
  });
}

/** Users who may log in as pg_user and pg_shadow show them; passwords are not shown. */
export function* loginRows(context: SystemContext) {
  for (const role of roleEntries(context)) {
    if (!role.canLogin) continue;
    yield {
      usename: role.name,
      usesysid: roleOid(role.name),
      usecreatedb: role.canCreateDatabase,
      usesuper: role.isSuperuser,
      userepl: false,
      usebypassrls: false,
      passwd: '********',
    };
  }
}
