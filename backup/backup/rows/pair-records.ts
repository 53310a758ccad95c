import { copyBytes } from '../../../base/byte-writer';
import type { TemporaryFile } from '../../../base/temporary-file';

/** A pair of a key, and the time of its version. */
export interface SortedPair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly timestamp: bigint | string;
}

/**
 * Pairs as records: lengths of the key, of the value and of a time that is a text (0: it is a number of 8 bytes), little endian u32
 * each; key, time, value.
 */
const HEADER_BYTES = 12;
const WALL_BYTES = 8;
/** What a record takes beside its bytes: where it is, where its key ends, and its place in the order of all. */
const PLACE_BYTES = 12;
const RECORDS_MIN = 1 << 10;
const BYTES_MIN = 64 << 10;
/** Of sorted records that are handed out at a time, about. */
const PIECE_BYTES = 256 << 10;

const timeBytes = (textLength: number): number => textLength || WALL_BYTES;

function recordBytes(bytes: Buffer, at: number): number {
  const lengths = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4);
  return HEADER_BYTES + lengths + timeBytes(bytes.readUInt32LE(at + 8));
}

/** The record at an offset, as views. */
function readRecord(bytes: Buffer, at: number): SortedPair {
  const textLength = bytes.readUInt32LE(at + 8);
  const key = at + HEADER_BYTES;
  const time = key + bytes.readUInt32LE(at);
  const value = time + timeBytes(textLength);
  return {
    key: bytes.subarray(key, time),
    value: bytes.subarray(value, value + bytes.readUInt32LE(at + 4)),
    timestamp:
      textLength === 0 ? bytes.readBigInt64LE(time) : bytes.toString('latin1', time, value),
  };
}

function enlarged(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(length);
  grown.set(array);
  return grown;
}

/** Records that are held in memory. */
export class PairRecords {
  private readonly bytesMax: number;
  private bytes = Buffer.alloc(0);
  private used = 0;
  private starts = new Uint32Array(0);
  private keyEnds = new Uint32Array(0);
  private count = 0;

  /** @param bytesMax of records; one is held, however large */
  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** @param bytes of a key and a value */
  isFullFor(bytes: number): boolean {
    const overhead = (this.count + 1) * PLACE_BYTES;
    return this.count > 0 && this.used + bytes + overhead > this.bytesMax;
  }

  /** The arguments are those of `PairSorter.add`. */
  add(
    key: Uint8Array,
    keyLength: number,
    value: Uint8Array,
    valueLength: number,
    timestamp: bigint | string,
  ): void {
    const textLength = typeof timestamp === 'string' ? timestamp.length : 0;
    const at = this.used;
    const end = at + HEADER_BYTES + keyLength + timeBytes(textLength) + valueLength;
    this.reserve(end);
    const { bytes } = this;
    bytes.writeUInt32LE(keyLength, at);
    bytes.writeUInt32LE(valueLength, at + 4);
    bytes.writeUInt32LE(textLength, at + 8);
    let to = at + HEADER_BYTES;
    copyBytes(key, 0, keyLength, bytes, to);
    to += keyLength;
    if (typeof timestamp === 'string') to += bytes.write(timestamp, to, 'latin1');
    else to = bytes.writeBigInt64LE(timestamp, to);
    copyBytes(value, 0, valueLength, bytes, to);
    this.starts[this.count] = at;
    this.keyEnds[this.count++] = at + HEADER_BYTES + keyLength;
    this.used = end;
  }

  private reserve(bytes: number): void {
    if (bytes > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.max(bytes, Math.min(this.bytes.length * 2, this.bytesMax), BYTES_MIN),
      );
      this.bytes.copy(grown, 0, 0, this.used);
      this.bytes = grown;
    }
    if (this.count < this.starts.length) return;
    const recordsMax = Math.max(RECORDS_MIN, this.starts.length * 2);
    this.starts = enlarged(this.starts, recordsMax);
    this.keyEnds = enlarged(this.keyEnds, recordsMax);
  }

  /** Numbers of records. */
  private order(): Uint32Array {
    const { bytes, starts, keyEnds } = this;
    const numbers = Uint32Array.from({ length: this.count }, (_, i) => i);
    return numbers.sort((a, b) => {
      const [aEnd, bEnd] = [keyEnds[a] as number, keyEnds[b] as number];
      let aAt = (starts[a] as number) + HEADER_BYTES;
      let bAt = (starts[b] as number) + HEADER_BYTES;
      while (aAt < aEnd && bAt < bEnd) {
        const difference = (bytes[aAt++] as number) - (bytes[bAt++] as number);
        if (difference !== 0) return difference;
      }
      // Those of one key in the order in which they came.
      return aEnd - aAt - (bEnd - bAt) || a - b;
    });
  }

  /** Views. */
  *sorted(): Generator<SortedPair> {
    for (const i of this.order()) yield readRecord(this.bytes, this.starts[i] as number);
  }

  /** Sorted records, in pieces that are good until the next one; none are held then. */
  *takeSorted(): Generator<Uint8Array> {
    const { bytes } = this;
    let piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    let used = 0;
    for (const i of this.order()) {
      const at = this.starts[i] as number;
      const length = recordBytes(bytes, at);
      if (used + length > piece.length) {
        yield piece.subarray(0, used);
        used = 0;
        if (length > piece.length) piece = Buffer.allocUnsafeSlow(length);
      }
      used += bytes.copy(piece, used, at, at + length);
    }
    yield piece.subarray(0, used);
    this.used = this.count = 0;
  }

  /** Holds none any more. */
  free(): void {
    this.bytes = Buffer.alloc(0);
    this.starts = new Uint32Array(0);
    this.keyEnds = new Uint32Array(0);
    this.used = this.count = 0;
  }
}

interface RunPlace {
  readonly at: number;
  readonly end: number;
  readonly windowBytes: number;
}

/** Reads sorted records of a file. */
export class RunReader {
  /** Where it began in the file. */
  readonly start: number;
  /** The current one, after `advance`. */
  pair: SortedPair = { key: new Uint8Array(), value: new Uint8Array(), timestamp: 0n };
  private readonly file: TemporaryFile;
  private readonly place: RunPlace;
  private window = Buffer.alloc(0);
  /** Of the window in the file. */
  private windowAt: number;
  /** Of the next record in the window. */
  private next = 0;

  constructor(file: TemporaryFile, place: RunPlace) {
    this.file = file;
    this.place = place;
    this.start = place.at;
    this.windowAt = place.at;
  }

  /** Moves to the next pair. @returns false at the end */
  advance(): boolean {
    if (this.windowAt + this.next === this.place.end) return false;
    if (!this.has(HEADER_BYTES)) this.read(this.place.windowBytes);
    const length = recordBytes(this.window, this.next);
    if (!this.has(length)) this.read(Math.max(length, this.place.windowBytes));
    this.pair = readRecord(this.window, this.next);
    this.next += length;
    return true;
  }

  private has(bytes: number): boolean {
    return this.next + bytes <= this.window.length;
  }

  /** Reads on from the next record, into other memory: views of what was read stay good. */
  private read(bytes: number): void {
    this.windowAt += this.next;
    this.next = 0;
    this.window = Buffer.allocUnsafeSlow(Math.min(bytes, this.place.end - this.windowAt));
    this.file.read(this.window, this.windowAt);
  }
}
