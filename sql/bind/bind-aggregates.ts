import { notSupported, SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { arrayOf, BOOL, FLOAT8, JSONB } from '../../catalog/types/table';
import { MAKE_ARRAY } from '../builtins/arrays';
import type { AggregateRow } from '../builtins/function-row';
import { aggregateRows, functionRows } from '../builtins/registry';
import { isKeyed } from '../builtins/type-rules';
import type { FuncCall, PgNode } from '../parse/pg-tree';
import { type Binder, bindTyped, describeBound, settle } from './binder';
import { call } from './calls';
import { comparable, equatable } from './compare';
import type { AggregateExpr, Expr, OrderItem } from './expr';
import { columnsOf, sameExpr, stripComparable } from './grouping';
import { orderItem } from './order-item';
import { makeCall, matchingRows, returnType, settleArgs } from './overloads';
import { type Scope, withoutAggregates, withoutWindows } from './scope';
import { unify } from './unify';
import { type Bound, nullOf } from './untyped';

/** Aggregate calls, ordered sets among them; calls with OVER share their typing (bind-windows.ts). */

/** What `noAggregatesIn` says inside of an aggregate. */
const NESTED = 'aggregate';

export function bindAggregate(
  binder: Binder,
  node: FuncCall,
  name: string,
  scope: Scope,
): AggregateExpr {
  if (scope.noAggregatesIn !== undefined) throw aggregateMisplaced(name, scope.noAggregatesIn);
  scope.seen.aggregates++;
  const inner: Scope = withoutWindows({ ...scope, noAggregatesIn: NESTED }, 'aggregate');
  if (node.agg_star === true) {
    if (name !== 'count') throw new SqlError('undefinedFunction', `unknown signature: ${name}(*)`);
    return aggregate(binder, node, 'count_rows', [], inner);
  }
  if (aggregateRows(name).some((row) => row.orderedSet === true))
    return orderedSet(binder, node, name, inner);
  return aggregate(binder, node, name, bindArguments(binder, node, inner), inner);
}

function aggregateMisplaced(name: string, where: string): SqlError {
  const message =
    where === NESTED
      ? 'aggregate function calls cannot be nested'
      : `aggregate functions are not allowed in ${where}`;
  return new SqlError('groupingError', `${name}(): ${message}`);
}

export function bindArguments(binder: Binder, node: FuncCall, scope: Scope): Bound[] {
  return (node.args ?? []).map((arg) => {
    if ('NamedArgExpr' in arg) throw notSupported('named arguments');
    return binder.bindExpr(arg, scope);
  });
}

export function bindFilter(binder: Binder, node: FuncCall, scope: Scope): Expr | undefined {
  return node.agg_filter === undefined
    ? undefined
    : bindTyped(binder, node.agg_filter, withoutAggregates(scope, 'FILTER'), BOOL, 'FILTER');
}

export interface ResolvedAggregate {
  readonly row: AggregateRow;
  readonly args: Expr[];
  readonly type: SqlType;
}

/** @throws SqlError undefinedFunction (42883) when no row takes the arguments. */
export function resolveAggregate(
  binder: Binder,
  name: string,
  rows: readonly AggregateRow[],
  args: readonly Bound[],
): ResolvedAggregate {
  const found = matchingRows(binder, rows, args)[0];
  if (found === undefined) {
    const types = args.map((arg) => describeBound(binder, arg)).join(', ');
    throw new SqlError('undefinedFunction', `unknown signature: ${name}(${types})`);
  }
  const typed = settleArgs(binder, found, args);
  if (/^jsonb?_(object_)?agg$/.test(name)) typed.push(asJson(binder, typed.pop()));
  const types = typed.map((arg) => arg.type);
  return { row: keyedExtreme(found, typed), args: typed, type: returnType(found.returns, types) };
}

/** JSON of a value as the session shows it: aggregates know no settings. */
function asJson(binder: Binder, value: Expr | undefined): Expr {
  if (value === undefined) return nullOf(JSONB);
  const [row] = functionRows('to_jsonb');
  if (row === undefined || value.type.family === 'json' || value.type.family === 'unknown')
    return value;
  return makeCall(binder, row, [value]);
}

/** SQLite's own min() and max() would give the key, not the value. */
function keyedExtreme(row: AggregateRow, args: readonly Expr[]): AggregateRow {
  if (row.name !== 'min' && row.name !== 'max') return row;
  const [value] = args;
  if (value === undefined) return row;
  comparable(value);
  return (isKeyed(value.type) ? aggregateRows(`${row.name}_by_key`)[0] : undefined) ?? row;
}

/** With the collation that SQLite's min(), max() and DISTINCT need. */
export function comparedArgs(row: AggregateRow, args: readonly Expr[], distinct: boolean): Expr[] {
  const native = row.implementation.kind === 'sql';
  if (native && distinct) return args.map(equatable);
  return row.name === 'min' || row.name === 'max' ? args.map(comparable) : [...args];
}

function aggregate(
  binder: Binder,
  node: FuncCall,
  name: string,
  args: readonly Bound[],
  scope: Scope,
): AggregateExpr {
  if (node.agg_within_group === true)
    throw new SqlError(
      'wrongObjectType',
      `${name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`,
    );
  const { row, args: typed, type } = resolveAggregate(binder, name, aggregateRows(name), args);
  checkOwnAggregate(typed, scope);
  const distinct = node.agg_distinct === true;
  const orderBy = (node.agg_order ?? []).map((sort) => bindAggregateOrder(binder, sort, scope));
  if (distinct) checkDistinctOrder(typed, orderBy);
  return {
    kind: 'aggregate',
    type,
    fn: row,
    args: comparedArgs(row, typed, distinct),
    distinct,
    filter: bindFilter(binder, node, scope),
    orderBy,
  };
}

function checkDistinctOrder(args: readonly Expr[], orderBy: readonly OrderItem[]): void {
  // Throws for types that have no order and no equality here.
  for (const arg of args) equatable(arg);
  for (const { expr } of orderBy)
    if (!args.some((arg) => sameExpr(arg, stripComparable(expr))))
      throw new SqlError(
        'invalidColumnReference',
        'in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
      );
}

/** `f(fraction) WITHIN GROUP (ORDER BY value)`. */
function orderedSet(binder: Binder, node: FuncCall, name: string, scope: Scope): AggregateExpr {
  const [sort, ...others] = node.agg_within_group === true ? (node.agg_order ?? []) : [];
  if (sort === undefined || others.length > 0 || node.agg_distinct === true)
    throw new SqlError(
      'invalidFunctionDefinition',
      'ordered-set aggregations must have a WITHIN GROUP clause containing one ORDER BY column',
    );
  const direct = (node.args ?? []).map((arg) => bindFraction(binder, arg, scope));
  const value = binder.bindExpr(sort.SortBy.node, scope);
  const all = [...direct, value];
  const { row, args, type } = resolveAggregate(binder, name, aggregateRows(name), all);
  if (args.slice(0, -1).some((arg) => columnsOf(arg).length > 0))
    throw notSupported(`${name}() of a fraction that depends on rows`);
  checkOwnAggregate(args, scope);
  const last = args[args.length - 1];
  const orderBy = last === undefined ? [] : [orderItem(sort.SortBy, comparable(last))];
  const filter = bindFilter(binder, node, scope);
  return { kind: 'aggregate', type, fn: row, args, distinct: false, filter, orderBy };
}

/** The fraction, or ARRAY[0.5, 1]: of FLOATs, which its constants alone would not say. */
function bindFraction(binder: Binder, node: PgNode, scope: Scope): Bound {
  if (!('A_ArrayExpr' in node)) return binder.bindExpr(node, scope);
  const items = (node.A_ArrayExpr.elements ?? []).map((item) => binder.bindExpr(item, scope));
  const { type, exprs } = unify(binder, items, 'ARRAY', FLOAT8);
  return call(MAKE_ARRAY, arrayOf(type), exprs);
}

/** An aggregate over columns of an outer query only belongs to that query, to SQLite as to the standard. */
function checkOwnAggregate(args: readonly Expr[], scope: Scope): void {
  if (scope.parent === undefined) return;
  const columns = args.flatMap(columnsOf);
  if (columns.length === 0) return;
  const own = new Set(
    scope.columns.flatMap((column) => columnsOf(column.expr())).map(({ source }) => source.alias),
  );
  if (!columns.some(({ source }) => own.has(source.alias)))
    throw notSupported('an aggregate over columns of the outer query in a subquery');
}

function bindAggregateOrder(binder: Binder, node: PgNode, scope: Scope): OrderItem {
  if (!('SortBy' in node)) throw notSupported('this ORDER BY');
  return orderItem(
    node.SortBy,
    comparable(settle(binder, binder.bindExpr(node.SortBy.node, scope))),
  );
}
