import { notSupported, SqlError } from '../../base/errors';
import { isComparableRow } from '../builtins/comparisons';
import type { ColumnExpr, Expr, Query, Source, SubqueryExpr, WindowExpr, WindowSpec } from './expr';

/** Which expressions a grouped query may have: its keys, aggregates, and what is made of those. */

/** Structural equality; subqueries are equal only to themselves. */
export function sameExpr(a: Expr, b: Expr): boolean {
  if (a === b) return true;
  if (a.kind === 'column')
    return b.kind === 'column' && a.source.alias === b.source.alias && a.column === b.column;
  if (a.kind === 'const')
    return b.kind === 'const' && a.type.family === b.type.family && sameValue(a.value, b.value);
  if (a.kind === 'param') return b.kind === 'param' && a.index === b.index;
  if (a.kind === 'context') return b.kind === 'context' && a.name === b.name;
  if (a.kind === 'row') return b.kind === 'row' && sameList(a.items, b.items);
  if (a.kind === 'call')
    return (
      b.kind === 'call' &&
      a.fn === b.fn &&
      a.type.oid === b.type.oid &&
      a.fn.volatility !== 'volatile' &&
      sameList(a.args, b.args)
    );
  if (a.kind === 'aggregate')
    return (
      b.kind === 'aggregate' &&
      a.fn === b.fn &&
      a.distinct === b.distinct &&
      a.filter === b.filter &&
      a.orderBy.length + b.orderBy.length === 0 &&
      sameList(a.args, b.args)
    );
  if (a.kind === 'window')
    return (
      b.kind === 'window' &&
      a.fn === b.fn &&
      a.filter === b.filter &&
      sameList(a.args, b.args) &&
      sameWindow(a.window, b.window)
    );
  return false;
}

/** Windows with a frame are never taken for the same. */
function sameWindow(a: WindowSpec, b: WindowSpec): boolean {
  return (
    a.frame === undefined &&
    b.frame === undefined &&
    sameList(a.partitionBy, b.partitionBy) &&
    a.orderBy.length === b.orderBy.length &&
    a.orderBy.every((item, i) => {
      const other = b.orderBy[i];
      return (
        other !== undefined &&
        item.descending === other.descending &&
        item.nullsFirst === other.nullsFirst &&
        sameExpr(item.expr, other.expr)
      );
    })
  );
}

/** What a window function computes from, once rows are grouped. */
function windowParts(expr: WindowExpr): Expr[] {
  const { partitionBy, orderBy } = expr.window;
  const filter = expr.filter === undefined ? [] : [expr.filter];
  return [...expr.args, ...filter, ...partitionBy, ...orderBy.map((item) => item.expr)];
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}

function sameList(a: readonly Expr[], b: readonly Expr[]): boolean {
  return (
    a.length === b.length &&
    a.every((item, i) => sameExpr(item, b[i] ?? item) && b[i] !== undefined)
  );
}

/** Without the wrapper that makes SQLite compare it rightly. */
export function stripComparable(expr: Expr): Expr {
  if (expr.kind !== 'call' || !isComparableRow(expr.fn)) return expr;
  return expr.args[0] ?? expr;
}

/** @throws SqlError groupingError (42803) for a column that is neither a key nor inside an aggregate. */
export function checkGrouping(keys: readonly Expr[], exprs: readonly Expr[]): void {
  const all = [...keys, ...dependents(keys, exprs)];
  for (const expr of exprs) check(expr, all);
}

/** Columns of tables whose whole primary key is among the keys: one value a group. */
function dependents(keys: readonly Expr[], exprs: readonly Expr[]): Expr[] {
  const isKey = (source: Source, column: string): boolean =>
    keys.some(
      (key) => key.kind === 'column' && key.source.alias === source.alias && key.column === column,
    );
  return exprs.flatMap(allColumnsOf).filter(({ source }) => {
    const { key } = source;
    return key !== undefined && key.length > 0 && key.every((column) => isKey(source, column));
  });
}

function check(expr: Expr, keys: readonly Expr[]): void {
  if (keys.some((key) => sameExpr(key, expr))) return;
  switch (expr.kind) {
    case 'aggregate':
    case 'const':
    case 'param':
    case 'context':
      return;
    case 'column':
      throw new SqlError(
        'groupingError',
        `column "${expr.name}" must appear in the GROUP BY clause or be used in an aggregate function`,
      );
    case 'call':
      for (const arg of expr.args) check(arg, keys);
      return;
    case 'window':
      for (const part of windowParts(expr)) check(part, keys);
      return;
    case 'row':
      for (const item of expr.items) check(item, keys);
      return;
    case 'subquery':
      if (expr.left !== undefined) check(expr.left, keys);
      checkCorrelation(expr, keys);
      return;
  }
}

/** A subquery of a grouped query may use the keys of the query around it, nothing else of it. */
function checkCorrelation({ query, test, source }: SubqueryExpr, keys: readonly Expr[]): void {
  const own = new Set<string>();
  const used: Expr[] = [];
  collect(query, own, used);
  if (source !== undefined) own.add(source.alias);
  collect(test, own, used);
  for (const column of used)
    if (
      column.kind === 'column' &&
      !own.has(column.source.alias) &&
      !keys.some((key) => sameExpr(key, column))
    )
      throw notSupported('a subquery in a grouped query that uses a column that is not grouped');
}

function collect(value: unknown, own: Set<string>, used: Expr[]): void {
  if (value === null || typeof value !== 'object') return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, own, used);
    return;
  }
  const node = value as { readonly kind?: unknown; readonly source?: { readonly alias: string } };
  if (node.kind === 'column') {
    used.push(value as Expr);
    return;
  }
  if (node.source !== undefined) own.add(node.source.alias);
  for (const [key, child] of Object.entries(value))
    if (key !== 'type' && key !== 'fn' && key !== 'source') collect(child, own, used);
}

/** The columns that an expression reads, subqueries aside. */
export function columnsOf(expr: Expr): ColumnExpr[] {
  switch (expr.kind) {
    case 'column':
      return [expr];
    case 'call':
    case 'aggregate':
      return expr.args.flatMap(columnsOf);
    case 'window':
      return windowParts(expr).flatMap(columnsOf);
    case 'row':
      return expr.items.flatMap(columnsOf);
    case 'subquery':
      return expr.left === undefined ? [] : columnsOf(expr.left);
    default:
      return [];
  }
}

/** The columns that an expression reads, those inside its subqueries as well. */
function allColumnsOf(expr: Expr): ColumnExpr[] {
  const used: Expr[] = [];
  collect(expr, new Set(), used);
  return used.filter((column) => column.kind === 'column');
}

/** True when a query reads columns of sources around it that these columns belong to. */
export function readsFrom(query: Query, columns: readonly Expr[]): boolean {
  const own = new Set<string>();
  const used: Expr[] = [];
  collect(query, own, used);
  const aliases = new Set(columns.flatMap(columnsOf).map(({ source }) => source.alias));
  return used.some((column) => column.kind === 'column' && aliases.has(column.source.alias));
}
