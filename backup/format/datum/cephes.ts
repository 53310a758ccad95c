/**
 * Trigonometry to the last bit as Go's library has it on amd64, whose results CockroachDB stores; that of JavaScript engines
 * differs in last bits. Coefficients: the Cephes mathematical library, atan.c and sin.c.
 */

const ATAN_P = [
  -0.8750608600031904, -16.157537187333652, -75.00855792314705, -122.88666844901361,
  -64.85021904942025,
] as const;
const ATAN_Q = [
  24.858464901423062, 165.02700983169885, 432.88106049129027, 485.3903996359137, 194.5506571482614,
] as const;
const TAN_3_PI_8 = 2.414213562373095;
/** Of pi / 2, beyond a double. */
const MORE_BITS = 6.123233995736766e-17;

const polynomial = (coefficients: readonly number[], z: number, start = 0): number =>
  coefficients.reduce((sum, coefficient) => sum * z + coefficient, start);

function reducedAtan(x: number): number {
  const z = x * x;
  return x * ((z * polynomial(ATAN_P, z)) / polynomial(ATAN_Q, z, 1)) + x;
}

function positiveAtan(x: number): number {
  if (x <= 0.66) return reducedAtan(x);
  if (x > TAN_3_PI_8) return Math.PI / 2 - reducedAtan(1 / x) + MORE_BITS;
  return Math.PI / 4 + reducedAtan((x - 1) / (x + 1)) + 0.5 * MORE_BITS;
}

const atan = (x: number): number => (x > 0 ? positiveAtan(x) : x === 0 ? x : -positiveAtan(-x));

export function atan2(y: number, x: number): number {
  if (y === 0 || x === 0) return Math.atan2(y, x);
  const q = atan(y / x);
  if (x >= 0) return q;
  return q <= 0 ? q + Math.PI : q - Math.PI;
}

/** @param x at most 1 */
export function asin(x: number): number {
  if (x === 0) return x;
  const size = Math.abs(x);
  const rest = Math.sqrt(1 - size * size);
  const angle = size > 0.7 ? Math.PI / 2 - positiveAtan(rest / size) : positiveAtan(size / rest);
  return x < 0 ? -angle : angle;
}

const SIN = [
  1.5896230157654656e-10, -2.5050747762857807e-8, 0.0000027557313621385722, -0.0001984126982958954,
  0.008333333333322118, -0.1666666666666663,
] as const;
const COS = [
  -1.1358536521387682e-11, 2.087570084197473e-9, -2.755731417929674e-7, 0.000024801587288851704,
  -0.0013888888888873056, 0.041666666666666595,
] as const;
/** pi / 4 in three parts. */
const PI_4A = 0.7853981256484985;
const PI_4B = 3.774894707930798e-8;
const PI_4C = 2.6951514290790595e-15;

/** The octant of a positive angle, even, and the angle within it. */
function octantOf(x: number): { readonly octant: number; readonly z: number } {
  let octants = Math.floor(x * (4 / Math.PI));
  if (octants % 2 === 1) octants++;
  return { octant: octants % 8, z: x - octants * PI_4A - octants * PI_4B - octants * PI_4C };
}

const sinBody = (z: number): number => z + z * z * z * polynomial(SIN, z * z);
const cosBody = (z: number): number => 1 - 0.5 * (z * z) + z * z * (z * z) * polynomial(COS, z * z);

/** @param x of a few turns at most */
export function sin(x: number): number {
  if (x === 0) return x;
  const { octant, z } = octantOf(Math.abs(x));
  const folded = octant % 4;
  const value = folded === 2 ? cosBody(z) : sinBody(z);
  return x < 0 !== octant > 3 ? -value : value;
}

/** @param x of a few turns at most */
export function cos(x: number): number {
  const { octant, z } = octantOf(Math.abs(x));
  const folded = octant % 4;
  const value = folded === 2 ? sinBody(z) : cosBody(z);
  return octant > 3 !== (folded === 2) ? -value : value;
}
