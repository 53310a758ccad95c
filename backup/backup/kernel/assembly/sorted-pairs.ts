import { BLOCK, BLOCK_BYTES_MAX } from './block';
import { comparePairs, KEPT_HEADER, keptSize, writeKept } from './kept-pair';

/** Pairs that wait until all of an index are there, or as many as are held, and their order. */

const POINTER: u32 = 4;
let start: usize = 0;
let end: usize = 0;
let limit: usize = 0;
let bytesMax: u32 = 0;
let count: u32 = 0;
let order: usize = 0;
let next: u32 = 0;

/** @param at where all memory from there on is free @param most bytes of pairs that are held, their pointers apart */
export function openPairs(at: usize, most: u32): void {
  start = at;
  limit = (<usize>memory.size()) << 16;
  bytesMax = most;
  clearPairs();
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

/** Where pairs are: all memory from there on, while none is held. */
export function pairArea(bytes: usize): usize {
  return reserve(start + bytes) ? start : 0;
}

/** Keeps a pair. @returns false when there are too many, or memory is short */
export function keepPair(
  key: usize,
  keyLength: u32,
  versionLength: u32,
  value: usize,
  size: u32,
  marks: u32,
): bool {
  const after = end + KEPT_HEADER + keyLength + versionLength + size;
  const isTooMuch = count > 0 && after - start > bytesMax;
  if (isTooMuch || !reserve(after)) return false;
  writeKept(end, key, keyLength, versionLength, value, size, marks);
  end = after;
  count++;
  return true;
}

/** Sorts by the bytes of keys; those of one key keep their order. @returns false when memory is short */
export function sortPairs(): bool {
  order = (end + 7) & ~7;
  const bytes = count * POINTER;
  let spare = order + bytes;
  if (!reserve(spare + bytes)) return false;
  for (let i: u32 = 0, pair = start; i < count; i++) {
    store<u32>(order + i * POINTER, <u32>pair);
    pair += keptSize(pair);
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
    const isLeft =
      left < middle && (right === high || comparePairs(pairAt(left), pairAt(right)) <= 0);
    store<u32>(to + i * POINTER, <u32>pairAt(isLeft ? left++ : right++));
  }
}

function pairAt(i: u32): usize {
  return load<u32>(order + i * POINTER);
}

/** The next pair of the order; 0 at the end. */
export function nextPair(): usize {
  return next === count ? 0 : pairAt(next);
}

export function skipPair(): void {
  next++;
}

/** Moves pairs, in their order, to the place of blocks, which is free while pairs are kept. @returns their bytes; 0 at the end */
export function fillRun(): u32 {
  let to = BLOCK;
  for (; next < count; next++) {
    const pair = pairAt(next);
    const size = keptSize(pair);
    if (to + size > BLOCK + BLOCK_BYTES_MAX) break;
    memory.copy(to, pair, size);
    to += size;
  }
  return <u32>(to - BLOCK);
}

/** Forgets all pairs. */
export function clearPairs(): void {
  end = start;
  count = 0;
  next = 0;
}
