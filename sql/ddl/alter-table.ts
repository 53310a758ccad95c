import { clone } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import { InvariantError } from '../../base/invariant';
import { ForeignKeyAction } from '../../catalog/descriptor/gen/index_pb';
import {
  type ColumnDescriptor,
  type TableDescriptor,
  TableDescriptorSchema,
} from '../../catalog/descriptor/gen/table_pb';
import {
  checkColumnName,
  findColumn,
  renameColumn as renameInDescriptor,
  requireColumn,
} from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import type { AlterTableCommand, AlterTableStatement } from '../parse/ddl-ast';
import { resolveRelation } from '../session/name-resolution';
import { refuseUnsafe } from '../session/safe-updates';
import type { StatementContext } from '../statements/statement-context';
import { addColumnCommand } from './add-column';
import {
  addConstraint,
  dropConstraint,
  renameConstraint,
  validateConstraint,
} from './alter-constraints';
import { alterColumnType } from './column-type';
import { forgetSequenceUse, setDefault, storeOnUpdateOf } from './columns';
import { viewDepends } from './drop';
import { dropColumn } from './drop-column';
import { renameInExpression } from './expressions';
import { alterPrimaryKey, requireKey } from './primary-key';
import { type DdlRun, runDefinition } from './run';
import { renameShards } from './shards';
import { resetStorage, setStorage } from './storage-parameters';
import { findRelation } from './target';
import { validateNotNull } from './validate-rows';

/** ALTER TABLE: its commands one after the other, all or none. */
export async function alterTable(
  statement: AlterTableStatement,
  context: StatementContext,
): Promise<string> {
  const refused = statement.commands.find((command) => command.kind === 'unsupported');
  if (refused !== undefined) throw notSupported(refused.what);
  const drops = statement.commands.some((command) => command.kind === 'dropColumn');
  if (drops) refuseUnsafe('ALTER TABLE DROP COLUMN will remove all data in that column', context);
  const renames = statement.commands.some((command) => command.kind === 'renameColumn');
  return runDefinition(
    renames ? 'RENAME COLUMN' : 'ALTER TABLE',
    context,
    (run) => alterTableBody(statement, run),
    (names) => resolveRelation(statement.table.parts, names),
  );
}

export function alterTableBody(statement: AlterTableStatement, run: DdlRun): void {
  const info = findRelation(statement.table, ['table'], run);
  if (info === undefined) {
    if (statement.ifExists) return;
    const name = statement.table.parts.join('.');
    throw new SqlError('undefinedTable', `relation "${name}" does not exist`);
  }
  run.require(info.id, 'CREATE');
  const table = run.table(info.id);
  const alone = statement.commands.length === 1;
  for (const command of statement.commands) {
    if (command.kind === 'alterColumnType') alterColumnType(table, command, alone, run);
    else apply(table, command, run);
  }
  requireKey(table, run);
}

function apply(table: TableDescriptor, command: AlterTableCommand, run: DdlRun): void {
  switch (command.kind) {
    case 'addColumn':
      addColumnCommand(table, command, run);
      return;
    case 'dropColumn':
      dropColumn(table, command, run);
      return;
    case 'setDefault':
      changeDefault(table, command, run);
      return;
    case 'setNotNull':
      setNotNull(table, command, run);
      return;
    case 'addConstraint':
      addConstraint(table, command, run);
      return;
    case 'dropConstraint':
      dropConstraint(table, command, run);
      return;
    case 'renameColumn':
      renameColumn(table, command.from, command.to, run);
      return;
    case 'renameConstraint':
      renameConstraint(table, command.from, command.to, run);
      return;
    case 'validateConstraint':
      validateConstraint(table, command.name, run);
      return;
    case 'setVisible':
      requireColumn(table, command.column).hidden = !command.visible;
      return;
    case 'dropStored':
      dropStored(table, command.column);
      return;
    case 'setStorage':
      setStorage(command.parameters, run);
      return;
    case 'resetStorage':
      resetStorage(command.names);
      return;
    case 'alterPrimaryKey':
      alterPrimaryKey(table, command.body, run);
      return;
    case 'unsupported':
      throw notSupported(command.what);
    case 'setOnUpdate':
      changeOnUpdate(table, command, run);
      return;
    case 'alterColumnType':
      throw new InvariantError('a change of type is no plain command');
  }
}

type Command<K extends AlterTableCommand['kind']> = Extract<AlterTableCommand, { kind: K }>;

function changeDefault(table: TableDescriptor, command: Command<'setDefault'>, run: DdlRun): void {
  const column = requireColumn(table, command.column);
  if (column.computeExpr !== '') {
    throw new SqlError('syntaxError', 'computed columns cannot have default values');
  }
  forgetSequenceUse(table, column, run);
  column.defaultExpr = '';
  if (command.expr === null) return;
  const type = typeFromMessage(column.type ?? {}, (id) => run.catalog.enumMetadata(id));
  setDefault(table, column, command.expr, type, run);
}

function changeOnUpdate(
  table: TableDescriptor,
  command: Command<'setOnUpdate'>,
  run: DdlRun,
): void {
  const column = requireColumn(table, command.column);
  if (column.computeExpr !== '') {
    throw new SqlError(
      'invalidTableDefinition',
      'computed columns cannot have an ON UPDATE expression',
    );
  }
  const key = table.outboundFks.find(
    (other) =>
      other.originColumnIds.includes(column.id) && other.onUpdate !== ForeignKeyAction.NO_ACTION,
  );
  if (command.expr !== null && key !== undefined) {
    throw new SqlError(
      'invalidColumnDefinition',
      `column ${column.name}(${column.id}) cannot have both an ON UPDATE expression and a foreign key ON UPDATE action`,
    );
  }
  column.onUpdateExpr = '';
  if (command.expr === null) return;
  const type = typeFromMessage(column.type ?? {}, (id) => run.catalog.enumMetadata(id));
  storeOnUpdateOf(column, command.expr, type, run);
}

/** The column keeps its values and is written like any other from now on. */
function dropStored(table: TableDescriptor, name: string): void {
  const column = requireColumn(table, name);
  if (column.computeExpr === '' || column.virtual) {
    const what = column.computeExpr === '' ? 'computed' : 'stored computed';
    throw new SqlError('invalidColumnDefinition', `column "${name}" is not a ${what} column`);
  }
  column.computeExpr = '';
}

function setNotNull(table: TableDescriptor, command: Command<'setNotNull'>, run: DdlRun): void {
  const column = requireColumn(table, command.column);
  if (command.notNull) {
    validateNotNull(table, column, run);
    column.nullable = false;
    return;
  }
  if (table.primaryIndex?.keyColumnIds.includes(column.id)) {
    throw new SqlError('invalidTableDefinition', `column "${column.name}" is in a primary index`);
  }
  column.nullable = true;
}

/** Views that read a column, and name it in their query. */
export function refuseViewsOn(
  table: TableDescriptor,
  column: ColumnDescriptor,
  what: string,
  run: DdlRun,
): void {
  const reference = table.dependedOnBy.find(
    (other) => other.columnIds.includes(column.id) && run.catalog.tableById(other.id) !== undefined,
  );
  const view = reference === undefined ? undefined : run.catalog.tableById(reference.id);
  if (view !== undefined) throw viewDepends(`${what} column "${column.name}"`, view, table, run);
}

function renameColumn(table: TableDescriptor, from: string, to: string, run: DdlRun): void {
  const column = requireColumn(table, from);
  if (from === to) return;
  refuseViewsOn(table, column, 'rename', run);
  checkColumnName(to);
  if (findColumn(table, to) !== undefined) {
    throw new SqlError(
      'duplicateColumn',
      `column "${to}" of relation "${table.name}" already exists`,
    );
  }
  const before = clone(TableDescriptorSchema, table);
  renameInDescriptor(table, column, to);
  renameShards(table, column);
  for (const check of table.checks) check.expr = renameInExpression(check.expr, before, table, run);
  for (const other of table.columns) {
    other.computeExpr = renameInExpression(other.computeExpr, before, table, run);
  }
  for (const unique of [...table.indexes, ...table.uniqueWithoutIndexConstraints]) {
    unique.predicate = renameInExpression(unique.predicate, before, table, run);
  }
}
