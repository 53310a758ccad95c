import { notSupported, SqlError } from '../../base/errors';
import { SYSTEM_DATABASE_ID } from '../../catalog/constants';
import { namesRole, removeDefaultsOf } from '../../catalog/default-privileges';
import { TypeDescriptor_Kind } from '../../catalog/descriptor/gen/descriptor_pb';
import { ownerOf, setMask } from '../../catalog/privileges';
import { ADMIN_ROLE, ROOT_USER } from '../../catalog/roles';
import type { DescriptorHeader } from '../../catalog/snapshot';
import { dropRelation, dropSchema, dropType } from '../ddl/drop';
import { type DdlRun, runDefinition } from '../ddl/run';
import type { DropOwnedStatement, ReassignOwnedStatement } from '../parse/privileges-ast';
import { isAdmin, secured } from '../privileges/access';
import { roleNamed, unknownRole } from '../privileges/role-names';
import { currentDatabase } from '../session/name-resolution';
import { privilegesToChange } from './grants';
import type { StatementContext } from './statement-context';

/** REASSIGN OWNED BY and DROP OWNED BY: what roles own in the current database. */

export async function reassignOwned(
  statement: ReassignOwnedStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('REASSIGN OWNED BY', context, (run) => {
    const from = statement.from.map((spec) => roleNamed(spec, context));
    const to = roleNamed(statement.to, context);
    for (const role of [...from, to]) requireMembership(role, run);
    for (const entry of entriesHere(run)) {
      const owner = ownerOf(secured(entry).privileges);
      if (!from.includes(owner)) continue;
      for (const privileges of privilegesToChange(entry, run)) privileges.owner = to;
    }
  });
}

/** @throws SqlError undefinedObject (42704), insufficientPrivilege (42501) */
function requireMembership(role: string, run: DdlRun): void {
  const { roles } = run.catalog;
  if (roles.get(role) === undefined) throw unknownRole(role);
  if (isAdmin(run.names) || roles.isMember(run.names.user, role)) return;
  throw new SqlError('insufficientPrivilege', 'permission denied to reassign objects');
}

/** The current database and all that is in it. */
function entriesHere(run: DdlRun): DescriptorHeader[] {
  const database = run.catalog.database(currentDatabase(run.names));
  if (database === undefined || database.id === SYSTEM_DATABASE_ID) return [];
  return [...run.catalog.entries()].filter(
    (entry) => entry.id === database.id || entry.databaseId === database.id,
  );
}

export async function dropOwned(
  statement: DropOwnedStatement,
  context: StatementContext,
): Promise<string> {
  if (statement.behavior === 'cascade') {
    throw notSupported('DROP OWNED BY … CASCADE', 'Drop what depends on the objects first.');
  }
  return runDefinition('DROP OWNED BY', context, (run) => {
    const roles = statement.roles.map((spec) => roleNamed(spec, context));
    for (const role of roles) {
      requireMembership(role, run);
      if (role !== ADMIN_ROLE && role !== ROOT_USER) continue;
      throw new SqlError(
        'dependentObjectsStillExist',
        `cannot drop objects owned by role "${role}" because they are required by the database system`,
      );
    }
    dropObjectsOf(roles, run);
    revokeAll(roles, run);
  });
}

function dropObjectsOf(roles: readonly string[], run: DdlRun): void {
  const owned = entriesHere(run).filter((entry) =>
    roles.includes(ownerOf(secured(entry).privileges)),
  );
  const tables = owned.filter((entry) => entry.kind === 'table');
  const together = new Set(tables.map((entry) => entry.id));
  for (const { id } of tables) {
    const relation = run.catalog.tableById(id);
    if (relation !== undefined) dropRelation(relation, 'restrict', together, run);
  }
  const mode = { ifExists: false, behavior: 'restrict' } as const;
  const { catalog } = run;
  for (const { kind, id, name, databaseId, schemaId } of owned) {
    // The type of an enum's arrays goes with the enum.
    if (kind !== 'type' || catalog.typeDescriptor(id)?.kind === TypeDescriptor_Kind.ALIAS) continue;
    const parts = [catalog.databaseName(databaseId), catalog.schemaName(schemaId), name];
    if (!run.isRemoved(id)) dropType({ parts, location: 0 }, mode, run);
  }
  for (const { kind, name, databaseId } of owned) {
    const parts = [catalog.databaseName(databaseId), name];
    if (kind === 'schema') dropSchema({ parts, location: 0 }, mode, run);
  }
}

function revokeAll(roles: readonly string[], run: DdlRun): void {
  for (const entry of entriesHere(run)) {
    if (run.isRemoved(entry.id)) continue;
    const { privileges } = secured(entry);
    for (const role of roles) {
      if (privileges?.users.some(({ user }) => user === role) !== true) continue;
      for (const held of privilegesToChange(entry, run)) setMask(held, role, 0n);
    }
  }
  for (const { id, descriptor } of entriesHere(run)) {
    const { union } = descriptor;
    if ((union.case !== 'database' && union.case !== 'schema') || run.isRemoved(id)) continue;
    const holder = union.value;
    if (!roles.some((role) => namesRole(holder, role) !== undefined)) continue;
    removeDefaultsOf(union.case === 'database' ? run.database(id) : run.schema(id), roles);
  }
}
