/**
 * Pairs that wait until all of an index are there, and their order. Each is at a pointer: lengths of key, version and value, u32
 * each, then the three.
 */

const KEY_LENGTH: u32 = 0;
const VERSION_LENGTH: u32 = 4;
const VALUE_LENGTH: u32 = 8;
const HEADER: u32 = 12;
const POINTER: u32 = 4;
/** Of pairs, and of their pointers apart; more are sorted by others. */
const PAIR_BYTES_MAX: u32 = 32 << 20;

let start: usize = 0;
let end: usize = 0;
let limit: usize = 0;
let count: u32 = 0;
let order: usize = 0;
let next: u32 = 0;

/** @param at where all memory from there on is free */
export function openPairs(at: usize): void {
  start = at;
  end = at;
  limit = (<usize>memory.size()) << 16;
  count = 0;
  next = 0;
}

/** @returns false when there is no memory up to there */
function reserve(to: usize): bool {
  if (to <= limit) return true;
  // In steps of a megabyte at least.
  const pages = ((to - limit) >>> 16) + 16;
  if (memory.grow(<i32>pages) < 0) return false;
  limit += pages << 16;
  return true;
}

/** Keeps a pair. @returns false when there are too many */
export function keepPair(
  key: usize,
  keyLength: u32,
  versionLength: u32,
  value: usize,
  size: u32,
): bool {
  const keyBytes = keyLength + versionLength;
  const after = end + HEADER + keyBytes + size;
  if (after - start > PAIR_BYTES_MAX || !reserve(after)) return false;
  store<u32>(end + KEY_LENGTH, keyLength);
  store<u32>(end + VERSION_LENGTH, versionLength);
  store<u32>(end + VALUE_LENGTH, size);
  memory.copy(end + HEADER, key, keyBytes);
  memory.copy(end + HEADER + keyBytes, value, size);
  end = after;
  count++;
  return true;
}

function sizeOf(pair: usize): u32 {
  return (
    HEADER +
    load<u32>(pair + KEY_LENGTH) +
    load<u32>(pair + VERSION_LENGTH) +
    load<u32>(pair + VALUE_LENGTH)
  );
}

/** Sorts by the bytes of keys; those of one key keep their order. @returns false when memory is short */
export function sortPairs(): bool {
  order = (end + 7) & ~7;
  const bytes = count * POINTER;
  let spare = order + bytes;
  if (!reserve(spare + bytes)) return false;
  for (let i: u32 = 0, pair = start; i < count; i++) {
    store<u32>(order + i * POINTER, <u32>pair);
    pair += sizeOf(pair);
  }
  for (let width: u32 = 1; width < count; width <<= 1) {
    for (let low: u32 = 0; low < count; low += width << 1) {
      merge(spare, low, min(low + width, count), min(low + (width << 1), count));
    }
    const sorted = spare;
    spare = order;
    order = sorted;
  }
  next = 0;
  return true;
}

/** Of `order`, [low, middle) and [middle, high) to `to`. */
function merge(to: usize, low: u32, middle: u32, high: u32): void {
  let left = low;
  let right = middle;
  for (let i = low; i < high; i++) {
    const isLeft = left < middle && (right === high || compare(pairAt(left), pairAt(right)) <= 0);
    store<u32>(to + i * POINTER, <u32>pairAt(isLeft ? left++ : right++));
  }
}

function pairAt(i: u32): usize {
  return load<u32>(order + i * POINTER);
}

function compare(a: usize, b: usize): i32 {
  const aLength = load<u32>(a + KEY_LENGTH);
  const bLength = load<u32>(b + KEY_LENGTH);
  const bytes = memory.compare(a + HEADER, b + HEADER, min(aLength, bLength));
  return bytes !== 0 ? bytes : <i32>aLength - <i32>bLength;
}

/** The next pair of the order; 0 at the end. */
export function nextPair(): usize {
  return next === count ? 0 : pairAt(next);
}

export function skipPair(): void {
  next++;
}

export function pairKey(pair: usize): usize {
  return pair + HEADER;
}

export function pairKeyLength(pair: usize): u32 {
  return load<u32>(pair + KEY_LENGTH);
}

export function pairVersionLength(pair: usize): u32 {
  return load<u32>(pair + VERSION_LENGTH);
}

export function pairValue(pair: usize): usize {
  return pair + HEADER + load<u32>(pair + KEY_LENGTH) + load<u32>(pair + VERSION_LENGTH);
}

export function pairValueLength(pair: usize): u32 {
  return load<u32>(pair + VALUE_LENGTH);
}
