import { crc32 } from '../../../restore/kernel/assembly/crc32';
import { ADDED, add, IS_FULL, openBlock, TRAILER_BYTES } from './block';
import * as config from './config';
import { isInOnePiece, nextCell, record, rowid } from './image';
import { pairKey, pairKeyLength, pairValue, pairValueLength, pairVersionLength } from './kept-pair';
import { writeKeyColumns } from './key-columns';
import { isRunShort, mergedPair, skipMerged } from './merged-runs';
import { integer, isNull, isWide, readRecord, readStored } from './record';
import { keepPair, nextPair, openPairs, skipPair } from './sorted-pairs';
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
export { addRun, openMerge, refillRun, shortRun, shortRunUsed } from './merged-runs';
export { clearPairs, fillRun, sortPairs } from './sorted-pairs';
export { CONFIG } from './state';

/** Rows in the image of a SQLite table to data blocks of an SSTable. See README.md. */

/** What `run`, `runSorted` and `runMerged` have come to. */
const DONE: i32 = 0;
const BLOCK_FULL: i32 = 1;
/** The current row is left to JavaScript. */
const ODD_ROW: i32 = 2;
/** Keys do not ascend. */
const WRONG_ORDER: i32 = 3;
/** No more pairs are held: they are to be sorted, put aside and forgotten. The current one waits. */
const TOO_MANY: i32 = 4;
/** The window of a run that is merged is to be filled. */
const RUN_SHORT: i32 = 5;

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
/** It waits for the full block to be taken, or for the pairs that are held. */
let isWaiting: bool = false;

/**
 * After CONFIG was written.
 * @param free where memory is that nothing else uses, up to its end and beyond
 * @param heldBytesMax of pairs that are held to be sorted
 */
export function openIndex(free: usize, heldBytesMax: u32): void {
  isWaiting = false;
  openBlock();
  openPairs(free, heldBytesMax);
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
    const result = addKept(pair);
    if (result !== DONE) return result;
    skipPair();
  }
  return DONE;
}

/** Adds the pairs of the runs that are merged to blocks. */
export function runMerged(): i32 {
  while (!isRunShort()) {
    const pair = mergedPair();
    if (pair === 0) return DONE;
    const result = addKept(pair);
    if (result !== DONE) return result;
    skipMerged();
  }
  return RUN_SHORT;
}

function addKept(pair: usize): i32 {
  const keyBytes = pairKeyLength(pair);
  const versionBytes = pairVersionLength(pair);
  memory.copy(KEY, pairKey(pair), keyBytes + versionBytes);
  return resultOf(add(KEY, keyBytes, versionBytes, pairValue(pair), pairValueLength(pair)));
}

function resultOf(added: i32): i32 {
  return added === ADDED ? DONE : added === IS_FULL ? BLOCK_FULL : WRONG_ORDER;
}

function addCurrent(): i32 {
  const result =
    word(config.IS_SORTED) === 0
      ? resultOf(add(KEY, keyLength, versionLength, VALUE, valueLength))
      : keepPair(KEY, keyLength, versionLength, VALUE, valueLength)
        ? DONE
        : TOO_MANY;
  isWaiting = result === BLOCK_FULL || result === TOO_MANY;
  return result;
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
