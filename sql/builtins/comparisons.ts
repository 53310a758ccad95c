import { notSupported } from '../../base/errors';
import { orderBy } from '../../catalog/types/order-by';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { BOOL, UNKNOWN } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import type { FunctionRow } from './function-row';
import { JSON_KEY } from './json';
import { factory, native, sameAs } from './rows';
import { isGeometric, isKeyed } from './type-rules';

/** Comparison operators, on representations that SQLite orders by itself. */

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IS' | 'IS NOT';

function comparisonRow(operator: ComparisonOperator): FunctionRow {
  return native(`cmp ${operator}`, ['any', 'any'], BOOL, ([a, b]) => `(${a} ${operator} ${b})`, {
    strict: false,
  });
}

export const COMPARISONS: { readonly [O in ComparisonOperator]: FunctionRow } = {
  '=': comparisonRow('='),
  '<>': comparisonRow('<>'),
  '<': comparisonRow('<'),
  '<=': comparisonRow('<='),
  '>': comparisonRow('>'),
  '>=': comparisonRow('>='),
  IS: comparisonRow('IS'),
  'IS NOT': comparisonRow('IS NOT'),
};

/** `(a, b)` in a comparison. */
export const ROW_VALUE: FunctionRow = native('row', [], BOOL, (args) => `(${args.join(', ')})`, {
  strict: false,
});

const COLLATE = {
  RTRIM: native('collate rtrim', ['any'], sameAs(0), ([a]) => `${a} COLLATE RTRIM`),
  NOCASE: native('collate nocase', ['any'], sameAs(0), ([a]) => `${a} COLLATE NOCASE`),
} as const;

/** What stands for a value of a type that SQLite does not compare by itself. */
export const ORDER_KEY: FunctionRow = factory('order_key', ['any'], sameAs(0), ([type]) => {
  const ordering = orderBy(type ?? UNKNOWN);
  return ordering.kind === 'key' ? ordering.key : (value: Repr) => value;
});

/** True for the rows that `comparableRow` and `equatableRow` give. */
export function isComparableRow(fn: FunctionRow): boolean {
  return fn === ORDER_KEY || fn === JSON_KEY || fn === COLLATE.RTRIM || fn === COLLATE.NOCASE;
}

/** As `comparableRow`, where only equality is asked for. */
export function equatableRow(type: SqlType): FunctionRow | undefined {
  if (type.family === 'json') return JSON_KEY;
  if (isGeometric(type)) throw notSupported(`comparing values of type ${messageTypeName(type)}`);
  return isKeyed(type) ? ORDER_KEY : comparableRow(type);
}

/** What to wrap a value of the type in before SQLite may compare it; undefined when nothing. */
export function comparableRow(type: SqlType): FunctionRow | undefined {
  const ordering = orderBy(type);
  if (isGeometric(type) || (ordering.kind === 'key' && !ordering.sortable))
    throw notSupported(`comparing values of type ${messageTypeName(type)}`);
  if (ordering.kind === 'key') return ORDER_KEY;
  return ordering.kind === 'collate' ? COLLATE[ordering.collation] : undefined;
}

/** A text as one of another collation: they are held alike. */
export const COLLATE_AS: FunctionRow = native('collate as', ['any'], sameAs(0), ([a]) => `${a}`);
