import { BOOL, STRING } from '../../catalog/types/table';
import { COMPARISONS } from '../builtins/comparisons';
import { AND } from '../builtins/control';
import { IN_PREFIX_RANGE, prefixRange } from '../builtins/like-prefix';
import { call } from './calls';
import type { Expr } from './expr';

/** `column LIKE 'abc%'` with the range that the pattern's beginning allows, for an index; other tests as they are. */
export function withPrefixRange(test: Expr): Expr {
  if (test.kind !== 'call' || test.fn.name !== 'like' || test.args.length !== 2) return test;
  const [column, pattern] = test.args;
  if (column?.kind !== 'column' || column.type.family !== 'string') return test;
  if (pattern?.kind === 'param') return call(IN_PREFIX_RANGE, BOOL, [column, test, pattern]);
  if (pattern?.kind !== 'const' || typeof pattern.value !== 'string') return test;
  const range = prefixRange(pattern.value);
  if (range === undefined) return test;
  const limit = (operator: '>=' | '<', value: string): Expr =>
    call(COMPARISONS[operator], BOOL, [column, { kind: 'const', type: STRING, value }]);
  const high = range.high === undefined ? [] : [limit('<', range.high)];
  return call(AND, BOOL, [limit('>=', range.low), ...high, test]);
}
