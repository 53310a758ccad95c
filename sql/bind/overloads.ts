import { notSupported } from '../../base/errors';
import type { SqlType, TypeFamily } from '../../catalog/types/sql-type';
import {
  ANY,
  arrayOf,
  BOX2D,
  DECIMAL,
  STRING,
  sameKind,
  TYPE_ROWS,
  typeByOid,
} from '../../catalog/types/table';
import type { ArgSpec, FunctionRow, ReturnSpec } from '../builtins/function-row';
import { type Binder, knownType, settle } from './binder';
import type { Expr } from './expr';
import { type Bound, canBecome, isUntyped, naturalType } from './untyped';

/**
 * Picks the row of a function or operator that fits the arguments. Typed arguments must match; constants and
 * placeholders follow: first to the type that the typed arguments share, then to their natural types.
 */

/** The type that a constant takes in a parameter of the family. */
const PREFERRED_OIDS: Partial<Record<TypeFamily, number>> = { int: 20, float: 701, bit: 1562 };

const familyTypes = new Map<string, SqlType>();
for (const row of TYPE_ROWS) {
  const wanted = PREFERRED_OIDS[row.family];
  const type = typeByOid(row.oid);
  if (type === undefined || (wanted !== undefined && wanted !== row.oid)) continue;
  if (!familyTypes.has(row.family)) familyTypes.set(row.family, type);
}
familyTypes.set('string', STRING);
familyTypes.set('oid', typeByOid(26) ?? BOX2D);

/** The plain type of a family. */
export function familyType(family: ArgSpec): SqlType {
  if (family === 'strings') return STRINGS;
  return familyTypes.get(family) ?? ANY;
}

const STRINGS = arrayOf(STRING);

interface RowShape {
  readonly args: readonly ArgSpec[];
  readonly rest?: ArgSpec;
  readonly preferred?: boolean;
  /** Arrays of different element types are taken together. */
  readonly mixedArrays?: boolean;
}

function specAt(row: RowShape, index: number): ArgSpec | undefined {
  return row.args[index] ?? row.rest;
}

function takesCount(row: RowShape, count: number): boolean {
  return row.rest === undefined ? count === row.args.length : count >= row.args.length;
}

function accepts(spec: ArgSpec | undefined, type: SqlType): boolean {
  if (spec === undefined) return false;
  if (spec === 'any' || spec === 'element' || type.family === 'unknown') return true;
  if (spec === 'strings') return type.element?.family === 'string';
  return spec === type.family;
}

function couldAccept(spec: ArgSpec | undefined, bound: Bound): boolean {
  if (!isUntyped(bound)) return accepts(spec, bound.type);
  if (spec === undefined) return false;
  if (spec === 'any' || spec === 'element') return true;
  // A string constant is read as an array, an enum or a tuple only when a typed argument says which.
  if (spec === 'array' || spec === 'strings') return bound.kind !== 'number';
  return canBecome(bound, familyType(spec));
}

/** The type that stands for `element` in this call; undefined when the arguments disagree. */
export function elementType(
  binder: Binder,
  row: RowShape,
  args: readonly Bound[],
): SqlType | undefined {
  let found: SqlType | undefined;
  for (const [i, arg] of args.entries()) {
    const spec = specAt(row, i);
    if (spec !== 'element' && spec !== 'array') continue;
    const type = knownType(binder, arg);
    if (type === undefined || type.family === 'unknown') continue;
    const element = spec === 'array' ? type.element : type;
    if (element === undefined) return undefined;
    if (found !== undefined && !sameKind(found, element)) return undefined;
    found ??= element;
  }
  return found ?? naturalElement(args.filter((_, i) => specAt(row, i) === 'element'));
}

function naturalElement(args: readonly Bound[]): SqlType {
  let type: SqlType | undefined;
  for (const arg of args) {
    const natural = isUntyped(arg) ? naturalType(arg) : arg.type;
    if (natural === undefined || natural.family === 'unknown') continue;
    if (type === undefined || natural.family === 'decimal') type = natural;
  }
  return type ?? STRING;
}

function usesElements(row: RowShape): boolean {
  if (row.mixedArrays === true) return false;
  return row.args.includes('element') || row.args.includes('array') || row.rest === 'element';
}

/** A string constant may be an array beside one: alone it does not say of what. */
function namesArrays(binder: Binder, row: RowShape, args: readonly Bound[]): boolean {
  const arrays = args.filter((_, i) => specAt(row, i) === 'array');
  const known = arrays.some((arg) => knownType(binder, arg)?.family === 'array');
  return known || !arrays.some((arg) => arg.kind === 'string');
}

function fits(binder: Binder, row: RowShape, args: readonly Bound[]): boolean {
  if (!takesCount(row, args.length)) return false;
  for (const [i, arg] of args.entries()) {
    const spec = specAt(row, i);
    const type = knownType(binder, arg);
    if (type === undefined ? !couldAccept(spec, arg) : !accepts(spec, type)) return false;
  }
  if (!usesElements(row)) return true;
  const element = elementType(binder, row, args);
  if (element === undefined || !namesArrays(binder, row, args)) return false;
  // A number among texts; one with a fraction among integers is told so when it becomes one.
  const numeric = ['int', 'oid', 'float', 'decimal'].includes(element.family);
  return !args.some((arg, i) => specAt(row, i) === 'element' && arg.kind === 'number' && !numeric);
}

/** Keeps the rows that pass, or all of them when none does. */
function prefer<Row>(rows: readonly Row[], test: (row: Row) => boolean): readonly Row[] {
  if (rows.length < 2) return rows;
  const kept = rows.filter(test);
  return kept.length === 0 ? rows : kept;
}

function sharedType(binder: Binder, args: readonly Bound[]): SqlType | undefined {
  let shared: SqlType | undefined;
  for (const arg of args) {
    const type = knownType(binder, arg);
    if (type === undefined || type.family === 'unknown') continue;
    if (shared !== undefined && !sameKind(shared, type)) return undefined;
    shared = type;
  }
  return shared;
}

/** The rows that are left when nothing more can tell them apart, best first. */
export function matchingRows<Row extends RowShape>(
  binder: Binder,
  rows: readonly Row[],
  args: readonly Bound[],
): readonly Row[] {
  let left: readonly Row[] = rows.filter((row) => fits(binder, row, args));
  const free = args
    .map((arg, i) => [arg, i] as const)
    .filter(([arg]) => knownType(binder, arg) === undefined);
  if (free.length === 0) return prefer(left, (row) => !row.args.includes('any'));
  const shared = sharedType(binder, args);
  if (shared !== undefined)
    left = prefer(left, (row) => free.every(([, i]) => specAt(row, i) === shared.family));
  left = prefer(left, (row) => naturalFit(row, free));
  return prefer(left, (row) => row.preferred === true);
}

function naturalFit(row: RowShape, free: readonly (readonly [Bound, number])[]): boolean {
  const constants = free.filter(([arg]) => arg.kind === 'number' || arg.kind === 'string');
  const anyDecimal = constants.some(
    ([arg]) => isUntyped(arg) && naturalType(arg)?.family === 'decimal',
  );
  return constants.every(([arg, i]) => {
    const spec = specAt(row, i);
    if (spec === 'any' || spec === 'element') return true;
    if (arg.kind === 'number' && anyDecimal && constants.length > 1) return spec === DECIMAL.family;
    return isUntyped(arg) && spec === naturalType(arg)?.family;
  });
}

/** What the arrays of a call are: as one of them says, or its elements, or the constants in it. */
function arrayType(binder: Binder, row: RowShape, args: readonly Bound[]): SqlType | undefined {
  const arrays = args.filter((_, i) => specAt(row, i) === 'array');
  const [first] = arrays;
  if (first === undefined) return undefined;
  const known = arrays.map((arg) => knownType(binder, arg)).find((t) => t?.family === 'array');
  if (known !== undefined) return known;
  const typed = args.some((arg, i) => {
    const type = specAt(row, i) === 'element' ? knownType(binder, arg) : undefined;
    return type !== undefined && type.family !== 'unknown';
  });
  const element = typed ? elementType(binder, row, args) : undefined;
  if (element !== undefined) return arrayOf(element);
  const { type } = settle(binder, first);
  return type.family === 'array' ? type : arrayOf(elementType(binder, row, args) ?? STRING);
}

/** Types the arguments for a chosen row. */
export function settleArgs(binder: Binder, row: RowShape, args: readonly Bound[]): Expr[] {
  const array = usesElements(row) ? arrayType(binder, row, args) : undefined;
  const element =
    array?.element ?? (usesElements(row) ? elementType(binder, row, args) : undefined);
  return args.map((arg, i) => {
    const spec = specAt(row, i) ?? 'any';
    if (spec === 'any') return settle(binder, arg);
    if (spec === 'element') return settle(binder, arg, element);
    if (spec === 'array') return settle(binder, arg, array);
    const natural = isUntyped(arg) ? undefined : arg.type;
    return settle(binder, arg, natural ?? familyType(spec));
  });
}

export function returnType(spec: ReturnSpec, args: readonly SqlType[]): SqlType {
  return typeof spec === 'function' ? spec(args) : spec;
}

/** A call of a chosen row. */
export function makeCall(binder: Binder, fn: FunctionRow, args: readonly Bound[]): Expr {
  const typed = settleArgs(binder, fn, args);
  if (fn.writes === true) binder.facts.writes = true;
  if (fn.volatility === 'volatile') binder.facts.volatile = true;
  if (fn.signals === true) noteSignals(binder, fn);
  const type = returnType(
    fn.returns,
    typed.map((arg) => arg.type),
  );
  return { kind: 'call', type, fn, args: typed };
}

function noteSignals(binder: Binder, { name }: FunctionRow): void {
  if (binder.context.isClientsQuery !== true || binder.facts.changes !== undefined)
    throw notSupported(`${name}() in this statement`, 'Call it in a SELECT.');
  binder.facts.signals = true;
}
