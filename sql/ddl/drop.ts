import { SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID } from '../../catalog/constants';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { dropTableData, retireTableData } from '../../catalog/drop-database';
import type { TableInfo } from '../../catalog/table-info';
import { deleteCommentsOf } from '../../storage/ranges/comment-rows';
import type { QualifiedName } from '../parse/ast';
import type { DropBehavior, DropObjectsStatement } from '../parse/ddl-ast';
import { currentDatabase } from '../session/name-resolution';
import type { StatementContext } from '../statements/statement-context';
import { findEnum } from './alter-type';
import { forgetSequenceUse } from './columns';
import { removeForeignKey } from './foreign-keys';
import { type DdlRun, runDefinition } from './run';
import { findRelation, qualifiedTableName } from './target';
import { usersOfType } from './type-uses';

/** DROP TABLE, VIEW, SEQUENCE, TYPE and SCHEMA. */
export async function dropObjects(
  statement: DropObjectsStatement,
  context: StatementContext,
): Promise<string> {
  const tag = statement.object === 'MATERIALIZED VIEW' ? 'VIEW' : statement.object;
  return runDefinition(`DROP ${tag}`, context, (run) => {
    const { object, behavior } = statement;
    if (object === 'TYPE') {
      for (const name of statement.names) dropType(name, statement, run);
      return;
    }
    if (object === 'SCHEMA') {
      for (const name of statement.names) dropSchema(name, statement, run);
      return;
    }
    const kind = RELATION_KINDS[object];
    const found = statement.names.flatMap((name) => {
      const relation = findRelation(name, [kind], run);
      if (relation !== undefined) return [relation];
      if (statement.ifExists) return [];
      throw new SqlError('undefinedTable', `relation "${name.parts.join('.')}" does not exist`);
    });
    const together = new Set(found.map((relation) => relation.id));
    for (const relation of found) dropRelation(relation, behavior, together, run);
  });
}

const RELATION_KINDS = {
  TABLE: 'table',
  VIEW: 'view',
  'MATERIALIZED VIEW': 'materialized view',
  SEQUENCE: 'sequence',
} as const;

/** @param together ids of what the same statement drops: they need no CASCADE */
export function dropRelation(
  relation: TableInfo,
  behavior: DropBehavior,
  together: ReadonlySet<number>,
  run: DdlRun,
): void {
  if (run.isRemoved(relation.id)) return;
  run.requireDrop(relation.id);
  const descriptor = run.table(relation.id);
  const cascade = behavior === 'cascade';
  if (relation.kind === 'sequence') dropSequenceUses(descriptor, cascade, together, run);
  else dropDependentViews(descriptor, cascade, together, run);
  for (const key of [...descriptor.inboundFks]) {
    if (key.originTableId === descriptor.id) continue;
    if (!cascade && !together.has(key.originTableId)) {
      const user = run.catalog.tableDescriptor(key.originTableId)?.name ?? '';
      throw new SqlError(
        'dependentObjectsStillExist',
        `"${descriptor.name}" is referenced by foreign key from table "${user}"`,
      );
    }
    removeForeignKey(key, run);
  }
  for (const key of [...descriptor.outboundFks]) removeForeignKey(key, run);
  releaseUses(descriptor, run);
  run.remove(descriptor.id);
  run.passRows(descriptor.id);
  if (descriptor.temporary) dropTableData(run.db, descriptor.id);
  else if (relation.kind !== 'view') retireTableData(run.db, descriptor.id, run.nowNanos);
  deleteCommentsOf(run.db, descriptor.id);
}

/** What the relation used no longer says so; sequences that its columns own go with it. */
function releaseUses(descriptor: TableDescriptor, run: DdlRun): void {
  for (const id of descriptor.dependsOn) {
    const used = run.tableIfKept(id);
    if (used === undefined) continue;
    used.dependedOnBy = used.dependedOnBy.filter((reference) => reference.id !== descriptor.id);
  }
  for (const column of descriptor.columns) {
    forgetSequenceUse(descriptor, column, run);
    for (const id of column.ownsSequenceIds) {
      const owned = run.isRemoved(id) ? undefined : run.catalog.tableById(id);
      if (owned !== undefined) dropRelation(owned, 'cascade', new Set([descriptor.id]), run);
    }
  }
  for (const entry of run.catalog.entries()) {
    const { union } = entry.descriptor;
    if (union.case !== 'type') continue;
    if (!union.value.referencingDescriptorIds.includes(descriptor.id)) continue;
    const type = run.type(entry.id);
    type.referencingDescriptorIds = type.referencingDescriptorIds.filter(
      (id) => id !== descriptor.id,
    );
  }
  const owner = descriptor.sequenceOpts?.sequenceOwner;
  const ownerTable = owner === undefined ? undefined : run.tableIfKept(owner.ownerTableId);
  for (const column of ownerTable?.columns ?? []) {
    column.ownsSequenceIds = column.ownsSequenceIds.filter((id) => id !== descriptor.id);
  }
}

/** @throws SqlError dependentObjectsStillExist (2BP01) */
function dropDependentViews(
  descriptor: TableDescriptor,
  cascade: boolean,
  together: ReadonlySet<number>,
  run: DdlRun,
): void {
  for (const reference of [...descriptor.dependedOnBy]) {
    const view = run.isRemoved(reference.id) ? undefined : run.catalog.tableById(reference.id);
    if (view === undefined) continue;
    if (!cascade && !together.has(view.id)) {
      throw viewDepends(`drop relation "${descriptor.name}"`, view, descriptor, run);
    }
    dropRelation(view, 'cascade', together, run);
  }
}

/** `cannot … because view "v" depends on it`. */
export function viewDepends(
  what: string,
  view: { readonly databaseId: number; readonly schemaId: number; readonly name: string },
  used: TableDescriptor,
  run: DdlRun,
): SqlError {
  const isNear =
    view.databaseId === used.parentId &&
    view.schemaId === (used.unexposedParentSchemaId || PUBLIC_SCHEMA_ID);
  const name = isNear
    ? view.name
    : `${run.catalog.databaseName(view.databaseId)}.${run.catalog.schemaName(view.schemaId)}.${view.name}`;
  return new SqlError(
    'dependentObjectsStillExist',
    `cannot ${what} because view "${name}" depends on it`,
    { hint: `you can drop ${name} instead.` },
  );
}

function dropSequenceUses(
  sequence: TableDescriptor,
  cascade: boolean,
  together: ReadonlySet<number>,
  run: DdlRun,
): void {
  for (const reference of [...sequence.dependedOnBy]) {
    const table = together.has(reference.id) ? undefined : run.tableIfKept(reference.id);
    if (table === undefined) continue;
    if (!cascade) {
      throw new SqlError(
        'dependentObjectsStillExist',
        `cannot drop sequence ${sequence.name} because other objects depend on it`,
      );
    }
    for (const column of table.columns) {
      if (!column.usesSequenceIds.includes(sequence.id)) continue;
      column.defaultExpr = '';
      column.usesSequenceIds = column.usesSequenceIds.filter((id) => id !== sequence.id);
    }
  }
}

type DropMode = Pick<DropObjectsStatement, 'ifExists' | 'behavior'>;

export function dropType(name: QualifiedName, statement: DropMode, run: DdlRun): void {
  const type = findEnum(name, run);
  if (type === undefined) {
    if (statement.ifExists) return;
    throw new SqlError('undefinedObject', `type "${name.parts.join('.')}" does not exist`);
  }
  run.requireOwnership(type.id);
  if (statement.behavior === 'cascade') {
    throw new SqlError('featureNotSupported', 'DROP TYPE CASCADE is not yet supported');
  }
  const users = usersOfType(type, run).map((table) => qualifiedTableName(table, run));
  if (users.length > 0) {
    throw new SqlError(
      'dependentObjectsStillExist',
      `cannot drop type "${type.name}" because other objects ([${users.join(' ')}]) still depend on it`,
    );
  }
  run.remove(type.id);
  run.remove(type.arrayTypeId);
}

export function dropSchema(name: QualifiedName, statement: DropMode, run: DdlRun): void {
  const [schemaName = '', ...outer] = [...name.parts].reverse();
  const databaseName = outer[0] ?? currentDatabase(run.names);
  const database = run.catalog.database(databaseName);
  const id = database && run.catalog.schemaId(database.id, schemaName);
  if (database === undefined || id === undefined) {
    if (statement.ifExists) return;
    throw new SqlError('invalidSchemaName', `unknown schema "${schemaName}"`);
  }
  if (id === PUBLIC_SCHEMA_ID) {
    throw new SqlError('invalidSchemaName', `cannot drop schema "${schemaName}"`);
  }
  run.requireOwnership(id);
  const contents = [...run.catalog.entries()].filter(
    (entry) => entry.schemaId === id && !run.isRemoved(entry.id),
  );
  if (contents.length > 0 && statement.behavior !== 'cascade') {
    throw new SqlError(
      'dependentObjectsStillExist',
      `schema "${schemaName}" is not empty and CASCADE was not specified`,
    );
  }
  const relations = contents.filter((entry) => entry.kind === 'table');
  const together = new Set(relations.map((entry) => entry.id));
  for (const entry of relations) {
    const relation = run.catalog.tableById(entry.id);
    if (relation !== undefined) dropRelation(relation, 'cascade', together, run);
  }
  for (const entry of contents.filter((other) => other.kind === 'type')) {
    const type = run.type(entry.id);
    const users = type.alias === undefined ? usersOfType(type, run) : [];
    if (users.length > 0) {
      const [database, schema] = [run.catalog.databaseName(type.parentId), schemaName];
      throw new SqlError(
        'featureNotSupported',
        `unimplemented: cannot drop type "${database}.${schema}.${type.name}" because other objects ([${users.map((table) => qualifiedTableName(table, run)).join(' ')}]) still depend on it`,
      );
    }
    run.remove(entry.id);
  }
  run.remove(id);
  const holder = run.database(database.id);
  holder.schemas = holder.schemas.filter((entry) => entry.key !== schemaName);
}
