import { notSupported, SqlError } from '../../base/errors';
import { InvariantError } from '../../base/invariant';
import { BOOL, STRING } from '../../catalog/types/table';
import type { ComparisonOperator } from '../builtins/comparisons';
import { CASE, NOT, OR } from '../builtins/control';
import { functionRows, operatorRows } from '../builtins/registry';
import type { AExpr, PgNode } from '../parse/pg-tree';
import { type Binder, describeBound, settle } from './binder';
import { call } from './calls';
import { castBound } from './cast';
import { bindBetween, bindComparison, bindInList, checkRepeatable } from './compare';
import type { Expr } from './expr';
import { withPrefixRange } from './like-prefix';
import { makeCall, matchingRows } from './overloads';
import { names } from './pg-access';
import { bindRowSubquery } from './row-subquery';
import type { Scope } from './scope';
import { type Bound, isUntyped, nullOf } from './untyped';

/** Operators, and the predicates that PostgreSQL's grammar spells as operators. */

const COMPARISON_OPERATORS: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

export function comparisonOperator(name: readonly string[]): ComparisonOperator | undefined {
  return COMPARISON_OPERATORS.get(name[name.length - 1] ?? '');
}

const listItems = (node: PgNode | undefined): readonly PgNode[] =>
  node !== undefined && 'List' in node ? (node.List.items ?? []) : [];

export function bindAExpr(binder: Binder, node: AExpr, scope: Scope): Bound {
  const name = names(node.name).at(-1) ?? '';
  const bind = (child: PgNode | undefined): Bound => {
    if (child === undefined) throw notSupported(`operator ${name} without an operand`);
    return binder.bindExpr(child, scope);
  };
  const list = (): Bound[] => listItems(node.rexpr).map(bind);
  switch (node.kind) {
    case 'AEXPR_OP':
      if (node.lexpr === undefined) return bindPrefix(binder, name, bind(node.rexpr));
      return bindInfix(binder, name, ...bindSides(binder, node, scope, bind));
    case 'AEXPR_IN':
      return negateIf(name === '<>', bindInList(binder, bind(node.lexpr), list()));
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
    case 'AEXPR_NOT_BETWEEN_SYM':
      return bindBetweenForms(binder, node.kind, bind(node.lexpr), list());
    case 'AEXPR_DISTINCT':
      return bindComparison(binder, 'IS NOT', bind(node.lexpr), bind(node.rexpr));
    case 'AEXPR_NOT_DISTINCT':
      return bindComparison(binder, 'IS', bind(node.lexpr), bind(node.rexpr));
    case 'AEXPR_NULLIF':
      return bindNullIf(binder, bind(node.lexpr), bind(node.rexpr));
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
      return bindLike(binder, name, bind(node.lexpr), node.rexpr, scope);
    case 'AEXPR_SIMILAR':
      return bindSimilar(binder, name, bind(node.lexpr), node.rexpr, scope);
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL':
      throw new InvariantError('ANY and ALL are bound in bind-any-all.ts');
  }
}

/** Beside a row a subquery may give several columns. */
function bindSides(
  binder: Binder,
  { name, lexpr, rexpr }: AExpr,
  scope: Scope,
  bind: (node: PgNode | undefined) => Bound,
): readonly [Bound, Bound] {
  const compares = comparisonOperator(names(name)) !== undefined;
  const side = (node: PgNode | undefined): Bound | undefined =>
    compares && node !== undefined && 'SubLink' in node
      ? bindRowSubquery(binder, node.SubLink, scope)
      : undefined;
  return [side(lexpr) ?? bind(lexpr), side(rexpr) ?? bind(rexpr)];
}

function negateIf(negative: boolean, expr: Expr): Expr {
  return negative ? call(NOT, BOOL, [expr]) : expr;
}

function bindBetweenForms(
  binder: Binder,
  kind: AExpr['kind'],
  value: Bound,
  [low, high]: readonly Bound[],
): Expr {
  if (low === undefined || high === undefined) throw notSupported('this BETWEEN');
  const plain = bindBetween(binder, value, low, high);
  const symmetric = kind.endsWith('_SYM');
  const test = symmetric ? call(OR, BOOL, [plain, bindBetween(binder, value, high, low)]) : plain;
  return negateIf(kind.includes('NOT'), test);
}

function bindNullIf(binder: Binder, left: Bound, right: Bound): Expr {
  checkRepeatable(binder, left, 'NULLIF');
  const equal = bindComparison(binder, '=', left, right);
  const value = settle(binder, left, isUntyped(right) ? undefined : right.type);
  return call(CASE, value.type, [equal, nullOf(value.type), value]);
}

/** Operators that are functions by another name. */
const PREFIX_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['|/', 'sqrt'],
  ['||/', 'cbrt'],
]);

export function bindPrefix(binder: Binder, name: string, arg: Bound): Bound {
  if (arg.kind === 'number' && name === '-') return { kind: 'number', text: negated(arg.text) };
  if (arg.kind === 'number' && name === '+') return arg;
  const rows = functionRows(PREFIX_FUNCTIONS.get(name) ?? '');
  const row = matchingRows(binder, rows.length > 0 ? rows : operatorRows(name, 1), [arg])[0];
  if (row !== undefined) return makeCall(binder, row, [arg]);
  throw new SqlError(
    'invalidParameterValue',
    `unsupported unary operator: ${name} <${describeBound(binder, arg)}>`,
  );
}

const negated = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`);

/** Operators that PostgreSQL's grammar knows by another name. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['~~', 'like'],
  ['~~*', 'ilike'],
]);

const rowName = (name: string): string => SPELLINGS.get(name) ?? name;

export function bindInfix(binder: Binder, name: string, left: Bound, right: Bound): Expr {
  const comparison = COMPARISON_OPERATORS.get(name);
  if (comparison !== undefined) return bindComparison(binder, comparison, left, right);
  if (name.startsWith('!') && operatorRows(rowName(name.slice(1)), 2).length > 0)
    return call(NOT, BOOL, [bindInfix(binder, name.slice(1), left, right)]);
  const args = name === '||' ? concatenated(binder, left, right) : [left, right];
  const row = matchingRows(binder, operatorRows(rowName(name), 2), args)[0];
  // Constants of two kinds have nothing to go by: neither follows the other's type.
  const [a = left, b = right] = args;
  const mixed = isMixed(a, b) || isMixed(b, a);
  if (row !== undefined && !mixed) return makeCall(binder, row, args);
  const sides = `<${describeBound(binder, left)}> ${name} <${describeBound(binder, right)}>`;
  throw new SqlError('invalidParameterValue', `unsupported binary operator: ${sides}`);
}

/** Families whose own `||` takes a constant beside them. */
const CONCATENATES: ReadonlySet<string> = new Set([
  'string',
  'collatedstring',
  'bytes',
  'bit',
  'array',
  'json',
  'tuple',
  'unknown',
]);

/** A string beside a value of another type: the value is taken as it prints. */
function concatenated(binder: Binder, left: Bound, right: Bound): Bound[] {
  return [beside(binder, left, right), beside(binder, right, left)];
}

function beside(binder: Binder, value: Bound, other: Bound): Bound {
  const isString = other.kind === 'string' || (!isUntyped(other) && other.type.family === 'string');
  if (!isString) return value;
  if (isUntyped(value)) return value.kind === 'number' ? castBound(binder, value, STRING) : value;
  const prints =
    !CONCATENATES.has(value.type.family) ||
    (value.type.family === 'json' && other.kind !== 'string');
  return prints ? castBound(binder, value, STRING) : value;
}

const isMixed = (a: Bound, b: Bound): boolean => a.kind === 'number' && b.kind === 'string';

/** `like_escape(pattern, escape)` is how PostgreSQL's grammar spells ESCAPE. */
function patternArgs(
  binder: Binder,
  node: PgNode | undefined,
  scope: Scope,
): { readonly pattern: Bound; readonly escaped: Bound | undefined } {
  if (node === undefined) throw notSupported('this pattern');
  if ('FuncCall' in node) {
    const name = names(node.FuncCall.funcname).at(-1);
    if (name === 'like_escape' || name === 'similar_to_escape') {
      const [pattern, escapeNode] = node.FuncCall.args ?? [];
      if (pattern !== undefined)
        return {
          pattern: binder.bindExpr(pattern, scope),
          escaped: escapeNode === undefined ? undefined : binder.bindExpr(escapeNode, scope),
        };
    }
  }
  return { pattern: binder.bindExpr(node, scope), escaped: undefined };
}

function bindPattern(
  binder: Binder,
  operator: string,
  negative: boolean,
  left: Bound,
  node: PgNode | undefined,
  scope: Scope,
): Expr {
  const { pattern, escaped } = patternArgs(binder, node, scope);
  const args = escaped === undefined ? [left, pattern] : [left, pattern, escaped];
  const row = matchingRows(binder, operatorRows(operator, args.length), args)[0];
  if (row !== undefined) {
    const test = makeCall(binder, row, args);
    return negative ? call(NOT, BOOL, [test]) : withPrefixRange(test);
  }
  const sides = `<${describeBound(binder, left)}> ${operator.toUpperCase()} <${describeBound(binder, pattern)}>`;
  throw new SqlError('invalidParameterValue', `unsupported comparison operator: ${sides}`);
}

function bindLike(
  binder: Binder,
  name: string,
  left: Bound,
  node: PgNode | undefined,
  scope: Scope,
): Expr {
  const operator = name.endsWith('*') ? 'ilike' : 'like';
  return bindPattern(binder, operator, name.startsWith('!'), left, node, scope);
}

function bindSimilar(
  binder: Binder,
  name: string,
  left: Bound,
  node: PgNode | undefined,
  scope: Scope,
): Expr {
  return bindPattern(binder, 'similar to', name.startsWith('!'), left, node, scope);
}
