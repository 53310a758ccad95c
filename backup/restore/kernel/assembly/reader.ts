import { gaveUp, giveUp } from './state';

/** A cursor over the bytes of a key or a value. Reads beyond the end give up and return 0. */

let position: usize = 0;
let end: usize = 0;

export function read(from: usize, to: usize): void {
  position = from;
  end = to;
}

export function at(): usize {
  return position;
}

export function seek(to: usize): void {
  position = to;
}

export function readEnd(): usize {
  return end;
}

export function hasMore(): bool {
  return position < end && !gaveUp();
}

export function byte(): u32 {
  if (position >= end) {
    giveUp();
    return 0;
  }
  const value = load<u8>(position) as u32;
  position++;
  return value;
}

/** Skips bytes. @returns where they start */
export function take(count: u32): usize {
  const from = position;
  if (count > <u32>(end - from)) {
    giveUp();
    return from;
  }
  position = from + count;
  return from;
}

/** Base 128, most significant group first: tags, lengths. */
export function bigEndianVarint(): u32 {
  let next = byte();
  if (next < 0x80) return next;
  let value = next & 0x7f;
  for (let i = 0; i < 3; i++) {
    next = byte();
    value = (value << 7) | (next & 0x7f);
    if (next < 0x80) return value;
  }
  giveUp();
  return 0;
}

/** LEB128: lengths of decimals. */
export function littleEndianVarint(): u32 {
  let value: u32 = 0;
  for (let shift: u32 = 0; shift < 28; shift += 7) {
    const next = byte();
    value |= (next & 0x7f) << shift;
    if (next < 0x80) return value;
  }
  giveUp();
  return 0;
}

/** Zig-zag LEB128. */
export function zigzag(): i64 {
  let next = byte();
  if (next < 0x80) return <i64>(next >>> 1) ^ -(<i64>(next & 1));
  let value: u64 = next & 0x7f;
  for (let shift: u64 = 7; shift < 63; shift += 7) {
    next = byte();
    value |= (<u64>(next & 0x7f)) << shift;
    if (next < 0x80) return <i64>(value >> 1) ^ -(<i64>(value & 1));
  }
  next = byte();
  if (next > 1) giveUp();
  value |= (<u64>next) << 63;
  return <i64>(value >> 1) ^ -(<i64>(value & 1));
}

/** Big endian. @param count at most 8 */
export function unsigned(count: u32): u64 {
  const from = take(count);
  if (gaveUp()) return 0;
  let value: u64 = 0;
  for (let i: u32 = 0; i < count; i++) value = (value << 8) | (load<u8>(from + i) as u64);
  return value;
}

/** Order-preserving unsigned varint of small numbers: exponents. */
export function keyUnsigned(): i32 {
  const first = byte();
  if (first < 0x88 || first > 0xf8) {
    giveUp();
    return 0;
  }
  return first <= 0xf5 ? <i32>(first - 0x88) : <i32>unsigned(first - 0xf5);
}

/** Order-preserving signed varint, ascending. */
export function keyInt(): i64 {
  const first = byte();
  if (first >= 0x88) {
    if (first <= 0xf5) return <i64>(first - 0x88);
    if (first > 0xfd) {
      giveUp();
      return 0;
    }
    const value = <i64>unsigned(first - 0xf5);
    if (value < 0) giveUp();
    return value;
  }
  const count = 0x88 - first;
  if (count > 8) {
    giveUp();
    return 0;
  }
  const value = unsigned(count);
  // Eight bytes of it wrap around to the very number.
  return count < 8 ? <i64>(value - ((<u64>1) << (count * 8))) : <i64>value;
}
