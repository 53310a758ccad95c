import { multiplyAdd, openCoefficient, putCoefficient, sizeOfCoefficient } from './coefficient';
import { markOdd } from './state';
import { keyInt, littleEndianVarint, putByte } from './writer';

/** The text that catalog/types/decimal.ts describes to DECIMAL values, with their length in front. */

const SPACE: u32 = 0x20;
const ZERO: u32 = 0x4e;
/** Kinds of numbers with a small exponent. */
const POSITIVE_FIRST: u32 = 0x50;
const POSITIVE_LAST: u32 = 0x78;
const NEGATIVE_FIRST: u32 = 0x24;
const NEGATIVE_LAST: u32 = 0x4c;
const EXPONENT_MIN: i32 = -9;
const EXPONENT_MAX: i32 = 31;
/** After the digits of a negative number, which are the complement. */
const NEGATIVE_END: u32 = 0x7e;
const COMPLEMENT: u32 = 0x69;
const DIGIT: u32 = 0x30;

/** A zero that is not negative and shows up to 64 zeros. */
const ZERO_BYTES_MAX: u32 = 65;
/** All numbers of so many digits fit in a coefficient. */
const DIGITS_MAX: u32 = 150;
/** Digits that are taken at a time: their number has 32 bits. */
const DIGITS_AT_ONCE: u32 = 9;

const MARK_ZERO: u32 = 0x27;
const NEGATIVE_LARGE: u32 = 0x1a;
const NEGATIVE_MEDIUM: u32 = 0x25;
const NEGATIVE_SMALL: u32 = 0x26;
const POSITIVE_SMALL: u32 = 0x28;
const POSITIVE_MEDIUM: u32 = 0x29;
const POSITIVE_LARGE: u32 = 0x34;

export function writeDecimal(text: usize, size: u32): void {
  if (size === 0) return markOdd();
  const kind = load<u8>(text) as u32;
  if (kind === ZERO) {
    if (size > ZERO_BYTES_MAX) return markOdd();
    if (size === 1) {
      putByte(1);
      return putByte(MARK_ZERO);
    }
    openCoefficient();
    return writeParts(false, 2 - <i32>size);
  }
  const digits = text + 1;
  if (kind >= POSITIVE_FIRST && kind <= POSITIVE_LAST) {
    const count = size - 1;
    if (count === 0 || count > DIGITS_MAX) return markOdd();
    const scale = <i32>(kind - POSITIVE_FIRST) + EXPONENT_MIN;
    readCoefficient(digits, count, 0, count);
    return writeParts(false, scale);
  }
  if (kind < NEGATIVE_FIRST || kind > NEGATIVE_LAST) return markOdd();
  let shown: u32 = 0;
  while (shown + 2 < size && (load<u8>(text + size - 1 - shown) as u32) === SPACE) shown++;
  // Kind, digits, their end, spaces.
  const significant = size - 2 - shown;
  if ((load<u8>(digits + significant) as u32) !== NEGATIVE_END) return markOdd();
  const count = significant + shown;
  if (significant === 0 || count > DIGITS_MAX) return markOdd();
  const scale = EXPONENT_MAX - <i32>(kind - NEGATIVE_FIRST);
  readCoefficient(digits, significant, COMPLEMENT, count);
  writeParts(true, scale);
}

/** @param complement 0 for digits as they are @param count of digits, zeros at the end included */
function readCoefficient(digits: usize, significant: u32, complement: u32, count: u32): void {
  openCoefficient();
  for (let i: u32 = 0; i < count; ) {
    const end = min(i + DIGITS_AT_ONCE, count);
    let value: u32 = 0;
    let power: u32 = 1;
    for (; i < end; i++) {
      value = value * 10 + (i < significant ? digitOf(load<u8>(digits + i), complement) : 0);
      power *= 10;
    }
    multiplyAdd(power, value);
  }
}

function digitOf(code: u32, complement: u32): u32 {
  if (complement !== 0) return complement - code - DIGIT;
  return code === SPACE ? 0 : code - DIGIT;
}

/** ±0.ddd × 10^scale. */
function writeParts(negative: bool, scale: i32): void {
  const scaleBytes = scale === 0 ? 0 : abs(scale) <= 109 ? 1 : 2;
  littleEndianVarint(1 + scaleBytes + sizeOfCoefficient());
  if (scale > 0) putByte(negative ? NEGATIVE_LARGE : POSITIVE_LARGE);
  else if (scale < 0) putByte(negative ? NEGATIVE_SMALL : POSITIVE_SMALL);
  else putByte(negative ? NEGATIVE_MEDIUM : POSITIVE_MEDIUM);
  if (scale !== 0) keyInt(abs(scale));
  putCoefficient();
}
