import { limits } from '../../../base/limits';
import { compareKeys } from '../compare-keys';
import { INTERNAL_TRAILER_BYTES, KeyKind, kindName, kindOf } from '../sstable/internal-key';
import { RowBlockIterator } from '../sstable/row-block';
import type { DataBlock, TableReader } from '../sstable/table-reader';
import { VERSION_LOGICAL, VERSION_SYNTHETIC, VERSION_WALL } from './engine-key';
import { u32be } from './value';

/** The part of a table to read: cluster keys (no version) in [start, end). */
export interface TableSpan {
  readonly table: TableReader;
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/**
 * Walks the versions of one table's span, newest first for each key. Blocks are loaded by `load`,
 * entries walked by `next` without allocating. Checks that keys ascend and versions of a key
 * descend.
 */
export class TableCursor {
  readonly entries: RowBlockIterator;
  /** Length of the cluster's key in `entries.keyBuffer`; -1 before the first entry. */
  keyLength = -1;
  /** The key is that of the entry before. */
  sameKey = false;
  /** Wall time in two unsigned words. */
  wallHigh = 0;
  wallLow = 0;
  logical = 0;
  /** The stored value is bytes [valueStart, valueEnd) of this. */
  valueBytes: Uint8Array = new Uint8Array(0);
  valueStart = 0;
  valueEnd = 0;
  private readonly span: TableSpan;
  private readonly blocks: AsyncGenerator<DataBlock, void, undefined>;
  private beforeStart = true;
  /** First block that may hold keys at or above the span's end. */
  private readonly endBlock: number;
  private inEndBlock = false;
  private finished = false;

  constructor(span: TableSpan, readBytesTarget: number = limits.readBytesTarget) {
    const { first, last } = span.table.index.blocksOfSpan(span.start, span.end);
    this.span = span;
    this.entries = new RowBlockIterator(span.table.file.name);
    this.blocks = span.table.blocks(first, last, readBytesTarget);
    this.endBlock = span.table.index.blockAtOrAfter(span.end);
  }

  /** Loads the next block. @returns false when the span is exhausted */
  async load(): Promise<boolean> {
    if (this.finished) return false;
    const result = await this.blocks.next();
    if (result.done) {
      this.finished = true;
      return false;
    }
    this.entries.reset(result.value.bytes, result.value.offset);
    this.inEndBlock = result.value.index >= this.endBlock;
    return true;
  }

  /** Frees what is being read ahead. */
  async close(): Promise<void> {
    this.finished = true;
    await this.blocks.return();
  }

  /** @returns false at the end of the block, or of the span. @throws CorruptionError */
  next(): boolean {
    const entries = this.entries;
    while (entries.next()) {
      this.readKey();
      if (this.beforeStart) {
        if (this.compareTo(this.span.start) < 0) continue;
        this.beforeStart = false;
      }
      if (this.inEndBlock && this.compareTo(this.span.end) >= 0) {
        this.finished = true;
        return false;
      }
      if (this.span.table.valueBlocks === undefined) {
        this.valueBytes = entries.block;
        this.valueStart = entries.valueStart;
        this.valueEnd = entries.valueEnd;
      } else {
        this.valueBytes = this.span.table.valueBlocks.resolve(entries.value);
        this.valueStart = 0;
        this.valueEnd = this.valueBytes.length;
      }
      return true;
    }
    return false;
  }

  private compareTo(key: Uint8Array): number {
    return compareKeys(this.entries.keyBuffer, this.keyLength, key, key.length);
  }

  /** Splits the internal key and checks its place after the entry before. */
  private readKey(): void {
    const entries = this.entries;
    const bytes = entries.keyBuffer;
    const engineLength = entries.keyLength - INTERNAL_TRAILER_BYTES;
    if (engineLength < 1) entries.fail('key too short');
    const kind = kindOf(bytes[engineLength] as number);
    if (kind !== KeyKind.set && kind !== KeyKind.setWithDelete)
      entries.fail(`unexpected entry: ${kindName(kind)}`);
    const versionLength = bytes[engineLength - 1] as number;
    const hasLogical = versionLength === VERSION_LOGICAL || versionLength === VERSION_SYNTHETIC;
    if (versionLength !== VERSION_WALL && !hasLogical) entries.fail('key without a version');
    const keyLength = engineLength - 1 - versionLength;
    if (keyLength < 0 || bytes[keyLength] !== 0) entries.fail('malformed engine key');
    const wallHigh = u32be(bytes, keyLength + 1);
    const wallLow = u32be(bytes, keyLength + 5);
    const logical = hasLogical ? u32be(bytes, keyLength + 9) : 0;
    this.sameKey = this.checkKeyOrder(keyLength);
    if (this.sameKey && this.compareVersion(wallHigh, wallLow, logical) <= 0)
      entries.fail('versions of a key are out of order');
    this.keyLength = keyLength;
    this.wallHigh = wallHigh;
    this.wallLow = wallLow;
    this.logical = logical;
  }

  /** @returns whether the key equals the one before */
  private checkKeyOrder(keyLength: number): boolean {
    const previousLength = this.keyLength;
    if (previousLength < 0) return false;
    const entries = this.entries;
    const common = entries.commonLength;
    if (common >= previousLength) {
      if (keyLength < previousLength) entries.fail('keys are out of order');
      return keyLength === previousLength;
    }
    if (common >= keyLength || (entries.keyBuffer[common] as number) <= entries.previousByte)
      entries.fail('keys are out of order');
    return false;
  }

  /** Order of the current version against another: positive when the current one is newer. */
  compareVersion(wallHigh: number, wallLow: number, logical: number): number {
    if (this.wallHigh !== wallHigh) return this.wallHigh - wallHigh;
    if (this.wallLow !== wallLow) return this.wallLow - wallLow;
    return this.logical - logical;
  }
}
