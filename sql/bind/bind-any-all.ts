import { notSupported, SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import type { SqlType } from '../../catalog/types/sql-type';
import { arrayOf, BOOL } from '../../catalog/types/table';
import { ANY_OF } from '../builtins/arrays';
import { AND, CASE, IS_NULL, OR } from '../builtins/control';
import type { AExpr, PgNode } from '../parse/pg-tree';
import { bindInfix, comparisonOperator } from './bind-operators';
import { testRows, unnested } from './bind-subqueries';
import { type Binder, settle } from './binder';
import { call } from './calls';
import { bindInList, checkRepeatable, comparable, equatable } from './compare';
import type { Expr } from './expr';
import { names } from './pg-access';
import type { Scope } from './scope';
import { type Bound, isUntyped, naturalType, nullOf } from './untyped';

/** `value op ANY (array or list)`, `value op ALL (…)`. */

export function isAnyAll(node: AExpr): boolean {
  return node.kind === 'AEXPR_OP_ANY' || node.kind === 'AEXPR_OP_ALL';
}

export function bindAnyAll(binder: Binder, node: AExpr, scope: Scope): Expr {
  const name = names(node.name).at(-1) ?? '';
  const { lexpr, rexpr } = node;
  if (lexpr === undefined || rexpr === undefined) throw notSupported(`${name} without an operand`);
  const all = node.kind === 'AEXPR_OP_ALL';
  const left = binder.bindExpr(lexpr, scope);
  const right = binder.bindExpr(rexpr, scope);
  if (right.kind === 'tuple') return overList(binder, name, left, right.items, all);
  const array = settle(binder, right, arrayFor(left));
  const element: SqlType | undefined = array.type.element;
  if (element === undefined)
    throw new SqlError(
      'datatypeMismatch',
      `${all ? 'ALL' : 'ANY'} requires an array on its right side`,
    );
  const operator = comparisonOperator(names(node.name));
  const value = operator === undefined ? left : settle(binder, left, element);
  if (operator === undefined || isUntyped(value) || value.type.family !== element.family)
    return overElements(binder, name, value, { array, node: rexpr }, all, scope);
  // Throws for types without an order, or without equality.
  if (operator === '=' || operator === '<>') equatable(value);
  else comparable(value);
  const row = ANY_OF.get(`${operator} ${all ? 'ALL' : 'ANY'}`);
  return call(defined(row, operator), BOOL, [value, array]);
}

function overList(
  binder: Binder,
  name: string,
  left: Bound,
  items: readonly Bound[],
  all: boolean,
): Expr {
  if (!all && name === '=') return bindInList(binder, left, items);
  checkRepeatable(binder, left, all ? 'ALL' : 'ANY');
  const tests = items.map((item) => bindInfix(binder, name, left, item));
  return call(all ? AND : OR, BOOL, tests);
}

/** Any operator, of each element as a row; NULL for no array. */
function overElements(
  binder: Binder,
  name: string,
  left: Bound,
  right: { readonly array: Expr; readonly node: PgNode },
  all: boolean,
  scope: Scope,
): Expr {
  const query = binder.bindQuery(unnested(right.node), scope, scope.ctes);
  const test = testRows(binder, name, left, query, all);
  return call(CASE, BOOL, [call(IS_NULL, BOOL, [right.array]), nullOf(BOOL), test]);
}

function arrayFor(left: Bound): SqlType | undefined {
  const type = isUntyped(left) ? naturalType(left) : left.type;
  const plain = type !== undefined && type.family !== 'unknown' && type.family !== 'tuple';
  return plain && type.element === undefined ? arrayOf(type) : undefined;
}
