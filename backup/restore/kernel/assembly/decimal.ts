import { at, byte, keyUnsigned, unsigned } from './reader';
import { placeText } from './record';
import { gaveUp, giveUp } from './state';

/** DECIMAL values to the text that catalog/types/decimal.ts describes. */

const EXPONENT_MIN: i32 = -9;
const EXPONENT_MAX: i32 = 31;
const ZERO_SPACES_MAX: i32 = 64;

const NAN: u32 = 0x18;
const NEGATIVE_INFINITY: u32 = 0x19;
const NEGATIVE_LARGE: u32 = 0x1a;
const NEGATIVE_MEDIUM: u32 = 0x25;
const NEGATIVE_SMALL: u32 = 0x26;
const ZERO: u32 = 0x27;
const POSITIVE_SMALL: u32 = 0x28;
const POSITIVE_MEDIUM: u32 = 0x29;
const POSITIVE_LARGE: u32 = 0x34;
const INFINITY: u32 = 0x35;

const DIGITS: usize = memory.data(24);
const DIGITS_MAX: i32 = 24;

function setMark(slot: i32, mark: u8, end: usize): void {
  store<u8>(placeText(slot, 1), mark);
  if (at() !== end) giveUp();
}

/** Reads a decimal that takes all bytes up to `end`. Coefficients of more than 64 bits and rare exponents are given up on. */
export function readDecimal(slot: i32, end: usize): void {
  if (at() >= end) return giveUp();
  const marker = byte();
  let scale = 0;
  if (marker === NEGATIVE_LARGE || marker === POSITIVE_LARGE) scale = keyUnsigned();
  else if (marker === NEGATIVE_SMALL || marker === POSITIVE_SMALL) scale = -keyUnsigned();
  else if (marker === ZERO) return setMark(slot, 0x4e, end);
  else if (marker === NAN) return setMark(slot, 0x21, end);
  else if (marker === INFINITY) return setMark(slot, 0x7a, end);
  else if (marker === NEGATIVE_INFINITY) return setMark(slot, 0x22, end);
  else if (marker !== NEGATIVE_MEDIUM && marker !== POSITIVE_MEDIUM) return giveUp();
  if (gaveUp() || at() > end) return giveUp();
  const length = <u32>(end - at());
  if (length > 8) return giveUp();
  const coefficient = unsigned(length);
  if (coefficient === 0) setZero(slot, marker < ZERO, scale - 1);
  else setDigits(slot, marker < ZERO, coefficient, scale);
}

function setZero(slot: i32, negative: bool, exponent: i32): void {
  if (negative || exponent > 0 || exponent < -ZERO_SPACES_MAX) return giveUp();
  const to = placeText(slot, 1 - exponent);
  store<u8>(to, 0x4e);
  memory.fill(to + 1, 0x20, -exponent);
}

function setDigits(slot: i32, negative: bool, coefficient: u64, scale: i32): void {
  if (scale < EXPONENT_MIN || scale > EXPONENT_MAX) return giveUp();
  let rest = coefficient;
  let count = 0;
  while (rest > 0) {
    const tenth = rest / 10;
    count++;
    store<u8>(DIGITS + DIGITS_MAX - count, <u8>(0x30 + (rest - tenth * 10)));
    rest = tenth;
  }
  const first = DIGITS + DIGITS_MAX - count;
  let shown = 0;
  while (load<u8>(first + count - shown - 1) === 0x30) shown++;
  const significant = count - shown;
  if (!negative) {
    const to = placeText(slot, 1 + count);
    store<u8>(to, <u8>(0x50 + scale - EXPONENT_MIN));
    memory.copy(to + 1, first, significant);
    memory.fill(to + 1 + significant, 0x20, shown);
    return;
  }
  const to = placeText(slot, 2 + count);
  store<u8>(to, <u8>(0x24 + EXPONENT_MAX - scale));
  for (let i = 0; i < significant; i++) store<u8>(to + 1 + i, 0x69 - load<u8>(first + i));
  store<u8>(to + 1 + significant, 0x7e);
  memory.fill(to + 2 + significant, 0x20, shown);
}
