import { create } from '@bufbuild/protobuf';
import { decodeTablePrefix, rowKeyLength } from './datum/table-key';
import { type RowCount, RowCountSchema } from './gen/backup_pb';

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

  /** @param key without MVCC suffix @returns whether another row or entry begins */
  add(key: Uint8Array, valueLength: number): boolean {
    this.dataSize += key.length + valueLength;
    const row = rowKeyLength(key);
    const length = row < 0 ? key.length : row;
    if (this.isLast(key, length)) return false;
    this.keep(key, length);
    if (this.isOfPrimary(key)) this.rows++;
    else this.indexEntries++;
    return true;
  }

  private isLast(key: Uint8Array, length: number): boolean {
    if (length !== this.lastLength) return false;
    // Neighbours differ near the end.
    for (let i = length - 1; i >= 0; i--) if (key[i] !== this.last[i]) return false;
    return true;
  }

  private keep(key: Uint8Array, length: number): void {
    if (key.length > this.last.length) this.last = Buffer.alloc(key.length * 2);
    this.last.set(key);
    this.lastLength = length;
  }

  private isOfPrimary(row: Uint8Array): boolean {
    const { prefix } = this;
    if (prefix.length > 0 && row.length >= prefix.length) {
      let same = 0;
      while (same < prefix.length && row[same] === prefix[same]) same++;
      if (same === prefix.length) return this.isPrimary;
    }
    const { tableId, indexId, length } = decodeTablePrefix(row);
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
