import { crc32 } from '../../../restore/kernel/assembly/crc32';
import { ADDED, add, IS_FULL, openBlock, TRAILER_BYTES } from './block';
import * as config from './config';
import { isInOnePiece, nextCell, record, rowid } from './image';
import { writeKeyColumns } from './key-columns';
import { integer, isNull, isWide, readRecord, readStored } from './record';
import {
  keepPair,
  nextPair,
  openPairs,
  pairKey,
  pairKeyLength,
  pairValue,
  pairValueLength,
  pairVersionLength,
  skipPair,
  sortPairs,
} from './sorted-pairs';
import { CONFIG, clearOdd, markOdd, odd, word } from './state';
import { writeValueColumns } from './value-columns';
import { putByte, putBytes, putU64, writeTo, written } from './writer';

export {
  BLOCK,
  blockContentBytes,
  blockEntries,
  blockFirstKeyLength,
  blockKeyBytes,
  blockLastKeyLength,
  blockLastLength,
  blockValueBytes,
  clearBlock,
  finishBlock,
  LAST_KEY,
  NEWEST,
  OLDEST,
} from './block';
export { cellOffset, openImage, openPages, rowCount } from './image';
export { CONFIG } from './state';
export { sortPairs };

/** Rows in the image of a SQLite table to data blocks of an SSTable. See README.md. */

/** What `run` and `runSorted` have come to. */
const DONE: i32 = 0;
const BLOCK_FULL: i32 = 1;
/** The current row is left to JavaScript. */
const ODD_ROW: i32 = 2;
/** Keys do not ascend. */
const WRONG_ORDER: i32 = 3;
/** There are more pairs than are sorted here. */
const TOO_MANY: i32 = 4;

/**
 * A pair that is being made: key, version and trailer; value. A record is less than 64 KiB, and its bytes become twice as many at
 * most.
 */
export const KEY: usize = memory.data(262144);
export const VALUE: usize = memory.data(458752);

/** Longer ones are left to JavaScript. */
const KEY_BYTES_MAX: u32 = 16384;
const VALUE_BYTES_MAX: u32 = 65536;

const VERSION_BYTES: u32 = 10;
const VERSION_LAST: u32 = 9;
const FAMILY_0: u32 = 0x88;
const HEADER_BYTES: u32 = 5;
const TAG_AT: u32 = 4;

/** Of the pair in KEY and VALUE. */
let keyLength: u32 = 0;
let versionLength: u32 = 0;
let valueLength: u32 = 0;
/** It waits for the full block to be taken. */
let isWaiting: bool = false;

/** After CONFIG was written. @param free where memory is that nothing else uses, up to its end and beyond */
export function openIndex(free: usize): void {
  isWaiting = false;
  openBlock();
  openPairs(free);
}

/** Whether JavaScript may put a pair of these lengths into KEY, with its version after it, and VALUE. */
export function takesPair(key: u32, version: u32, value: u32): bool {
  return key + version + TRAILER_BYTES <= KEY_BYTES_MAX && value <= VALUE_BYTES_MAX;
}

/** Adds the pair in KEY and VALUE. @returns as `run` */
export function addPair(key: u32, version: u32, value: u32): i32 {
  keyLength = key;
  versionLength = version;
  valueLength = value;
  return addCurrent();
}

/** Adds the rows of the image from the current one on. */
export function run(): i32 {
  if (isWaiting) {
    const result = addCurrent();
    if (result !== DONE) return result;
  }
  while (nextCell()) {
    if (!encodeRow()) return ODD_ROW;
    const result = addCurrent();
    if (result !== DONE) return result;
  }
  return DONE;
}

/** Adds the pairs that were sorted to blocks. */
export function runSorted(): i32 {
  for (let pair = nextPair(); pair !== 0; pair = nextPair()) {
    keyLength = pairKeyLength(pair);
    versionLength = pairVersionLength(pair);
    memory.copy(KEY, pairKey(pair), keyLength + versionLength);
    const size = pairValueLength(pair);
    const result = add(KEY, keyLength, versionLength, pairValue(pair), size);
    if (result === IS_FULL) return BLOCK_FULL;
    if (result !== ADDED) return WRONG_ORDER;
    skipPair();
  }
  return DONE;
}

function addCurrent(): i32 {
  isWaiting = false;
  if (word(config.IS_SORTED) !== 0) {
    return keepPair(KEY, keyLength, versionLength, VALUE, valueLength) ? DONE : TOO_MANY;
  }
  const result = add(KEY, keyLength, versionLength, VALUE, valueLength);
  if (result === ADDED) return DONE;
  isWaiting = result === IS_FULL;
  return isWaiting ? BLOCK_FULL : WRONG_ORDER;
}

/** Makes the current row's pair. @returns false when that is left to JavaScript */
function encodeRow(): bool {
  clearOdd();
  if (!isInOnePiece()) return false;
  const slotCount = word(config.SLOT_COUNT);
  if (word(config.LAYOUT_COUNT) === 0) readRecord(record(), slotCount);
  else readStored(record(), slotCount, rowid());
  if (odd()) return false;
  encodePair();
  writeVersion(slotCount - 1);
  return !odd() && takesPair(keyLength, versionLength, valueLength);
}

function encodePair(): void {
  writeTo(KEY);
  putBytes(CONFIG + config.PREFIX, word(config.PREFIX_LENGTH));
  const hasNull = writeKeyColumns(config.KEY_COLUMNS, word(config.KEY_COUNT));
  const isUnique = word(config.IS_UNIQUE) !== 0;
  const suffixCount = word(config.SUFFIX_COUNT);
  if (!isUnique || hasNull) writeKeyColumns(config.SUFFIX_COLUMNS, suffixCount);
  putByte(FAMILY_0);
  keyLength = <u32>(written() - KEY);

  store<u8>(VALUE + TAG_AT, <u8>word(config.VALUE_TAG));
  writeTo(VALUE + HEADER_BYTES);
  if (isUnique) writeKeyColumns(config.SUFFIX_COLUMNS, suffixCount);
  writeValueColumns();
  const end = written();
  valueLength = <u32>(end - VALUE);
  const crc = ~crc32(VALUE + TAG_AT, end, crc32(KEY, KEY + keyLength, 0xffffffff));
  store<u32>(VALUE, bswap<u32>(crc === 0 ? 1 : crc));
}

/** What makes the key one of the storage engine: 00, the time, the length of both. */
function writeVersion(slot: i32): void {
  const end =
    ((load<u32>(CONFIG + config.END_HIGH) as u64) << 32) |
    (load<u32>(CONFIG + config.END_LOW) as u64);
  // A row that has no time of its own has that of the backup.
  const isTimed = !isNull(slot);
  if (isTimed && !isWide(slot)) return markOdd();
  writeTo(KEY + keyLength);
  putByte(0);
  putU64(isTimed ? min<u64>(<u64>integer(slot), end) : end);
  putByte(VERSION_LAST);
  versionLength = VERSION_BYTES;
}
