import { SqlError } from '../../base/errors';
import { floatFromRepr, floatToRepr } from '../../catalog/types/float';
import type { Repr } from '../../catalog/types/sql-type';
import { BOOL, DECIMAL, FLOAT8, INT8 } from '../../catalog/types/table';
import {
  decimalCbrt,
  decimalExp,
  decimalLn,
  decimalLog10,
  decimalPower,
  decimalSqrt,
} from './decimal-functions';
import {
  type Dec,
  decFromRepr,
  decToRepr,
  divide,
  finite,
  fromInt,
  integerDivide,
  negate,
  quantize,
  remainder,
  sign,
} from './decimal-math';
import type { FunctionRow } from './function-row';
import { checkInt8, divisionByZero, integerOutOfRange } from './integer';
import { bool, udf } from './rows';
import { trigonometry } from './trigonometry';
import { widthBuckets } from './width-bucket';

/** Mathematics over integers, floats and decimals. */

const F = ['float'] as const;
const D = ['decimal'] as const;
const I = ['int'] as const;

function float1(name: string, fn: (a: number) => number): FunctionRow {
  return udf(name, F, FLOAT8, (a: Repr) => floatToRepr(fn(floatFromRepr(a))));
}

function float2(name: string, fn: (a: number, b: number) => number): FunctionRow {
  return udf(name, ['float', 'float'], FLOAT8, (a: Repr, b: Repr) =>
    floatToRepr(fn(floatFromRepr(a), floatFromRepr(b))),
  );
}

function decimal1(name: string, fn: (a: Dec) => Dec): FunctionRow {
  return udf(name, D, DECIMAL, (a: string) => decToRepr(fn(decFromRepr(a))), { preferred: true });
}

function decimal2(name: string, fn: (a: Dec, b: Dec) => Dec): FunctionRow {
  return udf(name, ['decimal', 'decimal'], DECIMAL, (a: string, b: string) =>
    decToRepr(fn(decFromRepr(a), decFromRepr(b))),
  );
}

function roundHalfEven(value: number): number {
  if (!Number.isFinite(value)) return value;
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** To that many places of the shortest decimal form of the float. */
function roundFloat(value: number, places: bigint): number {
  if (!Number.isFinite(value)) return value;
  const scale = Number(places);
  if (scale > 300) return value;
  if (scale < -300) return 0;
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const exact = finite(BigInt(whole + fraction), Number(exponent) - fraction.length);
  const rounded = quantize(exact, scale, 'half-even');
  return Number(`${rounded.coefficient}e${rounded.exponent}`);
}

function absolute(a: Dec): Dec {
  return sign(a) < 0 ? negate(a) : a;
}

function nonNegative(value: number, what: string): number {
  if (value < 0)
    throw new SqlError('invalidParameterValue', `cannot take ${what} of a negative number`);
  return value;
}

function logarithm(value: number): number {
  nonNegative(value, 'logarithm');
  if (value === 0) throw new SqlError('invalidParameterValue', 'cannot take logarithm of zero');
  return value;
}

function places(value: bigint): number {
  if (value > 2000n || value < -2000n) throw integerOutOfRange();
  return Number(value);
}

function integerPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) throw integerOutOfRange();
  if (exponent > 63n && base !== 0n && base !== 1n && base !== -1n) throw integerOutOfRange();
  return checkInt8(
    base === 0n || base === 1n
      ? exponent === 0n
        ? 1n
        : base
      : base ** (base === -1n ? exponent % 2n : exponent),
  );
}

function nonZero(value: bigint): bigint {
  if (value === 0n) throw divisionByZero();
  return value;
}

function nonZeroFloat(value: number): number {
  if (value === 0) throw divisionByZero();
  return value;
}

/** `power` and `pow` are one function. */
const powers: readonly FunctionRow[] = ['power', 'pow'].flatMap((name) => [
  udf(name, ['int', 'int'], INT8, integerPower),
  float2(name, (a, b) => a ** b),
  decimal2(name, decimalPower),
]);

export const mathBuiltins: readonly FunctionRow[] = [
  ...trigonometry,
  ...powers,
  udf('abs', I, INT8, (a: bigint) => checkInt8(a < 0n ? -a : a)),
  float1('abs', Math.abs),
  decimal1('abs', absolute),
  float1('ceil', Math.ceil),
  decimal1('ceil', (a) => quantize(a, 0, 'ceiling')),
  float1('ceiling', Math.ceil),
  decimal1('ceiling', (a) => quantize(a, 0, 'ceiling')),
  float1('floor', Math.floor),
  decimal1('floor', (a) => quantize(a, 0, 'floor')),
  float1('round', roundHalfEven),
  decimal1('round', (a) => quantize(a, 0)),
  udf('round', ['float', 'int'], FLOAT8, (a: Repr, n: bigint) =>
    floatToRepr(roundFloat(floatFromRepr(a), n)),
  ),
  udf(
    'round',
    ['decimal', 'int'],
    DECIMAL,
    (a: string, n: bigint) => decToRepr(quantize(decFromRepr(a), places(n))),
    { preferred: true },
  ),
  float1('trunc', Math.trunc),
  decimal1('trunc', (a) => quantize(a, 0, 'down')),
  udf('trunc', ['decimal', 'int'], DECIMAL, (a: string, n: bigint) =>
    decToRepr(quantize(decFromRepr(a), places(n), 'down')),
  ),
  udf('sign', I, INT8, (a: bigint) => (a > 0n ? 1n : a < 0n ? -1n : 0n)),
  float1('sign', Math.sign),
  decimal1('sign', (a) => fromInt(BigInt(sign(a)))),
  udf('mod', ['int', 'int'], INT8, (a: bigint, b: bigint) => a % nonZero(b)),
  float2('mod', (a, b) => a % nonZeroFloat(b)),
  decimal2('mod', remainder),
  udf('div', ['int', 'int'], INT8, (a: bigint, b: bigint) => checkInt8(a / nonZero(b))),
  float2('div', (a, b) => Math.trunc(a / nonZeroFloat(b))),
  decimal2('div', integerDivide),
  float1('sqrt', (a) => Math.sqrt(nonNegative(a, 'square root'))),
  decimal1('sqrt', decimalSqrt),
  float1('cbrt', Math.cbrt),
  decimal1('cbrt', decimalCbrt),
  float1('exp', Math.exp),
  decimal1('exp', decimalExp),
  float1('ln', (a) => Math.log(logarithm(a))),
  decimal1('ln', decimalLn),
  float1('log', (a) => Math.log10(logarithm(a))),
  decimal1('log', decimalLog10),
  float2('log', (base, a) => Math.log(logarithm(a)) / Math.log(logarithm(base))),
  ...['ceil', 'ceiling', 'floor'].map((name) =>
    udf(name, I, FLOAT8, (a: bigint) => floatToRepr(Number(a))),
  ),
  ...widthBuckets,
  decimal2('log', (base, a) => divide(decimalLn(a), decimalLn(base))),
  udf('isnan', F, BOOL, (a: Repr) => bool(Number.isNaN(floatFromRepr(a)))),
  udf('isnan', D, BOOL, (a: string) => bool(decFromRepr(a).special === 2), { preferred: true }),
  udf('pi', [], FLOAT8, () => floatToRepr(Math.PI)),
  udf('random', [], FLOAT8, () => floatToRepr(Math.random()), { volatility: 'volatile' }),
];
