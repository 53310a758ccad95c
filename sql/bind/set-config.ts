import { notSupported, SqlError } from '../../base/errors';
import { BOOL, STRING } from '../../catalog/types/table';
import type { PgNode, SelectStmt } from '../parse/pg-tree';
import { type Binder, describeBound, settle } from './binder';
import type { ConstExpr, Expr, ParamExpr } from './expr';
import { functionName } from './function-name';
import type { Bound } from './untyped';

/**
 * `SELECT set_config('search_path', 'a', false)`: settings that the session changes before the query runs. The call is
 * its value. Only where it runs exactly once: in the list of a SELECT that reads nothing.
 */

type Given = ConstExpr | ParamExpr;

export interface SettingChange {
  readonly name: Given;
  readonly value: Given;
  readonly isLocal: Given;
}

const HINT = 'Call it in a SELECT of its own with constants or parameters, or use SET.';

function given(expr: Expr): Given {
  if (expr.kind === 'const' || expr.kind === 'param') return expr;
  throw notSupported('set_config() of computed values', HINT);
}

export function bindSetConfig(binder: Binder, args: readonly Bound[]): Expr {
  const [name, value, isLocal] = args;
  if (args.length !== 3 || name === undefined || value === undefined || isLocal === undefined) {
    const types = args.map((arg) => describeBound(binder, arg)).join(', ');
    throw new SqlError('undefinedFunction', `unknown signature: set_config(${types})`);
  }
  if (binder.context.isClientsQuery !== true || binder.facts.changes !== undefined)
    throw notSupported('set_config() in this statement', HINT);
  const text = settle(binder, value, STRING);
  binder.facts.settings.push({
    name: given(settle(binder, name, STRING)),
    value: given(text),
    isLocal: given(settle(binder, isLocal, BOOL)),
  });
  return text;
}

const isSetConfig = (node: PgNode | undefined): boolean =>
  node !== undefined && 'FuncCall' in node && functionName(node.FuncCall) === 'set_config';

/** @throws SqlError featureNotSupported beside anything that could see the setting, or run the call never or twice */
export function checkSetConfig(tree: SelectStmt, settings: readonly SettingChange[]): void {
  if (settings.length === 0) return;
  const calls = (tree.targetList ?? []).filter(({ ResTarget: { val } }) => isSetConfig(val)).length;
  const { fromClause, whereClause, limitCount, limitOffset, havingClause } = tree;
  const reads = [fromClause, whereClause, limitCount, limitOffset, havingClause];
  const alone = calls === settings.length && calls === tree.targetList?.length;
  if (!alone || reads.some((clause) => clause !== undefined))
    throw notSupported('set_config() beside anything else', HINT);
}
