import * as config from './config';
import { crc32 } from './crc32';
import {
  commonLength,
  keyLength as engineKeyLength,
  forgetKey,
  KEY,
  nextEntry,
  openBlock,
  previousByte,
  valueEnd,
  valueStart,
} from './entries';
import { readKeyColumns } from './key-columns';
import {
  addRow,
  finishedPages,
  finishLastPage,
  isFull,
  openPages,
  rowCount,
  takePages,
} from './leaf-pages';
import { byte, hasMore, read } from './reader';
import { clearRecord, openRecord, setInt64 } from './record';
import { CONFIG, clearState, gaveUp, giveUp, word } from './state';
import { readValueColumns } from './value-columns';

export { DIVIDERS, LAST_ROWIDS, PAGES } from './leaf-pages';
export { CONFIG } from './state';
export { finishedPages, rowCount, takePages };

/**
 * Blocks of a backup's SSTables to leaves of a SQLite table: what backup/restore/row-stager.ts does in JavaScript, for tables of one
 * column family. See README.md.
 */

/** What `run` has come to. */
const GAVE_UP: i32 = -1;
const BLOCK_DONE: i32 = 0;
const PAGES_FULL: i32 = 1;
const SPAN_DONE: i32 = 2;

const TRAILER_BYTES: u32 = 8;
const KIND_SET: u32 = 1;
const KIND_SET_WITH_DELETE: u32 = 18;
/** Bytes of a version at a key's end, its length included in the last one. */
const VERSION_WALL: u32 = 9;
const VERSION_LOGICAL: u32 = 13;
const VERSION_SYNTHETIC: u32 = 14;

const VALUE_HEADER_BYTES: u32 = 5;
const TAG_TUPLE: u32 = 10;
const TAG_EXTENDED: u32 = 101;
const FAMILY_0_SUFFIX: u32 = 0x88;

/** Length of the current cluster key; -1 before the first entry of a file. */
let keyLength: i32 = -1;
let wall: u64 = 0;
let logical: u32 = 0;
/** The current key's version has been chosen: older ones are skipped. */
let keyDone: bool = false;
let beforeStart: bool = true;
let asOfWall: u64 = 0;
let asOfLogical: u32 = 0;
let newest: u64 = 0;
let entryBytes: u64 = 0;
let entryCount: u32 = 0;
let indexEntries: u32 = 0;

/** After CONFIG was written. */
export function openTable(): void {
  clearState();
  openRecord(word(config.SLOT_COUNT) + 1);
  openPages();
  asOfWall = time(config.AS_OF_HIGH, config.AS_OF_LOW);
  newest = time(config.NEWEST_HIGH, config.NEWEST_LOW);
  asOfLogical = <u32>word(config.AS_OF_LOGICAL);
  entryBytes = 0;
  entryCount = 0;
  indexEntries = 0;
}

/** Not of `word`: the optimizer makes a load that is widened a signed one when it was loaded as a signed number. */
function time(high: i32, low: i32): u64 {
  return ((load<u32>(CONFIG + high) as u64) << 32) | (load<u32>(CONFIG + low) as u64);
}

/** After SPAN_START and SPAN_END were written: another file begins. */
export function openFile(): void {
  forgetKey();
  keyLength = -1;
  keyDone = false;
  beforeStart = true;
}

/** Of the keys and stored values of rows and index entries. */
export function contentBytes(): f64 {
  return <f64>entryBytes;
}

/** How many of them. */
export function contentEntries(): u32 {
  return entryCount;
}

export function indexEntryCount(): u32 {
  return indexEntries;
}

/** Begins a block; `run` walks it. */
export function openDataBlock(block: usize, size: u32): void {
  openBlock(block, size);
}

/** @param inEndBlock the block may hold keys at or above the span's end */
export function run(inEndBlock: bool): i32 {
  while (!gaveUp()) {
    if (isFull()) return PAGES_FULL;
    if (!nextEntry()) return gaveUp() ? GAVE_UP : BLOCK_DONE;
    const sameKey = readVersion();
    if (gaveUp()) return GAVE_UP;
    if (beforeStart) {
      if (compareWith(config.SPAN_START) < 0) continue;
      beforeStart = false;
    }
    if (inEndBlock && compareWith(config.SPAN_END) >= 0) return SPAN_DONE;
    if (!sameKey) keyDone = false;
    if (keyDone || wall > asOfWall || (wall === asOfWall && logical > asOfLogical)) continue;
    keyDone = true;
    takeValue();
  }
  return GAVE_UP;
}

/** Ends the last leaf. @returns false having given up */
export function finish(): bool {
  if (!gaveUp()) finishLastPage();
  return !gaveUp();
}

/** Splits the engine key and checks its place after the entry before. @returns whether the key is that of the entry before */
function readVersion(): bool {
  const engineLength = <i32>engineKeyLength() - <i32>TRAILER_BYTES;
  if (engineLength < 2) {
    giveUp();
    return false;
  }
  const kind = load<u8>(KEY + engineLength) as u32;
  const versionLength = load<u8>(KEY + engineLength - 1) as u32;
  const hasLogical = versionLength === VERSION_LOGICAL || versionLength === VERSION_SYNTHETIC;
  const length = engineLength - 1 - <i32>versionLength;
  if (
    (kind !== KIND_SET && kind !== KIND_SET_WITH_DELETE) ||
    (versionLength !== VERSION_WALL && !hasLogical) ||
    length < 0 ||
    load<u8>(KEY + length) !== 0
  ) {
    giveUp();
    return false;
  }
  const newWall = bswap<u64>(load<u64>(KEY + length + 1));
  const newLogical = hasLogical ? bswap<u32>(load<u32>(KEY + length + 9)) : 0;
  const sameKey = checkOrder(length);
  // Newest first.
  if (sameKey && (newWall > wall || (newWall === wall && newLogical >= logical))) giveUp();
  keyLength = length;
  wall = newWall;
  logical = newLogical;
  return sameKey;
}

function checkOrder(length: i32): bool {
  if (keyLength < 0) return false;
  const common = <i32>commonLength();
  if (common >= keyLength) {
    if (length < keyLength) giveUp();
    return length === keyLength;
  }
  if (common >= length || <i32>load<u8>(KEY + common) <= previousByte()) giveUp();
  return false;
}

/** @param offset in CONFIG of a length and bytes */
function compareWith(offset: i32): i32 {
  const length = word(offset);
  const shorter = min(length, keyLength);
  const order = memory.compare(KEY, CONFIG + offset + 4, shorter);
  return order !== 0 ? order : keyLength - length;
}

/** The chosen version of a key: a row, an index entry, or a tombstone. */
function takeValue(): void {
  const from = valueStart();
  const end = valueEnd();
  const length = <u32>(end - from);
  if (length === 0) return;
  if (length < VALUE_HEADER_BYTES) return giveUp();
  const tag = load<u8>(from + 4) as u32;
  if (tag === TAG_EXTENDED) return giveUp();
  const checksum = bswap<u32>(load<u32>(from));
  if (checksum !== 0) {
    const crc = ~crc32(from + 4, end, crc32(KEY, KEY + keyLength, 0xffffffff));
    if (checksum !== (crc === 0 ? 1 : crc)) return giveUp();
  }
  if (hasPrefix(CONFIG + config.PREFIX, word(config.PREFIX_LENGTH))) {
    if (tag !== TAG_TUPLE) return giveUp();
    addRowOf(from + VALUE_HEADER_BYTES, end);
  } else if (isIndexEntry()) {
    if ((load<u8>(KEY + keyLength - 1) as u32) === FAMILY_0_SUFFIX) indexEntries++;
  } else return giveUp();
  entryCount++;
  entryBytes += <u64>keyLength + <u64>length;
}

function addRowOf(from: usize, end: usize): void {
  if (wall > newest) return giveUp();
  clearRecord();
  read(KEY + word(config.PREFIX_LENGTH), KEY + keyLength);
  readKeyColumns();
  // Of column family 0, the only one.
  if (byte() !== FAMILY_0_SUFFIX || hasMore()) return giveUp();
  read(from, end);
  readValueColumns();
  setInt64(word(config.SLOT_COUNT), <i64>wall);
  if (!gaveUp()) addRow();
}

function hasPrefix(prefix: usize, length: i32): bool {
  return keyLength > length && memory.compare(KEY, prefix, length) === 0;
}

function isIndexEntry(): bool {
  const count = word(config.SECONDARY_COUNT);
  let entry = CONFIG + config.SECONDARIES;
  for (let i = 0; i < count; i++, entry += 32) {
    if (hasPrefix(entry + 1, <i32>load<u8>(entry))) return true;
  }
  return false;
}
