import { SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import type { SqlType } from '../../catalog/types/sql-type';
import {
  BOOL,
  INT8,
  OID,
  REGCLASS,
  REGNAMESPACE,
  REGPROC,
  REGPROCEDURE,
  REGROLE,
  REGTYPE,
  STRING,
  typeBySqlName,
} from '../../catalog/types/table';
import { castRow } from '../builtins/casts';
import { type LookupFunction, type LookupName, lookupFunctions } from '../builtins/catalog-lookups';
import { COMPARISONS } from '../builtins/comparisons';
import { AND, COALESCE } from '../builtins/control';
import { NAME_KEY, NO_RELATION, NO_TYPE } from '../builtins/pg-catalog';
import { functionRows } from '../builtins/registry';
import { type Binder, knownType, newAlias, settle } from './binder';
import { call } from './calls';
import type { Expr, Query } from './expr';
import { outputName } from './expr';
import { splitQualifiedName } from './qualified-names';
import { type Bound, canBecome, constant, isUntyped, nullOf } from './untyped';

/** Functions and casts that answer from the catalog. */

/** The row of a look-up table whose first columns equal the keys; NULL when there is none. */
export function lookUp(
  binder: Binder,
  name: LookupName,
  keys: readonly Expr[],
  type: SqlType,
): Expr {
  const sqliteName = `l_${name}`;
  const { materialized } = binder.facts;
  if (!materialized.has(sqliteName))
    materialized.set(sqliteName, defined(binder.context.lookupTable, 'look-up tables')(name));
  const source = newAlias(binder);
  const column = (index: number, of: SqlType): Expr => ({
    kind: 'column',
    type: of,
    source,
    column: outputName(index),
    name: outputName(index),
    tableId: 0,
    columnId: 0,
  });
  const tests = keys.map((key, i) => call(COMPARISONS['='], BOOL, [column(i, key.type), key]));
  const query: Query = {
    kind: 'select',
    outputs: [{ name, type, tableId: 0, columnId: 0 }],
    ctes: [],
    orderBy: [],
    limit: constant(INT8, 1n),
    offset: undefined,
    exprs: [column(keys.length, type)],
    from: [{ kind: 'named', source, name: sqliteName }],
    where: call(AND, BOOL, tests),
    groupBy: [],
    having: undefined,
    grouped: false,
    distinct: false,
    distinctOn: [],
  };
  return { kind: 'subquery', type, form: 'scalar', left: undefined, query };
}

const KEY_TYPES = { oid: OID, int: INT8, string: STRING } as const;

function takes(binder: Binder, fn: LookupFunction, args: readonly Bound[]): boolean {
  const required = fn.keyArgs.length;
  if (args.length < required || args.length > required + fn.ignoredArgs) return false;
  return fn.keyArgs.every((kind, i) => {
    const arg = args[i];
    if (arg === undefined) return false;
    const family = knownType(binder, arg)?.family;
    if (family === undefined) return isUntyped(arg) && canBecome(arg, KEY_TYPES[kind]);
    if (family === 'unknown') return true;
    return family === kind || (kind === 'oid' && family === 'int');
  });
}

/** A call that the catalog answers; undefined when `name` is none. */
export function bindCatalogFunction(
  binder: Binder,
  name: string,
  args: readonly Bound[],
): Expr | undefined {
  if (binder.context.lookupTable === undefined) return undefined;
  const [first, second] = args;
  if (name === 'to_regclass' && first !== undefined && args.length === 1)
    return toRegclass(binder, first);
  if (name === 'format_type' && first !== undefined && second !== undefined)
    return formatType(binder, settle(binder, first, OID), settle(binder, second, INT8));
  const fn = lookupFunctions.find((row) => row.name === name && takes(binder, row, args));
  if (fn === undefined) return undefined;
  const keys = fn.keyArgs.map((kind, i) =>
    settle(binder, args[i] ?? { kind: 'null' }, KEY_TYPES[kind]),
  );
  for (const value of fn.keyTail ?? []) keys.push(constant(INT8, value));
  return lookUp(binder, fn.lookup, keys, fn.returns);
}

/** Constants only: names in columns would have to be looked up row by row. */
function toRegclass(binder: Binder, arg: Bound): Expr | undefined {
  if (arg.kind === 'null') return nullOf(REGCLASS);
  const text = arg.kind === 'string' ? arg.text : undefined;
  if (text === undefined) return undefined;
  const table = binder.context.catalog.resolveRelation(splitQualifiedName(text));
  return table === undefined ? nullOf(REGCLASS) : constant(REGCLASS, BigInt(table.id));
}

/** User-defined types by the catalog, all others by the type table. */
function formatType(binder: Binder, oid: Expr, modifier: Expr): Expr | undefined {
  const [row] = functionRows('format_type');
  if (row === undefined) return undefined;
  const user = lookUp(binder, 'userTypeNames', [oid], STRING);
  return call(COALESCE, STRING, [user, call(row, STRING, [oid, modifier])]);
}

const REG_LOOKUPS: ReadonlyMap<number, LookupName> = new Map([
  [REGCLASS.oid, 'relationNames'],
  [REGNAMESPACE.oid, 'namespaceNames'],
  [REGROLE.oid, 'roleNames'],
  [REGPROC.oid, 'functionNames'],
  [REGPROCEDURE.oid, 'functionNames'],
]);

/** The name that a REGCLASS, REGTYPE … stands for, its number when nothing has it; undefined for other types. */
export function regName(binder: Binder, expr: Expr): Expr | undefined {
  if (binder.context.lookupTable === undefined || expr.type.family !== 'oid') return undefined;
  const numberRow = castRow(OID, STRING);
  if (numberRow === undefined) return undefined;
  const number = call(numberRow, STRING, [expr]);
  if (expr.type.oid === REGTYPE.oid)
    return formatType(binder, expr, constant(INT8, null)) ?? number;
  const lookup = REG_LOOKUPS.get(expr.type.oid);
  if (lookup === undefined) return undefined;
  return call(COALESCE, STRING, [lookUp(binder, lookup, [expr], STRING), number]);
}

/** `'bigint'::REGTYPE`; undefined when it is read as any OID is. */
export function regConstant(binder: Binder, text: string, target: SqlType): Expr | undefined {
  if (/^\d+$/.test(text)) return undefined;
  if (target.oid === REGTYPE.oid) {
    const name = text.trim().toLowerCase();
    const type =
      typeBySqlName(name) ?? binder.context.catalog.resolveType(splitQualifiedName(text));
    if (type === undefined) throw new SqlError('undefinedObject', `type "${text}" does not exist`);
    return constant(target, BigInt(type.oid));
  }
  return undefined;
}

/** A text that is no constant as REGCLASS or REGTYPE: looked up for each row. */
export function regFromText(binder: Binder, text: Expr, target: SqlType): Expr | undefined {
  if (binder.context.lookupTable === undefined || text.type.family !== 'string') return undefined;
  const isType = target.oid === REGTYPE.oid;
  if (!isType && target.oid !== REGCLASS.oid) return undefined;
  const key = call(NAME_KEY, STRING, [text]);
  const found = lookUp(binder, isType ? 'typesByName' : 'relationsByName', [key], target);
  return call(COALESCE, target, [found, call(isType ? NO_TYPE : NO_RELATION, target, [text])]);
}

/**
 * Outputs that are casts to REGCLASS and the like are sent as names. Values in columns of such a type are numbers, as
 * in CockroachDB.
 */
export function withRegNames(binder: Binder, query: Query): Query {
  if (query.kind !== 'select' || query.distinct || query.distinctOn.length > 0) return query;
  const named = query.exprs.map((expr) =>
    expr.kind === 'column' || expr.type.oid === OID.oid ? undefined : regName(binder, expr),
  );
  if (named.every((expr) => expr === undefined)) return query;
  return {
    ...query,
    exprs: query.exprs.map((expr, i) => named[i] ?? expr),
    outputs: query.outputs.map((output, i) =>
      named[i] === undefined ? output : { ...output, type: { ...output.type, family: 'string' } },
    ),
  };
}
