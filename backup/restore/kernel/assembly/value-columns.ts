import * as config from './config';
import { readDecimal } from './decimal';
import { setDate } from './key-columns';
import {
  at,
  bigEndianVarint,
  hasMore,
  littleEndianVarint,
  seek,
  take,
  unsigned,
  zigzag,
} from './reader';
import { placeBlob, placeText, setInt64, setInteger, setNull, setReal } from './record';
import { CONFIG, gaveUp, giveUp, word } from './state';
import { setTimestamp } from './timestamp';
import { isUtf8 } from './utf8';
import {
  TYPE_BYTES,
  TYPE_DECIMAL,
  TYPE_FALSE,
  TYPE_FLOAT,
  TYPE_INT,
  TYPE_LONG,
  TYPE_NULL,
  TYPE_TIME,
  TYPE_TRUE,
  TYPE_UUID,
} from './value-types';

/** Columns of a TUPLE value: what backup/format/datum/row-decoder.ts reads, for the types that most columns have. */

const UUID_BYTES: u32 = 16;

const INFINITY_BITS: u64 = (<u64>0x7ff) << 52;

/** Reads up to the reader's end. */
export function readValueColumns(): void {
  const idMax = <u32>word(config.COLUMN_ID_MAX);
  let id: u32 = 0;
  while (hasMore()) {
    const tag = bigEndianVarint();
    let type = tag & 15;
    id = min(id + (tag >>> 4), idMax + 1);
    if (type === TYPE_LONG) type = bigEndianVarint();
    const operation = id <= idMax ? <i32>load<u8>(CONFIG + config.COLUMN_OPS + id) : 0;
    if (operation === 0) {
      skip(type);
      continue;
    }
    const slot = <i32>load<u16>(CONFIG + config.COLUMN_SLOTS + (id << 1));
    if (type === TYPE_NULL) setNull(slot);
    else readColumn(operation, type, slot);
  }
}

function readColumn(operation: i32, type: u32, slot: i32): void {
  switch (operation) {
    case config.VALUE_INT:
      if (type !== TYPE_INT) return giveUp();
      return setInteger(slot, zigzag());
    case config.VALUE_DECIMAL: {
      if (type !== TYPE_DECIMAL) return giveUp();
      const from = take(littleEndianVarint());
      const end = at();
      if (gaveUp()) return;
      seek(from);
      return readDecimal(slot, end);
    }
    case config.VALUE_TEXT:
      if (type !== TYPE_BYTES) return giveUp();
      return copyText(slot);
    case config.VALUE_BYTES:
      if (type !== TYPE_BYTES) return giveUp();
      return copyBytes(slot, bigEndianVarint());
    case config.VALUE_UUID:
      if (type !== TYPE_UUID) return giveUp();
      return copyBytes(slot, UUID_BYTES);
    case config.VALUE_TIMESTAMP: {
      if (type !== TYPE_TIME) return giveUp();
      const seconds = zigzag();
      return setTimestamp(slot, seconds, zigzag());
    }
    case config.VALUE_DATE:
      if (type !== TYPE_INT) return giveUp();
      return setDate(slot, zigzag());
    case config.VALUE_BOOL:
      if (type !== TYPE_TRUE && type !== TYPE_FALSE) return giveUp();
      return setInteger(slot, type === TYPE_TRUE ? 1 : 0);
    case config.VALUE_FLOAT:
      if (type !== TYPE_FLOAT) return giveUp();
      return setFloat(slot, unsigned(8));
    default:
      return giveUp();
  }
}

function copyText(slot: i32): void {
  const length = bigEndianVarint();
  const from = take(length);
  if (gaveUp()) return;
  if (!isUtf8(from, from + length)) return giveUp();
  memory.copy(placeText(slot, length), from, gaveUp() ? 0 : length);
}

function copyBytes(slot: i32, length: u32): void {
  const from = take(length);
  if (gaveUp()) return;
  memory.copy(placeBlob(slot, length), from, gaveUp() ? 0 : length);
}

/** The integer that catalog/types/float.ts maps a double to. */
function setFloat(slot: i32, bits: u64): void {
  const magnitude = bits & <u64>i64.MAX_VALUE;
  if (magnitude === 0) {
    if (bits === 0) setInteger(slot, 0);
    else setReal(slot, bits);
  } else if (magnitude > INFINITY_BITS) setInt64(slot, i64.MIN_VALUE);
  else setInteger(slot, <i64>bits >= 0 ? <i64>bits : <i64>bits ^ i64.MAX_VALUE);
}

/** A column that the table does not have any more. */
function skip(type: u32): void {
  switch (type) {
    case TYPE_NULL:
    case TYPE_TRUE:
    case TYPE_FALSE:
      return;
    case TYPE_INT:
      zigzag();
      return;
    case TYPE_FLOAT:
      take(8);
      return;
    case TYPE_DECIMAL:
      take(littleEndianVarint());
      return;
    case TYPE_TIME:
      zigzag();
      zigzag();
      return;
    case TYPE_UUID:
      take(UUID_BYTES);
      return;
    case TYPE_BYTES:
      take(bigEndianVarint());
      return;
    default:
      giveUp();
  }
}
