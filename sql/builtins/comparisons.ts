import { notSupported } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { BOOL } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import type { FunctionRow } from './function-row';
import { JSON_KEY } from './json';
import { native, sameAs } from './rows';
import { collationOf, comparesNatively } from './type-rules';

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

/** As `comparableRow`, where only equality is asked for. */
export function equatableRow(type: SqlType): FunctionRow | undefined {
  return type.family === 'json' ? JSON_KEY : comparableRow(type);
}

/** What to wrap a value of the type in before SQLite may compare it; undefined when nothing. */
export function comparableRow(type: SqlType): FunctionRow | undefined {
  if (!comparesNatively(type))
    throw notSupported(`comparing values of type ${messageTypeName(type)}`);
  const collation = collationOf(type);
  return collation === '' ? undefined : COLLATE[collation];
}
