import type { SqlType } from '../../catalog/types/sql-type';
import type { FunctionRow } from '../builtins/function-row';
import type { Expr } from './expr';

/** A call of a row whose types are already right. */
export function call(fn: FunctionRow, type: SqlType, args: readonly Expr[]): Expr {
  return { kind: 'call', type, fn, args };
}
