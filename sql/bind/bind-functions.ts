import { notSupported, SqlError } from '../../base/errors';
import { BOOL, STRING } from '../../catalog/types/table';
import { pgTypeName } from '../../catalog/types/type-name';
import { contextFunction } from '../builtins/context-functions';
import { CASE, COALESCE } from '../builtins/control';
import { isKnownFunction } from '../builtins/inventory/inventory';
import { refusalReason } from '../builtins/inventory/refusals';
import { aggregateRows, functionRows, windowRows } from '../builtins/registry';
import { isSetReturning } from '../builtins/set-returning';
import type { FuncCall, PgNode } from '../parse/pg-tree';
import { bindAggregate } from './bind-aggregates';
import { returnsRecords } from './bind-json-records';
import { bindGenerator } from './bind-table-functions';
import { bindWindowCall, needsOver } from './bind-windows';
import { type Binder, describeBound, settle } from './binder';
import { call } from './calls';
import { bindCatalogFunction } from './catalog-functions';
import type { Expr } from './expr';
import { functionName, unknownFunction } from './function-name';
import { makeCall, matchingRows } from './overloads';
import { bindPrivilegeFunction } from './privilege-functions';
import type { Scope } from './scope';
import { bindSequenceArgument } from './sequences';
import { bindSetConfig } from './set-config';
import { unify } from './unify';
import { type Bound, constant, isUntyped, naturalType } from './untyped';

/** Function calls: special forms, aggregates, and rows of the builtin tables. */

/** Names that PostgreSQL's grammar gives to special syntax where CockroachDB has another. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['position', 'strpos'],
  ['character_length', 'char_length'],
]);

export function bindCall(binder: Binder, node: FuncCall, scope: Scope): Bound {
  const name = functionName(node);
  if (node.func_variadic === true) throw notSupported('VARIADIC arguments');
  if (node.over !== undefined) return bindWindowCall(binder, node, name, node.over, scope);
  if (windowRows(name).length > 0) throw needsOver(name);
  const aggregates = aggregateRows(name);
  if (aggregates.length > 0) return bindAggregate(binder, node, name, scope);
  if (node.agg_within_group === true)
    throw new SqlError(
      'wrongObjectType',
      `${name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`,
    );
  if (node.agg_distinct === true || node.agg_filter !== undefined || node.agg_star === true)
    throw new SqlError('wrongObjectType', `${name}() is not an aggregate function`);
  return bindFunctionNamed(binder, name, node.args ?? [], scope);
}

export function bindFunctionNamed(
  binder: Binder,
  name: string,
  nodes: readonly PgNode[],
  scope: Scope,
): Bound {
  if (returnsRecords(name))
    throw new SqlError(
      'syntaxError',
      'a column definition list is required for functions returning "record"',
    );
  if (isSetReturning(name)) return bindGenerator(binder, name, nodes, scope);
  const sequence = bindSequenceArgument(binder, name, nodes);
  const args = sequence ?? nodes.map((node) => bindArgument(binder, node, scope));
  const special = bindSpecial(binder, name, args);
  if (special !== undefined) return special;
  const rows = functionRows(ALIASES.get(name) ?? name);
  if (rows.length === 0) {
    if (isKnownFunction(name)) throw notSupported(`${name}()`, refusalReason(name));
    throw unknownFunction(name);
  }
  const row = matchingRows(binder, rows, args)[0];
  if (row !== undefined) return makeCall(binder, row, args);
  const types = args.map((arg) => describeBound(binder, arg)).join(', ');
  throw new SqlError('undefinedFunction', `unknown signature: ${name}(${types})`);
}

function bindArgument(binder: Binder, node: PgNode, scope: Scope): Bound {
  if ('NamedArgExpr' in node) throw notSupported('named arguments');
  return binder.bindExpr(node, scope);
}

/** `row_to_json((a, b))`: fields without names are f1, f2 … */
function rowToJson(binder: Binder, items: readonly Bound[]): Expr | undefined {
  const row = functionRows('json_build_object')[0];
  const args = items.flatMap((item, i): Bound[] => [{ kind: 'string', text: `f${i + 1}` }, item]);
  return row === undefined ? undefined : makeCall(binder, row, args);
}

/** Without arguments, and answered from the catalog all the same. */
const ASKS_CATALOG = new Set(['crdb_internal.is_admin', 'crdb_internal.cluster_id']);

/** Functions whose typing no row can say. */
function bindSpecial(binder: Binder, name: string, args: readonly Bound[]): Expr | undefined {
  const [first, second, third] = args;
  if (name === 'if' && first !== undefined && second !== undefined && third !== undefined) {
    const { type, exprs } = unify(binder, [second, third], 'IF');
    const [yes, no] = exprs;
    if (yes === undefined || no === undefined) return undefined;
    return call(CASE, type, [settle(binder, first, BOOL), yes, no]);
  }
  if (name === 'set_config') return bindSetConfig(binder, args);
  if (name === 'ifnull' && args.length === 2) {
    const { type, exprs } = unify(binder, args, 'IFNULL');
    return call(COALESCE, type, exprs);
  }
  if (name === 'pg_typeof' && first !== undefined && args.length === 1) {
    const natural = isUntyped(first) ? naturalType(first) : first.type;
    return constant(STRING, pgTypeName(natural ?? settle(binder, first).type));
  }
  if (name === 'row_to_json' && first?.kind === 'tuple' && args.length === 1)
    return rowToJson(binder, first.items);
  if (args.length === 0 && !ASKS_CATALOG.has(name)) return contextFunction(name);
  return bindPrivilegeFunction(binder, name, args) ?? bindCatalogFunction(binder, name, args);
}
