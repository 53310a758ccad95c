import { notSupported, SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { INT8, sameKind } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { isGeometric } from '../builtins/type-rules';
import type { PgNode, SelectStmt } from '../parse/pg-tree';
import { bindCtes } from './bind-ctes';
import { bindSelect } from './bind-select-core';
import { type Binder, enter, newAlias, settle } from './binder';
import { castExpr } from './cast';
import { comparable } from './compare';
import type { CteDefinition, Expr, OrderItem, OutputColumn, Query, SetQuery } from './expr';
import { outputColumn } from './expr';
import { checkLocking } from './locking';
import { orderItem } from './order-item';
import { integerOf } from './pg-access';
import {
  type CteBinding,
  makeScope,
  type Scope,
  type ScopeColumn,
  withoutAggregates,
} from './scope';
import { unify } from './unify';
import type { Bound } from './untyped';

/** Queries: SELECT, VALUES and set operations, with their WITH, ORDER BY and LIMIT. */

export function bindQuery(
  binder: Binder,
  statement: SelectStmt,
  outer: Scope | undefined,
  ctes: ReadonlyMap<string, CteBinding>,
): Query {
  return enter(binder, () => {
    checkLocking(statement);
    if (statement.intoClause !== undefined) throw notSupported('SELECT INTO');
    if (statement.limitOption === 'LIMIT_OPTION_WITH_TIES') throw notSupported('WITH TIES');
    const definitions: CteDefinition[] = [];
    const visible =
      statement.withClause === undefined
        ? ctes
        : bindCtes(binder, statement.withClause, outer, ctes, definitions);
    const base = makeScope([], { ctes: visible, parent: outer });
    if (statement.op !== undefined && statement.op !== 'SETOP_NONE')
      return bindSetOperation(binder, statement, base, definitions);
    if (statement.valuesLists !== undefined)
      return bindValues(binder, statement, base, definitions);
    return bindSelect(binder, statement, base, definitions, (node, what) =>
      bindCount(binder, node, base, what),
    );
  });
}

/** LIMIT or OFFSET. @throws SqlError invalidRowCountInLimitClause (2201W) for a negative constant. */
export function bindCount(
  binder: Binder,
  node: PgNode | undefined,
  scope: Scope,
  what: 'LIMIT' | 'OFFSET',
): Expr | undefined {
  if (node === undefined || ('A_Const' in node && node.A_Const.isnull === true)) return undefined;
  const bound = binder.bindExpr(node, withoutAggregates({ ...scope, parent: undefined }, what));
  const expr = settle(binder, bound, INT8);
  if (expr.kind === 'column' || expr.kind === 'subquery')
    throw notSupported(`${what} that depends on rows`);
  if (expr.type.family === 'int' || expr.type.family === 'unknown') return expr;
  if (expr.type.family === 'decimal') return castExpr(expr, INT8);
  throw new SqlError(
    'datatypeMismatch',
    `argument of ${what} must be type int, not type ${messageTypeName(expr.type)}`,
  );
}

/** The outputs of a query as columns that ORDER BY may name. */
function outputScope(
  source: { readonly alias: string },
  outputs: readonly OutputColumn[],
  base: Scope,
): Scope {
  const columns = outputs.map((output, i): ScopeColumn => {
    const expr = outputColumn(source, output, i);
    const flags = { hidden: false, merged: false };
    return {
      name: output.name,
      table: '',
      qualifiers: [],
      type: output.type,
      ...flags,
      expr: () => expr,
    };
  });
  return makeScope(columns, base);
}

function bindTail(
  binder: Binder,
  statement: SelectStmt,
  source: { readonly alias: string },
  outputs: readonly OutputColumn[],
  base: Scope,
): Pick<SetQuery, 'orderBy' | 'limit' | 'offset'> {
  const scope = withoutAggregates(outputScope(source, outputs, base), 'ORDER BY');
  const orderBy = (statement.sortClause ?? []).map(({ SortBy }): OrderItem => {
    const ordinal = integerOf(SortBy.node);
    const column = ordinal === undefined ? undefined : scope.columns[ordinal - 1];
    if (ordinal !== undefined && column === undefined) throw badOrdinal('ORDER BY', ordinal);
    const expr = column?.expr() ?? settle(binder, binder.bindExpr(SortBy.node, scope));
    return orderItem(SortBy, comparable(expr));
  });
  return {
    orderBy,
    limit: bindCount(binder, statement.limitCount, base, 'LIMIT'),
    offset: bindCount(binder, statement.limitOffset, base, 'OFFSET'),
  };
}

export function badOrdinal(clause: string, ordinal: number): SqlError {
  return new SqlError(
    'invalidColumnReference',
    `${clause} position ${ordinal} is not in select list`,
  );
}

function bindValues(
  binder: Binder,
  statement: SelectStmt,
  base: Scope,
  ctes: readonly CteDefinition[],
): Query {
  const rows = (statement.valuesLists ?? []).map(({ List }) => List.items ?? []);
  const width = rows[0]?.length ?? 0;
  const scope = withoutAggregates(base, 'VALUES');
  const bound = rows.map((row) => {
    if (row.length !== width)
      throw new SqlError(
        'syntaxError',
        `VALUES lists must all be the same length, expected ${width} columns, found ${row.length}`,
      );
    return row.map((item) => binder.bindExpr(item, scope));
  });
  const columns: Expr[][] = [];
  const outputs: OutputColumn[] = [];
  for (let i = 0; i < width; i++) {
    const column = bound.map((row): Bound => row[i] ?? { kind: 'null' });
    const { type, exprs } = unify(binder, column, 'VALUES');
    columns.push(exprs);
    outputs.push({ name: `column${i + 1}`, type, tableId: 0, columnId: 0 });
  }
  const source = newAlias(binder);
  const typed = rows.map((_, r) => columns.flatMap((column) => column[r] ?? []));
  const tail = bindTail(binder, statement, source, outputs, base);
  return { kind: 'values', rows: typed, source, outputs, ctes, ...tail };
}

const SET_OPERATIONS = {
  SETOP_UNION: 'union',
  SETOP_INTERSECT: 'intersect',
  SETOP_EXCEPT: 'except',
} as const;

function bindSetOperation(
  binder: Binder,
  statement: SelectStmt,
  base: Scope,
  ctes: readonly CteDefinition[],
): Query {
  const { op, larg, rarg } = statement;
  if (op === undefined || op === 'SETOP_NONE' || larg === undefined || rarg === undefined)
    throw notSupported('this set operation');
  const name = SET_OPERATIONS[op];
  const all = statement.all === true;
  const left = binder.bindQuery(larg, base.parent, base.ctes);
  const right = binder.bindQuery(rarg, base.parent, base.ctes);
  const outputs = setOutputs(name, left, right);
  if (!all || name !== 'union')
    for (const { type } of outputs)
      if (isGeometric(type))
        throw notSupported(`${name.toUpperCase()} over values of type ${messageTypeName(type)}`);
  const source = newAlias(binder);
  const tail = bindTail(binder, statement, source, outputs, base);
  return { kind: 'set', op: name, all, left, right, source, outputs, ctes, ...tail };
}

function setOutputs(name: string, left: Query, right: Query): OutputColumn[] {
  if (left.outputs.length !== right.outputs.length)
    throw new SqlError(
      'syntaxError',
      `each ${name.toUpperCase()} query must have the same number of columns: ${left.outputs.length} vs ${right.outputs.length}`,
    );
  return left.outputs.map((a, i) => {
    const b = right.outputs[i] ?? a;
    return { name: a.name, type: meet(name, a.type, b.type), tableId: 0, columnId: 0 };
  });
}

function meet(name: string, a: SqlType, b: SqlType): SqlType {
  if (a.family === 'unknown') return b;
  if (b.family === 'unknown' || sameKind(a, b)) return a;
  throw new SqlError(
    'datatypeMismatch',
    `${name.toUpperCase()} types ${messageTypeName(a)} and ${messageTypeName(b)} cannot be matched`,
  );
}
