import { SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { JSONB, STRING } from '../../catalog/types/table';
import { JSON_FIELD } from '../builtins/json-records';
import type { PgNode, RangeFunction, TypeName } from '../parse/pg-tree';
import { type Binder, describeBound, newAlias, settle } from './binder';
import { call } from './calls';
import type { Expr, FunctionFrom } from './expr';
import { outputColumn } from './expr';
import { functionName } from './function-name';
import type { Scope, ScopeColumn } from './scope';
import { resolveTypeName } from './type-names';
import { type Bound, canBecome, constant, isUntyped } from './untyped';

/** `json_to_record(j) AS t(a INT, b STRING)`: the fields of objects as columns that the query defines. */

/** The table-valued function that gives the objects. */
const SOURCES: ReadonlyMap<string, string> = new Map(
  ['json', 'jsonb'].flatMap((prefix) => [
    [`${prefix}_to_record`, 's_value'],
    [`${prefix}_to_recordset`, 's_json_elements'],
  ]),
);

interface ColumnDef {
  readonly colname: string;
  readonly typeName: TypeName;
}

function definitionsOf(node: RangeFunction): readonly ColumnDef[] {
  return (node.coldeflist ?? []).flatMap((item: PgNode | { readonly ColumnDef: ColumnDef }) =>
    'ColumnDef' in item ? [item.ColumnDef] : [],
  );
}

function objectsArgument(binder: Binder, name: string, args: readonly Bound[]): Expr {
  const [json, ...others] = args;
  const fits =
    json !== undefined &&
    others.length === 0 &&
    (isUntyped(json) ? canBecome(json, JSONB) : json.type.family === 'json');
  if (fits) return settle(binder, json, JSONB);
  const types = args.map((arg) => describeBound(binder, arg)).join(', ');
  throw new SqlError('undefinedFunction', `unknown signature: ${name}(${types})`);
}

/** Undefined when the item is no such call. @throws SqlError 42601 without column definitions */
export function bindJsonRecords(
  binder: Binder,
  node: RangeFunction,
  scope: Scope,
): { readonly item: FunctionFrom; readonly columns: readonly ScopeColumn[] } | undefined {
  const [first] = node.functions;
  const item = first !== undefined && 'List' in first ? first.List.items?.[0] : first;
  if (item === undefined || !('FuncCall' in item) || node.functions.length !== 1) return undefined;
  const name = functionName(item.FuncCall);
  const sqliteName = SOURCES.get(name);
  if (sqliteName === undefined) return undefined;
  if (node.coldeflist === undefined)
    throw new SqlError(
      'syntaxError',
      'a column definition list is required for functions returning "record"',
    );
  const args = (item.FuncCall.args ?? []).map((arg) => binder.bindExpr(arg, scope));
  const source = newAlias(binder);
  const objects = outputColumn(source, { name, type: JSONB }, 0);
  const table = node.alias?.aliasname ?? name;
  const columns = definitionsOf(node).map(({ colname, typeName }): ScopeColumn => {
    const type: SqlType = resolveTypeName(typeName, binder.context.catalog);
    const value = call(JSON_FIELD, type, [objects, constant(STRING, colname)]);
    return {
      name: colname,
      table,
      qualifiers: [],
      type,
      hidden: false,
      merged: false,
      expr: () => value,
    };
  });
  const from = objectsArgument(binder, name, args);
  return { item: { kind: 'function', source, name: sqliteName, args: [from] }, columns };
}

export const returnsRecords = (name: string): boolean => SOURCES.has(name);
