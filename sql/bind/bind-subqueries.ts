import { notSupported, SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { BOOL, sameKind } from '../../catalog/types/table';
import { isKeyed } from '../builtins/type-rules';
import type { PgNode, SelectStmt, SubLink } from '../parse/pg-tree';
import { arrayOfRows } from './array-subquery';
import { bindInfix } from './bind-operators';
import { type Binder, knownType, newAlias, settle } from './binder';
import { checkRepeatable, comparable } from './compare';
import type { Expr, Query } from './expr';
import { outputColumn } from './expr';
import { names } from './pg-access';
import type { Scope } from './scope';
import { type Bound, isUntyped } from './untyped';

/** Subqueries in expressions: values, EXISTS, IN, ANY, ALL, ARRAY. */

export function bindSubLink(binder: Binder, node: SubLink, scope: Scope): Expr {
  if (!('SelectStmt' in node.subselect)) throw notSupported('this subquery');
  const query = binder.bindQuery(node.subselect.SelectStmt, scope, scope.ctes);
  const { subLinkType, testexpr } = node;
  if (subLinkType === 'EXISTS_SUBLINK')
    return { kind: 'subquery', type: BOOL, form: 'exists', left: undefined, query };
  const output = query.outputs[0];
  const quantified = subLinkType === 'ANY_SUBLINK' || subLinkType === 'ALL_SUBLINK';
  if (quantified && testexpr !== undefined) {
    const name = node.operName === undefined ? '=' : (names(node.operName).at(-1) ?? '=');
    const left = binder.bindExpr(testexpr, scope);
    return bindQuantified(binder, name, left, query, subLinkType === 'ALL_SUBLINK');
  }
  if (output === undefined || query.outputs.length !== 1) {
    const count = query.outputs.length;
    throw new SqlError('syntaxError', `subquery must return only one column, found ${count}`);
  }
  if (subLinkType === 'EXPR_SUBLINK')
    return { kind: 'subquery', type: output.type, form: 'scalar', left: undefined, query };
  if (subLinkType === 'ARRAY_SUBLINK') return arrayOfRows(binder, query, output.type);
  throw notSupported('this subquery');
}

function bindQuantified(
  binder: Binder,
  operator: string,
  left: Bound,
  query: Query,
  all: boolean,
): Expr {
  const plain = operator === '=' && !all ? inQuery(binder, left, query) : undefined;
  return plain ?? testRows(binder, operator, left, query, all);
}

/** SQLite's own IN, where both sides are of one kind. */
function inQuery(binder: Binder, left: Bound, query: Query): Expr | undefined {
  const { outputs } = query;
  const items = left.kind === 'tuple' ? left.items : [left];
  checkWidth(items.length, outputs.length);
  const typed: Expr[] = [];
  for (const [i, item] of items.entries()) {
    const type = outputs[i]?.type;
    if (type === undefined || item.kind === 'tuple') return undefined;
    const known = knownType(binder, item) ?? type;
    if (!sameKind(known, type) || (items.length > 1 && isKeyed(type))) return undefined;
    const expr = settle(binder, item, type);
    if (!sameKind(expr.type, type)) return undefined;
    typed.push(comparable(expr));
  }
  const [only, ...others] = typed;
  if (only === undefined) return undefined;
  const type: SqlType = BOOL;
  const value: Expr = others.length === 0 ? only : { kind: 'row', type, items: typed };
  return { kind: 'subquery', type, form: 'in', left: value, query };
}

function checkWidth(left: number, right: number): void {
  if (left === right) return;
  if (left === 1)
    throw new SqlError('syntaxError', `subquery must return only one column, found ${right}`);
  throw new SqlError('datatypeMismatch', `expected tuple of length ${left}, found ${right}`);
}

/** Any operator, any types that it takes: a condition on each row of the subquery. */
export function testRows(
  binder: Binder,
  operator: string,
  left: Bound,
  query: Query,
  all: boolean,
): Expr {
  const what = all ? 'ALL' : 'ANY';
  checkRepeatable(binder, left, what);
  if (holdsAggregate(left)) throw notSupported(`an aggregate on the left of ${what}`);
  checkWidth(left.kind === 'tuple' ? left.items.length : 1, query.outputs.length);
  const source = newAlias(binder);
  const columns = query.outputs.map((output, i) => outputColumn(source, output, i));
  const [only] = columns;
  const right: Bound | undefined = left.kind === 'tuple' ? { kind: 'tuple', items: columns } : only;
  if (right === undefined) throw notSupported(`${what} over no columns`);
  const test = bindInfix(binder, operator, left, right);
  if (test.type.family !== 'bool')
    throw new SqlError('wrongObjectType', `op ${what} requires operator to yield boolean`);
  const form = all ? 'all' : 'any';
  return { kind: 'subquery', type: BOOL, form, left: undefined, query, test, source };
}

/** SQLite would compute it over the subquery's rows. */
function holdsAggregate(bound: Bound): boolean {
  if (bound.kind === 'tuple') return bound.items.some(holdsAggregate);
  if (isUntyped(bound)) return false;
  if (bound.kind === 'aggregate' || bound.kind === 'window') return true;
  return bound.kind === 'call' && bound.args.some(holdsAggregate);
}

/** `SELECT * FROM unnest(array)`. */
export function unnested(array: PgNode): SelectStmt {
  const call: PgNode = {
    FuncCall: { funcname: [{ String: { sval: 'unnest' } }], args: [array] },
  };
  const star: PgNode = { ColumnRef: { fields: [{ A_Star: {} }] } };
  return {
    targetList: [{ ResTarget: { val: star } }],
    fromClause: [{ RangeFunction: { functions: [{ List: { items: [call] } }] } }],
  };
}
