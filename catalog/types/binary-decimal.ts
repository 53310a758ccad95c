import type { ByteReader } from '../../base/byte-reader';
import type { ByteWriter } from '../../base/byte-writer';
import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import {
  DECIMAL_INFINITY_REPR,
  DECIMAL_NAN_REPR,
  DECIMAL_NEGATIVE_INFINITY_REPR,
  decimalDigits,
  decimalReprFromDigits,
} from './decimal';

/**
 * DECIMAL on the wire, PostgreSQL's `numeric_send`: groups of four decimal digits, the first of which counts 10000^weight.
 *
 *     groups u16  weight i16  sign u16  scale shown u16  then each group u16
 */

const POSITIVE = 0x0000;
const NEGATIVE = 0x4000;
const NAN = 0xc000;
const INFINITY = 0xd000;
const NEGATIVE_INFINITY = 0xf000;
/** What PostgreSQL's infinities say of their scale. */
const INFINITY_SCALE = 0x20;
const GROUP_DIGITS = 4;
/** Limits of the format in PostgreSQL. */
const SCALE_MAX = 0x3fff;
const GROUPS_MAX = 0x7fff;

function writeHeader(
  out: ByteWriter,
  count: number,
  weight: number,
  sign: number,
  scale: number,
): void {
  out.u16be(count).i16be(weight).u16be(sign).u16be(scale);
}

/** @throws SqlError 22003 more digits than the format can hold */
export function writeDecimal(out: ByteWriter, repr: string): void {
  const finite = decimalDigits(repr);
  if (finite === undefined) {
    if (repr === DECIMAL_NAN_REPR) writeHeader(out, 0, 0, NAN, 0);
    else {
      const sign = repr === DECIMAL_INFINITY_REPR ? INFINITY : NEGATIVE_INFINITY;
      writeHeader(out, 0, 0, sign, INFINITY_SCALE);
    }
    return;
  }
  const { negative, digits, exponent } = finite;
  const scale = Math.max(0, -exponent);
  if (digits === '0') {
    checkFits(0, scale);
    writeHeader(out, 0, 0, POSITIVE, scale);
    return;
  }
  // Digits before the point; negative when zeros follow it.
  const point = digits.length + exponent;
  const weight = Math.ceil(point / GROUP_DIGITS) - 1;
  const lead = (weight + 1) * GROUP_DIGITS - point;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 0x30) end--;
  const count = Math.ceil((lead + end) / GROUP_DIGITS);
  checkFits(count, scale);
  writeHeader(out, count, weight, negative ? NEGATIVE : POSITIVE, scale);
  for (let group = 0; group < count; group++) {
    let value = 0;
    for (let i = 0; i < GROUP_DIGITS; i++) {
      const at = group * GROUP_DIGITS + i - lead;
      value = value * 10 + (at < 0 || at >= end ? 0 : digits.charCodeAt(at) - 0x30);
    }
    out.u16be(value);
  }
}

function checkFits(count: number, scale: number): void {
  if (count > GROUPS_MAX || scale > SCALE_MAX) {
    throw new SqlError('numericValueOutOfRange', 'value overflows the binary format of numeric');
  }
}

const SPECIAL: ReadonlyMap<number, string> = new Map([
  [NAN, DECIMAL_NAN_REPR],
  [INFINITY, DECIMAL_INFINITY_REPR],
  [NEGATIVE_INFINITY, DECIMAL_NEGATIVE_INFINITY_REPR],
]);

/** Digits beyond the scale are cut off, as PostgreSQL does. @throws CorruptionError; SqlError 22003 */
export function readDecimal(input: ByteReader): string {
  const count = input.u16be();
  const weight = input.i16be();
  const sign = input.u16be();
  const scale = input.u16be();
  const special = SPECIAL.get(sign);
  if (special !== undefined) return special;
  if (sign !== POSITIVE && sign !== NEGATIVE) input.fail('invalid sign in numeric');
  if (scale > SCALE_MAX) input.fail('invalid scale in numeric');
  if (count * 2 > input.remaining) input.fail('numeric ends early');
  if (Math.abs(weight + 1) * GROUP_DIGITS > limits.decimalExponentMax + GROUP_DIGITS) {
    throw new SqlError('numericValueOutOfRange', 'exponent out of range');
  }
  let digits = '';
  for (let group = 0; group < count; group++) {
    const value = input.u16be();
    if (value > 9999) input.fail('invalid digit in numeric');
    digits += String(value).padStart(GROUP_DIGITS, '0');
  }
  const fraction = (count - weight - 1) * GROUP_DIGITS;
  if (fraction > scale) digits = digits.slice(0, Math.max(0, digits.length - (fraction - scale)));
  else digits += '0'.repeat(scale - fraction);
  const significant = digits.replace(/^0+/, '');
  if (significant === '') return decimalReprFromDigits(false, '0', -scale);
  return decimalReprFromDigits(sign === NEGATIVE, significant, -scale);
}
