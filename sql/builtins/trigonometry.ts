import { floatFromRepr, floatToRepr } from '../../catalog/types/float';
import type { Repr } from '../../catalog/types/sql-type';
import { FLOAT8 } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { udf } from './rows';

/** Angles, in radians and in degrees. */

function float1(name: string, fn: (a: number) => number): FunctionRow {
  return udf(name, ['float'], FLOAT8, (a: Repr) => floatToRepr(fn(floatFromRepr(a))));
}

function float2(name: string, fn: (a: number, b: number) => number): FunctionRow {
  return udf(name, ['float', 'float'], FLOAT8, (a: Repr, b: Repr) =>
    floatToRepr(fn(floatFromRepr(a), floatFromRepr(b))),
  );
}

const DEGREES = 180 / Math.PI;
const RADIANS = Math.PI / 180;

const inDegrees =
  (fn: (radians: number) => number) =>
  (degrees: number): number =>
    fn(degrees * RADIANS);

const toDegrees =
  (fn: (value: number) => number) =>
  (value: number): number =>
    fn(value) * DEGREES;

const cot = (a: number): number => 1 / Math.tan(a);

export const trigonometry: readonly FunctionRow[] = [
  float1('sin', Math.sin),
  float1('cos', Math.cos),
  float1('tan', Math.tan),
  float1('cot', cot),
  float1('asin', Math.asin),
  float1('acos', Math.acos),
  float1('atan', Math.atan),
  float2('atan2', Math.atan2),
  float1('sinh', Math.sinh),
  float1('cosh', Math.cosh),
  float1('tanh', Math.tanh),
  float1('asinh', Math.asinh),
  float1('acosh', Math.acosh),
  float1('atanh', Math.atanh),
  float1('sind', inDegrees(Math.sin)),
  float1('cosd', inDegrees(Math.cos)),
  float1('tand', inDegrees(Math.tan)),
  float1('cotd', inDegrees(cot)),
  float1('asind', toDegrees(Math.asin)),
  float1('acosd', toDegrees(Math.acos)),
  float1('atand', toDegrees(Math.atan)),
  float2('atan2d', (a, b) => Math.atan2(a, b) * DEGREES),
  float1('degrees', (a) => a * DEGREES),
  float1('radians', (a) => a * RADIANS),
];
