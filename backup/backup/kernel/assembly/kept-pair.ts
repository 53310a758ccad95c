/** A pair in memory, or in a file: lengths of key, version (with the pair's marks) and value, u32 each, then the three. */

const KEY_LENGTH: u32 = 0;
const VERSION_LENGTH: u32 = 4;
const VALUE_LENGTH: u32 = 8;
export const KEPT_HEADER: u32 = 12;
/** Above the bits of a version's length. */
const MARKS_SHIFT: u32 = 16;
const VERSION_LENGTH_BITS: u32 = 0xffff;

/** Marks: of a primary index. */
export const IS_ROW: u32 = 1;
/** The pair has ended, at the time of its version. */
export const HAS_ENDED: u32 = 2;
/** It was there when the window of changes began. */
export const WAS_THERE: u32 = 4;

export function writeKept(
  at: usize,
  key: usize,
  keyLength: u32,
  versionLength: u32,
  value: usize,
  valueLength: u32,
  marks: u32,
): void {
  const keyBytes = keyLength + versionLength;
  store<u32>(at + KEY_LENGTH, keyLength);
  store<u32>(at + VERSION_LENGTH, versionLength | (marks << MARKS_SHIFT));
  store<u32>(at + VALUE_LENGTH, valueLength);
  memory.copy(at + KEPT_HEADER, key, keyBytes);
  memory.copy(at + KEPT_HEADER + keyBytes, value, valueLength);
}

export function keptSize(pair: usize): u32 {
  return KEPT_HEADER + pairKeyLength(pair) + pairVersionLength(pair) + pairValueLength(pair);
}

/** By the bytes of their keys. */
export function comparePairs(a: usize, b: usize): i32 {
  const aLength = pairKeyLength(a);
  const bLength = pairKeyLength(b);
  const bytes = memory.compare(pairKey(a), pairKey(b), min(aLength, bLength));
  return bytes !== 0 ? bytes : <i32>aLength - <i32>bLength;
}

export function pairKey(pair: usize): usize {
  return pair + KEPT_HEADER;
}

export function pairKeyLength(pair: usize): u32 {
  return load<u32>(pair + KEY_LENGTH);
}

export function pairVersionLength(pair: usize): u32 {
  return load<u32>(pair + VERSION_LENGTH) & VERSION_LENGTH_BITS;
}

export function pairMarks(pair: usize): u32 {
  return load<u32>(pair + VERSION_LENGTH) >>> MARKS_SHIFT;
}

export function pairValue(pair: usize): usize {
  return pairKey(pair) + pairKeyLength(pair) + pairVersionLength(pair);
}

export function pairValueLength(pair: usize): u32 {
  return load<u32>(pair + VALUE_LENGTH);
}
