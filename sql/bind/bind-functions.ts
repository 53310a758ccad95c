import { notSupported, SqlError } from '../../base/errors';
import { BOOL, STRING } from '../../catalog/types/table';
import { pgTypeName } from '../../catalog/types/type-name';
import { contextFunction } from '../builtins/context-functions';
import { CASE, COALESCE } from '../builtins/control';
import { aggregateRows, functionRows } from '../builtins/registry';
import { isSetReturning } from '../builtins/set-returning';
import type { FuncCall, PgNode } from '../parse/pg-tree';
import { type Binder, bindTyped, describeBound, settle } from './binder';
import { call } from './calls';
import { bindCatalogFunction } from './catalog-functions';
import { comparable } from './compare';
import type { AggregateExpr, Expr, OrderItem } from './expr';
import { columnsOf } from './grouping';
import { makeCall, matchingRows, returnType, settleArgs } from './overloads';
import { names } from './pg-access';
import type { Scope } from './scope';
import { withoutAggregates } from './scope';
import { bindSequenceArgument } from './sequences';
import { unify } from './unify';
import { type Bound, constant, isUntyped, naturalType } from './untyped';

/** Function calls: special forms, aggregates, and rows of the builtin tables. */

/** Names that PostgreSQL's grammar gives to special syntax where CockroachDB has another. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['position', 'strpos'],
  ['character_length', 'char_length'],
]);

export function functionName(node: FuncCall): string {
  const parts = names(node.funcname);
  const name = parts[parts.length - 1] ?? '';
  const schema = parts.length > 1 ? parts[parts.length - 2] : undefined;
  const known = schema === undefined || schema === 'pg_catalog' || schema === 'crdb_internal';
  if (!known) throw unknownFunction(parts.join('.'));
  return schema === 'crdb_internal' ? `crdb_internal.${name}` : name;
}

export function unknownFunction(name: string): SqlError {
  return new SqlError('undefinedFunction', `unknown function: ${name}()`);
}

export function bindCall(binder: Binder, node: FuncCall, scope: Scope): Expr {
  const name = functionName(node);
  if (node.over !== undefined) throw notSupported('window functions');
  if (node.func_variadic === true) throw notSupported('VARIADIC arguments');
  if (node.agg_within_group === true) throw notSupported('WITHIN GROUP');
  const aggregates = aggregateRows(name);
  if (aggregates.length > 0) return bindAggregate(binder, node, name, scope);
  if (node.agg_distinct === true || node.agg_filter !== undefined || node.agg_star === true)
    throw new SqlError('wrongObjectType', `${name}() is not an aggregate function`);
  return bindFunctionNamed(binder, name, node.args ?? [], scope);
}

export function bindFunctionNamed(
  binder: Binder,
  name: string,
  nodes: readonly PgNode[],
  scope: Scope,
): Expr {
  const sequence = bindSequenceArgument(binder, name, nodes);
  const args = sequence ?? nodes.map((node) => bindArgument(binder, node, scope));
  const special = bindSpecial(binder, name, args);
  if (special !== undefined) return special;
  const rows = functionRows(ALIASES.get(name) ?? name);
  if (rows.length === 0) {
    if (isSetReturning(name)) throw notSupported(`${name}() outside of FROM`);
    throw unknownFunction(name);
  }
  const row = matchingRows(binder, rows, args)[0];
  if (row !== undefined) return makeCall(binder, row, args);
  const types = args.map((arg) => describeBound(binder, arg)).join(', ');
  throw new SqlError('undefinedFunction', `unknown signature: ${name}(${types})`);
}

function bindArgument(binder: Binder, node: PgNode, scope: Scope): Bound {
  if ('NamedArgExpr' in node) throw notSupported('named arguments');
  return binder.bindExpr(node, scope);
}

/** Functions whose typing no row can say. */
function bindSpecial(binder: Binder, name: string, args: readonly Bound[]): Expr | undefined {
  const [first, second, third] = args;
  if (name === 'if' && first !== undefined && second !== undefined && third !== undefined) {
    const { type, exprs } = unify(binder, [second, third], 'IF');
    const [yes, no] = exprs;
    if (yes === undefined || no === undefined) return undefined;
    return call(CASE, type, [settle(binder, first, BOOL), yes, no]);
  }
  if (name === 'ifnull' && args.length === 2) {
    const { type, exprs } = unify(binder, args, 'IFNULL');
    return call(COALESCE, type, exprs);
  }
  if (name === 'pg_typeof' && first !== undefined && args.length === 1) {
    const natural = isUntyped(first) ? naturalType(first) : first.type;
    return constant(STRING, pgTypeName(natural ?? settle(binder, first).type));
  }
  if (args.length === 0) return contextFunction(name);
  return bindCatalogFunction(binder, name, args);
}

function bindAggregate(binder: Binder, node: FuncCall, name: string, scope: Scope): Expr {
  if (scope.noAggregatesIn !== undefined)
    throw new SqlError(
      'groupingError',
      `${name}(): aggregate functions are not allowed in ${scope.noAggregatesIn}`,
    );
  scope.seen.aggregates++;
  const inner: Scope = { ...scope, noAggregatesIn: 'the argument of an aggregate function' };
  if (node.agg_star === true) {
    if (name !== 'count') throw new SqlError('undefinedFunction', `unknown signature: ${name}(*)`);
    return aggregate(binder, node, 'count_rows', [], inner);
  }
  const args = (node.args ?? []).map((arg) => bindArgument(binder, arg, inner));
  return aggregate(binder, node, name, args, inner);
}

function aggregate(
  binder: Binder,
  node: FuncCall,
  name: string,
  args: readonly Bound[],
  scope: Scope,
): AggregateExpr {
  const row = matchingRows(binder, aggregateRows(name), args)[0];
  if (row === undefined) {
    const types = args.map((arg) => describeBound(binder, arg)).join(', ');
    throw new SqlError('undefinedFunction', `unknown signature: ${name}(${types})`);
  }
  const typed = settleArgs(binder, row, args);
  checkOwnAggregate(typed, scope);
  const filter =
    node.agg_filter === undefined
      ? undefined
      : bindTyped(binder, node.agg_filter, withoutAggregates(scope, 'FILTER'), BOOL, 'FILTER');
  const distinct = node.agg_distinct === true;
  const compares = distinct || row.name === 'min' || row.name === 'max';
  if (distinct && node.agg_order !== undefined)
    throw notSupported('DISTINCT with ORDER BY in an aggregate');
  return {
    kind: 'aggregate',
    type: returnType(
      row.returns,
      typed.map((arg) => arg.type),
    ),
    fn: row,
    args: compares ? typed.map(comparable) : typed,
    distinct,
    filter,
    orderBy: (node.agg_order ?? []).map((sort) => bindAggregateOrder(binder, sort, scope)),
  };
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

/** Direction and place of NULLs. */
export function orderItem(
  sort: { readonly sortby_dir: string; readonly sortby_nulls: string },
  expr: Expr,
): OrderItem {
  if (sort.sortby_dir === 'SORTBY_USING') throw notSupported('ORDER BY … USING');
  const nulls = sort.sortby_nulls;
  return {
    expr,
    descending: sort.sortby_dir === 'SORTBY_DESC',
    nullsFirst: nulls === 'SORTBY_NULLS_DEFAULT' ? undefined : nulls === 'SORTBY_NULLS_FIRST',
  };
}
