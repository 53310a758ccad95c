import { ADDED, add } from './block';
import {
  HAS_ENDED,
  IS_ROW,
  pairKey,
  pairKeyLength,
  pairMarks,
  pairValue,
  pairValueLength,
  pairVersionLength,
  WAS_THERE,
} from './kept-pair';

/**
 * What an incremental layer says of one key after the other, from the pairs of rows that are new since its chain and of versions that
 * have ended since: what history/table-versions.ts finds for `isNewestOnly`.
 */

/** Of the key whose pairs are gathered; its version and a trailer follow. */
const KEY: usize = memory.data(16384 + 32);
/** That is there now. */
const VALUE: usize = memory.data(65536);
/** That was there when the window began. */
const BEFORE: usize = memory.data(65536);
/** Version of the last end. */
const END: usize = memory.data(16);
/** Of ends: they have no logical part. */
const END_BYTES: u32 = 10;

/** 0: nothing is gathered. */
let keyLength: u32 = 0;
let isRow: bool = false;
/** Of the pair that is there now; 0: none is. */
let versionLength: u32 = 0;
let valueLength: u32 = 0;
let wasThere: bool = false;
let beforeLength: u32 = 0;
let hasEnd: bool = false;

export function openChanges(): void {
  keyLength = 0;
}

/** Gathers a pair; those of one key follow each other. @returns as `writeChange`; otherwise than ADDED the pair is to come again */
export function gatherChange(pair: usize): i32 {
  if (!isOfKey(pair)) {
    const result = writeChange();
    if (result !== ADDED) return result;
    begin(pair);
  }
  const marks = pairMarks(pair);
  const size = pairValueLength(pair);
  const version = pairKey(pair) + keyLength;
  if ((marks & HAS_ENDED) === 0) {
    versionLength = pairVersionLength(pair);
    memory.copy(KEY + keyLength, version, versionLength);
    valueLength = size;
    memory.copy(VALUE, pairValue(pair), size);
    return ADDED;
  }
  // Times have their highest byte first.
  if (!hasEnd || memory.compare(version, END, END_BYTES) > 0) memory.copy(END, version, END_BYTES);
  hasEnd = true;
  if ((marks & WAS_THERE) !== 0) {
    wasThere = true;
    beforeLength = size;
    memory.copy(BEFORE, pairValue(pair), size);
  }
  return ADDED;
}

function isOfKey(pair: usize): bool {
  const length = pairKeyLength(pair);
  return length === keyLength && memory.compare(KEY, pairKey(pair), length) === 0;
}

function begin(pair: usize): void {
  keyLength = pairKeyLength(pair);
  memory.copy(KEY, pairKey(pair), keyLength);
  isRow = (pairMarks(pair) & IS_ROW) !== 0;
  versionLength = 0;
  wasThere = false;
  hasEnd = false;
}

/** Writes what has become of the key whose pairs were gathered. @returns as block.ts's `add` */
export function writeChange(): i32 {
  if (keyLength === 0) return ADDED;
  let result = ADDED;
  if (versionLength > 0) {
    if (!isAsBefore()) result = add(KEY, keyLength, versionLength, VALUE, valueLength, isRow);
  } else if (wasThere) {
    memory.copy(KEY + keyLength, END, END_BYTES);
    result = add(KEY, keyLength, END_BYTES, VALUE, 0, isRow);
  }
  if (result === ADDED) keyLength = 0;
  return result;
}

function isAsBefore(): bool {
  return (
    wasThere && valueLength === beforeLength && memory.compare(VALUE, BEFORE, valueLength) === 0
  );
}
