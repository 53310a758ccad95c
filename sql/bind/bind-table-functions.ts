import { notSupported, SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { INT8, STRING } from '../../catalog/types/table';
import {
  ROWS_ARGUMENTS_MAX,
  ROWS_COLUMNS_MAX,
  type SetReturningRow,
  setReturningRows,
} from '../builtins/set-returning';
import type { PgNode, RangeFunction } from '../parse/pg-tree';
import { bindJsonRecords } from './bind-json-records';
import { type Binder, describeBound, newAlias, settle } from './binder';
import { columnNameOf } from './column-names';
import type { Expr, FunctionFrom, Source } from './expr';
import { outputName } from './expr';
import { functionName } from './function-name';
import { matchingRows, settleArgs } from './overloads';
import {
  type GeneratorCall,
  type Generators,
  type Scope,
  type ScopeColumn,
  withoutAggregates,
} from './scope';
import { type Bound, constant } from './untyped';

/** Set-returning functions in FROM and in select lists. */

export interface BoundFunction {
  readonly item: FunctionFrom;
  readonly columns: readonly ScopeColumn[];
}

/** A call whose columns start at some output of its source. */
interface BoundCall {
  readonly call: GeneratorCall;
  readonly columns: readonly ScopeColumn[];
}

/** `FROM f(…) [WITH ORDINALITY]`, `ROWS FROM (f(…), g(…))`; arguments may name columns of the items before it. */
export function bindFunctionFrom(binder: Binder, node: RangeFunction, scope: Scope): BoundFunction {
  const inner = withoutAggregates(scope, 'FROM');
  const records = bindJsonRecords(binder, node, inner);
  if (records !== undefined && node.ordinality !== true) return records;
  if (node.coldeflist !== undefined) throw notSupported('a column definition list');
  const source = newAlias(binder);
  const calls: BoundCall[] = [];
  let at = 0;
  for (const item of node.functions) {
    const call = 'List' in item ? item.List.items?.[0] : item;
    if (call === undefined) throw notSupported('this function in FROM');
    const bound = bindFromCall(binder, call, inner, source, at);
    calls.push(bound);
    at += bound.call.width;
  }
  const columns = calls.flatMap((call) => call.columns);
  const { item, width } = makeItem(
    source,
    calls.map(({ call }) => call),
  );
  // A function of one column lends its alias to the column, too.
  const [only] = columns;
  const lends = calls.length === 1 && columns.length === 1 && node.alias?.colnames === undefined;
  if (lends && only !== undefined && node.alias !== undefined)
    columns[0] = { ...only, name: node.alias.aliasname };
  if (node.ordinality === true)
    columns.push(columnOf(source, only?.table ?? '', 'ordinality', outputName(width), INT8));
  return { item, columns };
}

/** A set-returning function, or any other expression as one row. */
function bindFromCall(
  binder: Binder,
  node: PgNode,
  scope: Scope,
  source: Source,
  at: number,
): BoundCall {
  if ('FuncCall' in node) {
    const name = functionName(node.FuncCall);
    const bound = bindSetReturning(binder, name, node.FuncCall.args ?? [], scope, source, at);
    if (bound !== undefined) return bound;
  }
  const expr = settle(binder, binder.bindExpr(node, scope));
  const name = columnNameOf(node);
  return {
    call: { sqliteName: 's_value', args: [expr], width: 1, tableWidth: 1 },
    columns: [columnOf(source, name, name, outputName(at), expr.type)],
  };
}

/** Undefined when the function is not set-returning. */
function bindSetReturning(
  binder: Binder,
  name: string,
  nodes: readonly PgNode[],
  scope: Scope,
  source: Source,
  at: number,
): BoundCall | undefined {
  const rows = setReturningRows.filter((row) => row.name === name);
  if (rows.length === 0) return undefined;
  const args = nodes.map((arg) => binder.bindExpr(arg, scope));
  const row = matchingRows(binder, rows, args)[0];
  if (row === undefined) {
    const types = args.map((arg) => describeBound(binder, arg)).join(', ');
    throw new SqlError('undefinedFunction', `unknown signature: ${name}(${types})`);
  }
  return callOf(row, settleArgs(binder, row, args), source, at);
}

function callOf(
  row: SetReturningRow,
  args: readonly Expr[],
  source: Source,
  at: number,
): BoundCall {
  if (row.width !== undefined && args.length > row.width)
    throw notSupported(`unnest() of more than ${row.width} arrays`);
  const outputs = row.columns(args.map((arg) => arg.type));
  const table = row.name.slice(row.name.indexOf('.') + 1);
  const columns = outputs.map((output, i) =>
    columnOf(source, table, output.name, outputName(at + i), output.type),
  );
  const passed = row.passesTypes ? args.flatMap((arg) => [typeArgument(arg.type), arg]) : [...args];
  if (row.inZone === true) passed.push({ kind: 'context', name: 'timeZone', type: STRING });
  const { sqliteName, width = outputs.length } = row;
  const call = { sqliteName, args: passed, width: outputs.length, tableWidth: width };
  return { call, columns };
}

/** One call is a SQLite function of its own; of several the rows come side by side, filled up with NULL. */
function makeItem(
  source: Source,
  calls: readonly GeneratorCall[],
): { readonly item: FunctionFrom; readonly width: number } {
  const [only, ...others] = calls;
  if (only !== undefined && others.length === 0) {
    const { sqliteName: name, args, tableWidth: width } = only;
    return { item: { kind: 'function', source, name, args }, width };
  }
  const args = calls.flatMap((call) => call.args);
  const width = calls.reduce((sum, call) => sum + call.width, 0);
  if (args.length > ROWS_ARGUMENTS_MAX || width > ROWS_COLUMNS_MAX)
    throw notSupported('so many set-returning functions side by side');
  const spec = calls.map(({ sqliteName, args: own, width: columns }) => [
    sqliteName,
    own.length,
    columns,
  ]);
  const passed = [constant(STRING, JSON.stringify(spec)), ...args];
  return {
    item: { kind: 'function', source, name: 's_rows', args: passed },
    width: ROWS_COLUMNS_MAX,
  };
}

/** What FROM gets for the calls of a select list. */
export function generatorsFrom({ source, calls }: Generators): FunctionFrom[] {
  return calls.length === 0 ? [] : [makeItem(source, calls).item];
}

/** A call in an expression of a select list: its column, or the row of its columns. */
export function bindGenerator(
  binder: Binder,
  name: string,
  nodes: readonly PgNode[],
  scope: Scope,
): Bound {
  const { generators } = scope;
  if (generators === undefined)
    throw new SqlError(
      'featureNotSupported',
      `${name}(): generator functions are not allowed in ${scope.noAggregatesIn ?? 'conditional expressions'}`,
    );
  const inner = withoutAggregates(scope, 'the arguments of a generator function');
  const at = generators.calls.reduce((sum, call) => sum + call.width, 0);
  const bound = bindSetReturning(binder, name, nodes, inner, generators.source, at);
  if (bound === undefined) throw notSupported(`${name}() in a select list`);
  generators.calls.push(bound.call);
  const [only, ...others] = bound.columns;
  if (only !== undefined && others.length === 0) return only.expr();
  return {
    kind: 'tuple',
    items: bound.columns.map((column) => column.expr()),
    labels: bound.columns.map((column) => column.name),
  };
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
  source: Source,
  table: string,
  name: string,
  column: string,
  type: SqlType,
): ScopeColumn {
  const expr: Expr = { kind: 'column', type, source, column, name, tableId: 0, columnId: 0 };
  return { name, table, qualifiers: [], type, hidden: false, merged: false, expr: () => expr };
}
