import { notSupported, SqlError } from '../../base/errors';
import { arrayElements, arrayToRepr } from '../../catalog/types/array';
import { floatFromRepr, floatToRepr, toFloat4 } from '../../catalog/types/float';
import { DAY_MICROS } from '../../catalog/types/interval';
import type { Repr, SqlType, TypeFamily } from '../../catalog/types/sql-type';
import { OID, sameKind } from '../../catalog/types/table';
import { timetzFromRepr, timetzToRepr } from '../../catalog/types/timetz';
import { messageTypeName } from '../../catalog/types/type-name';
import { bitCasts } from './bit-casts';
import type { CastEntry } from './cast-entry';
import { dateTimeCasts } from './datetime-casts';
import { decFromRepr, decToRepr, digitCount, quantize, toInteger, toNumber } from './decimal-math';
import type { FunctionRow, Udf } from './function-row';
import { geoCasts } from './geo-casts';
import { checkInt8, integerOutOfRange } from './integer';
import { intervalLimit } from './interval-limit';
import { jsonCasts } from './json-casts';
import { compileParser } from './parse-text';
import {
  castTextEncoder,
  decimalFromText,
  inputStyles,
  TEXT_CONTEXT,
  textSettings,
  withSettings,
} from './repr';
import { factory } from './rows';

/** Casts as rows: one for each pair of families, made for the exact types of the call. */

const int8 = (value: bigint | undefined): bigint => {
  if (value === undefined) throw integerOutOfRange();
  return checkInt8(value);
};

/** v21.2 cuts the fraction off; rounding came with v24.1. */
function truncateToInt(value: number): bigint {
  if (!(value > -(2 ** 63) && value < 2 ** 63)) throw integerOutOfRange();
  return BigInt(Math.trunc(value));
}

const identity = (value: Repr): Repr => value;
const isTrue = (value: Repr): bigint => (Number(value) === 0 ? 0n : 1n);

const plainCasts: readonly CastEntry[] = [
  { from: 'int', to: 'decimal', make: () => (v: bigint) => decimalFromText(String(v)) },
  { from: 'int', to: 'float', make: () => (v: bigint) => floatToRepr(Number(v)) },
  { from: 'int', to: 'bool', make: () => isTrue },
  { from: 'int', to: 'oid', make: () => identity },
  { from: 'oid', to: 'int', make: () => identity },
  { from: 'bool', to: 'int', make: () => identity },
  { from: 'bool', to: 'decimal', make: () => (v: bigint) => decimalFromText(String(v)) },
  { from: 'bool', to: 'float', make: () => (v: bigint) => floatToRepr(Number(v)) },
  { from: 'decimal', to: 'int', make: () => (v: string) => int8(toInteger(decFromRepr(v))) },
  {
    from: 'decimal',
    to: 'float',
    make: () => (v: string) => floatToRepr(toNumber(decFromRepr(v))),
  },
  { from: 'decimal', to: 'bool', make: () => (v: string) => (v.startsWith('N') ? 0n : 1n) },
  { from: 'float', to: 'int', make: () => (v: Repr) => truncateToInt(floatFromRepr(v)) },
  { from: 'float', to: 'bool', make: () => (v: Repr) => (floatFromRepr(v) === 0 ? 0n : 1n) },
  {
    from: 'float',
    to: 'decimal',
    make: () => (v: Repr) => decimalFromText(String(floatFromRepr(v))),
  },
  { from: 'string', to: 'bytes', make: () => (v: string) => Buffer.from(v, 'utf8') },
  { from: 'bytes', to: 'uuid', make: () => uuidFromBytes },
  { from: 'uuid', to: 'bytes', make: () => identity },
];

function uuidFromBytes(value: Uint8Array): Uint8Array {
  if (value.length === 16) return value;
  throw new SqlError('invalidTextRepresentation', 'uuid: incorrect UUID length');
}

function toText(from: SqlType): Udf {
  const encoder = withSettings((values) => castTextEncoder(from, values));
  return (value: Repr, ...context: Repr[]) => encoder(...context)(value);
}

const EPOCH_MICROS = 946_684_800_000_000n;

function fromText(to: SqlType): Udf {
  let began = 0n;
  const now = (): bigint => began + EPOCH_MICROS;
  const parser = withSettings((values) =>
    compileParser(to, textSettings(values).timeZone, now, inputStyles(values)),
  );
  return (value: string, ...context: Repr[]) => {
    began = (context[1] ?? 0n) as bigint;
    return parser(...context)(value);
  };
}

const entries = new Map<string, CastEntry>();
for (const entry of [...plainCasts, ...dateTimeCasts, ...jsonCasts, ...bitCasts, ...geoCasts])
  entries.set(`${entry.from} ${entry.to}`, entry);

const NO_TEXT_INPUT = new Set<TypeFamily>(['tuple', 'void', 'any', 'unknown']);

function entryFor(from: SqlType, to: SqlType): CastEntry | undefined {
  const known = entries.get(`${from.family} ${to.family}`);
  if (known !== undefined) return known;
  if (to.family === 'string' && from.family === 'oid' && from.oid !== OID.oid && from.oid !== 0)
    throw notSupported(`casting ${messageTypeName(from)} to text`);
  if (from.family === 'array' && to.family === 'array') return ARRAY_CAST;
  if (to.family === 'string')
    return { from: from.family, to: 'string', make: (type) => toText(type), context: TEXT_CONTEXT };
  if (from.family === 'string' && !NO_TEXT_INPUT.has(to.family))
    return {
      from: 'string',
      to: to.family,
      make: (_, type) => fromText(type),
      context: TEXT_CONTEXT,
    };
  return undefined;
}

/** Every context that an element's cast may ask for is a beginning of this one. */
const ARRAY_CAST: CastEntry = {
  from: 'array',
  to: 'array',
  make: castElements,
  context: TEXT_CONTEXT,
};

/** Element by element. */
function castElements(from: SqlType, to: SqlType): Udf {
  const [source, target] = [from.element, to.element];
  if (source === undefined || target === undefined) throw notSupported('this cast of an array');
  const convert = sameKind(source, target) ? identity : conversion(source, target);
  const limit = compileAdjust(target) ?? identity;
  return (value: Uint8Array, ...context: Repr[]) =>
    arrayToRepr(
      to,
      arrayElements(from, value).map((item) =>
        item === null ? null : limit(convert(item, ...context)),
      ),
    );
}

function conversion(from: SqlType, to: SqlType): (...values: Repr[]) => Repr {
  const entry = entryFor(from, to);
  if (entry !== undefined) return entry.make(from, to) as (...values: Repr[]) => Repr;
  throw new SqlError(
    'cannotCoerce',
    `invalid cast: ${messageTypeName(from)}[] -> ${messageTypeName(to)}[]`,
  );
}

/** True when there is a cast, of the elements too. */
function canCast(from: SqlType, to: SqlType): boolean {
  if (from.element === undefined || to.element === undefined)
    return entryFor(from, to) !== undefined;
  return sameKind(from.element, to.element) || canCast(from.element, to.element);
}

const rows = new Map<string, FunctionRow>();

function cached(key: string, make: () => FunctionRow): FunctionRow {
  let row = rows.get(key);
  if (row === undefined) {
    row = make();
    rows.set(key, row);
  }
  return row;
}

/** The row that turns one type into another and applies its width; undefined when there is no such cast. */
export function castRow(from: SqlType, to: SqlType): FunctionRow | undefined {
  const entry = entryFor(from, to);
  if (entry === undefined || !canCast(from, to)) return undefined;
  return cached(`${from.family} ${to.family}`, () => castRowOf(entry));
}

function castRowOf(entry: CastEntry): FunctionRow {
  const make = (args: readonly SqlType[], returns: SqlType): Udf => {
    const [from] = args;
    if (from === undefined) throw notSupported('a cast of nothing');
    const convert = entry.make(from, returns) as (...values: Repr[]) => Repr;
    const limit = compileAdjust(returns);
    if (limit === undefined) return convert;
    return (...values: Repr[]) => limit(convert(...values));
  };
  const options = entry.context === undefined ? {} : { context: entry.context };
  return factory(`cast to ${entry.to}`, [entry.from], (args) => args[0] as SqlType, make, options);
}

/** The row that applies the target's width, precision or scale; undefined when it has none. */
export function adjustRow(to: SqlType): FunctionRow | undefined {
  return compileAdjust(to) === undefined ? undefined : adjustRowOf(to.family);
}

export function adjustRowOf(family: TypeFamily): FunctionRow {
  return cached(`adjust ${family}`, () =>
    factory(
      `adjust ${family}`,
      [family],
      (args) => args[0] as SqlType,
      (_, returns) => compileAdjust(returns) ?? identity,
    ),
  );
}

/** Every cast row by its id, for a thread that registers them: rows are made again from their families. */
export function castRowById(from: TypeFamily, to: TypeFamily): FunctionRow | undefined {
  const type = (family: TypeFamily): SqlType => ({
    family,
    oid: 0,
    width: 0,
    precision: 0,
    precisionIsSet: false,
  });
  return castRow(type(from), type(to));
}

export type Adjust = (value: Repr) => Repr;

const QCHAR_OID = 18;

/** What a cast does to a value of the target's family: cuts texts, rounds numbers and times; undefined when nothing. */
export function compileAdjust(to: SqlType): Adjust | undefined {
  switch (to.family) {
    case 'int':
      return to.width === 64 || to.width === 0 ? undefined : intWidth(to.width);
    case 'decimal':
      return to.precision === 0 ? undefined : (value) => limitDecimal(value as string, to);
    case 'string':
      if (to.oid === QCHAR_OID) return (value) => truncate(value as string, 1);
      return to.width === 0 ? undefined : (value) => truncate(value as string, to.width);
    case 'float':
      return to.width === 32 ? (value) => floatToRepr(toFloat4(floatFromRepr(value))) : undefined;
    case 'bit':
      return to.width === 0 ? undefined : bitWidth(to);
    case 'interval':
      return intervalLimit(to);
    case 'timetz':
      return to.precisionIsSet && to.precision < 6 ? roundTimetz(to.precision) : undefined;
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return to.precisionIsSet && to.precision < 6
        ? roundMicros(to.precision, to.family)
        : undefined;
    default:
      return undefined;
  }
}

function intWidth(bits: number): Adjust {
  const max = 1n << BigInt(bits - 1);
  return (value) => {
    const number = value as bigint;
    if (number >= -max && number < max) return number;
    throw new SqlError('numericValueOutOfRange', `integer out of range for type int${bits / 8}`);
  };
}

function truncate(text: string, width: number): string {
  if (text.length <= width) return text;
  return Array.from(text).slice(0, width).join('');
}

function bitWidth(to: SqlType): Adjust {
  const fixed = to.oid === 1560;
  return (value) => {
    const bits = String(value).slice(0, to.width);
    return fixed ? bits.padEnd(to.width, '0') : bits;
  };
}

function roundMicros(precision: number, family: TypeFamily): Adjust {
  const unit = 10n ** BigInt(6 - precision);
  return (value) => {
    const micros = BigInt(value as bigint);
    const floor = micros - (((micros % unit) + unit) % unit);
    const rounded = (micros - floor) * 2n >= unit ? floor + unit : floor;
    return family === 'time' && rounded > DAY_MICROS ? DAY_MICROS : rounded;
  };
}

function roundTimetz(precision: number): Adjust {
  const round = roundMicros(precision, 'time');
  return (value) => {
    const { micros, offsetWest } = timetzFromRepr(value);
    return timetzToRepr(Number(round(BigInt(micros))), offsetWest);
  };
}

/** @throws SqlError numericValueOutOfRange (22003) when the value has too many digits before the point. */
export function limitDecimal(repr: string, to: SqlType): string {
  const value = decFromRepr(repr);
  if (value.special !== 0) {
    if (value.special === 2) return repr;
    throw tooWide(to);
  }
  const rounded = quantize(value, to.width);
  if (rounded.coefficient !== 0n && digitCount(rounded.coefficient) > to.precision)
    throw tooWide(to);
  return decToRepr(rounded);
}

function tooWide(to: SqlType): SqlError {
  return new SqlError(
    'numericValueOutOfRange',
    `type DECIMAL(${to.precision},${to.width}): value with precision ${to.precision}, scale ${to.width} must round to an absolute value less than 10^${to.precision - to.width}`,
  );
}
