import { giveUp } from './state';

/** The entries of a data block: what backup/format/sstable/row-block.ts walks. */

/** The current key; longer ones are given up on. */
export const KEY: usize = memory.data(16384);
const KEY_BYTES_MAX: u32 = 16384;

let position: usize = 0;
let end: usize = 0;
let sharedMax: u32 = 0;
let length: u32 = 0;
let common: u32 = 0;
let before: i32 = -1;
let valueFrom: usize = 0;
let valueTo: usize = 0;

export function keyLength(): u32 {
  return length;
}

/** Leading bytes that the key has in common with the key before it. */
export function commonLength(): u32 {
  return common;
}

/** What the key before had at `commonLength`; -1 when it ended there. */
export function previousByte(): i32 {
  return before;
}

export function valueStart(): usize {
  return valueFrom;
}

export function valueEnd(): usize {
  return valueTo;
}

export function openBlock(block: usize, size: u32): void {
  sharedMax = 0;
  position = block;
  end = block;
  if (size < 8) return giveUp();
  const restarts = load<u32>(block + size - 4);
  if (restarts < 1 || restarts > (size - 4) / 4) return giveUp();
  end = block + size - 4 - restarts * 4;
}

/** Forgets the key before: another file begins. */
export function forgetKey(): void {
  length = 0;
}

/** @returns false at the end of the block, or having given up */
export function nextEntry(): bool {
  if (position >= end) return false;
  // The restart array is at least 8 bytes long: these three never lie outside the block.
  let shared = load<u8>(position) as u32;
  let unshared = load<u8>(position + 1) as u32;
  let valueLength = load<u8>(position + 2) as u32;
  if ((shared | unshared | valueLength) < 0x80) position += 3;
  else {
    shared = varint();
    unshared = varint();
    valueLength = varint();
  }
  const left = end > position ? <u32>(end - position) : 0;
  if (shared > sharedMax || unshared > left || valueLength > left - unshared) {
    giveUp();
    return false;
  }
  if (!setKey(shared, unshared)) return false;
  valueFrom = position + unshared;
  valueTo = valueFrom + valueLength;
  position = valueTo;
  return true;
}

function setKey(shared: u32, unshared: u32): bool {
  const total = shared + unshared;
  if (total > KEY_BYTES_MAX) {
    giveUp();
    return false;
  }
  const commonMax = min(total, length);
  let to = shared;
  let from = position;
  while (to < commonMax && load<u8>(KEY + to) === load<u8>(from)) {
    to++;
    from++;
  }
  common = to;
  before = to < length ? <i32>load<u8>(KEY + to) : -1;
  memory.copy(KEY + to, from, total - to);
  length = total;
  sharedMax = total;
  return true;
}

function varint(): u32 {
  let value: u32 = 0;
  for (let shift: u32 = 0; shift < 28; shift += 7) {
    if (position >= end) break;
    const byte = load<u8>(position) as u32;
    position++;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  giveUp();
  return 0;
}
