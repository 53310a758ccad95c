import { notSupported, SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID, VIRTUAL_SCHEMAS } from '../../catalog/constants';
import type {
  DatabaseDescriptor,
  TypeDescriptor,
} from '../../catalog/descriptor/gen/descriptor_pb';
import type { DescriptorHeader } from '../../catalog/snapshot';
import type { SetSchemaStatement } from '../parse/alter-ast';
import type { QualifiedName } from '../parse/ast';
import { requireCreateIn } from '../privileges/access';
import { currentDatabase } from '../session/name-resolution';
import type { StatementContext } from '../statements/statement-context';
import { findEnum } from './alter-type';
import { viewDepends } from './drop';
import { type DdlRun, runDefinition } from './run';
import { ALTERED_KINDS, type AlteredKind, alteredRelation, schemaIdOf } from './target';

/** ALTER … SET SCHEMA: rows stay where they are, only the catalog's names change. */
export async function setSchema(
  statement: SetSchemaStatement,
  context: StatementContext,
): Promise<string> {
  const { object } = statement;
  const what = object === 'MATERIALIZED VIEW' ? 'VIEW' : object;
  const tag = object === 'TYPE' ? 'ALTER TYPE' : `ALTER ${what} SET SCHEMA`;
  return runDefinition(tag, context, (run) => {
    if (object === 'TYPE') moveType(statement, run);
    else moveRelation(statement, ALTERED_KINDS[object], run);
  });
}

function moveRelation(statement: SetSchemaStatement, kind: AlteredKind, run: DdlRun): void {
  const relation = alteredRelation(statement, kind, run);
  if (relation === undefined) return;
  const table = run.table(relation.id);
  for (const reference of table.dependedOnBy) {
    const view = run.catalog.tableById(reference.id);
    if (view?.viewQuery !== undefined) {
      throw viewDepends(`set schema on relation "${table.name}"`, view, table, run);
    }
  }
  if (table.temporary || statement.schema.startsWith('pg_temp')) {
    throw new SqlError(
      'featureNotSupported',
      'cannot move objects into or out of temporary schemas',
    );
  }
  const schemaId = schemaNamed(table.parentId, statement.schema, run);
  if (schemaId === schemaIdOf(table)) return;
  requireCreateIn(run.names, table.parentId, schemaId);
  refuseTaken(table.parentId, schemaId, table.name, run);
  table.unexposedParentSchemaId = schemaId;
}

function moveType(statement: SetSchemaStatement, run: DdlRun): void {
  const type = findEnum(statement.name, run);
  if (type === undefined) {
    if (statement.ifExists) return;
    const name = statement.name.parts.join('.');
    throw new SqlError('undefinedObject', `type "${name}" does not exist`);
  }
  run.requireOwnership(type.id);
  const schemaId = schemaNamed(type.parentId, statement.schema, run);
  if (schemaId === (type.parentSchemaId || PUBLIC_SCHEMA_ID)) return;
  requireCreateIn(run.names, type.parentId, schemaId);
  refuseTaken(type.parentId, schemaId, type.name, run);
  refuseNamedInViews(type, 'SET SCHEMA', run);
  reviseViewsOf(({ id }) => id === type.id, run);
  const array = run.type(type.arrayTypeId);
  refuseTaken(type.parentId, schemaId, array.name, run);
  type.parentSchemaId = schemaId;
  array.parentSchemaId = schemaId;
}

/** @throws SqlError invalidSchemaName (3F000), featureNotSupported (0A000) */
function schemaNamed(databaseId: number, name: string, run: DdlRun): number {
  if ((VIRTUAL_SCHEMAS as readonly string[]).includes(name)) {
    throw new SqlError('featureNotSupported', 'cannot move objects into or out of virtual schemas');
  }
  const id = run.catalog.schemaId(databaseId, name);
  if (id === undefined) throw new SqlError('invalidSchemaName', `unknown schema "${name}"`);
  return id;
}

/** @throws SqlError duplicateRelation (42P07), duplicateObject (42710) */
export function refuseTaken(databaseId: number, schemaId: number, name: string, run: DdlRun): void {
  const holder = run.catalog.holderOfName(databaseId, schemaId, name);
  if (holder === undefined) return;
  if (holder.kind === 'type')
    throw new SqlError('duplicateObject', `type "${name}" already exists`);
  throw new SqlError('duplicateRelation', `relation "${name}" already exists`);
}

/** Views made here keep a type's name as their author wrote it. @throws SqlError featureNotSupported (0A000) */
export function refuseNamedInViews(type: TypeDescriptor, what: string, run: DdlRun): void {
  for (const entry of run.catalog.entries()) {
    const table = entry.kind === 'table' ? run.peekTable(entry.id) : undefined;
    if (table === undefined || !table.viewQuery.includes(type.name)) continue;
    if (table.parentId !== type.parentId) continue;
    throw notSupported(
      `${what} of type "${type.name}", which view "${table.name}" may name,`,
      'Drop the view first and make it again afterwards.',
    );
  }
}

/** Backups name types in views (`backup/view-types.ts`): those with revision history have the view again when the name is another. */
export function reviseViewsOf(isMeant: (type: DescriptorHeader) => boolean, run: DdlRun): void {
  for (const entry of run.catalog.entries()) {
    const { union } = entry.descriptor;
    if (union.case !== 'type' || !isMeant(entry)) continue;
    for (const id of union.value.referencingDescriptorIds) {
      if ((run.peekTable(id)?.viewQuery ?? '') !== '') run.table(id);
    }
  }
}

/** A schema that can be changed. @throws SqlError invalidSchemaName (3F000) */
export function requireSchema(
  name: QualifiedName,
  run: DdlRun,
): { readonly database: DatabaseDescriptor; readonly id: number; readonly name: string } {
  const [schema = '', outer] = [...name.parts].reverse();
  const databaseName = outer ?? currentDatabase(run.names);
  const database = run.catalog.database(databaseName);
  if (database === undefined) {
    throw new SqlError('invalidCatalogName', `database "${databaseName}" does not exist`);
  }
  const isVirtual = (VIRTUAL_SCHEMAS as readonly string[]).includes(schema);
  if (isVirtual || schema === 'public') {
    throw new SqlError('invalidSchemaName', `cannot modify schema "${name.parts.join('.')}"`);
  }
  const id = run.catalog.schemaId(database.id, schema);
  if (id === undefined) throw new SqlError('invalidSchemaName', `unknown schema "${schema}"`);
  return { database, id, name: schema };
}
