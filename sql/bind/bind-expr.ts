import { notSupported, SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { arrayOf, BOOL, BYTES, INT8, sameKind, VARBIT } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { MAKE_ARRAY, SUBSCRIPT } from '../builtins/arrays';
import { AND, CASE, COALESCE, IS, IS_NOT_NULL, IS_NULL, NOT, OR } from '../builtins/control';
import { GREATEST, LEAST } from '../builtins/extremes';
import type {
  AConst,
  AIndices,
  BoolExpr,
  BooleanTest,
  CaseExpr,
  ColumnRef,
  PgNode,
  SQLValueFunction,
  TypeCast,
} from '../parse/pg-tree';
import { bindAnyAll, isAnyAll } from './bind-any-all';
import { bindCollate } from './bind-collate';
import { bindCall, bindFunctionNamed } from './bind-functions';
import { bindAExpr } from './bind-operators';
import { bindSubLink } from './bind-subqueries';
import { type Binder, bindTyped, enter, settle } from './binder';
import { call } from './calls';
import { castBound, castExpr } from './cast';
import { bindComparison, checkRepeatable, comparable } from './compare';
import type { Expr } from './expr';
import { names, tagOf } from './pg-access';
import {
  findColumn,
  hasTable,
  noDataSource,
  type Scope,
  starColumns,
  tableStarColumns,
  undefinedColumn,
} from './scope';
import { fieldOf } from './tuples';
import { resolveTypeName } from './type-names';
import { unify } from './unify';
import {
  type Bound,
  canBecome,
  constant,
  isUntyped,
  liftedUntyped,
  type UntypedRow,
} from './untyped';
import { valueFunction } from './value-functions';

/** From a node of PostgreSQL's tree to a typed expression, or to a constant that still waits for its type. */
export function bindNode(binder: Binder, node: PgNode, scope: Scope): Bound {
  return enter(binder, () => dispatch(binder, node, scope));
}

function dispatch(binder: Binder, node: PgNode, scope: Scope): Bound {
  const inner = (child: PgNode): Bound => binder.bindExpr(child, scope);
  if ('ColumnRef' in node) return bindColumn(node.ColumnRef, scope);
  if ('A_Const' in node) return bindConstant(node.A_Const);
  if ('A_Expr' in node)
    return isAnyAll(node.A_Expr)
      ? bindAnyAll(binder, node.A_Expr, scope)
      : bindAExpr(binder, node.A_Expr, scope);
  if ('ParamRef' in node) return { kind: 'placeholder', index: node.ParamRef.number ?? 0 };
  if ('TypeCast' in node) return bindCast(binder, node.TypeCast, scope);
  if ('FuncCall' in node) return bindCall(binder, node.FuncCall, scope);
  if ('BoolExpr' in node) return bindBool(binder, node.BoolExpr, scope);
  if ('NullTest' in node)
    return bindNullTest(binder, inner(node.NullTest.arg), node.NullTest.nulltesttype === 'IS_NULL');
  if ('BooleanTest' in node) return bindBooleanTest(binder, node.BooleanTest, scope);
  if ('CaseExpr' in node) return bindCase(binder, node.CaseExpr, scope);
  if ('CoalesceExpr' in node) {
    const { type, exprs } = unify(binder, node.CoalesceExpr.args.map(inner), 'COALESCE');
    return call(COALESCE, type, exprs);
  }
  if ('MinMaxExpr' in node)
    return bindExtreme(binder, node.MinMaxExpr.op, node.MinMaxExpr.args.map(inner));
  if ('SubLink' in node) return bindSubLink(binder, node.SubLink, scope);
  if ('SQLValueFunction' in node) return bindValueFunction(binder, node.SQLValueFunction, scope);
  if ('RowExpr' in node) {
    const { args = [], labels } = node.RowExpr;
    return { kind: 'tuple', items: args.map(inner), ...(labels === undefined ? {} : { labels }) };
  }
  if ('A_ArrayExpr' in node)
    return makeArray(binder, (node.A_ArrayExpr.elements ?? []).map(inner), undefined);
  if ('A_Indirection' in node) return bindIndirection(binder, node.A_Indirection, scope);
  if ('CollateClause' in node) return bindCollate(binder, node.CollateClause, scope);
  throw notSupported(tagOf(node));
}

function bindColumn(ref: ColumnRef, scope: Scope): Bound {
  const parts = names(ref.fields);
  if (parts[parts.length - 1] === '*') return wholeRow(scope, parts.slice(0, -1));
  const found = findColumn(scope, parts);
  if (found !== undefined) return found.column.expr();
  if (hasTable(scope, parts)) return wholeRow(scope, parts);
  if (parts.length > 1 && !hasTable(scope, parts.slice(0, -1)))
    throw noDataSource(parts.slice(0, -1));
  throw undefinedColumn(parts);
}

/** A table's name as a value: the row of its columns. */
function wholeRow(scope: Scope, table: readonly string[]): UntypedRow {
  const columns = table.length === 0 ? starColumns(scope) : tableStarColumns(scope, table);
  return {
    kind: 'tuple',
    items: columns.map((column) => column.expr()),
    labels: columns.map((column) => column.name),
  };
}

export function bindConstant(node: AConst): Bound {
  if (node.lifted !== undefined) return liftedUntyped(node.lifted);
  if (node.isnull === true) return { kind: 'null' };
  if (node.boolval !== undefined) return constant(BOOL, node.boolval.boolval === true ? 1n : 0n);
  if (node.sval !== undefined) return { kind: 'string', text: node.sval.sval ?? '' };
  if (node.fval !== undefined) return { kind: 'number', text: node.fval.fval ?? '0' };
  if (node.bsval !== undefined) return bitConstant(node.bsval.bsval ?? '');
  return { kind: 'number', text: String(node.ival?.ival ?? 0) };
}

function bitConstant(text: string): Expr {
  if (text.startsWith('b')) return constant(VARBIT, text.slice(1));
  return constant(BYTES, Buffer.from(text.slice(1), 'hex'));
}

function bindCast(binder: Binder, node: TypeCast, scope: Scope): Bound {
  const type = resolveTypeName(node.typeName, binder.context.catalog);
  const bind = (item: PgNode): Bound => binder.bindExpr(item, scope);
  // ARRAY['Infinity', 1]:::DECIMAL[]: the elements are of the type that the array is annotated with.
  const wanted = node.annotation && wantedArrayOf(binder, node.arg, type, bind);
  if (wanted !== undefined && sameKind(wanted.type, type)) return castExpr(wanted, type);
  // ARRAY[]::INT[] and ARRAY[NULL]::INT[] have no element that would say its type.
  if ('A_ArrayExpr' in node.arg && type.element !== undefined) {
    const items = (node.arg.A_ArrayExpr.elements ?? []).map(bind);
    if (items.every((item) => item.kind === 'null')) return makeArray(binder, items, type.element);
  }
  return castBound(binder, bind(node.arg), type);
}

function bindBool(binder: Binder, node: BoolExpr, scope: Scope): Expr {
  const name = node.boolop.slice(0, node.boolop.indexOf('_'));
  const args = node.args.map((arg) => bindTyped(binder, arg, scope, BOOL, name));
  if (node.boolop === 'NOT_EXPR') return call(NOT, BOOL, args);
  return call(node.boolop === 'AND_EXPR' ? AND : OR, BOOL, args);
}

/** A row IS NULL when all of its fields are, IS NOT NULL when none is. */
function bindNullTest(binder: Binder, arg: Bound, isNull: boolean): Expr {
  const fn = isNull ? IS_NULL : IS_NOT_NULL;
  if (arg.kind === 'tuple')
    return call(
      AND,
      BOOL,
      arg.items.map((item) => bindNullTest(binder, item, isNull)),
    );
  return call(fn, BOOL, [settle(binder, arg)]);
}

const BOOLEAN_TESTS = {
  IS_TRUE: [1n, true],
  IS_NOT_TRUE: [1n, false],
  IS_FALSE: [0n, true],
  IS_NOT_FALSE: [0n, false],
} as const;

function bindBooleanTest(binder: Binder, node: BooleanTest, scope: Scope): Expr {
  const arg = bindTyped(binder, node.arg, scope, BOOL, 'IS');
  if (node.booltesttype === 'IS_UNKNOWN') return call(IS_NULL, BOOL, [arg]);
  if (node.booltesttype === 'IS_NOT_UNKNOWN') return call(IS_NOT_NULL, BOOL, [arg]);
  const [value, positive] = BOOLEAN_TESTS[node.booltesttype];
  const test = call(IS, BOOL, [arg, constant(BOOL, value)]);
  return positive ? test : call(NOT, BOOL, [test]);
}

function bindCase(binder: Binder, node: CaseExpr, outer: Scope): Expr {
  const scope = { ...outer, generators: undefined };
  const subject = node.arg === undefined ? undefined : binder.bindExpr(node.arg, scope);
  if (subject !== undefined) checkRepeatable(binder, subject, 'CASE');
  const whens = node.args.map((arm) => arm.CaseWhen);
  const conditions = whens.map((when) =>
    subject === undefined
      ? bindTyped(binder, when.expr, scope, BOOL, 'CASE/WHEN')
      : bindComparison(binder, '=', subject, binder.bindExpr(when.expr, scope)),
  );
  const results = whens.map((when) => binder.bindExpr(when.result, scope));
  results.push(
    node.defresult === undefined ? { kind: 'null' } : binder.bindExpr(node.defresult, scope),
  );
  const { type, exprs } = unify(binder, results, 'CASE');
  const args: Expr[] = [];
  for (const [i, condition] of conditions.entries()) {
    const result = exprs[i];
    if (result !== undefined) args.push(condition, result);
  }
  const otherwise = exprs[exprs.length - 1];
  if (otherwise !== undefined) args.push(otherwise);
  return call(CASE, type, args);
}

function bindExtreme(binder: Binder, op: 'IS_GREATEST' | 'IS_LEAST', args: readonly Bound[]): Expr {
  const { type, exprs } = unify(binder, args, op === 'IS_GREATEST' ? 'greatest' : 'least');
  return call(op === 'IS_GREATEST' ? GREATEST : LEAST, type, exprs.map(comparable));
}

/**
 * `ARRAY[…]` where an array is wanted: its constants are of the element type that is wanted, when they can be. Of an empty one nothing else
 * says its type.
 */
export function wantedArrayOf(
  binder: Binder,
  node: PgNode,
  wanted: SqlType,
  bind: (item: PgNode) => Bound,
): Expr | undefined {
  if (!('A_ArrayExpr' in node) || wanted.element === undefined) return undefined;
  const items = node.A_ArrayExpr.elements ?? [];
  if (items.length === 0) return call(MAKE_ARRAY, wanted, []);
  const { element } = wanted;
  const bounds = items.map(bind);
  const fits = bounds.every((bound) => !isUntyped(bound) || canBecome(bound, element));
  return makeArray(binder, bounds, fits ? element : undefined);
}

function makeArray(binder: Binder, items: readonly Bound[], element: SqlType | undefined): Expr {
  const { type, exprs } = unify(binder, items, 'ARRAY', element);
  if (type.family === 'unknown')
    throw new SqlError(
      'indeterminateDatatype',
      'cannot determine type of empty array. Consider casting to the desired type, for example ARRAY[]::int[]',
    );
  if (type.family === 'array') throw notSupported('arrays of arrays');
  return call(MAKE_ARRAY, arrayOf(type), exprs);
}

function bindIndirection(
  binder: Binder,
  node: { readonly arg: PgNode; readonly indirection: readonly PgNode[] },
  scope: Scope,
): Bound {
  let value = binder.bindExpr(node.arg, scope);
  for (const step of node.indirection) {
    if ('String' in step) value = fieldOf(binder, value, step.String.sval ?? '');
    else if ('A_Indices' in step) value = bindSubscript(binder, value, step.A_Indices, scope);
    else throw notSupported('this access to a part of a value');
  }
  return value;
}

function bindSubscript(binder: Binder, value: Bound, step: AIndices, scope: Scope): Expr {
  const base = settle(binder, value);
  const { is_slice: isSlice, uidx } = step;
  if (isSlice === true || uidx === undefined) throw notSupported('ARRAY slicing');
  if (base.type.element === undefined)
    throw new SqlError(
      'datatypeMismatch',
      `cannot subscript type ${messageTypeName(base.type)} because it is not an array`,
    );
  return call(SUBSCRIPT, base.type.element, [
    base,
    bindTyped(binder, uidx, scope, INT8, 'ARRAY subscript'),
  ]);
}

function bindValueFunction(binder: Binder, node: SQLValueFunction, scope: Scope): Bound {
  const called = valueFunction(node.op);
  if (called === undefined) throw notSupported(`${node.op.slice(6)}`);
  const precision: PgNode = { A_Const: { ival: { ival: node.typmod ?? 0 } } };
  return bindFunctionNamed(binder, called.name, called.hasPrecision ? [precision] : [], scope);
}
