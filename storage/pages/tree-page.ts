import { ROW_BYTES_MAX } from '../ranges/row-chunks';
import { indexPayloadMax, localPayload, tablePayloadMax } from '../staging/cell-payload';
import type { PageFile } from './page-file';
import type { StoredRecordReader } from './stored-record-reader';

/**
 * Pages of SQLite's trees. Source: sqlite.org/fileformat2.html, "B-tree Pages":
 *
 *     page      0  1  kind: 13 leaf and 5 interior of rowids, 10 leaf and 2 interior of an index
 *               3  2  cells                        8  4  interior: the right-most child
 *               then 2 bytes a cell: where it is in the page
 *     cell      interior: child page, 4 bytes | 13, 10, 2: payload length (varint) | 13, 5: rowid (varint)
 *               13, 10, 2: payload | where it does not fit: its first overflow page, 4 bytes
 *     overflow  the next page or 0, 4 bytes | payload
 */

export const PageKind = { indexInterior: 2, interior: 5, indexLeaf: 10, leaf: 13 } as const;

export const isLeaf = (kind: number): boolean =>
  kind === PageKind.leaf || kind === PageKind.indexLeaf;

export const RIGHT_MOST_OFFSET = 8;
const CELL_COUNT_OFFSET = 3;
const LEAF_HEADER_BYTES = 8;
const INTERIOR_HEADER_BYTES = 12;
export const CHILD_BYTES = 4;

/** Of one page, in a buffer of several. */
export const cellCount = (bytes: Buffer, page: number): number =>
  bytes.readUInt16BE(page + CELL_COUNT_OFFSET);

/** @returns where the cell begins in the buffer */
export function cellAt(bytes: Buffer, page: number, cell: number): number {
  const header = isLeaf(bytes[page] as number) ? LEAF_HEADER_BYTES : INTERIOR_HEADER_BYTES;
  return page + bytes.readUInt16BE(page + header + 2 * cell);
}

/** Reads cells of pages that lie in a buffer, and what of them lies on other pages. */
export class CellReader {
  private readonly file: PageFile;
  private at = 0;
  private scratch = Buffer.alloc(0);

  constructor(file: PageFile) {
    this.file = file;
  }

  /** Moves the reader to a cell that has a record. @param bytes with ROWID_BYTES left at their end @param page where its page begins */
  read(record: StoredRecordReader, bytes: Buffer, page: number, cell: number): void {
    const { pageBytes } = this.file;
    const kind = bytes[page] as number;
    this.at = kind === PageKind.indexInterior ? cell + CHILD_BYTES : cell;
    const length = Number(this.varint(bytes));
    const rowid = kind === PageKind.leaf ? BigInt.asIntN(64, this.varint(bytes)) : undefined;
    const most = kind === PageKind.leaf ? tablePayloadMax(pageBytes) : indexPayloadMax(pageBytes);
    if (length > most) record.reset(this.assemble(bytes, length, most), 0);
    else {
      if (this.at + length > page + pageBytes) throw this.file.damaged('a row leaves its page');
      record.reset(bytes, this.at);
    }
    if (rowid !== undefined) record.setRowid(rowid);
  }

  /** Of an interior page's cell of a tree of rowids. */
  rowidOf(bytes: Buffer, cell: number): bigint {
    this.at = cell + CHILD_BYTES;
    return BigInt.asIntN(64, this.varint(bytes));
  }

  /** Up to nine bytes, the ninth of which has no mark. */
  private varint(bytes: Buffer): bigint {
    let value = 0;
    for (let i = 0; i < 7; i++) {
      const byte = bytes[this.at++] as number;
      value = value * 0x80 + (byte & 0x7f);
      if (byte < 0x80) return BigInt(value);
    }
    const eighth = bytes[this.at++] as number;
    const eight = (BigInt(value) << 7n) | BigInt(eighth & 0x7f);
    if (eighth < 0x80) return eight;
    return (eight << 8n) | BigInt(bytes[this.at++] as number);
  }

  /** A payload that goes on in overflow pages, in one piece. */
  private assemble(bytes: Buffer, length: number, most: number): Buffer {
    const { file } = this;
    const { pageBytes } = file;
    if (length > ROW_BYTES_MAX) throw file.damaged(`a row of ${length} bytes`);
    // One page more, for those that are being read, and a rowid afterwards.
    if (this.scratch.length < length + pageBytes)
      this.scratch = Buffer.allocUnsafe(length + pageBytes);
    const { scratch } = this;
    const local = localPayload(length, most, pageBytes);
    bytes.copy(scratch, 0, this.at, this.at + local);
    let next = bytes.readUInt32BE(this.at + local);
    const page = scratch.length - pageBytes;
    for (let used = local; used < length; ) {
      file.read(next, 1, scratch, page);
      const part = Math.min(length - used, pageBytes - 4);
      next = scratch.readUInt32BE(page);
      scratch.copy(scratch, used, page + 4, page + 4 + part);
      used += part;
    }
    return scratch;
  }
}
