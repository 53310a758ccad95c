import { notSupported, SqlError } from '../../base/errors';
import { BOOL } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { isGeometric } from '../builtins/type-rules';
import type { AIndirection, PgNode, ResTarget, SelectStmt } from '../parse/pg-tree';
import { bindFromItem } from './bind-from';
import { generatorsFrom } from './bind-table-functions';
import { namedWindows } from './bind-windows';
import { type Binder, bindTyped, describeBound, newAlias, settle } from './binder';
import { columnNameOf } from './column-names';
import { comparable, equatable } from './compare';
import type { CteDefinition, Expr, FromItem, OrderItem, OutputColumn, SelectQuery } from './expr';
import { checkGrouping, sameExpr, stripComparable } from './grouping';
import { orderItem } from './order-item';
import { integerOf, names } from './pg-access';
import {
  findColumn,
  type Generators,
  makeScope,
  type Scope,
  type ScopeColumn,
  starColumns,
  tableStarColumns,
  withoutAggregates,
  withoutWindows,
} from './scope';
import { fieldsOf, labelsOf } from './tuples';

/** One SELECT: its clauses in the order in which names become visible. */

type CountBinder = (node: PgNode | undefined, what: 'LIMIT' | 'OFFSET') => Expr | undefined;

/** One output of a select list or of RETURNING. */
export interface Target {
  readonly name: string;
  readonly expr: Expr;
}

export function bindSelect(
  binder: Binder,
  statement: SelectStmt,
  base: Scope,
  ctes: readonly CteDefinition[],
  bindCount: CountBinder,
): SelectQuery {
  const bound = bindFrom(binder, statement, base);
  const { from } = bound;
  const scope: Scope = { ...bound.scope, windows: namedWindows(statement.windowClause) };
  const where =
    statement.whereClause === undefined
      ? undefined
      : bindTyped(binder, statement.whereClause, withoutAggregates(scope, 'WHERE'), BOOL, 'WHERE');
  const generators: Generators = { source: newAlias(binder), calls: [] };
  const targets = (statement.targetList ?? []).flatMap(({ ResTarget }) =>
    bindTarget(binder, ResTarget, { ...scope, generators }),
  );
  from.push(...generatorsFrom(generators));
  const groupBy = (statement.groupClause ?? []).map((node) =>
    bindGroupKey(binder, node, scope, targets),
  );
  const having =
    statement.havingClause === undefined
      ? undefined
      : bindTyped(binder, statement.havingClause, withoutWindows(scope, 'HAVING'), BOOL, 'HAVING');
  const orderBy = bindOrderBy(binder, statement, scope, targets);
  const distinctOn = bindDistinctOn(binder, statement, scope, targets);
  checkDistinctOn(distinctOn, orderBy);
  const grouped = groupBy.length > 0 || scope.seen.aggregates > 0 || having !== undefined;
  const exprs = targets.map((target) => target.expr);
  if (grouped)
    checkGrouping(groupBy, [
      ...exprs,
      ...(having === undefined ? [] : [having]),
      ...orderBy.map((item) => item.expr),
      ...distinctOn,
    ]);
  const distinct = statement.distinctClause !== undefined && distinctOn.length === 0;
  if (distinct) checkDistinct(exprs, orderBy);
  return {
    kind: 'select',
    outputs: targets.map(outputOf),
    exprs,
    from,
    where,
    groupBy: groupBy.map(equatable),
    having,
    grouped,
    distinct,
    distinctOn,
    orderBy,
    ctes,
    limit: bindCount(statement.limitCount, 'LIMIT'),
    offset: bindCount(statement.limitOffset, 'OFFSET'),
  };
}

function bindFrom(
  binder: Binder,
  statement: SelectStmt,
  base: Scope,
): { readonly from: FromItem[]; readonly scope: Scope } {
  const from: FromItem[] = [];
  const columns: ScopeColumn[] = [];
  const tables = new Set<string>();
  for (const node of statement.fromClause ?? []) {
    const bound = bindFromItem(binder, node, base, columns);
    const here = new Set(bound.columns.map((column) => column.table));
    for (const table of here) {
      if (table !== '' && tables.has(table))
        throw new SqlError(
          'duplicateAlias',
          `source name "${table}" specified more than once (missing AS clause)`,
        );
      tables.add(table);
    }
    from.push(bound.item);
    columns.push(...bound.columns);
  }
  return { from, scope: makeScope(columns, base) };
}

function outputOf(target: Target): OutputColumn {
  const { expr, name } = target;
  const isColumn = expr.kind === 'column';
  return {
    name,
    type: expr.type,
    tableId: isColumn ? expr.tableId : 0,
    columnId: isColumn ? expr.columnId : 0,
  };
}

/** One element of a select list; a star gives several. */
export function bindTarget(binder: Binder, target: ResTarget, scope: Scope): Target[] {
  const { val } = target;
  if (val === undefined) throw notSupported('an empty target');
  if ('ColumnRef' in val) {
    const parts = names(val.ColumnRef.fields);
    if (parts[parts.length - 1] === '*') {
      const columns =
        parts.length === 1 ? starColumns(scope) : tableStarColumns(scope, parts.slice(0, -1));
      if (parts.length === 1 && scope.columns.length === 0)
        throw new SqlError('syntaxError', 'cannot use "*" without a FROM clause');
      return columns.map((column) => ({ name: column.name, expr: column.expr() }));
    }
  }
  const last = 'A_Indirection' in val ? val.A_Indirection.indirection.at(-1) : undefined;
  if ('A_Indirection' in val && last !== undefined && 'A_Star' in last)
    return fieldTargets(binder, val.A_Indirection, scope);
  const expr = settle(binder, binder.bindExpr(val, scope));
  return [{ name: target.name ?? columnNameOf(val), expr }];
}

/** `(row).*`. @throws SqlError datatypeMismatch (42804) for what is no row */
function fieldTargets(binder: Binder, node: AIndirection, scope: Scope): Target[] {
  const indirection = node.indirection.slice(0, -1);
  const inner = indirection.length === 0 ? node.arg : { A_Indirection: { ...node, indirection } };
  const row = binder.bindExpr(inner, scope);
  const fields = fieldsOf(row);
  if (fields === undefined)
    throw new SqlError('datatypeMismatch', `type ${describeBound(binder, row)} is not composite`);
  const labels = labelsOf(row, fields.length);
  return fields.map((field, i) => ({ name: labels[i] ?? '', expr: settle(binder, field) }));
}

/** GROUP BY: an ordinal, a column of FROM, an alias of the select list, or an expression. */
function bindGroupKey(
  binder: Binder,
  node: PgNode,
  scope: Scope,
  targets: readonly Target[],
): Expr {
  if ('GroupingSet' in node) throw notSupported('GROUPING SETS, ROLLUP and CUBE');
  const chosen = targetFor(node, targets, 'GROUP BY', scope);
  const before = scope.seen.aggregates;
  const expr =
    chosen ?? settle(binder, binder.bindExpr(node, withoutAggregates(scope, 'GROUP BY')));
  if (containsWindow(expr))
    throw new SqlError('windowingError', 'window functions are not allowed in GROUP BY');
  if (containsAggregate(expr) || scope.seen.aggregates !== before)
    throw new SqlError('groupingError', 'aggregate functions are not allowed in GROUP BY');
  return expr;
}

function containsAggregate(expr: Expr): boolean {
  if (expr.kind === 'aggregate') return true;
  if (expr.kind === 'call' || expr.kind === 'window') return expr.args.some(containsAggregate);
  return expr.kind === 'row' && expr.items.some(containsAggregate);
}

function containsWindow(expr: Expr): boolean {
  if (expr.kind === 'window') return true;
  if (expr.kind === 'call') return expr.args.some(containsWindow);
  return expr.kind === 'row' && expr.items.some(containsWindow);
}

/** What an ordinal or an output alias stands for. */
function targetFor(
  node: PgNode,
  targets: readonly Target[],
  clause: 'GROUP BY' | 'ORDER BY',
  scope: Scope,
): Expr | undefined {
  const ordinal = integerOf(node);
  if (ordinal !== undefined) {
    const target = targets[ordinal - 1];
    if (target === undefined)
      throw new SqlError(
        'invalidColumnReference',
        `${clause} position ${ordinal} is not in select list`,
      );
    return target.expr;
  }
  if (!('ColumnRef' in node)) return undefined;
  const parts = names(node.ColumnRef.fields);
  const [name] = parts;
  if (parts.length !== 1 || name === undefined) return undefined;
  // GROUP BY prefers the columns of FROM, ORDER BY the names of the select list.
  if (clause === 'GROUP BY') {
    const found = findColumn({ ...scope, parent: undefined }, parts);
    if (found !== undefined) return undefined;
  }
  const matches = targets.filter((target) => target.name === name);
  const [first] = matches;
  if (first === undefined) return undefined;
  if (matches.some((other) => !sameExpr(other.expr, first.expr)))
    throw new SqlError('ambiguousColumn', `${clause} "${name}" is ambiguous`);
  return first.expr;
}

function bindOrderBy(
  binder: Binder,
  statement: SelectStmt,
  scope: Scope,
  targets: readonly Target[],
): OrderItem[] {
  return (statement.sortClause ?? []).map(({ SortBy }) => {
    const expr =
      targetFor(SortBy.node, targets, 'ORDER BY', scope) ??
      settle(binder, binder.bindExpr(SortBy.node, scope));
    return orderItem(SortBy, comparable(expr));
  });
}

function bindDistinctOn(
  binder: Binder,
  statement: SelectStmt,
  scope: Scope,
  targets: readonly Target[],
): Expr[] {
  const nodes = (statement.distinctClause ?? []).filter((node) => Object.keys(node).length > 0);
  const keys = nodes.map((node) =>
    comparable(
      targetFor(node, targets, 'ORDER BY', scope) ?? settle(binder, binder.bindExpr(node, scope)),
    ),
  );
  return keys;
}

function checkDistinctOn(keys: readonly Expr[], orderBy: readonly OrderItem[]): void {
  for (const { expr } of orderBy.slice(0, keys.length))
    if (!keys.some((key) => sameExpr(key, expr)))
      throw new SqlError(
        'invalidColumnReference',
        'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
      );
}

function checkDistinct(exprs: readonly Expr[], orderBy: readonly OrderItem[]): void {
  for (const { type } of exprs)
    if (isGeometric(type))
      throw notSupported(`DISTINCT over values of type ${messageTypeName(type)}`);
  for (const { expr } of orderBy)
    if (!exprs.some((output) => sameExpr(output, stripComparable(expr))))
      throw new SqlError(
        'invalidColumnReference',
        'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
      );
}
