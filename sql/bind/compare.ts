import { notSupported, SqlError } from '../../base/errors';
import type { SqlType, TypeFamily } from '../../catalog/types/sql-type';
import { BOOL, DECIMAL, FLOAT8, sameKind, TIMESTAMP, TIMESTAMPTZ } from '../../catalog/types/table';
import { castRow } from '../builtins/casts';
import {
  COMPARISONS,
  type ComparisonOperator,
  comparableRow,
  equatableRow,
  ROW_VALUE,
} from '../builtins/comparisons';
import { AND, IN_LIST, NOT, OR } from '../builtins/control';
import { isKeyed } from '../builtins/type-rules';
import { type Binder, describeBound, knownType, settle } from './binder';
import { call } from './calls';
import type { Expr } from './expr';
import { fieldsOf } from './tuples';
import { commonType } from './unify';
import { type Bound, canBecome, isUntyped, nullOf } from './untyped';
import { exprIsVolatile } from './volatile';

/** Comparisons: both sides get one type, or one that both convert to exactly. */

/** Families that compare with each other, and the type both sides turn into. */
const MIXED: readonly (readonly [TypeFamily, TypeFamily, SqlType])[] = [
  ['int', 'decimal', DECIMAL],
  ['int', 'float', FLOAT8],
  ['float', 'decimal', DECIMAL],
  ['date', 'timestamp', TIMESTAMP],
  ['date', 'timestamptz', TIMESTAMPTZ],
  ['timestamp', 'timestamptz', TIMESTAMPTZ],
];

function meetingType(a: SqlType, b: SqlType): SqlType | undefined {
  for (const [x, y, type] of MIXED)
    if ((a.family === x && b.family === y) || (a.family === y && b.family === x)) return type;
  if ((a.family === 'oid' && b.family === 'int') || (a.family === 'int' && b.family === 'oid'))
    return a.family === 'oid' ? a : b;
  return undefined;
}

function convert(expr: Expr, type: SqlType): Expr {
  if (expr.type.family === type.family || type.family === 'oid') return expr;
  const row = castRow(expr.type, type);
  if (row === undefined) throw new RangeError(`no conversion to ${type.family}`);
  return { kind: 'call', type, fn: row, args: [expr] };
}

/** Wraps a value so that SQLite compares it as CockroachDB does. */
export function comparable(expr: Expr): Expr {
  if (expr.type.family === 'unknown') return expr;
  const wrapper = comparableRow(expr.type);
  return wrapper === undefined ? expr : call(wrapper, expr.type, [expr]);
}

/** As `comparable`, where only equality is asked for. */
export function equatable(expr: Expr): Expr {
  if (expr.type.family === 'unknown') return expr;
  const wrapper = equatableRow(expr.type);
  return wrapper === undefined ? expr : call(wrapper, expr.type, [expr]);
}

const ORDER_OPERATORS = new Set<ComparisonOperator>(['<', '<=', '>', '>=']);

/** Some forms are written out with an operand in two places. @throws SqlError when that would be two values */
export function checkRepeatable(binder: Binder, bound: Bound, what: string): void {
  if (!isUntyped(bound) && exprIsVolatile(bound))
    throw notSupported(`a volatile function in ${what}`);
  if (bound.kind === 'tuple') for (const item of bound.items) checkRepeatable(binder, item, what);
}

function unsupported(binder: Binder, left: Bound, name: string, right: Bound): SqlError {
  const sides = `<${describeBound(binder, left)}> ${name} <${describeBound(binder, right)}>`;
  return new SqlError('invalidParameterValue', `unsupported comparison operator: ${sides}`);
}

/** The two sides with one type. `name` is the operator as errors spell it. */
export function reconcile(
  binder: Binder,
  left: Bound,
  right: Bound,
  name: string,
): readonly [Expr, Expr] {
  const known = knownType(binder, left) ?? knownType(binder, right);
  if (isUntyped(left) && isUntyped(right) && known === undefined) {
    const type = commonType(binder, [left, right]);
    if (!canBecome(left, type) || !canBecome(right, type))
      throw unsupported(binder, left, name, right);
    // Two string constants are strings; a number and a string constant do not meet.
    if (
      left.kind !== right.kind &&
      [left.kind, right.kind].includes('string') &&
      type.family !== 'string'
    )
      throw unsupported(binder, left, name, right);
    return [settle(binder, left, type), settle(binder, right, type)];
  }
  const a = settle(binder, left, knownType(binder, right));
  const b = settle(binder, right, knownType(binder, left) ?? a.type);
  if (a.type.family === 'unknown') return [nullOf(b.type), b];
  if (b.type.family === 'unknown') return [a, nullOf(a.type)];
  if (sameKind(a.type, b.type)) return [a, b];
  const meeting = meetingType(a.type, b.type);
  if (meeting === undefined) throw unsupported(binder, left, name, right);
  return [convert(a, meeting), convert(b, meeting)];
}

const ERROR_NAMES: { readonly [O in ComparisonOperator]: string } = {
  '=': '=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  IS: 'IS NOT DISTINCT FROM',
  'IS NOT': 'IS DISTINCT FROM',
};

export function bindComparison(
  binder: Binder,
  operator: ComparisonOperator,
  left: Bound,
  right: Bound,
): Expr {
  const fn = COMPARISONS[operator];
  const name = ERROR_NAMES[operator];
  const wrap = ORDER_OPERATORS.has(operator) ? comparable : equatable;
  const fields = fieldsOf(left);
  const others = fieldsOf(right);
  if (fields !== undefined && others !== undefined)
    return compareRows(binder, operator, [left, fields], [right, others]);
  if ((fields ?? others) !== undefined && left.kind !== 'null' && right.kind !== 'null')
    throw unsupported(binder, left, name, right);
  const [a, b] = reconcile(binder, left, right, name);
  return call(fn, BOOL, [wrap(a), wrap(b)]);
}

type Row = readonly [value: Bound, fields: readonly Bound[]];

/** Field by field; a field of a value that is no list of fields takes the value apart again. */
function compareRows(
  binder: Binder,
  operator: ComparisonOperator,
  [left, fields]: Row,
  [right, others]: Row,
): Expr {
  if (fields.length !== others.length || fields.length === 0)
    throw new SqlError(
      'datatypeMismatch',
      `expected tuple of length ${fields.length}, found ${others.length}`,
    );
  for (const side of [left, right])
    if (side.kind !== 'tuple') checkRepeatable(binder, side, 'a row');
  const nested = fields.some(
    (item, i) => (fieldsOf(item) ?? fieldsOf(others[i] ?? item)) !== undefined,
  );
  if (nested) {
    if (operator !== '=' && operator !== '<>') throw notSupported('the order of rows of rows');
    const tests = fields.map((item, i) => bindComparison(binder, '=', item, others[i] ?? item));
    const all = call(AND, BOOL, tests);
    return operator === '=' ? all : call(NOT, BOOL, [all]);
  }
  const wrap = ORDER_OPERATORS.has(operator) ? comparable : equatable;
  const pairs = fields.map((item, i) =>
    reconcile(binder, item, others[i] ?? item, ERROR_NAMES[operator]),
  );
  const sides = [0, 1].map((side) =>
    call(
      ROW_VALUE,
      BOOL,
      pairs.map((pair) => wrap(pair[side === 0 ? 0 : 1])),
    ),
  );
  return call(COMPARISONS[operator], BOOL, sides);
}

/** `left IN (items)`. */
export function bindInList(binder: Binder, left: Bound, items: readonly Bound[]): Expr {
  if ([left, ...items].some((item) => fieldsOf(item) !== undefined))
    return anyEqual(binder, left, items);
  const type = knownType(binder, left) ?? commonType(binder, [left, ...items]);
  const a = settle(binder, left, type);
  const list = items.map((item) => reconcile(binder, a, item, 'IN')[1]);
  if (list.some((item) => !sameKind(item.type, a.type) && item.type.family !== 'unknown'))
    return anyEqual(binder, a, items);
  // The collation of IN is that of its left side.
  const wrapped = isKeyed(a.type) ? list.map(equatable) : list;
  return call(IN_LIST, BOOL, [equatable(a), ...wrapped]);
}

function anyEqual(binder: Binder, left: Bound, items: readonly Bound[]): Expr {
  checkRepeatable(binder, left, 'IN');
  const tests = items.map((item) => bindComparison(binder, '=', left, item));
  const only = tests[0];
  return tests.length === 1 && only !== undefined ? only : call(OR, BOOL, tests);
}

export function bindBetween(binder: Binder, value: Bound, low: Bound, high: Bound): Expr {
  checkRepeatable(binder, value, 'BETWEEN');
  return call(AND, BOOL, [
    bindComparison(binder, '>=', value, low),
    bindComparison(binder, '<=', value, high),
  ]);
}
