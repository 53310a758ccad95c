import { create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import { relationKind } from '../../catalog/build-table-info';
import { USER_TYPE_OID_BASE } from '../../catalog/constants';
import { IndexDescriptorSchema } from '../../catalog/descriptor/gen/index_pb';
import {
  type TableDescriptor,
  TableDescriptor_ReferenceSchema,
} from '../../catalog/descriptor/gen/table_pb';
import { referencedTypeOids } from '../../catalog/stored-expression';
import { newTable, setFamilies, setPrimaryKey } from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import { messageTypeName } from '../../catalog/types/type-name';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import type { BoundQuery } from '../bind/bind-select';
import type { CreateViewStatement } from '../parse/ddl-ast';
import { parseStatement } from '../parse/parse';
import type { StatementContext } from '../statements/statement-context';
import { addQueryColumns, addRowid, bindSource, fillTable, makePhysicalTable } from './fill-table';
import { type DdlRun, runDefinition } from './run';
import { alreadyExists, fullName, holderOf, newTarget, type Target } from './target';
import { userTypesOf } from './type-uses';
import { usedColumns } from './used-columns';
import { refuseUnreadable } from './view-grammar';
import { directRelations, hasStar, mayName, qualifiedQuery } from './view-query';

/** CREATE VIEW: the query is bound once, for its columns, and kept with its names spelled out. */
export async function createView(
  statement: CreateViewStatement,
  context: StatementContext,
): Promise<string> {
  if (!statement.withData) {
    throw notSupported('CREATE MATERIALIZED VIEW … WITH NO DATA', 'Create it with its rows.');
  }
  return runDefinition('CREATE VIEW', context, (run) => createViewBody(statement, run));
}

function createViewBody(statement: CreateViewStatement, run: DdlRun): void {
  const target = newTarget(statement.name, run, isTemporaryView(statement, run));
  const replaced = statement.replace ? viewToReplace(target, run) : undefined;
  if (replaced === undefined && alreadyExists(target, statement.ifNotExists, run)) return;
  refuseStars(statement.query);
  refuseUnreadable(statement.query, statement.text);
  const bound = bindSource(statement.text, 'a view', run);
  if (statement.materialized) run.passQuery(statement.query);
  else if (bound.materialized.size > 0) {
    throw notSupported('a view over rows of SHOW or of a system table');
  }
  const id = replaced?.id ?? allocateDescriptorIds(run.db, 1);
  const view = newTable({ ...target, id, owner: run.names.user });
  view.temporary = target.temporary;
  addQueryColumns(view, bound, statement.columns, 'CREATE VIEW', run);
  // Names of tables are found again in the query's own text.
  const parsed = parseStatement(statement.text);
  const tree = parsed.kind === 'Select' ? parsed.tree : statement.query;
  view.viewQuery = qualifiedQuery(statement.text, tree, run);
  requireReadable(view.viewQuery, run);
  view.dependsOn = directRelations(tree, run);
  view.dependsOnTypes = typesOf(view);
  if (replaced !== undefined) replaceView(replaced, view, bound, run);
  else if (statement.materialized) addMaterializedView(view, statement.text, run);
  else {
    view.nextIndexId = 0;
    view.primaryIndex = create(IndexDescriptorSchema);
    run.add({ case: 'table', value: view });
  }
  noteDependencies(view, tree, usedColumns(bound), run);
}

/** The stored text would stand for other columns after each change of a table. @throws SqlError featureNotSupported (0A000) */
function refuseStars(query: unknown): void {
  if (!hasStar(query)) return;
  throw new SqlError(
    'featureNotSupported',
    'unimplemented: views do not currently support * expressions',
    { hint: 'Name the columns.' },
  );
}

/** The stored text is read each time. @throws SqlError featureNotSupported (0A000) where that would not give the query again */
function requireReadable(query: string, run: DdlRun): void {
  try {
    bindSource(query, 'a view', run);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw notSupported('this spelling in a view', `It would be kept as: ${query}`);
  }
}

/** User-defined types of its columns, and those that its query names. */
function typesOf({ columns, viewQuery }: TableDescriptor): number[] {
  const shown = columns.flatMap(({ type }) => (type === undefined ? [] : userTypesOf(type)));
  const named = referencedTypeOids(viewQuery).map((oid) => oid - USER_TYPE_OID_BASE);
  return [...new Set([...shown, ...named])].sort((a, b) => a - b);
}

/** Temporary by its own word, or because it shows what is. */
function isTemporaryView(statement: CreateViewStatement, run: DdlRun): boolean {
  if (statement.temporary) return true;
  const shown = directRelations(statement.query, run);
  if (!shown.some((id) => run.catalog.tableDescriptor(id)?.temporary === true)) return false;
  const name = statement.name.parts.at(-1) ?? '';
  run.notice({
    severity: 'NOTICE',
    code: '00000',
    message: `view "${name}" will be a temporary view`,
  });
  return true;
}

function noteDependencies(
  view: TableDescriptor,
  query: unknown,
  used: ReadonlyMap<number, ReadonlySet<number>>,
  run: DdlRun,
): void {
  for (const relationId of view.dependsOn) {
    const relation = run.table(relationId);
    const columns = relation.columns.filter(
      (column) =>
        relation.viewQuery !== '' ||
        used.get(relation.id)?.has(column.id) ||
        // What it is computed from stands in its place in a bound query.
        (column.virtual && !column.inaccessible && mayName(query, column.name)),
    );
    relation.dependedOnBy.push(
      create(TableDescriptor_ReferenceSchema, {
        id: view.id,
        columnIds: columns.map((column) => column.id),
      }),
    );
  }
}

function addMaterializedView(view: TableDescriptor, text: string, run: DdlRun): void {
  const count = view.columns.length;
  view.isMaterializedView = true;
  setPrimaryKey(view, [{ name: addRowid(view), descending: false }]);
  setFamilies(view, []);
  run.add({ case: 'table', value: view });
  makePhysicalTable(view, run);
  fillTable(view, { text, count }, run);
}

/** @throws SqlError wrongObjectType (42809) */
function viewToReplace(target: Target, run: DdlRun): TableDescriptor | undefined {
  const holder = holderOf(target, run);
  if (holder === undefined) return undefined;
  const union = holder.descriptor.union;
  if (union.case !== 'table' || relationKind(union.value) !== 'view') {
    throw new SqlError('wrongObjectType', `"${target.name}" is not a view`);
  }
  run.requireDrop(holder.id);
  return run.table(holder.id);
}

/** The view takes the new one's query. @throws SqlError invalidTableDefinition (42P16), invalidObjectDefinition (42P17) */
function replaceView(
  view: TableDescriptor,
  made: TableDescriptor,
  bound: BoundQuery,
  run: DdlRun,
): void {
  if (reaches(made.dependsOn, view.id, run)) {
    const database = run.catalog.databaseName(view.parentId);
    const schema = run.catalog.schemaName(view.unexposedParentSchemaId);
    const name = fullName({
      databaseId: 0,
      databaseName: database,
      schemaId: 0,
      schemaName: schema,
      name: view.name,
      temporary: view.temporary,
    });
    throw new SqlError('invalidObjectDefinition', `cyclic view dependency for relation ${name}`);
  }
  checkReplacement(view, made, bound, run);
  for (const id of view.dependsOn) {
    const used = run.table(id);
    used.dependedOnBy = used.dependedOnBy.filter((reference) => reference.id !== view.id);
  }
  view.viewQuery = made.viewQuery;
  view.dependsOn = made.dependsOn;
  view.dependsOnTypes = made.dependsOnTypes;
  view.columns = made.columns;
  view.nextColumnId = made.nextColumnId;
}

/** What there was stays as it was; columns may be added behind it. */
function checkReplacement(
  view: TableDescriptor,
  made: TableDescriptor,
  bound: BoundQuery,
  run: DdlRun,
): void {
  const fail = (message: string): SqlError => new SqlError('invalidTableDefinition', message);
  if (made.columns.length < view.columns.length) throw fail('cannot drop columns from view');
  for (const [i, old] of view.columns.entries()) {
    const name = made.columns[i]?.name ?? '';
    if (name !== old.name) {
      throw fail(`cannot change name of view column "${old.name}" to "${name}"`);
    }
    const before = typeFromMessage(old.type ?? {}, (id) => run.catalog.enumMetadata(id));
    const after = bound.columns[i]?.type;
    if (after !== undefined && messageTypeName(after) !== messageTypeName(before)) {
      throw fail(
        `cannot change type of view column "${old.name}" from ${messageTypeName(before)} to ${messageTypeName(after)}`,
      );
    }
  }
}

/** Whether a view is under these relations. */
function reaches(ids: readonly number[], wanted: number, run: DdlRun): boolean {
  const seen = new Set(ids);
  for (const id of seen) {
    if (id === wanted) return true;
    for (const next of run.catalog.tableDescriptor(id)?.dependsOn ?? []) seen.add(next);
  }
  return false;
}
