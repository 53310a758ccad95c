import { notSupported, SqlError } from '../../base/errors';
import {
  ALL_ROLES,
  changeDefaultPrivileges,
  DEFAULT_KINDS,
  type DefaultChange,
  grantedByDefault,
  OBJECT_KINDS,
  publicUsesTypes,
  roleHasAll,
} from '../../catalog/default-privileges';
import type {
  DatabaseDescriptor,
  SchemaDescriptor,
} from '../../catalog/descriptor/gen/descriptor_pb';
import { ALL_PRIVILEGES, maskOf, privilegeBit, privilegeNames } from '../../catalog/privileges';
import { PUBLIC_ROLE } from '../../catalog/roles';
import type { Repr } from '../../catalog/types/sql-type';
import { BOOL, STRING } from '../../catalog/types/table';
import { type DdlRun, runDefinition } from '../ddl/run';
import type {
  AlterDefaultPrivilegesStatement,
  RoleSpec,
  ShowDefaultPrivilegesStatement,
} from '../parse/privileges-ast';
import { isAdmin } from '../privileges/access';
import { roleNamed, unknownRole } from '../privileges/role-names';
import { checkGrantable, databaseNamed, schemaNamed } from '../privileges/targets';
import { currentDatabase } from '../session/name-resolution';
import { privilegeList } from './grants';
import type { StatementContext } from './statement-context';
import { boolRepr, columnsOf, type TableResult } from './table-result';

/** ALTER DEFAULT PRIVILEGES, SHOW DEFAULT PRIVILEGES. */

export async function alterDefaultPrivileges(
  statement: AlterDefaultPrivilegesStatement,
  context: StatementContext,
): Promise<string> {
  if (statement.grantOption) throw notSupported('GRANT OPTION', 'Grant the privilege GRANT.');
  return runDefinition('ALTER DEFAULT PRIVILEGES', context, (run) => {
    const { names } = run;
    const privileges = privilegeList(statement.privileges);
    checkGrantable(privileges, OBJECT_KINDS[statement.objects]);
    if (statement.objects === 'schemas' && statement.schemas.length > 0) {
      throw new SqlError(
        'invalidGrantOperation',
        'cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS',
      );
    }
    const database = databaseNamed(currentDatabase(names), names);
    const roles = creators(statement.forRoles, context, run);
    const holders = holdersOf(statement, database.id, run);
    const { objects: kind, revoke: isRevoke } = statement;
    const mask = maskOf(privileges);
    for (const grantee of statement.grantees.map((spec) => roleNamed(spec, context))) {
      if (grantee !== PUBLIC_ROLE) requireRole(grantee, run);
      const changes = roles.map((role): DefaultChange => ({ role, kind, grantee, mask, isRevoke }));
      for (const holder of holders) {
        for (const change of changes) changeDefaultPrivileges(holder, change);
      }
    }
  });
}

/** The current database, or the schemas that are named. */
function holdersOf(
  { schemas }: AlterDefaultPrivilegesStatement,
  databaseId: number,
  run: DdlRun,
): (DatabaseDescriptor | SchemaDescriptor)[] {
  if (schemas.length === 0) return [run.database(databaseId)];
  return schemas.map((name) => {
    const { schema } = schemaNamed(name, run.names);
    if (schema !== undefined) return run.schema(schema.id);
    throw notSupported(
      `ALTER DEFAULT PRIVILEGES IN SCHEMA ${name.parts.at(-1)}`,
      'Leave IN SCHEMA out, or create a schema of your own.',
    );
  });
}

function requireRole(name: string, run: DdlRun): void {
  if (run.catalog.roles.get(name) === undefined) throw unknownRole(name);
}

/** Whose new objects are meant; the empty name stands for everybody. @throws SqlError (42501) */
function creators(
  specs: readonly RoleSpec[] | null,
  context: StatementContext,
  run: DdlRun,
): string[] {
  if (specs === null) {
    if (isAdmin(run.names)) return [''];
    throw new SqlError(
      'insufficientPrivilege',
      'must be an admin to ALTER DEFAULT PRIVILEGES FOR ALL ROLES',
    );
  }
  const roles = specs.length === 0 ? [run.names.user] : specs.map((s) => roleNamed(s, context));
  for (const role of roles) {
    requireRole(role, run);
    if (isAdmin(run.names) || run.catalog.roles.isMember(run.names.user, role)) continue;
    throw new SqlError('insufficientPrivilege', `must be a member of ${role}`);
  }
  return roles;
}

export const DEFAULT_PRIVILEGE_COLUMNS = columnsOf(
  ['role', STRING],
  ['for_all_roles', BOOL],
  ['object_type', STRING],
  ['grantee', STRING],
  ['privilege_type', STRING],
);

/** What a role's objects grant without being told: everything to the role, and USAGE of types to everybody. */
export function showDefaultPrivileges(
  statement: ShowDefaultPrivilegesStatement,
  context: StatementContext,
): TableResult {
  const { forRoles } = statement;
  const isAll = forRoles === null;
  const given = (forRoles ?? []).map((spec) => roleNamed(spec, context));
  const roles = isAll ? [ALL_ROLES] : given.length === 0 ? [context.user] : given;
  const database = databaseNamed(currentDatabase(context), context).descriptor.union;
  const holder = database.case === 'database' ? database.value : {};
  const rows: Repr[][] = [];
  for (const role of roles) {
    const add = (objectType: string, grantee: string, privilege: string): void => {
      rows.push([isAll ? null : role, boolRepr(isAll), objectType, grantee, privilege]);
    };
    for (const kind of [...DEFAULT_KINDS].sort()) {
      const granted = grantedByDefault(holder, role, kind);
      const masks = new Map(granted.map(({ user, mask }) => [user, mask]));
      if (roleHasAll(holder, role, kind)) masks.set(role, ALL_PRIVILEGES);
      if (kind === 'types' && (publicUsesTypes(holder, role) ?? true)) {
        masks.set(PUBLIC_ROLE, privilegeBit('USAGE') | (masks.get(PUBLIC_ROLE) ?? 0n));
      }
      for (const [grantee, mask] of [...masks].sort(([a], [b]) => (a < b ? -1 : 1))) {
        for (const privilege of privilegeNames(mask)) add(kind, grantee, privilege);
      }
    }
  }
  return { columns: DEFAULT_PRIVILEGE_COLUMNS, rows };
}
