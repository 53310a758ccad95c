import { notSupported, SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { INT8, STRING } from '../../catalog/types/table';
import { isSetReturning, type SetReturningRow, setReturningRows } from '../builtins/set-returning';
import type { FuncCall, PgNode, RangeFunction } from '../parse/pg-tree';
import { functionName } from './bind-functions';
import { type Binder, describeBound, newAlias } from './binder';
import { columnNameOf } from './column-names';
import type { Expr, FunctionFrom } from './expr';
import { outputName } from './expr';
import { matchingRows, settleArgs } from './overloads';
import { type Scope, type ScopeColumn, withoutAggregates } from './scope';
import { constant } from './untyped';

/** Set-returning functions in FROM and in select lists. */

export interface BoundFunction {
  readonly item: FunctionFrom;
  readonly columns: readonly ScopeColumn[];
}

/** `FROM f(…) [WITH ORDINALITY]`; arguments may name columns of the items before it. */
export function bindFunctionFrom(binder: Binder, node: RangeFunction, scope: Scope): BoundFunction {
  if (node.coldeflist !== undefined) throw notSupported('a column definition list');
  const [first, ...others] = node.functions;
  if (others.length > 0 || node.is_rowsfrom === true) throw notSupported('ROWS FROM');
  const call = first !== undefined && 'List' in first ? first.List.items?.[0] : first;
  if (call === undefined || !('FuncCall' in call)) throw notSupported('this function in FROM');
  const bound = bindSetReturning(binder, call.FuncCall, scope, node.ordinality === true);
  if (bound === undefined) throw notSupported(`${functionName(call.FuncCall)}() in FROM`);
  // A function of one column lends its alias to the column, too.
  const alias = node.alias;
  const [only] = bound.columns;
  if (alias === undefined || alias.colnames !== undefined || only === undefined) return bound;
  if (bound.columns.length !== 1) return bound;
  return { ...bound, columns: [{ ...only, name: alias.aliasname }] };
}

/** A function that gives one value is, in FROM, a table of one row. @returns undefined when it gives rows itself */
export function scalarAsSubselect(node: RangeFunction): PgNode | undefined {
  const [first, ...others] = node.functions;
  if (others.length > 0 || node.coldeflist !== undefined) return undefined;
  const call = first !== undefined && 'List' in first ? first.List.items?.[0] : first;
  if (call === undefined || !('FuncCall' in call || 'SQLValueFunction' in call)) return undefined;
  if ('FuncCall' in call && isSetReturning(functionName(call.FuncCall))) return undefined;
  const value = {
    ResTarget: node.alias === undefined ? { val: call } : { name: node.alias.aliasname, val: call },
  };
  const ordinality = { ResTarget: { name: 'ordinality', val: { A_Const: { ival: { ival: 1 } } } } };
  const targetList = node.ordinality === true ? [value, ordinality] : [value];
  const subquery = { SelectStmt: { targetList } };
  const alias = node.alias ?? { aliasname: columnNameOf(call) };
  return { RangeSubselect: { lateral: true, subquery, alias } };
}

/** Undefined when the function is not set-returning. */
export function bindSetReturning(
  binder: Binder,
  node: FuncCall,
  scope: Scope,
  ordinality: boolean,
): BoundFunction | undefined {
  const name = functionName(node);
  const rows = setReturningRows.filter((row) => row.name === name);
  if (rows.length === 0) return undefined;
  const inner = withoutAggregates(scope, 'FROM');
  const args = (node.args ?? []).map((arg) => binder.bindExpr(arg, inner));
  const row = matchingRows(binder, rows, args)[0];
  if (row === undefined) {
    const types = args.map((arg) => describeBound(binder, arg)).join(', ');
    throw new SqlError('undefinedFunction', `unknown signature: ${name}(${types})`);
  }
  return makeSource(binder, row, settleArgs(binder, row, args), ordinality);
}

/** Of `row.rest`, each argument has a type of its own. */
function makeSource(
  binder: Binder,
  row: SetReturningRow,
  args: readonly Expr[],
  ordinality: boolean,
): BoundFunction {
  if (row.width !== undefined && args.length > row.width)
    throw notSupported(`unnest() of more than ${row.width} arrays`);
  const source = newAlias(binder);
  const outputs = row.columns(args.map((arg) => arg.type));
  const columns = outputs.map((output, i) =>
    columnOf(source, row.name, output.name, outputName(i), output.type),
  );
  const width = row.width ?? outputs.length;
  if (ordinality) columns.push(columnOf(source, row.name, 'ordinality', outputName(width), INT8));
  const passed = row.passesTypes ? args.flatMap((arg) => [typeArgument(arg.type), arg]) : [...args];
  if (row.inZone === true) passed.push({ kind: 'context', name: 'timeZone', type: STRING });
  return { item: { kind: 'function', source, name: row.sqliteName, args: passed }, columns };
}

/** What decoding an array needs of its type; an enum's labels are not part of it. */
function typeArgument(type: SqlType): Expr {
  const plain = (t: SqlType): unknown => ({
    ...t,
    enum: undefined,
    ...(t.element === undefined ? {} : { element: plain(t.element) }),
  });
  return constant(STRING, JSON.stringify(plain(type)));
}

function columnOf(
  source: { readonly alias: string },
  table: string,
  name: string,
  column: string,
  type: SqlType,
): ScopeColumn {
  const expr: Expr = { kind: 'column', type, source, column, name, tableId: 0, columnId: 0 };
  return { name, table, qualifiers: [], type, hidden: false, merged: false, expr: () => expr };
}
