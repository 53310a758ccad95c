import { clone } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import { ConstraintValidity } from '../../catalog/descriptor/gen/index_pb';
import {
  type ColumnDescriptor,
  type TableDescriptor,
  TableDescriptorSchema,
} from '../../catalog/descriptor/gen/table_pb';
import {
  findColumn,
  isNameUsed,
  renameColumn as renameInDescriptor,
  requireColumn,
} from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import type {
  AlterTableCommand,
  AlterTableStatement,
  ConstraintDefinition,
} from '../parse/ddl-ast';
import { resolveRelation } from '../session/name-resolution';
import type { StatementContext } from '../statements/statement-context';
import { addColumnCommand } from './add-column';
import { buildIndex } from './alter-indexes';
import { alterColumnType } from './column-type';
import { forgetSequenceUse, setDefault } from './columns';
import { declareCheck } from './create-table';
import { viewDepends } from './drop';
import { dropColumn } from './drop-column';
import { renameInExpression } from './expressions';
import { addForeignKey, removeForeignKey } from './foreign-keys';
import { declareIndex } from './indexes';
import { addPrimaryKey, alterPrimaryKey, dropPrimaryKey, requireKey } from './primary-key';
import { type DdlRun, runDefinition } from './run';
import { findRelation } from './target';
import { validateCheck, validateForeignKey, validateNotNull } from './validate-rows';

/** ALTER TABLE: its commands one after the other, all or none. */
export async function alterTable(
  statement: AlterTableStatement,
  context: StatementContext,
): Promise<string> {
  const refused = statement.commands.find((command) => command.kind === 'unsupported');
  if (refused !== undefined) throw notSupported(refused.what);
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
      renameConstraint(table, command.from, command.to);
      return;
    case 'alterPrimaryKey':
      alterPrimaryKey(table, command.body, run);
      return;
    case 'unsupported':
      throw notSupported(command.what);
    default:
      throw notSupported(command.kind);
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

function addConstraint(
  table: TableDescriptor,
  command: Command<'addConstraint'>,
  run: DdlRun,
): void {
  const { name, constraint } = command.constraint;
  if (name !== null && isNameUsed(table, name) && command.ifNotExists) {
    run.notice({
      severity: 'NOTICE',
      code: '42710',
      message: `constraint "${name}" of relation "${table.name}" already exists, skipping`,
    });
    return;
  }
  const validity = command.notValid ? ConstraintValidity.Unvalidated : ConstraintValidity.Validated;
  switch (constraint.kind) {
    case 'check': {
      const check = declareCheck(table, name, constraint.expr, run);
      check.validity = validity;
      if (!command.notValid) validateCheck(table, check, run);
      return;
    }
    case 'foreignKey': {
      const key = addForeignKey(table, { ...constraint, name: name ?? undefined }, validity, run);
      if (!command.notValid) validateForeignKey(key, run);
      return;
    }
    case 'unique':
      addUnique(table, name, constraint, run);
      return;
    case 'primaryKey':
      addPrimaryKey(table, name, constraint.body, run);
      return;
  }
}

function addUnique(
  table: TableDescriptor,
  name: string | null,
  constraint: Extract<ConstraintDefinition['constraint'], { kind: 'unique' }>,
  run: DdlRun,
): void {
  if (constraint.withoutIndex) throw notSupported('UNIQUE WITHOUT INDEX');
  const index = {
    kind: 'index',
    name,
    unique: true,
    inverted: false,
    body: constraint.body,
  } as const;
  buildIndex(table, declareIndex(table, index, false, run), run);
}

function dropConstraint(
  table: TableDescriptor,
  command: Command<'dropConstraint'>,
  run: DdlRun,
): void {
  const { name } = command;
  const key = table.outboundFks.find((other) => other.name === name);
  const check = table.checks.find((other) => other.name === name);
  const index = table.indexes.find((other) => other.name === name && other.unique);
  if (check !== undefined) table.checks = table.checks.filter((other) => other !== check);
  else if (key !== undefined) removeForeignKey(key, run);
  else if (index !== undefined) {
    throw notSupported(
      'DROP CONSTRAINT of a UNIQUE constraint',
      `Use DROP INDEX ${table.name}@${name} CASCADE.`,
    );
  } else if (table.primaryIndex?.name === name) {
    dropPrimaryKey(table, command.behavior === 'cascade', run);
  } else if (!command.ifExists) {
    throw new SqlError(
      'undefinedObject',
      `constraint "${name}" of relation "${table.name}" does not exist`,
    );
  }
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
  if (findColumn(table, to) !== undefined) {
    throw new SqlError(
      'duplicateColumn',
      `column "${to}" of relation "${table.name}" already exists`,
    );
  }
  const before = clone(TableDescriptorSchema, table);
  renameInDescriptor(table, column, to);
  for (const check of table.checks) check.expr = renameInExpression(check.expr, before, table, run);
  for (const other of table.columns) {
    other.computeExpr = renameInExpression(other.computeExpr, before, table, run);
  }
  for (const index of table.indexes) {
    index.predicate = renameInExpression(index.predicate, before, table, run);
  }
}

function renameConstraint(table: TableDescriptor, from: string, to: string): void {
  const index = [
    ...table.indexes,
    ...(table.primaryIndex === undefined ? [] : [table.primaryIndex]),
  ].find((other) => other.name === from && other.unique);
  const found =
    index ??
    table.checks.find((check) => check.name === from) ??
    table.outboundFks.find((key) => key.name === from);
  if (found === undefined) {
    throw new SqlError('undefinedObject', `constraint "${from}" does not exist`);
  }
  if (isNameUsed(table, to)) {
    throw new SqlError('duplicateObject', `duplicate constraint name: "${to}"`);
  }
  if ('originTableId' in found) throw notSupported('RENAME CONSTRAINT of a foreign key');
  found.name = to;
}
