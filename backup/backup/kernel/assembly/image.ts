import { payloadMax } from '../../../restore/kernel/assembly/cell-payload';

/**
 * The rows of a table in the image of a SQLite database, in the order of their rowids: what storage/staging/table-image.ts walks,
 * whose comment shows the layout. Bytes come from SQLite itself and are trusted. Or those in pages of the store: what
 * storage/pages/page-run.ts walks, and storage/pages/tree-page.ts shows.
 */

const DEPTH_MAX: i32 = 20;
const PAGES: usize = memory.data(80);
const CELLS: usize = memory.data(80);

const INTERIOR: u32 = 5;
const INDEX_INTERIOR: u32 = 2;
const LEAF: u32 = 13;
const INTERIOR_HEADER: u32 = 12;
const CHILD: u32 = 4;
const LEAF_HEADER: u32 = 8;
const RIGHT_MOST: u32 = 8;
const CELL_COUNT: u32 = 3;

/** Three u32 each: where its page begins, its first cell, the one after its last. */
const SPAN: usize = 12;
/** Of the current row, 8 bytes with the highest first. */
const ROWID: usize = memory.data(8);

let image: usize = 0;
let pageBytes: u32 = 0;
let depth: i32 = 0;
let leaf: usize = 0;
let cell: u32 = 0;
let cellCount: u32 = 0;
let current: usize = 0;
let payload: usize = 0;
let isWhole: bool = false;
let rows: u32 = 0;
/** Spans to come; of an image both are 0. */
let span: usize = 0;
let spansEnd: usize = 0;
/** Of the current page. */
let header: u32 = LEAF_HEADER;
let prefix: u32 = 0;
let hasRowid: bool = true;
let wholeMax: u32 = 0;

function u16be(at: usize): u32 {
  return ((load<u8>(at) as u32) << 8) | (load<u8>(at + 1) as u32);
}

function u32be(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

/** @param rootPage counted from 1 */
export function openImage(at: usize, bytesOfPage: u32, rootPage: u32): void {
  image = at;
  pageBytes = bytesOfPage;
  depth = 0;
  rows = 0;
  span = 0;
  spansEnd = 0;
  openPage(LEAF);
  descend(rootPage);
}

/** @param spans of cells, in the order of their rows */
export function openPages(at: usize, bytesOfPage: u32, spans: usize, spanCount: u32): void {
  image = at;
  pageBytes = bytesOfPage;
  depth = 0;
  rows = 0;
  span = spans;
  spansEnd = spans + SPAN * spanCount;
  cell = 0;
  cellCount = 0;
}

function openPage(kind: u32): void {
  const isInterior = kind === INDEX_INTERIOR;
  header = isInterior ? INTERIOR_HEADER : LEAF_HEADER;
  prefix = isInterior ? CHILD : 0;
  hasRowid = kind === LEAF;
  wholeMax = payloadMax(pageBytes, hasRowid);
}

/** That were taken. */
export function rowCount(): u32 {
  return rows;
}

/** Of the current row's cell, in the image. */
export function cellOffset(): u32 {
  return <u32>(current - image);
}

/** The current row's record. */
export function record(): usize {
  return payload;
}

/** Of the current row; 8 bytes with the highest first. */
export function rowid(): usize {
  return ROWID;
}

/** Moves to the next row. @returns false at the end */
export function nextCell(): bool {
  while (cell === cellCount) if (spansEnd === 0 ? !nextLeaf() : !nextSpan()) return false;
  current = leaf + u16be(leaf + header + 2 * cell);
  cell++;
  rows++;
  let at = current + prefix;
  let length = load<u8>(at++) as u32;
  if (length >= 0x80) {
    length &= 0x7f;
    let byte: u32;
    do {
      byte = load<u8>(at++);
      length = (length << 7) | (byte & 0x7f);
    } while (byte >= 0x80);
  }
  if (hasRowid) at = readRowid(at);
  payload = at;
  isWhole = length <= wholeMax && (spansEnd === 0 || at + length <= leaf + pageBytes);
  return true;
}

/** Up to nine bytes, the ninth of which has no mark. */
function readRowid(from: usize): usize {
  let at = from;
  let value: u64 = 0;
  for (let i = 0; i < 8; i++) {
    const byte = load<u8>(at++) as u64;
    value = (value << 7) | (byte & 0x7f);
    if (byte < 0x80) {
      store<u64>(ROWID, bswap<u64>(value));
      return at;
    }
  }
  value = (value << 8) | (load<u8>(at++) as u64);
  store<u64>(ROWID, bswap<u64>(value));
  return at;
}

function nextSpan(): bool {
  if (span === spansEnd) return false;
  leaf = image + load<u32>(span);
  cell = load<u32>(span + 4);
  cellCount = load<u32>(span + 8);
  span += SPAN;
  openPage(load<u8>(leaf));
  return true;
}

/** Whether the current row's record lies in one piece. */
export function isInOnePiece(): bool {
  return isWhole;
}

function nextLeaf(): bool {
  while (depth > 0) {
    const top = (depth - 1) << 2;
    const page = load<u32>(PAGES + top);
    const next = load<u32>(CELLS + top);
    const count = u16be(page + CELL_COUNT);
    if (next > count) {
      depth--;
      continue;
    }
    store<u32>(CELLS + top, next + 1);
    descend(u32be(next === count ? page + RIGHT_MOST : childOf(page, next)));
    return true;
  }
  return false;
}

function childOf(page: usize, index: u32): usize {
  return page + u16be(page + INTERIOR_HEADER + 2 * index);
}

function descend(pageNumber: u32): void {
  let number = pageNumber;
  for (;;) {
    const page = image + (number - 1) * pageBytes;
    const count = u16be(page + CELL_COUNT);
    if ((load<u8>(page) as u32) !== INTERIOR || depth === DEPTH_MAX) {
      leaf = page;
      cell = 0;
      cellCount = count;
      return;
    }
    store<u32>(PAGES + (depth << 2), <u32>page);
    store<u32>(CELLS + (depth << 2), 1);
    depth++;
    number = u32be(count === 0 ? page + RIGHT_MOST : childOf(page, 0));
  }
}
