import { create } from '@bufbuild/protobuf';
import { decodeTablePrefix, rowKeyLength } from './datum/table-key';
import { type RowCount, RowCountSchema } from './gen/backup_pb';

export interface WholeRows {
  /** Of their keys and values. */
  readonly dataSize: number;
  readonly rows: number;
  readonly indexEntries: number;
}

/**
 * Counts what a file holds, as CockroachDB does: pairs of neighbouring column families are one row, or one index entry
 * (format reference 02 §1.2).
 */
export class RowCounter {
  private dataSize = 0;
  private rows = 0;
  private indexEntries = 0;
  private last = Buffer.alloc(256);
  private lastLength = 0;
  /** Of the last key: its table and index, and whether that is the primary one. */
  private prefix = Buffer.alloc(0);
  private isPrimary = false;
  private readonly primaryIndexOf: (tableId: number) => number | undefined;

  constructor(primaryIndexOf: (tableId: number) => number | undefined) {
    this.primaryIndexOf = primaryIndexOf;
  }

  /** @param key its first `keyLength` bytes, without MVCC suffix @returns whether another row or entry begins */
  add(key: Uint8Array, keyLength: number, valueLength: number): boolean {
    this.dataSize += keyLength + valueLength;
    const row = rowKeyLength(key, keyLength);
    const length = row < 0 ? keyLength : row;
    if (this.isLast(key, length)) return false;
    this.keep(key, length);
    if (this.isOfPrimary(key, keyLength)) this.rows++;
    else this.indexEntries++;
    return true;
  }

  /** Adds rows, or entries of other indexes, that are whole. */
  addWhole({ dataSize, rows, indexEntries }: WholeRows): void {
    this.dataSize += dataSize;
    this.rows += rows;
    this.indexEntries += indexEntries;
    this.lastLength = 0;
  }

  private isLast(key: Uint8Array, length: number): boolean {
    if (length !== this.lastLength) return false;
    // Neighbours differ near the end.
    for (let i = length - 1; i >= 0; i--) if (key[i] !== this.last[i]) return false;
    return true;
  }

  private keep(key: Uint8Array, length: number): void {
    if (length > this.last.length) this.last = Buffer.alloc(length * 2);
    const { last } = this;
    for (let i = 0; i < length; i++) last[i] = key[i] as number;
    this.lastLength = length;
  }

  private isOfPrimary(row: Uint8Array, rowLength: number): boolean {
    const { prefix } = this;
    if (prefix.length > 0 && rowLength >= prefix.length) {
      let same = 0;
      while (same < prefix.length && row[same] === prefix[same]) same++;
      if (same === prefix.length) return this.isPrimary;
    }
    const { tableId, indexId, length } = decodeTablePrefix(row.subarray(0, rowLength));
    this.prefix = Buffer.from(row.subarray(0, length));
    this.isPrimary = this.primaryIndexOf(tableId) === indexId;
    return this.isPrimary;
  }

  get sizeBytes(): number {
    return this.dataSize;
  }

  counts(): RowCount {
    return create(RowCountSchema, {
      dataSize: BigInt(this.dataSize),
      rows: BigInt(this.rows),
      indexEntries: BigInt(this.indexEntries),
    });
  }
}
