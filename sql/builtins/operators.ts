import { floatFromRepr, floatToRepr } from '../../catalog/types/float';
import type { Repr } from '../../catalog/types/sql-type';
import { BYTES, DECIMAL, FLOAT8, INT8, STRING } from '../../catalog/types/table';
import { arrayOperators } from './arrays';
import { bitOperators } from './bit-strings';
import { dateTimeOperators } from './datetime-operators';
import { decimalPower } from './decimal-functions';
import {
  add,
  type Dec,
  decFromRepr,
  decToRepr,
  divide,
  fromInt,
  integerDivide,
  multiply,
  negate,
  remainder,
  subtract,
} from './decimal-math';
import type { FunctionRow } from './function-row';
import { checkInt8, divisionByZero, integerOutOfRange } from './integer';
import { jsonOperators } from './json';
import { networkOperators } from './network';
import { patternOperators } from './patterns';
import { infix, native, udf } from './rows';

/** Arithmetic, bit and text operators by the families they work on. */

const II = ['int', 'int'] as const;
const DD = ['decimal', 'decimal'] as const;
const FF = ['float', 'float'] as const;

function integerPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) throw integerOutOfRange();
  if (base === 0n || base === 1n) return exponent === 0n ? 1n : base;
  if (base === -1n) return exponent % 2n === 0n ? 1n : -1n;
  if (exponent > 63n) throw integerOutOfRange();
  return checkInt8(base ** exponent);
}

function shiftCount(count: bigint): bigint {
  if (count < 0n || count >= 64n) throw integerOutOfRange();
  return count;
}

const divideInts = (a: bigint, b: bigint): string => decToRepr(divide(fromInt(a), fromInt(b)));

/** Needs its divisor once only: NULL when it is 0 would be SQLite's answer. */
function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw divisionByZero();
  return divisor;
}

/** By a positive constant SQLite divides as CockroachDB does, and without a call. */
function integerDivision(
  name: string,
  sqlite: '/' | '%',
  fn: (a: bigint, b: bigint) => bigint,
): FunctionRow {
  const plain = ([a, b = '']: readonly string[]): string | undefined =>
    POSITIVE.test(b) ? `(${a} ${sqlite} ${b})` : undefined;
  return { ...udf(name, II, INT8, fn), body: { kind: 'udf', fn, plain } };
}

const POSITIVE = /^[1-9]\d*$/;

export const integerOperators: readonly FunctionRow[] = [
  infix('+', II, INT8, '+', true),
  infix('-', II, INT8, '-', true),
  infix('*', II, INT8, '*', true),
  udf('/', II, DECIMAL, divideInts),
  integerDivision('//', '/', (a, b) => checkInt8(a / nonZero(b))),
  integerDivision('%', '%', (a, b) => a % nonZero(b)),
  udf('^', II, INT8, integerPower),
  infix('&', II, INT8, '&'),
  infix('|', II, INT8, '|'),
  udf('#', II, INT8, (a: bigint, b: bigint) => a ^ b),
  udf('<<', II, INT8, (a: bigint, b: bigint) => BigInt.asIntN(64, a << shiftCount(b))),
  udf('>>', II, INT8, (a: bigint, b: bigint) => a >> shiftCount(b)),
  native('-', ['int'], INT8, ([a]) => `(- ${a})`, { overflows: true }),
  native('+', ['int'], INT8, ([a]) => `${a}`),
  native('~', ['int'], INT8, ([a]) => `(~ ${a})`),
];

type DecimalOperation = (a: Dec, b: Dec) => Dec;

/** The rows of an operator over decimals, and over a decimal and an integer. */
function decimalRows(name: string, fn: DecimalOperation): FunctionRow[] {
  return [
    udf(name, DD, DECIMAL, (a: string, b: string) => decToRepr(fn(decFromRepr(a), decFromRepr(b)))),
    udf(name, ['decimal', 'int'], DECIMAL, (a: string, b: bigint) =>
      decToRepr(fn(decFromRepr(a), fromInt(b))),
    ),
    udf(name, ['int', 'decimal'], DECIMAL, (a: bigint, b: string) =>
      decToRepr(fn(fromInt(a), decFromRepr(b))),
    ),
  ];
}

export const decimalOperators: readonly FunctionRow[] = [
  ...decimalRows('+', add),
  ...decimalRows('-', subtract),
  ...decimalRows('*', multiply),
  ...decimalRows('/', divide),
  ...decimalRows('//', integerDivide),
  ...decimalRows('%', remainder),
  ...decimalRows('^', decimalPower),
  udf('-', ['decimal'], DECIMAL, (a: string) => decToRepr(negate(decFromRepr(a)))),
  native('+', ['decimal'], DECIMAL, ([a]) => `${a}`),
];

function floatRow(name: string, fn: (a: number, b: number) => number): FunctionRow {
  return udf(name, FF, FLOAT8, (a: Repr, b: Repr) =>
    floatToRepr(fn(floatFromRepr(a), floatFromRepr(b))),
  );
}

function divisor(value: number): number {
  if (value === 0) throw divisionByZero();
  return value;
}

export const floatOperators: readonly FunctionRow[] = [
  floatRow('+', (a, b) => a + b),
  floatRow('-', (a, b) => a - b),
  floatRow('*', (a, b) => a * b),
  floatRow('/', (a, b) => a / divisor(b)),
  floatRow('//', (a, b) => Math.trunc(a / divisor(b))),
  floatRow('%', (a, b) => a % divisor(b)),
  floatRow('^', (a, b) => a ** b),
  udf('-', ['float'], FLOAT8, (a: Repr) => floatToRepr(-floatFromRepr(a))),
  native('+', ['float'], FLOAT8, ([a]) => `${a}`),
];

export const textOperators: readonly FunctionRow[] = [
  infix('||', ['string', 'string'], STRING, '||'),
  udf('||', ['bytes', 'bytes'], BYTES, (a: Uint8Array, b: Uint8Array) => Buffer.concat([a, b])),
  infix('||', ['bit', 'bit'], (args) => args[0] ?? STRING, '||'),
];

export const operators: readonly FunctionRow[] = [
  ...integerOperators,
  ...decimalOperators,
  ...floatOperators,
  ...textOperators,
  ...bitOperators,
  ...networkOperators,
  ...arrayOperators,
  ...dateTimeOperators,
  ...jsonOperators,
  ...patternOperators,
];
