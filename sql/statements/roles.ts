import { SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID } from '../../catalog/constants';
import { ALL_ROLES, namesRole } from '../../catalog/default-privileges';
import { ownerOf } from '../../catalog/privileges';
import { ADMIN_ROLE, PUBLIC_ROLE, ROOT_USER } from '../../catalog/roles';
import type { CatalogSnapshot, DescriptorHeader } from '../../catalog/snapshot';
import { countSchedulesOf } from '../../jobs/schedules/schedule-rows';
import type { Connection } from '../../storage/ranges/connection';
import { bumpCatalogVersion } from '../../storage/ranges/descriptor-rows';
import { deleteSettingsOfRole } from '../../storage/ranges/role-setting-rows';
import {
  deleteRoleOption,
  deleteUser,
  getUser,
  putRoleOption,
  putUser,
} from '../../storage/ranges/user-rows';
import { type DdlRun, runDefinition } from '../ddl/run';
import type {
  AlterRoleStatement,
  CreateRoleStatement,
  DropRoleStatement,
} from '../parse/privileges-ast';
import { isAdmin, requireOption, secured } from '../privileges/access';
import { checkNewRoleName, roleNamed, unknownRole } from '../privileges/role-names';
import { type OptionChanges, optionChanges } from '../privileges/role-options';
import type { StatementContext } from './statement-context';

/** CREATE, ALTER and DROP of users and roles: the same, but that roles can't log in unless they are told to. */

export async function createRole(
  statement: CreateRoleStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('CREATE ROLE', context, (run) => {
    requireOption(run.names, 'CREATEROLE');
    const name = roleNamed(statement.role, context);
    checkNewRoleName(name);
    const given = new Set(statement.options.map((option) => option.name));
    const cannotLogIn = statement.isRole && !given.has('LOGIN') && !given.has('NOLOGIN');
    const noLogin = { name: 'NOLOGIN', value: null };
    const options = cannotLogIn ? [...statement.options, noLogin] : statement.options;
    const changes = optionChanges(options, context);
    const logsIn = !given.has('NOLOGIN') && !given.has('NOCREATELOGIN') && !cannotLogIn;
    if (changes.needsCreateLogin || logsIn) requireOption(run.names, 'CREATELOGIN');
    if (getUser(run.db, name) !== undefined) {
      if (statement.ifNotExists) return;
      throw new SqlError('duplicateObject', `a role/user named ${name} already exists`);
    }
    putUser(run.db, { username: name, hashedPassword: null, isRole: statement.isRole });
    applyOptions(run.db, name, changes);
  });
}

function applyOptions(db: Connection, name: string, changes: OptionChanges): void {
  const user = getUser(db, name);
  if (user !== undefined && changes.password !== undefined) {
    const { password } = changes;
    putUser(db, { ...user, hashedPassword: password === null ? null : Buffer.from(password) });
  }
  for (const option of changes.remove) deleteRoleOption(db, name, option);
  for (const [option, value] of changes.set) putRoleOption(db, { username: name, option, value });
  bumpCatalogVersion(db);
}

export async function alterRole(
  statement: AlterRoleStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('ALTER ROLE', context, (run) => {
    requireOption(run.names, 'CREATEROLE');
    const name = roleNamed(statement.role, context);
    const changes = optionChanges(statement.options, context);
    if (changes.needsCreateLogin) requireOption(run.names, 'CREATELOGIN');
    if (name === ADMIN_ROLE) {
      throw new SqlError('insufficientPrivilege', 'cannot edit admin role');
    }
    if (getUser(run.db, name) === undefined) {
      if (statement.ifExists) return;
      throw unknownRole(name);
    }
    requireAdminFor(name, 'alter', run);
    applyOptions(run.db, name, changes);
  });
}

/** Only admins change admins. */
function requireAdminFor(name: string, verb: 'alter' | 'drop', run: DdlRun): void {
  if (isAdmin(run.names) || !run.catalog.roles.isAdmin(name)) return;
  throw new SqlError('insufficientPrivilege', `must be superuser to ${verb} superusers`);
}

export async function dropRole(
  statement: DropRoleStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('DROP ROLE', context, (run) => {
    requireOption(run.names, 'CREATEROLE');
    const names = statement.roles.map((role) => roleNamed(role, context));
    for (const name of names) {
      if (name === ADMIN_ROLE || name === PUBLIC_ROLE) {
        throw new SqlError('invalidParameterValue', `cannot drop special role ${name}`);
      }
      if (name === ROOT_USER) {
        throw new SqlError('invalidParameterValue', `cannot drop special user ${name}`);
      }
      if (getUser(run.db, name) === undefined && !statement.ifExists) throw unknownRole(name);
      requireAdminFor(name, 'drop', run);
    }
    refuseInUse(names, run);
    for (const name of names) {
      refuseOwnerOfSchedules(name, run);
      deleteUser(run.db, name);
      deleteSettingsOfRole(run.db, name);
    }
    bumpCatalogVersion(run.db);
  });
}

/** Objects with the kind that messages give them: `table a.public.t`. */
export function describeObject(entry: DescriptorHeader, catalog: CatalogSnapshot): string {
  const { kind, name } = entry;
  if (kind === 'database') return `database ${name}`;
  const database = catalog.databaseName(entry.databaseId);
  if (kind === 'schema') return `schema ${database}.${name}`;
  const schema = catalog.schemaName(entry.schemaId || PUBLIC_SCHEMA_ID);
  return `${kind} ${database}.${schema}.${name}`;
}

/** @throws SqlError dependentObjectsStillExist (2BP01) */
function refuseInUse(names: readonly string[], run: DdlRun): void {
  const { catalog } = run;
  const granted: string[] = [];
  for (const entry of catalog.entries()) {
    const { privileges } = secured(entry);
    const owner = ownerOf(privileges);
    if (names.includes(owner)) throw stillInUse(owner, ownedBy(owner, run));
    if (privileges?.users.some(({ user }) => names.includes(user))) {
      granted.push(describeObject(entry, catalog).replace(/^\w+ /, ''));
    }
  }
  if (granted.length > 0) {
    const plural = names.length > 1 ? 's' : '';
    throw new SqlError(
      'dependentObjectsStillExist',
      `cannot drop role${plural}/user${plural} ${names.join(', ')}: grants still exist on ${granted.join(', ')}`,
    );
  }
  for (const { id, databaseId, descriptor } of catalog.entries()) {
    const { union } = descriptor;
    if (union.case !== 'database' && union.case !== 'schema') continue;
    for (const name of names) {
      const found = namesRole(union.value, name);
      if (found === undefined) continue;
      const whose = found.role === ALL_ROLES ? 'all roles' : `role ${found.role}`;
      const where =
        union.case === 'database'
          ? `database ${catalog.databaseName(id)}`
          : `database ${catalog.databaseName(databaseId)} in schema ${union.value.name}`;
      throw stillInUse(name, [
        `privileges for default privileges on new ${found.kind} belonging to ${whose} in ${where}`,
      ]);
    }
  }
}

function refuseOwnerOfSchedules(name: string, { db }: DdlRun): void {
  const count = countSchedulesOf(db, name);
  if (count === 0) return;
  throw new SqlError(
    'dependentObjectsStillExist',
    `cannot drop role/user ${name}; it owns ${count} scheduled jobs.`,
  );
}

function ownedBy(name: string, run: DdlRun): string[] {
  return [...run.catalog.entries()]
    .filter((entry) => ownerOf(secured(entry).privileges) === name)
    .map((entry) => `owner of ${describeObject(entry, run.catalog)}`);
}

function stillInUse(name: string, why: readonly string[]): SqlError {
  return new SqlError(
    'dependentObjectsStillExist',
    `role ${name} cannot be dropped because some objects depend on it\n${why.join('\n')}`,
  );
}
