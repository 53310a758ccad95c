import { clone } from '@bufbuild/protobuf';
import { SqlError } from '../../base/errors';
import {
  type ColumnDescriptor,
  type TableDescriptor,
  TableDescriptorSchema,
} from '../../catalog/descriptor/gen/table_pb';
import { columnType, requireColumn } from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import type { SqlType } from '../../catalog/types/sql-type';
import { collated, sqliteColumn } from '../../catalog/types/table';
import { messageTypeName, typeName } from '../../catalog/types/type-name';
import { resolveTypeName } from '../bind/type-names';
import { castRow } from '../builtins/casts';
import type { AlterTableCommand, DefinitionExpr } from '../parse/ddl-ast';
import { requireTypeUsage } from './columns';
import { conversionOf } from './conversions';
import { viewDepends } from './drop';
import { columnsNamedBy, storeConversion, storeDefault } from './expressions';
import { rebuildTable } from './rebuild-table';
import type { DdlRun } from './run';
import { requireStorable } from './storable-type';
import { runOver } from './validate-rows';

type Command = Extract<AlterTableCommand, { kind: 'alterColumnType' }>;

/** ALTER TABLE … ALTER COLUMN … TYPE. @param alone whether the statement has no other command */
export function alterColumnType(
  table: TableDescriptor,
  command: Command,
  alone: boolean,
  run: DdlRun,
): void {
  const column = requireColumn(table, command.column);
  const from = typeFromMessage(column.type ?? {}, (id) => run.catalog.enumMetadata(id));
  const to = newType(command, run);
  requireTypeUsage(to, table.parentId, run);
  refuseViews(table, column, run);
  const kind = command.using === null ? conversionOf(from, to) : 'general';
  if (kind === 'impossible') {
    throw new SqlError(
      'cannotCoerce',
      `the requested type conversion (${typeName(from)} -> ${typeName(to)}) requires an explicit USING expression`,
    );
  }
  if (kind !== 'trivial') refuseGeneral(table, column, from, to, alone, run);
  refuseStaleExpressions(column, from, to);
  if (from.family !== to.family) convertExpressions(column, to, run);
  const before = clone(TableDescriptorSchema, table);
  column.type = columnType(to);
  const keepsRows = kind === 'trivial' && sqliteColumn(from).type === sqliteColumn(to).type;
  if (column.virtual || keepsRows) return;
  rewrite(before, table, column, to, command.using, run);
}

function newType(command: Command, run: DdlRun): SqlType {
  const type = resolveTypeName(command.type, run.bindContext().catalog);
  requireStorable(type);
  if (command.collate === null) return type;
  if (type.family !== 'string') {
    throw new SqlError('syntaxError', 'COLLATE can only be used with string types');
  }
  return collated(command.collate, type);
}

function refuseViews(table: TableDescriptor, column: ColumnDescriptor, run: DdlRun): void {
  for (const reference of table.dependedOnBy) {
    if (!reference.columnIds.includes(column.id)) continue;
    const view = run.catalog.tableById(reference.id);
    if (view?.viewQuery === undefined) continue;
    throw viewDepends(`alter type of column "${column.name}"`, view, table, run);
  }
}

/** What v21.2 has no conversion of rows for. @throws SqlError experimentalFeature (XXC02), featureNotSupported (0A000) */
function refuseGeneral(
  table: TableDescriptor,
  column: ColumnDescriptor,
  from: SqlType,
  to: SqlType,
  alone: boolean,
  run: DdlRun,
): void {
  if (run.names.settings.get('enable_experimental_alter_column_type_general') !== 'on') {
    throw new SqlError(
      'experimentalFeature',
      `ALTER COLUMN TYPE from ${messageTypeName(from)} to ${messageTypeName(to)} is only supported experimentally`,
      {
        hint: 'you can enable alter column type general support by running `SET enable_experimental_alter_column_type_general = true`',
      },
    );
  }
  const problem = generalProblem(table, column, alone, run);
  if (problem !== undefined) {
    throw new SqlError('featureNotSupported', `unimplemented: ALTER COLUMN TYPE ${problem}`);
  }
}

function generalProblem(
  table: TableDescriptor,
  column: ColumnDescriptor,
  alone: boolean,
  run: DdlRun,
): string | undefined {
  const { id } = column;
  if (column.ownsSequenceIds.length > 0) {
    return 'for a column that owns a sequence is currently not supported';
  }
  const constrained =
    table.checks.some((check) => check.columnIds.includes(id)) ||
    table.uniqueWithoutIndexConstraints.some((unique) => unique.columnIds.includes(id)) ||
    table.outboundFks.some((key) => key.originColumnIds.includes(id)) ||
    table.inboundFks.some((key) => key.referencedColumnIds.includes(id));
  if (constrained) return 'for a column that has a constraint is currently not supported';
  const indexes = [...table.indexes, ...(table.primaryIndex ? [table.primaryIndex] : [])];
  const indexed = indexes.some(
    (index) =>
      index.keyColumnIds.includes(id) ||
      index.storeColumnIds.includes(id) ||
      (index.predicate !== '' && columnsNamedBy(index.predicate, table, run).includes(id)),
  );
  if (indexed) {
    return 'requiring rewrite of on-disk data is currently not supported for columns that are part of an index';
  }
  const computes = table.columns.some(
    (other) =>
      other.computeExpr !== '' &&
      (other.id === id || columnsNamedBy(other.computeExpr, table, run).includes(id)),
  );
  if (computes) return 'for a computed column, or one that such a column names, is not supported';
  return alone ? undefined : 'cannot be used in combination with other ALTER TABLE commands';
}

/** Families that are converted without being asked, besides a family to itself and anything to text. */
const ASSIGNABLE = new Set(
  (
    'int decimal,int float,decimal float,float decimal,decimal int,float int,int oid,oid int,date timestamp,' +
    'date timestamptz,timestamp timestamptz,timestamptz timestamp,timestamp date,timestamptz date,' +
    'timestamp time,timestamptz time,timestamptz timetz,time timetz,timetz time,time interval,interval time'
  ).split(','),
);

/** @throws SqlError datatypeMismatch (42804) */
function refuseStaleExpressions(column: ColumnDescriptor, from: SqlType, to: SqlType): void {
  const isText = to.family === 'string' || to.family === 'collatedstring';
  const fits =
    (from.family === to.family && (from.family !== 'enum' || from.oid === to.oid)) ||
    (isText && castRow(from, to) !== undefined) ||
    ASSIGNABLE.has(`${from.family} ${to.family}`);
  if (fits) return;
  for (const [what, text] of [
    ['default', column.defaultExpr],
    ['on update', column.onUpdateExpr],
  ] as const) {
    if (text === '') continue;
    throw new SqlError(
      'datatypeMismatch',
      `${what} for column "${column.name}" cannot be cast automatically to type ${typeName(to)}`,
    );
  }
}

/** DEFAULT and ON UPDATE give the new type from now on. */
function convertExpressions(column: ColumnDescriptor, to: SqlType, run: DdlRun): void {
  const convert = (text: string): string => {
    if (text === '') return text;
    const cast = `(${text})::${typeName(to)}`;
    const node = run.bindContext().parseExpression(cast);
    return storeDefault({ node, text: cast }, to, run).text;
  };
  column.defaultExpr = convert(column.defaultExpr);
  column.onUpdateExpr = convert(column.onUpdateExpr);
}

/** The rows again, with the column converted: by USING, else by a cast. */
function rewrite(
  before: TableDescriptor,
  after: TableDescriptor,
  column: ColumnDescriptor,
  to: SqlType,
  using: DefinitionExpr | null,
  run: DdlRun,
): void {
  const named = { ColumnRef: { fields: [{ String: { sval: column.name } }] } };
  const node = using === null ? (named as DefinitionExpr['node']) : using.node;
  if (using !== null) storeConversion(using, before, to, run);
  rebuildTable(after, run, (_, insert) => {
    const name = `"c${column.id}"`;
    runOver(
      before,
      node,
      to,
      (expression) => `${insert(new Map([[name, expression]]))} RETURNING 1`,
      run,
    );
  });
}
