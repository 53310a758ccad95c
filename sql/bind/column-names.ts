import { typeBySqlName } from '../../catalog/types/table';
import { castColumnName } from '../builtins/type-rules';
import type { PgNode, TypeName } from '../parse/pg-tree';
import { names } from './pg-access';
import { valueFunction, writtenName } from './value-functions';

/** What a column of the select list is called when nobody says: CockroachDB's names. */

export function columnNameOf(node: PgNode): string {
  return nameOf(node) ?? '?column?';
}

/** Functions that run under another name. */
const FUNCTION_NAMES: ReadonlyMap<string, string> = new Map([
  ['ifnull', 'coalesce'],
  ['position', 'strpos'],
]);

function valueName(op: string): string | undefined {
  const called = valueFunction(op);
  return called === undefined ? undefined : writtenName(called);
}

function nameOf(node: PgNode): string | undefined {
  if ('ColumnRef' in node) return names(node.ColumnRef.fields).at(-1);
  if ('FuncCall' in node) {
    const name = names(node.FuncCall.funcname).at(-1) ?? '';
    return FUNCTION_NAMES.get(name) ?? name;
  }
  if ('TypeCast' in node) {
    const { arg, typeName, location } = node.TypeCast;
    // INTERVAL '…' is a constant of its own, unlike DATE '…', which is a cast.
    if (location === -1 && names(typeName.names).at(-1) === 'interval') return undefined;
    return castName(arg, typeName);
  }
  if ('CollateClause' in node) return nameOf(node.CollateClause.arg);
  if ('CaseExpr' in node) {
    const { defresult } = node.CaseExpr;
    return (defresult === undefined ? undefined : nameOf(defresult)) ?? 'case';
  }
  if ('CoalesceExpr' in node) return 'coalesce';
  if ('MinMaxExpr' in node) return node.MinMaxExpr.op === 'IS_GREATEST' ? 'greatest' : 'least';
  if ('A_Expr' in node) {
    if (node.A_Expr.kind === 'AEXPR_NULLIF') return 'nullif';
    return names(node.A_Expr.name).at(-1) === '#-' ? 'json_remove_path' : undefined;
  }
  if ('A_ArrayExpr' in node) return 'array';
  if ('A_Indirection' in node) {
    const last = node.A_Indirection.indirection.at(-1);
    return last !== undefined && 'String' in last
      ? last.String.sval
      : nameOf(node.A_Indirection.arg);
  }
  if ('SQLValueFunction' in node) return valueName(node.SQLValueFunction.op);
  if ('RowExpr' in node) return 'row';
  if ('SubLink' in node) {
    const { subLinkType, subselect } = node.SubLink;
    if (subLinkType === 'EXISTS_SUBLINK') return 'exists';
    if (subLinkType === 'ARRAY_SUBLINK') return 'array';
    if (subLinkType !== 'EXPR_SUBLINK' || !('SelectStmt' in subselect)) return undefined;
    const target = subselect.SelectStmt.targetList?.[0]?.ResTarget;
    if (target === undefined) return undefined;
    return target.name ?? (target.val === undefined ? undefined : nameOf(target.val));
  }
  return undefined;
}

function castName(arg: PgNode, type: TypeName): string | undefined {
  const inner = nameOf(arg);
  // Names of types and of arrays are weaker than names of columns and functions.
  if (inner !== undefined && !('TypeCast' in arg) && !('A_ArrayExpr' in arg)) return inner;
  if ('A_ArrayExpr' in arg) return 'array';
  const parts = names(type.names);
  const name = parts.at(-1) ?? '';
  const system = parts.length > 1 && parts[0] === 'pg_catalog';
  if (system && name === 'int4') return 'int8';
  const known = typeBySqlName(name);
  return known === undefined ? name : castColumnName(known);
}
