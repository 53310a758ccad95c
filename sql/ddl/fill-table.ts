import { notSupported, SqlError } from '../../base/errors';
import { sqliteColumnName, sqliteTableName } from '../../catalog/build-table-info';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { physicalTable } from '../../catalog/physical';
import { addColumn, columnById, findColumn } from '../../catalog/table-builder';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { INT8 } from '../../catalog/types/table';
import {
  createPhysicalTable,
  quoteName,
  TIMESTAMP_COLUMN,
} from '../../storage/ranges/physical-table';
import { isUniqueViolation } from '../../storage/ranges/sqlite-errors';
import { type BoundQuery, bindSelect } from '../bind/bind-select';
import { emitBoundQuery } from '../emit/emit-query';
import { bindSlots, prepare, toQueryError } from '../execute/execute-on';
import { dropTables, loadTables } from '../execute/thread-cursor';
import { parseStatement } from '../parse/parse';
import { rowsTables } from '../session/rows-tables';
import { refuseForeignType } from './foreign-types';
import type { DdlRun } from './run';
import { requireStorable } from './storable-type';
import { keyText } from './validate-rows';

/** Tables that are made from the rows of a query: CREATE TABLE AS and materialized views. */

/** Alias of the query inside the statements that are made around it. */
const QUERY = '_source';

/**
 * Binds the text of a query that a definition keeps the rows of.
 * @throws SqlError as binding does; featureNotSupported (0A000) for what has no rows of its own
 */
export function bindSource(
  text: string,
  what: string,
  run: DdlRun,
  databaseId?: number,
): BoundQuery {
  const parsed = parseStatement(text);
  if (parsed.kind !== 'Select') throw notSupported(`${what} of a statement that is no query`);
  if (parsed.asOf !== null) throw notSupported(`AS OF SYSTEM TIME in ${what}`);
  const context = run.bindContext();
  const catalog =
    databaseId === undefined ? context.catalog : context.catalog.inDatabase(databaseId);
  const bound = bindSelect(parsed.tree, { ...context, catalog });
  if (bound.parameterTypes.length > 0) throw notSupported(`placeholders in ${what}`);
  if (bound.writes) throw notSupported(`nextval() and setval() in ${what}`);
  for (const id of bound.relationIds) run.onRead?.(id);
  return bound;
}

/** Columns for the outputs of a query. @throws SqlError invalidTableDefinition (42P16), syntaxError (42601), and what `refuseForeignType` throws */
export function addQueryColumns(
  table: TableDescriptor,
  bound: BoundQuery,
  names: readonly string[],
  statement: string,
  run: DdlRun,
): void {
  const count = bound.columns.length;
  if (names.length > 0 && names.length !== count) {
    const given = `${names.length} column name${names.length === 1 ? '' : 's'}`;
    throw new SqlError(
      'syntaxError',
      `${statement} specifies ${given}, but data source has ${count} column${count === 1 ? '' : 's'}`,
    );
  }
  for (const [i, column] of bound.columns.entries()) {
    refuseType(column.type);
    if (statement === 'CREATE TABLE') requireStorable(column.type);
    refuseForeignType(column.type, table.parentId, run);
    addColumn(table, { name: names[i] ?? column.name, type: column.type, nullable: true });
  }
}

function refuseType(type: SqlType): void {
  if (type.family !== 'unknown' && type.family !== 'tuple') return;
  throw new SqlError(
    'invalidTableDefinition',
    `value type ${type.family} cannot be used for table columns`,
    { hint: 'Cast the value to the type that the column should have.' },
  );
}

/** The key of tables that have none. */
export function addRowid(table: TableDescriptor): string {
  let name = 'rowid';
  for (let i = 1; findColumn(table, name) !== undefined; i++) name = `rowid_${i}`;
  addColumn(table, {
    name,
    type: INT8,
    nullable: false,
    hidden: true,
    defaultExpr: 'unique_rowid()',
  });
  return name;
}

export interface RowSource {
  /** A query. */
  readonly text: string;
  /** Its columns. */
  readonly count: number;
  /** That its names belong to; undefined: the session's. */
  readonly databaseId?: number;
}

/**
 * Writes the query's rows into the table, whose first columns are the query's; a rowid may follow.
 * @throws SqlError uniqueViolation (23505), notNullViolation (23502), and what the query throws
 */
export function fillTable(table: TableDescriptor, source: RowSource, run: DdlRun): void {
  const { text, count, databaseId } = source;
  const hasRowid = table.columns.length > count;
  const list = hasRowid ? `SELECT ${QUERY}.*, unique_rowid()` : `SELECT ${QUERY}.*`;
  const bound = bindSource(`${list} FROM (${text}\n) AS ${QUERY}`, 'a definition', run, databaseId);
  const tables = rowsTables(bound.materialized);
  loadTables(run.db, tables);
  try {
    insertRows(table, bound, run);
  } finally {
    dropTables(run.db, tables);
  }
}

function insertRows(table: TableDescriptor, bound: BoundQuery, run: DdlRun): void {
  const { sql, slots, functions } = emitBoundQuery(bound, true);
  const columns = table.columns.map((column) => quoteName(sqliteColumnName(column.id)));
  const outputs = table.columns.map((_, i) => `o${i + 1}`);
  const ids = table.primaryIndex?.keyColumnIds ?? [];
  const keys = ids.map((id) => `o${table.columns.findIndex((column) => column.id === id) + 1}`);
  const values = bindSlots(slots, [], run.session);
  const prepared = (text: string) => prepare(run.db, { sql: text, functions });
  const row = (text: string): Repr[] | undefined => prepared(text).get(values) as Repr[];
  try {
    // A key that is SQLite's rowid would make up a number for NULL.
    const nulls = keys.map((key) => `max(${key} IS NULL)`).join(', ');
    const missing = row(`SELECT ${nulls} FROM (${sql})`)?.indexOf(1n) ?? -1;
    if (missing >= 0) {
      const { name } = columnById(table, ids[missing] ?? 0);
      throw new SqlError(
        'notNullViolation',
        `null value in column "${name}" violates not-null constraint`,
      );
    }
    prepared(
      `INSERT INTO ${quoteName(sqliteTableName(table.id))} (${columns.join(', ')}, ${TIMESTAMP_COLUMN}) ` +
        `SELECT ${outputs.join(', ')}, ${run.nowNanos} FROM (${sql})`,
    ).run(values);
  } catch (error) {
    if (!isUniqueViolation(error)) throw toQueryError(error, run.db);
    const list = keys.join(', ');
    const group = `GROUP BY ${list} HAVING count(*) > 1 LIMIT 1`;
    throw duplicateKey(table, ids, row(`SELECT ${list} FROM (${sql}) ${group}`) ?? [], run);
  }
}

function duplicateKey(
  table: TableDescriptor,
  ids: readonly number[],
  row: readonly Repr[],
  run: DdlRun,
): SqlError {
  const name = table.primaryIndex?.name ?? '';
  return new SqlError(
    'uniqueViolation',
    `duplicate key value violates unique constraint "${name}"`,
    { detail: `Key ${keyText(table, ids, row, run)} already exists.`, constraint: name },
  );
}

/** Makes the SQLite table of a descriptor. */
export function makePhysicalTable(table: TableDescriptor, run: DdlRun): void {
  createPhysicalTable(
    run.db,
    physicalTable(table, (id) => run.catalog.enumMetadata(id)),
  );
}
