import * as config from './config';
import { word } from './state';

/** The data block that is being filled: what RowBlockWriter and TableWriter make of pairs. */

export const BLOCK_BYTES_MAX: u32 = 524288;
/** Of its entries, and in the end of the restart points too. */
export const BLOCK: usize = memory.data(524288);
const RESTARTS: usize = memory.data(196608);
const RESTART_INTERVAL: u32 = 16;
/** Below this part of its size a block always takes another entry. */
const FLUSH_PERCENT: u32 = 90;

/** Of the pair added last: key, version, trailer. */
export const LAST_KEY: usize = memory.data(32768);
/** The oldest and the newest version in the block, their lengths as u32 in front. */
export const OLDEST: usize = memory.data(32);
export const NEWEST: usize = memory.data(32);

export const TRAILER_BYTES: u32 = 8;
const KIND_SET: u8 = 1;

let length: u32 = 0;
let restarts: u32 = 0;
let entries: u32 = 0;
let rows: u32 = 0;
let keyBytes: u32 = 0;
let valueBytes: u32 = 0;
let contentBytes: u32 = 0;
let firstKeyLength: u32 = 0;
let lastLength: u32 = 0;
let lastKeyLength: u32 = 0;

export function openBlock(): void {
  lastLength = 0;
  lastKeyLength = 0;
  clearBlock();
}

/** The block has been taken. */
export function clearBlock(): void {
  length = 0;
  restarts = 0;
  entries = 0;
  rows = 0;
  keyBytes = 0;
  valueBytes = 0;
  contentBytes = 0;
  store<u32>(OLDEST, 0);
  store<u32>(NEWEST, 0);
}

export function blockEntries(): u32 {
  return entries;
}

/** Of a primary index. */
export function blockRows(): u32 {
  return rows;
}

/** Of whole keys: with versions and trailers. */
export function blockKeyBytes(): u32 {
  return keyBytes;
}

export function blockValueBytes(): u32 {
  return valueBytes;
}

/** Of keys without versions, and values. */
export function blockContentBytes(): u32 {
  return contentBytes;
}

/** Of the first key, without its version. It lies at the end of the first entry's lengths. */
export function blockFirstKeyLength(): u32 {
  return firstKeyLength;
}

/** Of the last key, without its version. */
export function blockLastKeyLength(): u32 {
  return lastKeyLength;
}

/** Of the last key, whole. */
export function blockLastLength(): u32 {
  return lastLength;
}

function varintBytes(value: u32): u32 {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

function isFull(keyLength: u32, valueLength: u32): bool {
  const blockBytes = <u32>word(config.BLOCK_BYTES);
  const size = length + 4 * restarts + 4;
  if (size >= blockBytes) return true;
  if (size <= (blockBytes * FLUSH_PERCENT + 99) / 100) return false;
  const restart: u32 = entries % RESTART_INTERVAL === 0 ? 4 : 0;
  const lengths = 4 + varintBytes(keyLength) + varintBytes(valueLength);
  return size + keyLength + valueLength + restart + lengths > blockBytes;
}

/** What `add` has come to. */
export const ADDED: i32 = 0;
export const IS_FULL: i32 = 1;
export const OUT_OF_ORDER: i32 = 2;

/**
 * Adds a pair.
 * @param key with its version, and room for the trailer after it
 * @param keyLength without the version
 * @param isRow of a primary index
 */
export function add(
  key: usize,
  keyLength: u32,
  versionLength: u32,
  value: usize,
  size: u32,
  isRow: bool,
): i32 {
  const engineLength = keyLength + versionLength;
  const whole = engineLength + TRAILER_BYTES;
  if (entries > 0 && isFull(whole, size)) return IS_FULL;
  const common = commonLength(key, min(engineLength, lastLength));
  if (lastLength > 0 && !isAfter(key, keyLength, common)) return OUT_OF_ORDER;
  store<u64>(key + engineLength, KIND_SET);
  let shared: u32 = 0;
  if (entries % RESTART_INTERVAL === 0) {
    store<u32>(RESTARTS + (restarts << 2), length);
    restarts++;
  } else shared = common;
  let to = varint(BLOCK + length, shared);
  to = varint(to, whole - shared);
  to = varint(to, size);
  memory.copy(to, key + shared, whole - shared);
  to += whole - shared;
  memory.copy(to, value, size);
  length = <u32>(to - BLOCK) + size;
  memory.copy(LAST_KEY + common, key + common, whole - common);
  lastLength = whole;
  lastKeyLength = keyLength;
  if (entries === 0) firstKeyLength = keyLength;
  entries++;
  if (isRow) rows++;
  keyBytes += whole;
  valueBytes += size;
  contentBytes += keyLength + size;
  if (versionLength > 2) noteVersion(key + keyLength + 1, versionLength - 2);
  return ADDED;
}

/** Bytes that the key and the one before begin with. Two keys differ before their trailers, at the latest in their versions' length. */
function commonLength(key: usize, most: u32): u32 {
  let at: u32 = 0;
  while (at + 8 <= most && load<u64>(key + at) === load<u64>(LAST_KEY + at)) at += 8;
  while (at < most && load<u8>(key + at) === load<u8>(LAST_KEY + at)) at++;
  return at;
}

function isAfter(key: usize, keyLength: u32, common: u32): bool {
  if (common < keyLength && common < lastKeyLength) {
    return load<u8>(key + common) > load<u8>(LAST_KEY + common);
  }
  return keyLength > lastKeyLength;
}

function noteVersion(version: usize, size: u32): void {
  if (load<u32>(OLDEST) === 0 || compareVersion(version, size, OLDEST) < 0) {
    store<u32>(OLDEST, size);
    memory.copy(OLDEST + 4, version, size);
  }
  if (load<u32>(NEWEST) === 0 || compareVersion(version, size, NEWEST) > 0) {
    store<u32>(NEWEST, size);
    memory.copy(NEWEST + 4, version, size);
  }
}

function compareVersion(version: usize, size: u32, bound: usize): i32 {
  const length = load<u32>(bound);
  const first = bswap<u64>(load<u64>(version));
  const second = bswap<u64>(load<u64>(bound + 4));
  if (first !== second) return first < second ? -1 : 1;
  const order = memory.compare(version + 8, bound + 12, min(size, length) - 8);
  return order !== 0 ? order : <i32>size - <i32>length;
}

function varint(at: usize, value: u32): usize {
  let to = at;
  let rest = value;
  while (rest >= 0x80) {
    store<u8>(to++, <u8>(rest | 0x80));
    rest >>>= 7;
  }
  store<u8>(to++, <u8>rest);
  return to;
}

/** Ends the block. @returns its length */
export function finishBlock(): u32 {
  const at = BLOCK + length;
  memory.copy(at, RESTARTS, restarts << 2);
  store<u32>(at + (restarts << 2), restarts);
  return length + (restarts << 2) + 4;
}
