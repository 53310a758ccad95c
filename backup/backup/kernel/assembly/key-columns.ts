import * as config from './config';
import { integer, isNull, sizeOf, startOf } from './record';
import { CONFIG, markOdd, word } from './state';
import { microsOf, secondsOf } from './timestamp';
import { keyInt, putByte } from './writer';

/** Columns of a key: what backup/format/datum/stored-encoder.ts writes, for the types that keys mostly have. */

const NULL_ASCENDING: u32 = 0x00;
const NULL_DESCENDING: u32 = 0xff;
const MARK_BYTES: u32 = 0x12;
const MARK_BYTES_DESCENDING: u32 = 0x13;
const MARK_TIME: u32 = 0x14;

/** @param at,count of the columns in CONFIG @returns whether any is NULL */
export function writeKeyColumns(at: i32, count: i32): bool {
  let hasNull = false;
  for (let i = 0; i < count; i++) {
    const column = CONFIG + at + (i << 3);
    const operation = load<i32>(column);
    const slot = load<i32>(column + 4);
    const isDescending = (operation & config.DESCENDING) !== 0;
    if (isNull(slot)) {
      putByte(isDescending ? NULL_DESCENDING : NULL_ASCENDING);
      hasNull = true;
    } else writeColumn(operation & ~config.DESCENDING, slot, isDescending);
  }
  return hasNull;
}

function writeColumn(operation: i32, slot: i32, isDescending: bool): void {
  switch (operation) {
    case config.KEY_INT:
      return writeInt(integer(slot), isDescending);
    case config.KEY_DATE: {
      const days = integer(slot);
      if (isInfinite(days)) return markOdd();
      return writeInt(days, isDescending);
    }
    case config.KEY_TIMESTAMP: {
      const micros = integer(slot);
      putByte(MARK_TIME);
      writeInt(secondsOf(micros), isDescending);
      return writeInt(microsOf(micros) * 1000, isDescending);
    }
    case config.KEY_BYTES:
      return writeBytes(startOf(slot), sizeOf(slot), isDescending);
    default:
      markOdd();
  }
}

/** Days beyond the calendar are the infinities: left to JavaScript. */
export function isInfinite(days: i64): bool {
  return days < word(config.DATE_MIN) || days > word(config.DATE_MAX);
}

function writeInt(value: i64, isDescending: bool): void {
  keyInt(isDescending ? -1 - value : value);
}

/** Data with each 00 as 00 ff, at the end 00 01; descending: all of it complemented. */
function writeBytes(from: usize, length: u32, isDescending: bool): void {
  const flip: u32 = isDescending ? 0xff : 0;
  putByte(isDescending ? MARK_BYTES_DESCENDING : MARK_BYTES);
  for (let at = from; at < from + length; at++) {
    const byte = load<u8>(at) as u32;
    putByte(byte ^ flip);
    if (byte === 0) putByte(0xff ^ flip);
  }
  putByte(flip);
  putByte(0x01 ^ flip);
}
