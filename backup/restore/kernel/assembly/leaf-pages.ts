import { payloadMax } from './cell-payload';
import * as config from './config';
import { measureRecord, varintLength, writeRecord, writeVarint } from './record';
import { giveUp, word } from './state';

/**
 * Leaves of a SQLite table's b-tree, as storage/staging/table-tree.ts makes them: finished ones one after the other, then the one that
 * is being filled.
 */

const PAGES_MAX: u32 = 16;

/** The finished leaves and the one that is being filled. */
export const PAGES: usize = memory.data(17 * 32768);

/** The highest rowid of each finished leaf of a table with rowids. */
export const LAST_ROWIDS: usize = memory.data(64);

/** Of a table WITHOUT ROWID: the cell between each finished leaf and the next one; its length u32, then its bytes. */
export const DIVIDERS: usize = memory.data(16 * 8704);
const DIVIDER_BYTES: u32 = 8704;

const LEAF: u8 = 0x0d;
const KEYED_LEAF: u8 = 0x0a;
const HEADER: u32 = 8;
const POINTER: u32 = 2;

let pageBytes: u32 = 0;
let recordMax: u32 = 0;
let isKeyed: bool = false;
let finished: u32 = 0;
let page: usize = PAGES;
let cells: u32 = 0;
let content: u32 = 0;
let rows: u32 = 0;

export function openPages(): void {
  pageBytes = <u32>word(config.PAGE_BYTES);
  isKeyed = word(config.IS_KEYED) !== 0;
  recordMax = payloadMax(pageBytes, !isKeyed);
  finished = 0;
  rows = 0;
  page = PAGES;
  cells = 0;
  content = pageBytes;
}

export function isFull(): bool {
  return finished === PAGES_MAX;
}

export function finishedPages(): u32 {
  return finished;
}

export function rowCount(): u32 {
  return rows;
}

/** The finished leaves have been taken. */
export function takePages(): void {
  if (finished > 0 && cells > 0) memory.copy(PAGES, page, pageBytes);
  page = PAGES;
  finished = 0;
}

/** Adds the record as the next row. */
export function addRow(): void {
  const length = measureRecord();
  if (length > recordMax) {
    giveUp();
    return;
  }
  rows++;
  const size = varintLength(length) + (isKeyed ? 0 : varintLength(rows)) + length;
  if (size + POINTER > content - HEADER - cells * POINTER) {
    if (isKeyed) takeDivider();
    finishPage(rows - 1);
  }
  content -= size;
  store<u16>(page + HEADER + cells * POINTER, bswap<u16>(<u16>content));
  cells++;
  const at = writeVarint(page + content, length);
  writeRecord(isKeyed ? at : writeVarint(at, rows));
}

/** A full leaf's last row goes between it and the next leaf, which so has one row at least. It is full with three rows or more. */
function takeDivider(): void {
  const last = page + HEADER + (cells - 1) * POINTER;
  const end = cells === 1 ? pageBytes : <u32>bswap<u16>(load<u16>(last - POINTER));
  const length = end - content;
  const divider = DIVIDERS + finished * DIVIDER_BYTES;
  store<u32>(divider, length);
  memory.copy(divider + 4, page + content, length);
  cells--;
  content = end;
}

/** The last leaf, too. */
export function finishLastPage(): void {
  finishPage(rows);
}

function finishPage(lastRowid: u32): void {
  memory.fill(page, 0, HEADER);
  store<u8>(page, isKeyed ? KEYED_LEAF : LEAF);
  store<u16>(page + 3, bswap<u16>(<u16>cells));
  store<u16>(page + 5, bswap<u16>(<u16>content));
  const free = HEADER + cells * POINTER;
  memory.fill(page + free, 0, content - free);
  store<u32>(LAST_ROWIDS + (finished << 2), lastRowid);
  finished++;
  page += pageBytes;
  cells = 0;
  content = pageBytes;
}
