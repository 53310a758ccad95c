import { SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { quoteQualified } from '../../catalog/identifiers';
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
import type { FunctionRow } from '../builtins/function-row';
import {
  FUNCTION_KEY,
  NAME_KEY,
  NO_FUNCTION,
  NO_NAMESPACE,
  NO_RELATION,
  NO_ROLE,
  NO_TYPE,
} from '../builtins/pg-catalog';
import { functionRows } from '../builtins/registry';
import { type Binder, knownType, newAlias, settle } from './binder';
import { call } from './calls';
import type { Expr, Query } from './expr';
import { outputColumn, outputName } from './expr';
import { splitQualifiedName } from './qualified-names';
import { selectOf } from './select-of';
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
  const column = (index: number, of: SqlType): Expr =>
    outputColumn(source, { name: outputName(index), type: of }, index);
  const tests = keys.map((key, i) => call(COMPARISONS['='], BOOL, [column(i, key.type), key]));
  const query = selectOf([column(keys.length, type)], {
    outputs: [{ name, type, tableId: 0, columnId: 0 }],
    from: [{ kind: 'named', source, name: sqliteName }],
    where: call(AND, BOOL, tests),
    limit: constant(INT8, 1n),
  });
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
  if (name === 'pg_get_serial_sequence' && first !== undefined && second !== undefined)
    return serialSequence(binder, first, second);
  if (name.startsWith('to_reg') && first !== undefined && args.length === 1)
    return toRegistered(binder, name, first);
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

/** `pg_get_serial_sequence('t', 'c')`: the sequence that the column's default draws from. Constants only. */
function serialSequence(binder: Binder, table: Bound, column: Bound): Expr | undefined {
  if (table.kind === 'null' || column.kind === 'null') return nullOf(STRING);
  if (table.kind !== 'string' || column.kind !== 'string') return undefined;
  const { catalog } = binder.context;
  const relation = catalog.resolveRelation(splitQualifiedName(table.text));
  if (relation === undefined)
    throw new SqlError('undefinedTable', `relation "${table.text}" does not exist`);
  const found = relation.columns.find((candidate) => candidate.name === column.text);
  if (found === undefined)
    throw new SqlError('undefinedColumn', `column "${column.text}" does not exist`);
  const call = /^nextval\((?:(\d+)|'((?:[^']|'')+)')::/.exec(found.defaultExpr ?? '');
  if (call === null) return nullOf(STRING);
  const [, id, name] = call;
  const sequence =
    id === undefined
      ? catalog.resolveRelation(splitQualifiedName((name ?? '').replaceAll("''", "'")))
      : catalog.relationById(Number(id));
  if (sequence === undefined) return nullOf(STRING);
  return constant(STRING, quoteQualified([sequence.schemaName, sequence.name]));
}

const TO_REGISTERED: { readonly [name: string]: SqlType } = {
  to_regnamespace: REGNAMESPACE,
  to_regproc: REGPROC,
  to_regprocedure: REGPROCEDURE,
  to_regrole: REGROLE,
  to_regtype: REGTYPE,
};

/** As the cast of a constant, with NULL for what is not there. */
function toRegistered(binder: Binder, name: string, arg: Bound): Expr | undefined {
  const type = TO_REGISTERED[name];
  if (type === undefined) return undefined;
  if (arg.kind === 'null') return nullOf(type);
  if (arg.kind !== 'string') return undefined;
  if (/^\d+$/.test(arg.text)) return nullOf(type);
  return findByName(binder, constant(STRING, arg.text), type)?.found;
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
  return regFromText(binder, constant(STRING, text), target);
}

interface ByName {
  readonly lookup: LookupName;
  /** Makes the look-up's key of a text. */
  readonly key: FunctionRow;
  /** What a text that names nothing gives: an error. */
  readonly absent: FunctionRow;
}

const BY_NAME: ReadonlyMap<number, ByName> = new Map([
  [REGCLASS.oid, { lookup: 'relationsByName', key: NAME_KEY, absent: NO_RELATION }],
  [REGTYPE.oid, { lookup: 'typesByName', key: NAME_KEY, absent: NO_TYPE }],
  [REGNAMESPACE.oid, { lookup: 'namespacesByName', key: NAME_KEY, absent: NO_NAMESPACE }],
  [REGROLE.oid, { lookup: 'rolesByName', key: NAME_KEY, absent: NO_ROLE }],
  [REGPROC.oid, { lookup: 'functionsByName', key: FUNCTION_KEY, absent: NO_FUNCTION }],
  [REGPROCEDURE.oid, { lookup: 'functionsByName', key: FUNCTION_KEY, absent: NO_FUNCTION }],
]);

function findByName(
  binder: Binder,
  text: Expr,
  target: SqlType,
): { readonly found: Expr; readonly absent: FunctionRow } | undefined {
  const entry = BY_NAME.get(target.oid);
  if (entry === undefined || binder.context.lookupTable === undefined) return undefined;
  const key = call(entry.key, STRING, [text]);
  return { found: lookUp(binder, entry.lookup, [key], target), absent: entry.absent };
}

/** A text as REGCLASS, REGTYPE …: looked up for each row. */
export function regFromText(binder: Binder, text: Expr, target: SqlType): Expr | undefined {
  if (text.type.family !== 'string') return undefined;
  const named = findByName(binder, text, target);
  if (named === undefined) return undefined;
  return call(COALESCE, target, [named.found, call(named.absent, target, [text])]);
}

/**
 * Outputs of REGCLASS and the like are sent as names, whatever they come from; those of a table's columns are kept as
 * numbers and sent as such, as in CockroachDB.
 */
export function withRegNames(binder: Binder, query: Query): Query {
  const plain = query.kind === 'select' && !query.distinct && query.distinctOn.length === 0;
  if (!plain) return query.outputs.some(({ type }) => isReg(type)) ? named(binder, query) : query;
  const shown = query.exprs.map((expr) =>
    !isReg(expr.type) || (expr.kind === 'column' && expr.tableId !== 0)
      ? undefined
      : regName(binder, expr),
  );
  if (shown.every((expr) => expr === undefined)) return query;
  return {
    ...query,
    exprs: query.exprs.map((expr, i) => shown[i] ?? expr),
    outputs: query.outputs.map((output, i) =>
      shown[i] === undefined ? output : { ...output, type: { ...output.type, family: 'string' } },
    ),
  };
}

const isReg = (type: SqlType): boolean => type.family === 'oid' && type.oid !== OID.oid;

/** The names of the rows of a query that compares them as numbers. */
function named(binder: Binder, query: Query): Query {
  const source = newAlias(binder);
  const exprs = query.outputs.map((output, i): Expr => {
    const { type, name, tableId, columnId } = output;
    const column = outputName(i);
    return { kind: 'column', type, source, column, name, tableId, columnId };
  });
  const { outputs } = query;
  const from = [{ kind: 'subquery' as const, source, query }];
  return withRegNames(binder, selectOf(exprs, { outputs, from }));
}
