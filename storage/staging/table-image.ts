import { invariant } from '../../base/invariant';
import { localPayload, tablePayloadMax } from './cell-payload';
import type { RecordReader } from './record-reader';

/**
 * The rows of a table with rowids, in the image of a whole SQLite database, in the order of their rowids. Source:
 * sqlite.org/fileformat2.html, "B-tree Pages":
 *
 *     page      0  1  kind: 5 interior, 13 leaf
 *               3  2  cells                        8  4  interior: the right-most child
 *               then 2 bytes a cell: where it is in the page
 *     interior  child page, 4 bytes | rowid
 *     leaf      payload length (varint) | rowid (varint) | payload | where it does not fit: its first overflow page, 4 bytes
 *     overflow  the next page or 0, 4 bytes | payload
 *
 * The bytes come from SQLite itself: what is malformed is a bug.
 */
export class TableImage {
  readonly image: Buffer;
  readonly pageBytes: number;
  /** Counted from 1. */
  readonly rootPage: number;
  /** The way down to the current leaf: pages, and the cell in each that comes next. */
  private readonly pages: number[] = [];
  private readonly cells: number[] = [];
  private leaf = 0;
  private cell = 0;
  private cellCount = 0;
  private scratch = Buffer.alloc(0);

  /** @param rootPage counted from 1; not page 1 */
  constructor(image: Buffer, rootPage: number) {
    this.image = image;
    this.rootPage = rootPage;
    const stated = image.readUInt16BE(16);
    this.pageBytes = stated === 1 ? PAGE_BYTES_MAX : stated;
    this.descend(rootPage);
  }

  /** Moves the reader to the next row. @returns false at the end */
  next(record: RecordReader): boolean {
    while (this.cell === this.cellCount) if (!this.nextLeaf()) return false;
    const { leaf } = this;
    const cell = leaf + LEAF_HEADER_BYTES + 2 * this.cell++;
    this.readCell(record, leaf + this.image.readUInt16BE(cell));
    return true;
  }

  /** Moves the reader to any row. @param offset of its cell in the image */
  readCell(record: RecordReader, offset: number): void {
    const { image } = this;
    let at = offset;
    let length = image[at++] as number;
    if (length >= 0x80) {
      length &= 0x7f;
      let byte: number;
      do {
        byte = image[at++] as number;
        length = length * 0x80 + (byte & 0x7f);
      } while (byte >= 0x80);
    }
    while ((image[at++] as number) >= 0x80);
    if (length <= tablePayloadMax(this.pageBytes)) record.reset(image, at);
    else record.reset(this.assemble(at, length), 0);
  }

  private nextLeaf(): boolean {
    const { pages, cells, image } = this;
    while (pages.length > 0) {
      const page = pages[pages.length - 1] as number;
      const cell = cells[cells.length - 1] as number;
      const count = image.readUInt16BE(page + 3);
      if (cell > count) {
        pages.pop();
        cells.pop();
        continue;
      }
      cells[cells.length - 1] = cell + 1;
      const at =
        cell === count
          ? page + 8
          : page + image.readUInt16BE(page + INTERIOR_HEADER_BYTES + 2 * cell);
      this.descend(image.readUInt32BE(at));
      return true;
    }
    return false;
  }

  private descend(pageNumber: number): void {
    const { image } = this;
    for (let number = pageNumber; ; ) {
      const page = (number - 1) * this.pageBytes;
      const kind = image[page];
      if (kind === LEAF) {
        this.leaf = page;
        this.cell = 0;
        this.cellCount = image.readUInt16BE(page + 3);
        return;
      }
      invariant(kind === INTERIOR, 'a page of a table');
      const count = image.readUInt16BE(page + 3);
      this.pages.push(page);
      this.cells.push(1);
      const at = count === 0 ? page + 8 : page + image.readUInt16BE(page + INTERIOR_HEADER_BYTES);
      number = image.readUInt32BE(at);
    }
  }

  /** A payload that goes on in overflow pages, in one piece. */
  private assemble(at: number, length: number): Buffer {
    const { image, pageBytes } = this;
    if (this.scratch.length < length) this.scratch = Buffer.allocUnsafe(length);
    const { scratch } = this;
    const local = localPayload(length, tablePayloadMax(pageBytes), pageBytes);
    image.copy(scratch, 0, at, at + local);
    let next = image.readUInt32BE(at + local);
    for (let used = local; used < length; ) {
      invariant(next !== 0, 'overflow pages hold all of a payload');
      const page = (next - 1) * pageBytes;
      const part = Math.min(length - used, pageBytes - 4);
      image.copy(scratch, used, page + 4, page + 4 + part);
      used += part;
      next = image.readUInt32BE(page);
    }
    return scratch;
  }
}

const PAGE_BYTES_MAX = 65_536;
const INTERIOR = 5;
const LEAF = 13;
const INTERIOR_HEADER_BYTES = 12;
const LEAF_HEADER_BYTES = 8;
