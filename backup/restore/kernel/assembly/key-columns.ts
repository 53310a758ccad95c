import * as config from './config';
import { at, byte, keyInt, readEnd, seek } from './reader';
import { placeBlob, placeText, setInteger } from './record';
import { CONFIG, gaveUp, giveUp, word } from './state';
import { setTimestamp } from './timestamp';
import { isUtf8 } from './utf8';

/** Columns of a row's key: what backup/format/datum/key-decoder.ts reads, for the types that keys mostly have. */

const MARK_BYTES: u32 = 0x12;
const MARK_TIME: u32 = 0x14;
const UUID_BYTES: u32 = 16;

/** Bytes of the key column that is being read, without escapes. */
const UNESCAPED: usize = memory.data(16384);

/** Reads the key columns into the record. A column that is not wanted is read all the same. */
export function readKeyColumns(): void {
  const count = word(config.KEY_COLUMN_COUNT);
  for (let i = 0; i < count && !gaveUp(); i++) {
    const entry = CONFIG + config.KEY_COLUMNS + (i << 3);
    readColumn(load<i32>(entry), load<i32>(entry + 4));
  }
}

function readColumn(operation: i32, slot: i32): void {
  switch (operation) {
    case config.KEY_INT:
      return setInteger(slot, keyInt());
    case config.KEY_INT_DESCENDING:
      return setInteger(slot, -1 - keyInt());
    case config.KEY_DATE:
      return setDate(slot, keyInt());
    case config.KEY_DATE_DESCENDING:
      return setDate(slot, -1 - keyInt());
    case config.KEY_TIMESTAMP: {
      if (byte() !== MARK_TIME) return giveUp();
      const seconds = keyInt();
      return setTimestamp(slot, seconds, keyInt());
    }
    case config.KEY_TIMESTAMP_DESCENDING: {
      if (byte() !== MARK_TIME) return giveUp();
      const seconds = -1 - keyInt();
      return setTimestamp(slot, seconds, -1 - keyInt());
    }
    default:
      return readBytes(operation, slot);
  }
}

/** Days beyond the calendar are the infinities: left to others. */
export function setDate(slot: i32, days: i64): void {
  if (days < word(config.DATE_MIN) || days > word(config.DATE_MAX)) return giveUp();
  setInteger(slot, days);
}

/** Data with each 00 as 00 ff, at the end 00 01. */
function readBytes(operation: i32, slot: i32): void {
  if (byte() !== MARK_BYTES) return giveUp();
  const end = readEnd();
  let from = at();
  let length: u32 = 0;
  for (;;) {
    if (from + 1 >= end) return giveUp();
    const value = load<u8>(from);
    from++;
    if (value === 0) {
      const next = load<u8>(from);
      from++;
      if (next === 0x01) break;
      if (next !== 0xff) return giveUp();
    }
    store<u8>(UNESCAPED + length, value);
    length++;
  }
  seek(from);
  if (operation === config.KEY_TEXT) {
    if (!isUtf8(UNESCAPED, UNESCAPED + length)) return giveUp();
    memory.copy(placeText(slot, length), UNESCAPED, length);
    return;
  }
  if (operation === config.KEY_UUID && length !== UUID_BYTES) return giveUp();
  memory.copy(placeBlob(slot, length), UNESCAPED, length);
}
