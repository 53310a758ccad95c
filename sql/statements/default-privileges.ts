import { notSupported, SqlError } from '../../base/errors';
import {
  ALL_PRIVILEGES,
  GRANTABLE,
  maskOf,
  type PrivilegeName,
  privilegeBit,
  privilegeNames,
} from '../../catalog/privileges';
import { PUBLIC_ROLE } from '../../catalog/roles';
import type { Repr } from '../../catalog/types/sql-type';
import { BOOL, STRING } from '../../catalog/types/table';
import {
  type DefaultPrivilegeRow,
  deleteDefaultPrivilege,
  listDefaultPrivileges,
  putDefaultPrivilege,
} from '../../storage/ranges/default-privilege-rows';
import { type DdlRun, runDefinition } from '../ddl/run';
import type {
  AlterDefaultPrivilegesStatement,
  RoleSpec,
  ShowDefaultPrivilegesStatement,
} from '../parse/privileges-ast';
import { isAdmin } from '../privileges/access';
import { OBJECT_KINDS } from '../privileges/inherit';
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
    const schemas = statement.schemas.map((name) => schemaNamed(name, names).schema?.id ?? 0);
    for (const grantee of statement.grantees.map((spec) => roleNamed(spec, context))) {
      if (grantee !== PUBLIC_ROLE) requireRole(grantee, run);
      for (const role of roles) {
        for (const schemaId of schemas.length === 0 ? [0] : schemas) {
          const { objects: objectType } = statement;
          const key = { databaseId: database.id, schemaId, role, objectType, grantee };
          change(key, privileges, statement.revoke, run);
        }
      }
    }
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

function change(
  key: Omit<DefaultPrivilegeRow, 'mask'>,
  privileges: readonly PrivilegeName[],
  isRevoke: boolean,
  run: DdlRun,
): void {
  const { db } = run;
  const found = listDefaultPrivileges(db).find((row) => sameKey(row, key));
  // Types are usable by everybody until that is revoked.
  const isPublicType = key.objectType === 'types' && key.grantee === PUBLIC_ROLE;
  const held = found?.mask ?? (isPublicType ? privilegeBit('USAGE') : 0n);
  const mask = maskOf(privileges);
  let changed: bigint;
  if (!isRevoke) {
    changed = ((held | mask) & ALL_PRIVILEGES) === 0n ? held | mask : ALL_PRIVILEGES;
  } else if ((mask & ALL_PRIVILEGES) !== 0n) changed = 0n;
  else {
    const kind = OBJECT_KINDS[key.objectType as keyof typeof OBJECT_KINDS];
    changed = ((held & ALL_PRIVILEGES) === 0n ? held : maskOf(GRANTABLE[kind])) & ~mask;
  }
  const row = { ...key, mask: changed };
  if (changed === 0n && !isPublicType) deleteDefaultPrivilege(db, row);
  else putDefaultPrivilege(db, row);
}

function sameKey(
  a: Omit<DefaultPrivilegeRow, 'mask'>,
  b: Omit<DefaultPrivilegeRow, 'mask'>,
): boolean {
  return (
    a.databaseId === b.databaseId &&
    a.schemaId === b.schemaId &&
    a.role === b.role &&
    a.objectType === b.objectType &&
    a.grantee === b.grantee
  );
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
  const roles = isAll ? [''] : given.length === 0 ? [context.user] : given;
  const database = databaseNamed(currentDatabase(context), context);
  const stored = listDefaultPrivileges(context.engine.db).filter(
    (row) => row.databaseId === database.id && row.schemaId === 0,
  );
  const rows: Repr[][] = [];
  for (const role of roles) {
    const own = stored.filter((row) => row.role === role);
    const add = (objectType: string, grantee: string, privilege: string): void => {
      rows.push([isAll ? null : role, boolRepr(isAll), objectType, grantee, privilege]);
    };
    for (const objectType of Object.keys(OBJECT_KINDS).sort()) {
      const entries = own.filter((row) => row.objectType === objectType);
      const masks = new Map(entries.map((row) => [row.grantee, row.mask]));
      if (!isAll && !masks.has(role)) masks.set(role, ALL_PRIVILEGES);
      if (objectType === 'types' && !masks.has(PUBLIC_ROLE)) {
        masks.set(PUBLIC_ROLE, privilegeBit('USAGE'));
      }
      for (const [grantee, mask] of [...masks].sort(([a], [b]) => (a < b ? -1 : 1))) {
        for (const privilege of privilegeNames(mask)) add(objectType, grantee, privilege);
      }
    }
  }
  return { columns: DEFAULT_PRIVILEGE_COLUMNS, rows };
}
