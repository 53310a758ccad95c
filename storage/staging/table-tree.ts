import { localPayload, tablePayloadMax } from './cell-payload';
import type { PageFileWriter } from './page-file-writer';
import type { RecordBuilder } from './record-builder';
import { varintLength, writeVarint } from './varint';

/**
 * The b-tree of a SQLite table, built from its left end to its right: leaves are full, each level above is made when the one
 * below is complete.
 *
 *     leaf:      0d | freeblock u16 = 0 | cells u16 | content start u16 | 00 | cell pointers u16 … | free | cells
 *     cell:      record length (varint) | rowid (varint) | record, or its beginning and the first overflow page u32
 *     interior:  05 | … | last child u32 | cell pointers …; cell: child u32 | its highest rowid (varint)
 *     overflow:  next page u32, 0 = none | bytes
 *
 * Source: sqlite.org/fileformat2.html, "B-tree Pages".
 */

const LEAF = 0x0d;
const INTERIOR = 0x05;
const LEAF_HEADER = 8;
const INTERIOR_HEADER = 12;
const POINTER = 2;
const PAGE_NUMBER = 4;

/** For two cells of an interior page and one pointer. */
const ROOM_FOR_TWO = 2 * (PAGE_NUMBER + 9) + POINTER;

export interface TableLeaf {
  readonly page: Uint8Array;
  /** The highest in it. */
  readonly lastRowid: number;
}

interface Child {
  readonly page: number;
  /** The highest rowid in it. */
  readonly rowid: number;
}

export class TableTree {
  private readonly file: PageFileWriter;
  private readonly leaf: PageBuilder;
  private readonly leaves: Child[] = [];
  private readonly overflowBytes: number;
  private rowid = 0;

  constructor(file: PageFileWriter) {
    const { pageBytes } = file;
    this.file = file;
    this.leaf = new PageBuilder(LEAF, LEAF_HEADER, pageBytes);
    this.overflowBytes = pageBytes - PAGE_NUMBER;
  }

  get rowCount(): number {
    return this.rowid;
  }

  /** Adds a row with the next rowid. */
  add(record: RecordBuilder): void {
    const length = record.measure();
    const rowid = this.rowid + 1;
    const { pageBytes } = this.file;
    const local = localPayload(length, tablePayloadMax(pageBytes), pageBytes);
    const size =
      varintLength(length) + varintLength(rowid) + local + (local < length ? PAGE_NUMBER : 0);
    if (!this.leaf.fits(size)) this.closeLeaf();
    if (local === length) {
      let at = this.leaf.place(size);
      at = writeVarint(this.leaf.bytes, at, length);
      record.write(this.leaf.bytes, writeVarint(this.leaf.bytes, at, rowid));
    } else this.addLong(record, length, rowid, local, size);
    this.rowid = rowid;
  }

  private addLong(
    record: RecordBuilder,
    length: number,
    rowid: number,
    local: number,
    size: number,
  ): void {
    const bytes = Buffer.allocUnsafe(length);
    record.write(bytes, 0);
    const first = this.addOverflow(bytes.subarray(local));
    const page = this.leaf.bytes;
    let at = this.leaf.place(size);
    at = writeVarint(page, at, length);
    at = writeVarint(page, at, rowid);
    page.set(bytes.subarray(0, local), at);
    page.writeUInt32BE(first, at + local);
  }

  /** @returns the number of the first page */
  private addOverflow(rest: Uint8Array): number {
    const first = this.file.nextPage;
    const page = Buffer.alloc(this.file.pageBytes);
    const { overflowBytes } = this;
    for (let at = 0; at < rest.length; at += overflowBytes) {
      const piece = rest.subarray(at, at + overflowBytes);
      const isLast = at + overflowBytes >= rest.length;
      page.fill(0);
      page.writeUInt32BE(isLast ? 0 : this.file.nextPage + 1, 0);
      page.set(piece, PAGE_NUMBER);
      this.file.add(page);
    }
    return first;
  }

  private closeLeaf(): void {
    this.leaves.push({ page: this.file.add(this.leaf.finish()), rowid: this.rowid });
    this.leaf.clear();
  }

  /** Adds a leaf that was built elsewhere, of rowids that follow those before. */
  addLeaf({ page, lastRowid }: TableLeaf): void {
    this.leaves.push({ page: this.file.add(page), rowid: lastRowid });
    this.rowid = lastRowid;
  }

  /** Writes what is left. @returns the number of the root page */
  finish(): number {
    if (!this.leaf.isEmpty || this.leaves.length === 0) this.closeLeaf();
    let level = this.leaves;
    while (level.length > 1) level = this.buildLevel(level);
    return (level[0] as Child).page;
  }

  private buildLevel(children: readonly Child[]): Child[] {
    const level: Child[] = [];
    const page = new PageBuilder(INTERIOR, INTERIOR_HEADER, this.file.pageBytes);
    const count = children.length;
    for (let i = 0; i < count; i++) {
      const child = children[i] as Child;
      const size = PAGE_NUMBER + varintLength(child.rowid);
      // The last child of a page has no cell. A page has two children at least, so the second last of all ends none: for that,
      // room for one more is kept.
      const isLast = i === count - 1 || (i !== count - 2 && !page.fits(ROOM_FOR_TWO));
      if (!isLast) {
        const at = page.place(size);
        page.bytes.writeUInt32BE(child.page, at);
        writeVarint(page.bytes, at + PAGE_NUMBER, child.rowid);
        continue;
      }
      const bytes = page.finish();
      bytes.writeUInt32BE(child.page, LEAF_HEADER);
      level.push({ page: this.file.add(bytes), rowid: child.rowid });
      page.clear();
    }
    return level;
  }
}

/** One page: cell pointers grow from its beginning, cells from its end. */
class PageBuilder {
  readonly bytes: Buffer;
  private readonly kind: number;
  private readonly header: number;
  private cells = 0;
  private content: number;

  constructor(kind: number, header: number, pageBytes: number) {
    this.bytes = Buffer.alloc(pageBytes);
    this.kind = kind;
    this.header = header;
    this.content = pageBytes;
  }

  clear(): void {
    this.cells = 0;
    this.content = this.bytes.length;
  }

  get isEmpty(): boolean {
    return this.cells === 0;
  }

  private get free(): number {
    return this.content - this.header - this.cells * POINTER;
  }

  fits(size: number): boolean {
    return size + POINTER <= this.free;
  }

  /** Makes room for a cell that fits. @returns where it starts */
  place(size: number): number {
    const { bytes } = this;
    const content = this.content - size;
    const pointer = this.header + this.cells * POINTER;
    bytes[pointer] = content >>> 8;
    bytes[pointer + 1] = content;
    this.content = content;
    this.cells++;
    return content;
  }

  finish(): Buffer {
    const { bytes } = this;
    bytes.fill(0, 0, this.header);
    bytes[0] = this.kind;
    bytes.writeUInt16BE(this.cells, 3);
    bytes.writeUInt16BE(this.content, 5);
    bytes.fill(0, this.header + this.cells * POINTER, this.content);
    return bytes;
  }
}
