import * as config from './config';
import { CONFIG, markOdd, word } from './state';

/** A SQLite record, read value by value: what storage/staging/record-reader.ts does. */

const SLOTS_MAX: i32 = 1024;
const TYPES: usize = memory.data(4096);
const STARTS: usize = memory.data(4096);

const SIZES: usize = memory.data<u8>([0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0]);

/** Of the layout. */
const NO_SLOT: u32 = 0xffff;

const SERIAL_NULL: u32 = 0;
const SERIAL_INT48: u32 = 5;
const SERIAL_INT64: u32 = 6;
const SERIAL_REAL: u32 = 7;
const SERIAL_ZERO: u32 = 8;
const SERIAL_ONE: u32 = 9;
const SERIAL_BLOB: u32 = 12;

let position: usize = 0;

function varint(): u32 {
  let byte = load<u8>(position++) as u32;
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  do {
    byte = load<u8>(position++);
    value = (value << 7) | (byte & 0x7f);
  } while (byte >= 0x80);
  return value;
}

/** @param type as a record's header has it */
function valueBytes(type: u32): u32 {
  return type >= SERIAL_BLOB ? (type - SERIAL_BLOB) >>> 1 : (load<u8>(SIZES + type) as u32);
}

/** @param slotCount at most SLOTS_MAX */
export function readRecord(at: usize, slotCount: i32): void {
  position = at;
  const headerEnd = at + varint();
  let start = headerEnd;
  const count = min(slotCount, SLOTS_MAX) << 2;
  for (let slot = 0; slot < count; slot += 4) {
    const type = varint();
    store<u32>(TYPES + slot, type);
    store<u32>(STARTS + slot, <u32>start);
    start += valueBytes(type);
  }
  if (position !== headerEnd) markOdd();
}

/** A record as the store keeps it: slots that have no value in it are NULL. @param rowid 8 bytes */
export function readStored(at: usize, slotCount: i32, rowid: usize): void {
  memory.fill(TYPES, 0, min(slotCount, SLOTS_MAX) << 2);
  const layoutEnd = CONFIG + config.LAYOUT + (word(config.LAYOUT_COUNT) << 1);
  position = at;
  const headerEnd = at + varint();
  let start = headerEnd;
  for (let layout = CONFIG + config.LAYOUT; position < headerEnd; layout += 2) {
    const type = varint();
    const slot: u32 = layout < layoutEnd ? (load<u16>(layout) as u32) : NO_SLOT;
    if (slot !== NO_SLOT) {
      store<u32>(TYPES + (slot << 2), type);
      store<u32>(STARTS + (slot << 2), <u32>start);
    }
    start += valueBytes(type);
  }
  if (position !== headerEnd) markOdd();
  const slot = word(config.ROWID_SLOT);
  if (slot < 0) return;
  store<u32>(TYPES + (slot << 2), SERIAL_INT64);
  store<u32>(STARTS + (slot << 2), <u32>rowid);
}

function typeOf(slot: i32): u32 {
  return load<u32>(TYPES + (slot << 2));
}

export function isNull(slot: i32): bool {
  return typeOf(slot) === SERIAL_NULL;
}

export function isReal(slot: i32): bool {
  return typeOf(slot) === SERIAL_REAL;
}

export function isWide(slot: i32): bool {
  return typeOf(slot) === SERIAL_INT64;
}

/** Where the value's bytes begin. */
export function startOf(slot: i32): usize {
  return load<u32>(STARTS + (slot << 2));
}

/** Bytes of a text or blob; anything else is odd. */
export function sizeOf(slot: i32): u32 {
  const type = typeOf(slot);
  if (type < SERIAL_BLOB) {
    markOdd();
    return 0;
  }
  return (type - SERIAL_BLOB) >>> 1;
}

/** An INTEGER; anything else is odd. */
export function integer(slot: i32): i64 {
  const at = startOf(slot);
  switch (typeOf(slot)) {
    case SERIAL_ZERO:
      return 0;
    case SERIAL_ONE:
      return 1;
    case 1:
      return <i64>load<i8>(at);
    case 2:
      return <i64>(<i16>bswap<u16>(load<u16>(at)));
    case 3:
      return ((<i64>load<i8>(at)) << 16) | (<i64>bswap<u16>(load<u16>(at + 1)) & 0xffff);
    case 4:
      return <i64>(<i32>bswap<u32>(load<u32>(at)));
    case SERIAL_INT48:
      return (
        ((<i64>(<i16>bswap<u16>(load<u16>(at)))) << 32) | <i64>(<u64>bswap<u32>(load<u32>(at + 2)))
      );
    case SERIAL_INT64:
      return <i64>bswap<u64>(load<u64>(at));
    default:
      markOdd();
      return 0;
  }
}
