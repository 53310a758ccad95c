/**
 * Trigonometry to the last bit as Go's library has it on amd64, whose results CockroachDB stores; that of JavaScript engines
 * differs in last bits. Coefficients: the Cephes mathematical library, atan.c and sin.c.
 */

const ATAN_P = [
  -8.750608600031904122785e-1, -1.615753718733365076637e1, -7.500855792314704667340e1,
  -1.228866684490136173410e2, -6.485021904942025371773e1,
] as const;
const ATAN_Q = [
  2.485846490142306297962e1, 1.650270098316988542046e2, 4.328810604912902668951e2,
  4.853903996359136964868e2, 1.945506571482613964425e2,
] as const;
const TAN_3_PI_8 = 2.41421356237309504880;
/** Of pi / 2, beyond a double. */
const MORE_BITS = 6.123233995736765886130e-17;

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
  1.58962301576546568060e-10, -2.50507477628578072866e-8, 2.75573136213857245213e-6,
  -1.98412698295895385996e-4, 8.33333333332211858878e-3, -1.66666666666666307295e-1,
] as const;
const COS = [
  -1.13585365213876817300e-11, 2.08757008419747316778e-9, -2.75573141792967388112e-7,
  2.48015872888517045348e-5, -1.38888888888730564116e-3, 4.16666666666665929218e-2,
] as const;
/** pi / 4 in three parts. */
const PI_4A = 7.85398125648498535156e-1;
const PI_4B = 3.77489470793079817668e-8;
const PI_4C = 2.69515142907905952645e-15;

/** The octant of a positive angle, even, and the angle within it. */
function octantOf(x: number): { readonly octant: number; readonly z: number } {
  let octants = Math.floor(x * (4 / Math.PI));
  if (octants % 2 === 1) octants++;
  return { octant: octants % 8, z: x - octants * PI_4A - octants * PI_4B - octants * PI_4C };
}

const sinBody = (z: number): number => z + z * z * z * polynomial(SIN, z * z);
const cosBody = (z: number): number =>
  1 - 0.5 * (z * z) + z * z * (z * z) * polynomial(COS, z * z);

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
