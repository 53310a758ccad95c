import { SqlError } from '../../base/errors';
import {
  buildTableInfo,
  type NameSource,
  sqliteColumnName,
  sqliteTableName,
} from '../../catalog/build-table-info';
import type { IndexDescriptor } from '../../catalog/descriptor/gen/index_pb';
import type {
  CheckConstraint,
  ColumnDescriptor,
  ForeignKeyConstraint,
  TableDescriptor,
  UniqueWithoutIndexConstraint,
} from '../../catalog/descriptor/gen/table_pb';
import { quoteLiteral } from '../../catalog/identifiers';
import { explicitIndex } from '../../catalog/regional-rows';
import { columnById } from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { sqliteColumn } from '../../catalog/types/table';
import { quoteName } from '../../storage/ranges/physical-table';
import { bindNode } from '../bind/bind-expr';
import { tableColumns } from '../bind/bind-from';
import { makeBinder } from '../bind/bind-select';
import { settle } from '../bind/binder';
import { castExpr } from '../bind/cast';
import type { BindContext } from '../bind/catalog-view';
import { makeScope } from '../bind/scope';
import { textEncoder } from '../builtins/repr';
import { emitExpr, type QueryEmitter } from '../emit/emit-expr';
import { Emitter } from '../emit/emitter';
import { executeOn } from '../execute/execute-on';
import type { PgNode } from '../parse/pg-tree';
import type { DdlRun } from './run';

/** What a change of the schema asks of the rows that are there: constraints that must hold, columns that get values. */

/** What the table is called in statements over its rows. */
export const SOURCE = { alias: 'r' };

export interface GivenExpression {
  /** As a descriptor stores it, or parsed. */
  readonly given: string | PgNode;
  /** That it is cast to; undefined: its own. */
  readonly type?: SqlType | undefined;
}

/** A statement around expressions over a table's rows; the table is called `r` in it. */
export interface OverRows {
  readonly text: string;
  readonly emitter: Emitter;
}

/** Compiles `make(expressions)`. */
export function compileOver(
  table: TableDescriptor,
  stored: readonly GivenExpression[],
  make: (expressions: readonly string[]) => string,
  context: BindContext,
  names: NameSource,
): OverRows {
  const binder = makeBinder(context);
  const columns = tableColumns(binder, buildTableInfo(table, names), SOURCE);
  const scope = makeScope(columns, { ctes: new Map() });
  const emitter = new Emitter();
  const emit: QueryEmitter = {
    emitter,
    emitQuery() {
      throw new SqlError('featureNotSupported', 'subqueries are not allowed in a table definition');
    },
  };
  const expressions = stored.map(({ given, type }) => {
    const node = typeof given === 'string' ? context.parseExpression(given) : given;
    const plain = settle(binder, bindNode(binder, node, scope), type);
    return emitExpr(emit, type === undefined ? plain : castExpr(plain, type));
  });
  return { text: make(expressions), emitter };
}

/** The first row. Compiles `make(expressions)` over the table's rows and runs it. */
function runOverAll(
  table: TableDescriptor,
  stored: readonly GivenExpression[],
  make: (expressions: readonly string[]) => string,
  run: DdlRun,
): Repr[][] {
  const { text, emitter } = compileOver(table, stored, make, run.bindContext(), run.catalog);
  return execute(text, run, emitter);
}

/** The same with one expression. */
export function runOver(
  table: TableDescriptor,
  given: string | PgNode,
  type: SqlType | undefined,
  make: (expression: string) => string,
  run: DdlRun,
): Repr[][] {
  return runOverAll(table, [{ given, type }], ([text = '']) => make(text), run);
}

function execute(sql: string, run: DdlRun, emitter: Emitter = new Emitter()): Repr[][] {
  const query = {
    sql,
    slots: emitter.slots,
    functions: emitter.functions(),
    columns: [],
    parameterTypes: [],
    writes: true,
  };
  const rows: Repr[][] = [];
  // A backfill gives a row for each row it wrote: they are counted, not kept.
  for (const row of executeOn(run.db, query, [], run.session))
    if (rows.length === 0) rows.push(row);
  return rows;
}

const physicalName = (table: TableDescriptor): string => quoteName(sqliteTableName(table.id));

/** @throws SqlError checkViolation (23514) */
export function validateCheck(table: TableDescriptor, check: CheckConstraint, run: DdlRun): void {
  const stored = table.columns.filter((column) => !column.virtual);
  const names = stored.map((column) => `${SOURCE.alias}.${quoteName(sqliteColumnName(column.id))}`);
  const [bad] = runOver(
    table,
    check.expr,
    undefined,
    (expression) =>
      `SELECT ${names.join(', ')} FROM ${physicalName(table)} AS ${SOURCE.alias} WHERE NOT (${expression}) LIMIT 1`,
    run,
  );
  if (bad === undefined) return;
  throw new SqlError(
    'checkViolation',
    `validation of CHECK "${check.expr}" failed on row: ${rowText(stored, bad, run)}`,
    { constraint: check.name },
  );
}

/** `id=1, b='x'`, as errors print rows. */
export function rowText(
  columns: readonly ColumnDescriptor[],
  row: readonly Repr[],
  run: DdlRun,
): string {
  return columns
    .map((column, i) => `${column.name}=${valueText(column, row[i] ?? null, run)}`)
    .join(', ');
}

const PLAIN_FAMILIES: ReadonlySet<string> = new Set(['int', 'decimal', 'float', 'oid']);

function valueText(column: ColumnDescriptor, value: Repr, run: DdlRun): string {
  if (value === null) return 'NULL';
  const type = typeOf(column, run);
  if (type.family === 'bool') return value === 0n || value === 0 ? 'false' : 'true';
  const text = textEncoder(type)(value);
  return PLAIN_FAMILIES.has(type.family) ? text : quoteLiteral(text);
}

/** @throws SqlError notNullViolation (23502) */
export function validateNotNull(
  table: TableDescriptor,
  column: ColumnDescriptor,
  run: DdlRun,
): void {
  if (column.virtual) return;
  const name = quoteName(sqliteColumnName(column.id));
  const bad = execute(`SELECT 1 FROM ${physicalName(table)} WHERE ${name} IS NULL LIMIT 1`, run);
  if (bad.length > 0) {
    throw new SqlError(
      'notNullViolation',
      `validation of NOT NULL constraint failed: validation of CHECK "${column.name} IS NOT NULL" failed`,
    );
  }
}

const typeOf = (column: ColumnDescriptor, run: DdlRun): SqlType =>
  typeFromMessage(column.type ?? {}, (id) => run.catalog.enumMetadata(id));

/** `('x', 1)` as details of errors print keys. */
export function keyText(
  table: TableDescriptor,
  columnIds: readonly number[],
  row: readonly Repr[],
  run: DdlRun,
): string {
  const values = columnIds.map((id, i) => valueText(columnById(table, id), row[i] ?? null, run));
  const names = columnIds.map((id) => {
    const column = columnById(table, id);
    return column.inaccessible ? column.computeExpr : column.name;
  });
  return `(${names.join(', ')})=(${values.join(', ')})`;
}

/** With the collation of the column, so that equal means what it means in keys. */
function comparable(column: ColumnDescriptor, prefix: string, run: DdlRun): string {
  const { collate } = sqliteColumn(typeOf(column, run));
  const name = `${prefix}${quoteName(sqliteColumnName(column.id))}`;
  return collate === undefined ? name : `${name} COLLATE ${collate}`;
}

/** @throws SqlError uniqueViolation (23505) when two rows have the same key */
export function validateUnique(table: TableDescriptor, index: IndexDescriptor, run: DdlRun): void {
  const written = explicitIndex(index);
  const row = repeatedKey(table, written, run);
  if (row === undefined) return;
  throw new SqlError(
    'uniqueViolation',
    `duplicate key value violates unique constraint "${index.name}"`,
    {
      detail: `Key ${keyText(table, written.keyColumnIds, row, run)} already exists.`,
      constraint: index.name,
    },
  );
}

/** The key of two rows that have the same one. */
function repeatedKey(
  table: TableDescriptor,
  index: Pick<IndexDescriptor, 'keyColumnIds' | 'predicate'>,
  run: DdlRun,
): Repr[] | undefined {
  const ids = index.keyColumnIds;
  const columns = ids.map((id) => columnById(table, id));
  const computed = columns.filter((column) => column.virtual);
  const stored: GivenExpression[] = computed.map((column) => ({
    given: column.computeExpr,
    type: typeOf(column, run),
  }));
  if (index.predicate !== '') stored.push({ given: index.predicate });
  const make = (expressions: readonly string[]): string => {
    const keys = columns.map((column) => {
      if (!column.virtual) return quoteName(sqliteColumnName(column.id));
      return `(${expressions[computed.indexOf(column)] ?? 'NULL'})`;
    });
    const groups = columns.map((column, i) => {
      const { collate } = sqliteColumn(typeOf(column, run));
      // A number alone would name an output.
      const key = column.virtual ? `coalesce(${keys[i] ?? ''}, NULL)` : keys[i];
      return collate === undefined ? key : `${key ?? ''} COLLATE ${collate}`;
    });
    const tests = keys.map((key) => `${key} IS NOT NULL`);
    if (index.predicate !== '') tests.push(`(${expressions[computed.length] ?? 'NULL'})`);
    return (
      `SELECT ${keys.join(', ')} FROM ${physicalName(table)} AS ${SOURCE.alias} WHERE ${tests.join(' AND ')} ` +
      `GROUP BY ${groups.join(', ')} HAVING count(*) > 1 LIMIT 1`
    );
  };
  const [row] = stored.length === 0 ? execute(make([]), run) : runOverAll(table, stored, make, run);
  return row;
}

/** @throws SqlError uniqueViolation (23505) */
export function validateUniqueWithoutIndex(
  table: TableDescriptor,
  unique: UniqueWithoutIndexConstraint,
  run: DdlRun,
): void {
  const { name, columnIds, predicate } = unique;
  const row = repeatedKey(table, { keyColumnIds: columnIds, predicate }, run);
  if (row === undefined) return;
  throw new SqlError('uniqueViolation', `could not create unique constraint "${name}"`, {
    detail: `Key ${keyText(table, columnIds, row, run)} is duplicated.`,
    constraint: name,
  });
}

/** @throws SqlError foreignKeyViolation (23503) */
export function validateForeignKey(key: ForeignKeyConstraint, run: DdlRun): void {
  const origin = run.table(key.originTableId);
  const target = run.table(key.referencedTableId);
  const names = key.originColumnIds.map((id) => `o.${quoteName(sqliteColumnName(id))}`);
  const present = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  const match = key.referencedColumnIds
    .map((id, i) => `${comparable(columnById(target, id), 't.', run)} = ${names[i] ?? ''}`)
    .join(' AND ');
  const [row] = execute(
    `SELECT ${names.join(', ')} FROM ${physicalName(origin)} AS o WHERE ${present} ` +
      `AND NOT EXISTS (SELECT 1 FROM ${physicalName(target)} AS t WHERE ${match}) LIMIT 1`,
    run,
  );
  if (row !== undefined) {
    throw new SqlError(
      'foreignKeyViolation',
      `foreign key violation: "${origin.name}" row ${keyText(origin, key.originColumnIds, row, run)} has no match in "${target.name}"`,
      { constraint: key.name },
    );
  }
  if (key.match !== 1) return;
  const some = names.map((name) => `${name} IS NULL`).join(' OR ');
  const any = names.map((name) => `${name} IS NOT NULL`).join(' OR ');
  const mixed = execute(
    `SELECT 1 FROM ${physicalName(origin)} AS o WHERE (${some}) AND (${any}) LIMIT 1`,
    run,
  );
  if (mixed.length > 0) {
    throw new SqlError(
      'foreignKeyViolation',
      `foreign key violation: MATCH FULL does not allow mixing of null and nonnull key values in "${origin.name}"`,
      { constraint: key.name },
    );
  }
}

/** Gives every row the value of the column's default or computed expression. Who reads the past does not know the column. */
export function backfillColumn(
  table: TableDescriptor,
  column: ColumnDescriptor,
  run: DdlRun,
): void {
  const stored = column.computeExpr === '' ? column.defaultExpr : column.computeExpr;
  if (stored === '' || column.virtual) return;
  const name = quoteName(sqliteColumnName(column.id));
  runOver(
    table,
    stored,
    typeOf(column, run),
    (expression) =>
      `UPDATE ${physicalName(table)} AS ${SOURCE.alias} SET ${name} = ${expression} RETURNING 1`,
    run,
  );
}
