import { SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID } from '../../catalog/constants';
import { DescriptorState } from '../../catalog/descriptor/gen/table_pb';
import { grantsOf } from '../../catalog/privileges';
import { ADMIN_ROLE, PUBLIC_ROLE, ROOT_USER } from '../../catalog/roles';
import type { DescriptorHeader } from '../../catalog/snapshot';
import type { Repr } from '../../catalog/types/sql-type';
import { BOOL, STRING } from '../../catalog/types/table';
import type { GrantTargets, ShowStatement, TablePattern } from '../parse/ast';
import type { ShowRoleGrantsStatement } from '../parse/privileges-ast';
import { secured } from '../privileges/access';
import { normalizeRole, roleNamed, unknownRole } from '../privileges/role-names';
import { databaseNamed, relationsNamed, schemaNamed, typeNamed } from '../privileges/targets';
import { currentDatabase } from '../session/name-resolution';
import type { StatementContext } from './statement-context';
import { boolRepr, columnsOf, type TableResult } from './table-result';

/** SHOW GRANTS. */

type Show = Extract<ShowStatement, { kind: 'ShowGrants' }>;
type Cells = string | null;

/** What is granted on one object, by the cells that name it. */
interface Granted {
  readonly cells: readonly Cells[];
  readonly grants: readonly { readonly user: string; readonly privileges: readonly string[] }[];
}

const NAMES: Readonly<Record<GrantTargets['kind'], readonly string[]>> = {
  database: ['database_name'],
  schema: ['database_name', 'schema_name'],
  table: ['database_name', 'schema_name', 'table_name'],
  type: ['database_name', 'schema_name', 'type_name'],
};

/** Everybody may name what is in `public`; who may create there follows from the database. */
const PUBLIC_SCHEMA_GRANTS = [
  { user: ADMIN_ROLE, privileges: ['ALL'] },
  { user: PUBLIC_ROLE, privileges: ['CREATE', 'USAGE'] },
  { user: ROOT_USER, privileges: ['ALL'] },
];
const VIRTUAL_SCHEMA_GRANTS = [{ user: PUBLIC_ROLE, privileges: ['USAGE'] }];

export function showGrants(statement: Show, context: StatementContext): TableResult {
  const { on } = statement;
  const grantees = statement.for?.map(normalizeRole) ?? null;
  for (const name of grantees ?? []) {
    if (name !== PUBLIC_ROLE && context.catalog.roles.get(name) === undefined) {
      throw unknownRole(name);
    }
  }
  const objects = on === null ? allObjects(context) : objectsOf(on, context);
  const names = on === null ? ['database_name', 'schema_name', 'relation_name'] : NAMES[on.kind];
  const rows = objects
    .flatMap(({ cells, grants }) =>
      grants
        .filter(({ user }) => grantees === null || grantees.includes(user))
        .flatMap(({ user, privileges }) => privileges.map((name) => [...cells, user, name])),
    )
    .sort(byCells);
  const columns = [...names, 'grantee', 'privilege_type'];
  return { columns: columnsOf(...columns.map((name) => [name, STRING] as const)), rows };
}

/** NULLs first, as CockroachDB orders. */
function byCells(a: readonly Cells[], b: readonly Cells[]): number {
  for (const [i, cell] of a.entries()) {
    const other = b[i] ?? null;
    if (cell === other) continue;
    if (cell === null) return -1;
    return other === null || cell > other ? 1 : -1;
  }
  return 0;
}

function objectsOf(on: GrantTargets, context: StatementContext): Granted[] {
  const seen = new Set<number>();
  const once = (entry: DescriptorHeader): boolean => !seen.has(entry.id) && !!seen.add(entry.id);
  const qualified = (pattern: TablePattern) => ({
    parts: pattern.parts,
    location: pattern.location,
  });
  switch (on.kind) {
    case 'database':
      return on.names
        .map((pattern) => databaseNamed(pattern.parts[0] ?? '', context))
        .map((entry) => granted(entry, context));
    case 'schema':
      return on.names.map((pattern) => schemaGrants(qualified(pattern), context));
    case 'type':
      return on.names.map((pattern) => granted(typeNamed(qualified(pattern), context), context));
    case 'table':
      return on.names
        .flatMap((pattern) => relationsNamed(pattern, context))
        .filter(once)
        .map((entry) => granted(entry, context));
  }
}

function schemaGrants(
  name: { readonly parts: readonly string[]; readonly location: number },
  context: StatementContext,
): Granted {
  const { database, schema } = schemaNamed(name, context);
  if (schema !== undefined) return granted(schema, context);
  const last = name.parts.at(-1) ?? '';
  const grants = last === 'public' ? PUBLIC_SCHEMA_GRANTS : VIRTUAL_SCHEMA_GRANTS;
  return { cells: [database.name, last], grants };
}

function granted(entry: DescriptorHeader, { catalog }: StatementContext): Granted {
  const grants = grantsOf(secured(entry).privileges);
  if (entry.kind === 'database') return { cells: [entry.name], grants };
  const database = catalog.databaseName(entry.databaseId);
  if (entry.kind === 'schema') return { cells: [database, entry.name], grants };
  const schema = catalog.schemaName(entry.schemaId || PUBLIC_SCHEMA_ID);
  return { cells: [database, schema, entry.name], grants };
}

/** Schemas, relations and types of the current database. */
function allObjects(context: StatementContext): Granted[] {
  const { catalog } = context;
  const database = databaseNamed(currentDatabase(context), context);
  const types = new Set(catalog.types(database.id).map((type) => type.id));
  const all: Granted[] = [{ cells: [database.name, 'public', null], grants: PUBLIC_SCHEMA_GRANTS }];
  for (const entry of catalog.entries()) {
    // What is being restored is not there yet.
    if (entry.databaseId !== database.id || entry.state !== DescriptorState.PUBLIC) continue;
    if (entry.kind === 'type' && !types.has(entry.id)) continue;
    const { cells, grants } = granted(entry, context);
    all.push({ cells: entry.kind === 'schema' ? [...cells, null] : cells, grants });
  }
  return all;
}

export const ROLE_GRANT_COLUMNS = columnsOf(
  ['role_name', STRING],
  ['member', STRING],
  ['is_admin', BOOL],
);

export function showRoleGrants(
  statement: ShowRoleGrantsStatement,
  context: StatementContext,
): TableResult {
  const { roles } = context.catalog;
  const wanted = statement.roles?.map(normalizeRole);
  const members = statement.for?.map((spec) => roleNamed(spec, context));
  for (const name of [...(wanted ?? []), ...(members ?? [])]) {
    if (roles.get(name) === undefined) {
      throw new SqlError('undefinedObject', `role/user "${name}" does not exist`);
    }
  }
  const rows: Repr[][] = roles.all().flatMap(({ name: member }) =>
    [...roles.directRoles(member)]
      .filter(([role]) => wanted?.includes(role) !== false)
      .filter(() => members?.includes(member) !== false)
      .map(([role, isAdmin]) => [role, member, boolRepr(isAdmin)]),
  );
  rows.sort((a, b) => (`${a[0]} ${a[1]}` < `${b[0]} ${b[1]}` ? -1 : 1));
  return { columns: ROLE_GRANT_COLUMNS, rows };
}
