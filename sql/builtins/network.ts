import { SqlError } from '../../base/errors';
import { inetText, parseInet } from '../../catalog/types/inet';
import { BOOL, BYTES, INET, INT8, STRING } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { bool, udf } from './rows';

/** INET: family, mask length, address bytes. */

const bitsOf = (value: Uint8Array): number => (value[0] === 0 ? 32 : 128);
const maskOf = (value: Uint8Array): number => value[1] ?? 0;

/** The value with other mask length and address, computed bit by bit from the old ones. */
function rebuilt(
  value: Uint8Array,
  mask: number,
  bit: (inHost: boolean, old: number) => number,
): Uint8Array {
  const out = Uint8Array.from(value);
  out[1] = mask;
  for (let i = 0; i < bitsOf(value); i++) {
    const at = 2 + (i >> 3);
    const shift = 7 - (i & 7);
    const old = ((value[at] ?? 0) >> shift) & 1;
    const cleared = (out[at] ?? 0) & ~(1 << shift);
    out[at] = cleared | (bit(i >= maskOf(value), old) << shift);
  }
  return out;
}

const broadcast = (value: Uint8Array): Uint8Array =>
  rebuilt(value, maskOf(value), (inHost, old) => (inHost ? 1 : old));
const netmask = (value: Uint8Array): Uint8Array =>
  rebuilt(value, bitsOf(value), (inHost) => (inHost ? 0 : 1));
const hostmask = (value: Uint8Array): Uint8Array =>
  rebuilt(value, bitsOf(value), (inHost) => (inHost ? 1 : 0));

function host(value: Uint8Array): string {
  const whole = Uint8Array.from(value);
  whole[1] = bitsOf(value);
  return inetText(whole);
}

function setMask(value: Uint8Array, mask: bigint): Uint8Array {
  if (mask < -1n || mask > BigInt(bitsOf(value)))
    throw new SqlError('invalidParameterValue', `invalid mask length: ${mask}`);
  const out = Uint8Array.from(value);
  out[1] = mask === -1n ? bitsOf(value) : Number(mask);
  return out;
}

/** True when the inner network is in the outer one, or is the same. */
function contains(outer: Uint8Array, inner: Uint8Array): boolean {
  if (outer[0] !== inner[0] || maskOf(outer) > maskOf(inner)) return false;
  for (let i = 0; i < maskOf(outer); i++) {
    const at = 2 + (i >> 3);
    const shift = 7 - (i & 7);
    if ((((outer[at] ?? 0) ^ (inner[at] ?? 0)) >> shift) & 1) return false;
  }
  return true;
}

/** An IPv4 address counts as one of IPv6, as Go's net.IP has it. */
function ipBytes(text: string): Uint8Array {
  try {
    const value = parseInet(text);
    const address = value.subarray(2);
    if (value.length === 18) return address;
    return Uint8Array.from([...new Uint8Array(10), 0xff, 0xff, ...address]);
  } catch {
    throw new SqlError('invalidParameterValue', `invalid IP format: ${text}`);
  }
}

function ipText(bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16)
    throw new SqlError(
      'invalidParameterValue',
      `invalid IP: the byte array must be 4 or 16 bytes long`,
    );
  const mapped =
    bytes.length === 16 && bytes.subarray(0, 10).every((b) => b === 0) && bytes[10] === 0xff;
  const short = mapped && bytes[11] === 0xff ? bytes.subarray(12) : bytes;
  const family = short.length === 4 ? 0 : 1;
  return inetText(Uint8Array.from([family, short.length * 8, ...short]));
}

const N = ['inet'] as const;
const NN = ['inet', 'inet'] as const;

export const networkBuiltins: readonly FunctionRow[] = [
  udf('abbrev', N, STRING, inetText),
  udf('text', N, STRING, (v: Uint8Array) => `${host(v)}/${maskOf(v)}`),
  udf('broadcast', N, INET, broadcast),
  udf('netmask', N, INET, netmask),
  udf('hostmask', N, INET, hostmask),
  udf('family', N, INT8, (v: Uint8Array) => (v[0] === 0 ? 4n : 6n)),
  udf('host', N, STRING, host),
  udf('masklen', N, INT8, (v: Uint8Array) => BigInt(maskOf(v))),
  udf('set_masklen', ['inet', 'int'], INET, setMask),
  udf('inet_same_family', NN, BOOL, (a: Uint8Array, b: Uint8Array) => bool(a[0] === b[0])),
  udf('inet_contained_by_or_equals', NN, BOOL, (a: Uint8Array, b: Uint8Array) =>
    bool(contains(b, a)),
  ),
  udf('inet_contains_or_equals', NN, BOOL, (a: Uint8Array, b: Uint8Array) => bool(contains(a, b))),
  udf('from_ip', ['bytes'], STRING, ipText),
  udf('to_ip', ['string'], BYTES, ipBytes),
];

/** `<<=`-like operators have no syntax for networks alone: they share `<<`, `>>` and `&&` with other types. */
export const networkOperators: readonly FunctionRow[] = [
  udf('<<', NN, BOOL, (a: Uint8Array, b: Uint8Array) => bool(contains(b, a))),
  udf('>>', NN, BOOL, (a: Uint8Array, b: Uint8Array) => bool(contains(a, b))),
  udf('&&', NN, BOOL, (a: Uint8Array, b: Uint8Array) => bool(contains(a, b) || contains(b, a))),
  udf('+', ['inet', 'int'], INET, shift),
  udf('+', ['int', 'inet'], INET, (by: bigint, value: Uint8Array) => shift(value, by)),
  udf('-', ['inet', 'int'], INET, (value: Uint8Array, by: bigint) => shift(value, -by)),
  udf('-', NN, INT8, distance),
  udf('&', NN, INET, (a: Uint8Array, b: Uint8Array) => combine('AND', a, b, (x, y) => x & y)),
  udf('|', NN, INET, (a: Uint8Array, b: Uint8Array) => combine('OR', a, b, (x, y) => x | y)),
  udf('~', N, INET, (v: Uint8Array) =>
    Uint8Array.from(v, (byte, i) => (i < 2 ? byte : ~byte & 0xff)),
  ),
];

function numberOf(value: Uint8Array): bigint {
  let number = 0n;
  for (const byte of value.subarray(2)) number = (number << 8n) | BigInt(byte);
  return number;
}

function shift(value: Uint8Array, by: bigint): Uint8Array {
  let number = numberOf(value) + by;
  if (number < 0n || number >= 1n << BigInt(bitsOf(value)))
    throw new SqlError('numericValueOutOfRange', 'result out of range');
  const out = Uint8Array.from(value);
  for (let i = out.length - 1; i >= 2; i--) {
    out[i] = Number(number & 0xffn);
    number >>= 8n;
  }
  return out;
}

function distance(a: Uint8Array, b: Uint8Array): bigint {
  if (a[0] !== b[0])
    throw new SqlError(
      'invalidParameterValue',
      'cannot subtract inet addresses with different sizes',
    );
  const difference = numberOf(a) - numberOf(b);
  if (BigInt.asIntN(64, difference) !== difference)
    throw new SqlError('numericValueOutOfRange', 'result out of range');
  return difference;
}

function combine(
  name: string,
  a: Uint8Array,
  b: Uint8Array,
  fn: (x: number, y: number) => number,
): Uint8Array {
  if (a[0] !== b[0])
    throw new SqlError('invalidParameterValue', `cannot ${name} inet values of different sizes`);
  return Uint8Array.from(a, (byte, i) =>
    i === 0 ? byte : i === 1 ? Math.max(maskOf(a), maskOf(b)) : fn(byte, b[i] ?? 0),
  );
}
