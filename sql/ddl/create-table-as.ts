import { notSupported, SqlError } from '../../base/errors';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { newTable, setFamilies, setPrimaryKey } from '../../catalog/table-builder';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import type { CreateTableAsStatement } from '../parse/ddl-ast';
import type { StatementContext } from '../statements/statement-context';
import { familiesOf } from './families';
import { addQueryColumns, addRowid, bindSource, fillTable, makePhysicalTable } from './fill-table';
import { refuseUnindexable } from './indexes';
import { type DdlRun, runDefinition } from './run';
import { alreadyExists, newTarget } from './target';

/** CREATE TABLE … AS: the table and the rows of its query in one step. */
export async function createTableAs(
  statement: CreateTableAsStatement,
  context: StatementContext,
): Promise<string> {
  if (statement.unsupported !== null) throw notSupported(statement.unsupported);
  return runDefinition('CREATE TABLE AS', context, (run) => createTableAsBody(statement, run));
}

function createTableAsBody(statement: CreateTableAsStatement, run: DdlRun): void {
  const target = newTarget(statement.name, run, statement.temporary);
  if (alreadyExists(target, statement.ifNotExists, run)) return;
  run.passQuery(statement.query);
  const bound = bindSource(statement.text, 'CREATE TABLE AS', run);
  const id = allocateDescriptorIds(run.db, 1);
  const table = newTable({ ...target, id, owner: run.names.user });
  table.temporary = target.temporary;
  run.add({ case: 'table', value: table });
  const columns = statement.elements.flatMap((element) =>
    element.kind === 'asColumn' ? [element] : [],
  );
  const names = columns.map((column) => column.name);
  addQueryColumns(table, bound, names, 'CREATE TABLE', run);
  setKey(table, statement, run);
  const families = statement.elements.flatMap((item) => (item.kind === 'family' ? [item] : []));
  setFamilies(table, familiesOf(table, [], families));
  makePhysicalTable(table, run);
  fillTable(table, { text: statement.text, count: bound.columns.length }, run);
}

/** @throws SqlError invalidTableDefinition (42P16) for more than one key */
function setKey(table: TableDescriptor, { elements }: CreateTableAsStatement, run: DdlRun): void {
  const inline = elements.flatMap((element) =>
    element.kind === 'asColumn' && element.primaryKey
      ? [{ name: null, columns: [element.name] }]
      : [],
  );
  const keys = [...inline, ...elements.flatMap((item) => (item.kind === 'asKey' ? [item] : []))];
  if (keys.length > 1) {
    throw new SqlError(
      'invalidTableDefinition',
      `multiple primary keys for table "${table.name}" are not allowed`,
    );
  }
  const [key] = keys;
  if (key === undefined) {
    setPrimaryKey(table, [{ name: addRowid(table), descending: false }]);
    return;
  }
  const columns = key.columns.map((name) => ({ name, descending: false }));
  refuseUnindexable(table, columns, false, run);
  setPrimaryKey(table, columns, key.name ?? undefined);
}
