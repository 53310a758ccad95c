import { crc32 } from '../../../restore/kernel/assembly/crc32';
import { ADDED, add, IS_FULL, openBlock, TRAILER_BYTES } from './block';
import { gatherChange, openChanges, writeChange } from './changes';
import * as config from './config';
import { isInOnePiece, nextCell, record, rowid } from './image';
import {
  HAS_ENDED,
  IS_ROW,
  pairKey,
  pairKeyLength,
  pairValue,
  pairValueLength,
  pairVersionLength,
  WAS_THERE,
} from './kept-pair';
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
  blockRows,
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

/** Pairs come in the order of their keys. */
const IN_ORDER: i32 = 0;
/** They are kept until all are there, and sorted: as `SORTED`, but with what changes.ts makes of those of one key. */
const CHANGES: i32 = 2;
let pairOrder: i32 = IN_ORDER;

/** Of the pair in KEY and VALUE. */
let keyLength: u32 = 0;
let versionLength: u32 = 0;
let valueLength: u32 = 0;
let marks: u32 = 0;
/** It waits for the full block to be taken, or for the pairs that are held. */
let isWaiting: bool = false;

/**
 * Begins pairs, of what index soever; CONFIG is to be written before rows are added.
 * @param order IN_ORDER, 1 = kept until all are there, and sorted, CHANGES
 * @param free where memory is that nothing else uses, up to its end and beyond
 * @param heldBytesMax of pairs that are held to be sorted
 */
export function open(order: i32, free: usize, heldBytesMax: u32): void {
  pairOrder = order;
  isWaiting = false;
  openBlock();
  openPairs(free, heldBytesMax);
  openChanges();
}

/** Whether JavaScript may put a pair of these lengths into KEY, with its version after it, and VALUE. */
export function takesPair(key: u32, version: u32, value: u32): bool {
  return key + version + TRAILER_BYTES <= KEY_BYTES_MAX && value <= VALUE_BYTES_MAX;
}

/** Adds the pair in KEY and VALUE, of a row with these times. @param isRow of a primary index @returns as `run` */
export function addPair(
  key: u32,
  version: u32,
  value: u32,
  isRow: bool,
  began: u64,
  ended: u64,
): i32 {
  marks = marksOf(isRow, began, ended);
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
    if (!readRow()) return ODD_ROW;
    if (hasEnd && ended <= began) continue;
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
  return resultOf(writeChange());
}

/** Adds the pairs of the runs that are merged to blocks. */
export function runMerged(): i32 {
  while (!isRunShort()) {
    const pair = mergedPair();
    if (pair === 0) return resultOf(writeChange());
    const result = addKept(pair);
    if (result !== DONE) return result;
    skipMerged();
  }
  return RUN_SHORT;
}

function addKept(pair: usize): i32 {
  if (pairOrder === CHANGES) return resultOf(gatherChange(pair));
  const keyBytes = pairKeyLength(pair);
  const versionBytes = pairVersionLength(pair);
  memory.copy(KEY, pairKey(pair), keyBytes + versionBytes);
  return resultOf(add(KEY, keyBytes, versionBytes, pairValue(pair), pairValueLength(pair), false));
}

function resultOf(added: i32): i32 {
  return added === ADDED ? DONE : added === IS_FULL ? BLOCK_FULL : WRONG_ORDER;
}

function addCurrent(): i32 {
  const result =
    pairOrder === IN_ORDER
      ? resultOf(add(KEY, keyLength, versionLength, VALUE, valueLength, (marks & IS_ROW) !== 0))
      : keepPair(KEY, keyLength, versionLength, VALUE, valueLength, marks)
        ? DONE
        : TOO_MANY;
  isWaiting = result === BLOCK_FULL || result === TOO_MANY;
  return result;
}

/** Reads the current row, and its times. @returns false when that is left to JavaScript */
function readRow(): bool {
  clearOdd();
  if (!isInOnePiece()) return false;
  const slotCount = word(config.SLOT_COUNT);
  if (word(config.LAYOUT_COUNT) === 0) readRecord(record(), slotCount);
  else readStored(record(), slotCount, rowid());
  readTimes();
  return !odd();
}

/** Makes the current row's pair. @returns false when that is left to JavaScript */
function encodeRow(): bool {
  encodePair();
  writeVersion();
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

/** Of the current row. */
let began: u64 = 0;
let ended: u64 = 0;
let hasEnd: bool = false;

/** Of a row that has ended none is later than the backup, and it was there from the beginning where it does not say since when. */
function readTimes(): void {
  const slot = word(config.TIME_SLOT);
  const endSlot = word(config.END_SLOT);
  const isTimed = !isNull(slot);
  if (isTimed && !isWide(slot)) return markOdd();
  const last = wide(config.END_HIGH, config.END_LOW);
  hasEnd = endSlot >= 0;
  if (!hasEnd) {
    // A row that has no time of its own has that of the backup.
    began = isTimed ? min<u64>(<u64>integer(slot), last) : last;
    ended = 0;
  } else {
    began = isTimed ? <u64>integer(slot) : 0;
    ended = <u64>integer(endSlot);
    if (ended > last) return markOdd();
  }
  marks = marksOf(word(config.VALUE_TAG) === config.TUPLE, began, ended);
}

/** @param ended 0: it has not */
function marksOf(isRow: bool, began: u64, ended: u64): u32 {
  let found: u32 = isRow ? IS_ROW : 0;
  if (ended === 0) return found;
  found |= HAS_ENDED;
  return began > wide(config.SINCE_HIGH, config.SINCE_LOW) ? found : found | WAS_THERE;
}

function wide(high: i32, low: i32): u64 {
  return ((load<u32>(CONFIG + high) as u64) << 32) | (load<u32>(CONFIG + low) as u64);
}

/** What makes the key one of the storage engine: 00, the time, the length of both. */
function writeVersion(): void {
  writeTo(KEY + keyLength);
  putByte(0);
  putU64(hasEnd ? ended : began);
  putByte(VERSION_LAST);
  versionLength = VERSION_BYTES;
}
