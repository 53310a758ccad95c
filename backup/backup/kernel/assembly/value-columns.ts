import {
  TYPE_BYTES,
  TYPE_DECIMAL,
  TYPE_FALSE,
  TYPE_FLOAT,
  TYPE_INET,
  TYPE_INT,
  TYPE_TIME,
  TYPE_TRUE,
  TYPE_UUID,
} from '../../../restore/kernel/assembly/value-types';
import * as config from './config';
import { writeDecimal } from './decimal';
import { isInfinite } from './key-columns';
import { integer, isNull, isReal, sizeOf, startOf } from './record';
import { CONFIG, markOdd, word } from './state';
import { microsOf, secondsOf } from './timestamp';
import { bigEndianVarint, putBytes, putU64, zigzag } from './writer';

/** Columns of a value, each with its tag: what TupleWriter writes, for the types that most columns have. */

const NAN_BITS: u64 = ((<u64>0x7ff80000) << 32) | 1;
const NEGATIVE_ZERO_BITS: u64 = (<u64>1) << 63;

export function writeValueColumns(): void {
  const count = word(config.VALUE_COUNT);
  let before: u32 = 0;
  for (let i = 0; i < count; i++) {
    const column = CONFIG + config.VALUE_COLUMNS + i * 12;
    const slot = load<i32>(column + 4);
    if (isNull(slot)) continue;
    const id = load<u32>(column + 8);
    writeColumn(load<i32>(column), slot, (id - before) << 4);
    before = id;
  }
}

/** @param tag without the type */
function writeColumn(operation: i32, slot: i32, tag: u32): void {
  switch (operation) {
    case config.VALUE_INT:
      bigEndianVarint(tag | TYPE_INT);
      return zigzag(integer(slot));
    case config.VALUE_DECIMAL:
      bigEndianVarint(tag | TYPE_DECIMAL);
      return writeDecimal(startOf(slot), sizeOf(slot));
    case config.VALUE_BYTES: {
      bigEndianVarint(tag | TYPE_BYTES);
      const size = sizeOf(slot);
      bigEndianVarint(size);
      return putBytes(startOf(slot), size);
    }
    case config.VALUE_TIMESTAMP: {
      bigEndianVarint(tag | TYPE_TIME);
      const micros = integer(slot);
      zigzag(secondsOf(micros));
      return zigzag(microsOf(micros) * 1000);
    }
    case config.VALUE_DATE: {
      bigEndianVarint(tag | TYPE_INT);
      const days = integer(slot);
      if (isInfinite(days)) return markOdd();
      return zigzag(days);
    }
    case config.VALUE_BOOL:
      return bigEndianVarint(tag | (integer(slot) === 0 ? TYPE_FALSE : TYPE_TRUE));
    case config.VALUE_FLOAT:
      bigEndianVarint(tag | TYPE_FLOAT);
      return writeFloat(slot);
    case config.VALUE_UUID:
      bigEndianVarint(tag | TYPE_UUID);
      return putBytes(startOf(slot), sizeOf(slot));
    case config.VALUE_INET:
      bigEndianVarint(tag | TYPE_INET);
      return putBytes(startOf(slot), sizeOf(slot));
    default:
      markOdd();
  }
}

/** From the integer that catalog/types/float.ts maps a double to; the negative zero alone is a REAL. */
function writeFloat(slot: i32): void {
  if (isReal(slot)) {
    const bits = bswap<u64>(load<u64>(startOf(slot)));
    if (bits !== NEGATIVE_ZERO_BITS) return markOdd();
    return putU64(bits);
  }
  const mapped = integer(slot);
  if (mapped === i64.MIN_VALUE) putU64(NAN_BITS);
  else putU64(<u64>(mapped >= 0 ? mapped : mapped ^ i64.MAX_VALUE));
}
