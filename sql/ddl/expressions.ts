import { buildTableInfo } from '../../catalog/build-table-info';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { columnById } from '../../catalog/table-builder';
import type { ColumnInfo } from '../../catalog/table-info';
import type { SqlType } from '../../catalog/types/sql-type';
import { BOOL } from '../../catalog/types/table';
import type { Source } from '../bind/expr';
import type { ScopeColumn } from '../bind/scope';
import type { DefinitionExpr } from '../parse/ddl-ast';
import { requireImmutable } from './immutable';
import { requireKnownToAlpha } from './later-features';
import type { DdlRun } from './run';
import { type ExpressionPlace, type StoredExpression, storeExpression } from './store-expression';

/** Expressions of table definitions: which columns they see, and what they leave behind in descriptors. */

/** The columns of a table as its own expressions name them. */
export function scopeOf(table: TableDescriptor, run: DdlRun, source: Source): ScopeColumn[] {
  const info = buildTableInfo(table, run.catalog);
  return info.columns.map((column) => scopeColumn(table, column, source));
}

function scopeColumn(table: TableDescriptor, column: ColumnInfo, source: Source): ScopeColumn {
  const expr = {
    kind: 'column',
    type: column.type,
    source,
    column: column.sqliteName,
    name: column.name,
    tableId: table.id,
    columnId: column.id,
  } as const;
  return {
    name: column.name,
    table: table.name,
    qualifiers: [],
    type: column.type,
    hidden: column.hidden,
    merged: false,
    expr: () => expr,
  };
}

const ROW: Source = { alias: 'r' };

/** An expression that a statement gives. What restored tables have is stored again as it is. @throws SqlError featureNotSupported (0A000) */
function storeNew(expr: DefinitionExpr, place: ExpressionPlace, run: DdlRun): StoredExpression {
  requireKnownToAlpha(expr.node, place.what);
  return storeExpression(expr, place, run.bindContext());
}

/** @throws SqlError datatypeMismatch (42804), undefinedColumn (42703) … */
export function storeDefault(expr: DefinitionExpr, type: SqlType, run: DdlRun): StoredExpression {
  return storeNew(expr, { what: 'DEFAULT', columns: [], type }, run);
}

export function storeOnUpdate(expr: DefinitionExpr, type: SqlType, run: DdlRun): StoredExpression {
  return storeNew(expr, { what: 'ON UPDATE', columns: [], type }, run);
}

export function storeCheck(
  expr: DefinitionExpr,
  table: TableDescriptor,
  run: DdlRun,
): StoredExpression {
  const columns = scopeOf(table, run, ROW);
  return storeNew(expr, { what: 'CHECK', columns, type: BOOL }, run);
}

export function storePredicate(
  expr: DefinitionExpr,
  table: TableDescriptor,
  run: DdlRun,
): StoredExpression {
  const columns = scopeOf(table, run, ROW);
  const place = { what: 'INDEX PREDICATE', columns, type: BOOL };
  return immutable(storeNew(expr, place, run), place.what);
}

/** The element of an index, of whatever type it is. */
export function storeIndexElement(
  expr: DefinitionExpr,
  table: TableDescriptor,
  run: DdlRun,
): StoredExpression {
  const columns = scopeOf(table, run, ROW).filter((column) => column.name !== '');
  const place = { what: 'EXPRESSION INDEX ELEMENT', columns, type: UNCHECKED };
  return immutable(storeNew(expr, place, run), place.what);
}

export function storeComputed(
  expr: DefinitionExpr,
  table: TableDescriptor,
  about: { readonly type: SqlType; readonly virtual: boolean },
  run: DdlRun,
): StoredExpression {
  const what = about.virtual ? 'VIRTUAL COMPUTED COLUMN' : 'STORED COMPUTED COLUMN';
  const columns = scopeOf(table, run, ROW);
  const place = { what, columns, type: about.type };
  return immutable(storeNew(expr, place, run), what);
}

/** `ALTER COLUMN … TYPE … USING expr`: of the new type, over the table's own columns. */
export function storeConversion(
  expr: DefinitionExpr,
  table: TableDescriptor,
  type: SqlType,
  run: DdlRun,
): StoredExpression {
  const columns = scopeOf(table, run, ROW);
  const place = { what: 'ALTER COLUMN TYPE USING EXPRESSION', columns, type };
  return storeExpression(expr, place, run.bindContext());
}

function immutable(stored: StoredExpression, what: string): StoredExpression {
  requireImmutable(stored.expr, what);
  return stored;
}

/** Ids of columns that a stored expression names. */
export function columnsNamedBy(stored: string, table: TableDescriptor, run: DdlRun): number[] {
  const context = run.bindContext();
  const ids = new Set<number>();
  const columns = scopeOf(table, run, ROW).map((column) => ({
    ...column,
    expr: () => {
      const expr = column.expr();
      if (expr.kind === 'column') ids.add(expr.columnId);
      return expr;
    },
  }));
  const node = context.parseExpression(stored);
  storeExpression({ node, text: stored }, { what: 'CHECK', columns, type: UNCHECKED }, context);
  return [...ids];
}

/** Matches whatever an expression gives. */
const UNCHECKED: SqlType = {
  family: 'any',
  oid: 2283,
  width: 0,
  precision: 0,
  precisionIsSet: false,
};

/** The text again in v21.2's form: up to v20.1 descriptors keep expressions as their author wrote them. */
export function restate(stored: string, table: TableDescriptor, run: DdlRun): string {
  if (stored === '') return stored;
  const context = run.bindContext();
  const columns = scopeOf(table, run, ROW);
  const given = { node: context.parseExpression(stored), text: stored };
  // As of a default, words like 'now' stay what they are.
  return storeExpression(given, { what: 'DEFAULT', columns, type: UNCHECKED }, context).text;
}

/** The text again, after a column that it names was renamed. */
export function renameInExpression(
  stored: string,
  before: TableDescriptor,
  after: TableDescriptor,
  run: DdlRun,
): string {
  if (stored === '') return stored;
  const context = run.bindContext();
  const node = structuredClone(context.parseExpression(stored));
  const renamed = new Map(
    before.columns
      .map((column) => [column.name, columnById(after, column.id).name] as const)
      .filter(([from, to]) => from !== to),
  );
  // What does not name the column keeps its spelling.
  if (!renameColumnRefs(node, renamed)) return stored;
  const columns = scopeOf(after, run, ROW);
  const place = { what: 'CHECK', columns, type: UNCHECKED };
  return storeExpression({ node, text: stored }, place, context).text;
}

/** @returns whether there was anything to rename */
function renameColumnRefs(node: unknown, renamed: ReadonlyMap<string, string>): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const fields = (node as { ColumnRef?: { fields: { String?: { sval?: string } }[] } }).ColumnRef
    ?.fields;
  const last = fields?.at(-1)?.String;
  const to = last?.sval === undefined ? undefined : renamed.get(last.sval);
  if (last !== undefined && to !== undefined) last.sval = to;
  let found = to !== undefined;
  for (const value of Object.values(node)) found = renameColumnRefs(value, renamed) || found;
  return found;
}
