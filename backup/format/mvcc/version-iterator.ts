import { compareKeys } from '../compare-keys';
import type { TableCursor } from './table-cursor';
import { plainValueStart, u32be, VALUE_HEADER_BYTES, valueChecksum } from './value';

/**
 * A reading of the cluster's clock: nanoseconds since 1970-01-01 UTC, and a counter within the
 * nanosecond.
 */
export interface HlcTime {
  readonly wallTime: bigint;
  readonly logical: number;
}

/**
 * The newest version of each key that is not newer than a given time, tombstones left out, in key
 * order, over any number of tables. Walks what is loaded without allocating: `readVersions` loads
 * blocks between runs of `next`.
 *
 * The key is bytes [0, keyLength) of `keyBuffer` until the next call of `next`. The value is bytes
 * [dataStart, dataEnd) of `valueBytes`, which stay as they are. `key` and `data` are views of them.
 */
export class VersionIterator {
  keyBuffer: Uint8Array = new Uint8Array(256);
  keyLength = 0;
  /** Type of the value: `ValueTag`. */
  tag = 0;
  valueBytes: Uint8Array = new Uint8Array(0);
  dataStart = 0;
  dataEnd = 0;
  /** The version's wall time in two unsigned words, nanoseconds. */
  wallHigh = 0;
  wallLow = 0;
  logical = 0;
  /** Cursors that have reached the end of their block. */
  readonly exhausted: TableCursor[] = [];
  private readonly single: TableCursor | undefined;
  /**
   * Otherwise a binary heap of cursors, each at an entry not yet looked at; the least one is
   * first.
   */
  private readonly heap: TableCursor[] = [];
  private readonly asOfHigh: number;
  private readonly asOfLow: number;
  private readonly asOfLogical: number;
  /** The current key's version has been chosen: older ones are skipped. */
  private keyDone = false;
  private hasKey = false;

  constructor(cursors: readonly TableCursor[], asOf: HlcTime | undefined) {
    this.single = cursors.length === 1 ? cursors[0] : undefined;
    this.exhausted.push(...cursors);
    this.asOfHigh = asOf === undefined ? 0xffffffff : Number(asOf.wallTime >> 32n);
    this.asOfLow = asOf === undefined ? 0xffffffff : Number(asOf.wallTime & 0xffffffffn);
    this.asOfLogical = asOf === undefined ? 0xffffffff : asOf.logical;
  }

  get key(): Uint8Array {
    return this.keyBuffer.subarray(0, this.keyLength);
  }

  get data(): Uint8Array {
    return this.valueBytes.subarray(this.dataStart, this.dataEnd);
  }

  get wallTime(): bigint {
    return (BigInt(this.wallHigh) << 32n) | BigInt(this.wallLow);
  }

  /**
   * @returns false when blocks must be loaded first, or there is nothing more. @throws
   * CorruptionError
   */
  next(): boolean {
    if (this.exhausted.length > 0) return false;
    return this.single === undefined ? this.nextMerged() : this.nextSingle(this.single);
  }

  /** After a cursor's block was loaded. */
  resume(cursor: TableCursor): void {
    if (cursor === this.single) return;
    if (cursor.next()) this.push(cursor);
    else this.exhausted.push(cursor);
  }

  private nextSingle(cursor: TableCursor): boolean {
    while (cursor.next()) {
      if (!cursor.sameKey) this.keyDone = false;
      if (this.accept(cursor, cursor.entries.keyBuffer)) return true;
    }
    this.exhausted.push(cursor);
    return false;
  }

  private nextMerged(): boolean {
    for (let cursor = this.heap[0]; cursor !== undefined; cursor = this.heap[0]) {
      this.takeKey(cursor);
      const accepted = this.accept(cursor, this.keyBuffer);
      if (cursor.next()) {
        this.siftDown();
      } else {
        this.pop();
        this.exhausted.push(cursor);
      }
      if (accepted) return true;
      if (this.exhausted.length > 0) return false;
    }
    return false;
  }

  /** Copies the cursor's key, which its next entry overwrites, unless it is the current one. */
  private takeKey(cursor: TableCursor): void {
    const key = cursor.entries.keyBuffer;
    const length = cursor.keyLength;
    if (this.hasKey && compareKeys(key, length, this.keyBuffer, this.keyLength) === 0) return;
    if (length > this.keyBuffer.length) this.keyBuffer = new Uint8Array(length * 2);
    for (let i = 0; i < length; i++) this.keyBuffer[i] = key[i] as number;
    this.keyLength = length;
    this.hasKey = true;
    this.keyDone = false;
  }

  /** Takes the cursor's version when it is the one wanted. */
  private accept(cursor: TableCursor, keyBuffer: Uint8Array): boolean {
    if (this.keyDone) return false;
    if (cursor.compareVersion(this.asOfHigh, this.asOfLow, this.asOfLogical) > 0) return false;
    this.keyDone = true;
    const bytes = cursor.valueBytes;
    const end = cursor.valueEnd;
    const start = plainValueStart(bytes, cursor.valueStart, end);
    if (start < 0) cursor.entries.fail('malformed value');
    if (start === end) return false;
    const length = cursor.keyLength;
    const checksum = u32be(bytes, start);
    if (checksum !== 0 && checksum !== valueChecksum(keyBuffer, length, bytes, start, end))
      cursor.entries.fail('value checksum mismatch');
    this.keyBuffer = keyBuffer;
    this.keyLength = length;
    this.tag = bytes[start + 4] as number;
    this.valueBytes = bytes;
    this.dataStart = start + VALUE_HEADER_BYTES;
    this.dataEnd = end;
    this.wallHigh = cursor.wallHigh;
    this.wallLow = cursor.wallLow;
    this.logical = cursor.logical;
    return true;
  }

  private push(cursor: TableCursor): void {
    const heap = this.heap;
    let at = heap.length;
    heap.push(cursor);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as TableCursor;
      if (!isBefore(cursor, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = cursor;
  }

  private pop(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.siftDown();
  }

  /** Moves the first cursor to its place. */
  private siftDown(): void {
    const heap = this.heap;
    const cursor = heap[0] as TableCursor;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (
        child + 1 < heap.length &&
        isBefore(heap[child + 1] as TableCursor, heap[child] as TableCursor)
      )
        child++;
      const below = heap[child] as TableCursor;
      if (!isBefore(below, cursor)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = cursor;
  }
}

/** Engine order: by key, newer versions first. */
function isBefore(a: TableCursor, b: TableCursor): boolean {
  const order = compareKeys(a.entries.keyBuffer, a.keyLength, b.entries.keyBuffer, b.keyLength);
  return order === 0 ? a.compareVersion(b.wallHigh, b.wallLow, b.logical) > 0 : order < 0;
}
