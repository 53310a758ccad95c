import { giveUp, SLOTS_MAX } from './state';

/** A row as a SQLite record: what storage/staging/record-builder.ts makes, in the kernel's memory. */

const TYPES: usize = memory.data(4096);
const STARTS: usize = memory.data(4096);
const LENGTHS: usize = memory.data(4096);

/** Bytes of the values of one row, in the order in which they were set. */
const BODY: usize = memory.data(65536);
const BODY_BYTES: u32 = 65536;

const SERIAL_INT48: u32 = 5;
const SERIAL_INT64: u32 = 6;
const SERIAL_REAL: u32 = 7;
const SERIAL_ZERO: u32 = 8;
const SERIAL_BLOB: u32 = 12;
const SERIAL_TEXT: u32 = 13;

let used: u32 = 0;
let slotCount: i32 = 0;
let headerLength: u32 = 0;

/** @param count of slots, at most SLOTS_MAX */
export function openRecord(count: i32): void {
  if (count > SLOTS_MAX) giveUp();
  slotCount = count;
}

/** Begins a row: all NULL. */
export function clearRecord(): void {
  used = 0;
  memory.fill(TYPES, 0, slotCount << 2);
  memory.fill(LENGTHS, 0, slotCount << 2);
}

/** @returns where the value's bytes belong; the body's beginning, having given up, when it is full */
export function take(slot: i32, type: u32, length: u32): usize {
  const start = used;
  if (length > BODY_BYTES - start) {
    giveUp();
    return BODY;
  }
  store<u32>(TYPES + (slot << 2), type);
  store<u32>(STARTS + (slot << 2), start);
  store<u32>(LENGTHS + (slot << 2), length);
  used = start + length;
  return BODY + start;
}

export function setNull(slot: i32): void {
  store<u32>(TYPES + (slot << 2), 0);
  store<u32>(LENGTHS + (slot << 2), 0);
}

export function setInteger(slot: i32, value: i64): void {
  if (value === 0 || value === 1) {
    store<u32>(TYPES + (slot << 2), SERIAL_ZERO + <u32>value);
    store<u32>(LENGTHS + (slot << 2), 0);
    return;
  }
  // How many bits are more than the sign.
  const bits = 64 - <u32>clz<u64>(<u64>(value ^ (value >> 63)));
  if (bits < 8) store<u8>(take(slot, 1, 1), <u8>value);
  else if (bits < 16) store<u16>(take(slot, 2, 2), bswap<u16>(<u16>value));
  else if (bits < 24) {
    const at = take(slot, 3, 3);
    store<u8>(at, <u8>(value >> 16));
    store<u16>(at + 1, bswap<u16>(<u16>value));
  } else if (bits < 32) store<u32>(take(slot, 4, 4), bswap<u32>(<u32>value));
  else if (bits < 48) {
    const at = take(slot, SERIAL_INT48, 6);
    store<u16>(at, bswap<u16>(<u16>(value >> 32)));
    store<u32>(at + 2, bswap<u32>(<u32>value));
  } else setInt64(slot, value);
}

/** An integer that takes all 64 bits. */
export function setInt64(slot: i32, value: i64): void {
  store<u64>(take(slot, SERIAL_INT64, 8), bswap<u64>(<u64>value));
}

/** @param bits of an IEEE double */
export function setReal(slot: i32, bits: u64): void {
  store<u64>(take(slot, SERIAL_REAL, 8), bswap<u64>(bits));
}

/** @returns where the text belongs */
export function placeText(slot: i32, length: u32): usize {
  return take(slot, SERIAL_TEXT + 2 * length, length);
}

/** @returns where the bytes belong */
export function placeBlob(slot: i32, length: u32): usize {
  return take(slot, SERIAL_BLOB + 2 * length, length);
}

export function varintLength(value: u32): u32 {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

export function writeVarint(at: usize, value: u32): usize {
  if (value < 0x80) {
    store<u8>(at, <u8>value);
    return at + 1;
  }
  const end = at + varintLength(value);
  let rest = value;
  let position = end - 1;
  store<u8>(position, <u8>(rest & 0x7f));
  for (rest >>>= 7; position > at; rest >>>= 7) {
    position--;
    store<u8>(position, <u8>((rest & 0x7f) | 0x80));
  }
  return end;
}

/** @returns the record's length */
export function measureRecord(): u32 {
  let header: u32 = 0;
  let body: u32 = 0;
  for (let i = 0; i < slotCount << 2; i += 4) {
    header += varintLength(load<u32>(TYPES + i));
    body += load<u32>(LENGTHS + i);
  }
  // The length counts itself.
  headerLength = header + (header < 0x7f ? 1 : header < 0x3ffe ? 2 : 3);
  return headerLength + body;
}

/** Writes the record that `measureRecord` has measured. */
export function writeRecord(to: usize): void {
  let at = writeVarint(to, headerLength);
  for (let i = 0; i < slotCount << 2; i += 4) at = writeVarint(at, load<u32>(TYPES + i));
  // Values that lie one after the other are copied together.
  let from: u32 = 0;
  let end: u32 = 0;
  for (let i = 0; i < slotCount << 2; i += 4) {
    const length = load<u32>(LENGTHS + i);
    if (length === 0) continue;
    const start = load<u32>(STARTS + i);
    if (start !== end) {
      memory.copy(at, BODY + from, end - from);
      at += end - from;
      from = start;
    }
    end = start + length;
  }
  memory.copy(at, BODY + from, end - from);
}
