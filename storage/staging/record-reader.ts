import { invariant } from '../../base/invariant';

/**
 * A SQLite record, read value by value without a JavaScript object for each: what `RecordBuilder` builds. One reader is used for
 * row after row.
 *
 * Bytes come from SQLite itself, so they are trusted: a malformed record is a bug, not a damaged store.
 */
export class RecordReader {
  /** Where values lie; good until the next `reset`. */
  bytes: Buffer = Buffer.alloc(0);
  readonly slotCount: number;
  /** By slot: the serial type. */
  protected readonly types: Uint32Array;
  protected readonly starts: Uint32Array;

  constructor(slotCount: number) {
    this.slotCount = slotCount;
    this.types = new Uint32Array(slotCount);
    this.starts = new Uint32Array(slotCount);
  }

  /** Moves to the record at `at`, of as many values as there are slots. */
  reset(bytes: Buffer, at: number): void {
    this.bytes = bytes;
    const { types, starts, slotCount } = this;
    let position = at;
    let headerLength = bytes[position++] as number;
    if (headerLength >= 0x80) {
      headerLength &= 0x7f;
      let byte: number;
      do {
        byte = bytes[position++] as number;
        headerLength = headerLength * 0x80 + (byte & 0x7f);
      } while (byte >= 0x80);
    }
    let start = at + headerLength;
    for (let slot = 0; slot < slotCount; slot++) {
      let type = bytes[position++] as number;
      if (type >= 0x80) {
        type &= 0x7f;
        let byte: number;
        do {
          byte = bytes[position++] as number;
          type = type * 0x80 + (byte & 0x7f);
        } while (byte >= 0x80);
      }
      types[slot] = type;
      starts[slot] = start;
      start += sizeOfType(type);
    }
    invariant(position === at + headerLength, 'a record has as many values as there are slots');
  }

  isNull(slot: number): boolean {
    return this.types[slot] === SERIAL_NULL;
  }

  /** An INTEGER of 64 bits, whose words can be looked at. */
  isWide(slot: number): boolean {
    return this.types[slot] === SERIAL_INT64;
  }

  highWord(slot: number): number {
    return this.word(this.starts[slot] as number);
  }

  lowWord(slot: number): number {
    return this.word((this.starts[slot] as number) + 4) >>> 0;
  }

  /** Of a text or blob: where its bytes begin. */
  start(slot: number): number {
    return this.starts[slot] as number;
  }

  /** Of a text or blob, in bytes. */
  size(slot: number): number {
    return ((this.types[slot] as number) - SERIAL_BLOB) >>> 1;
  }

  /** An INTEGER: as a number when it is a safe one. */
  integer(slot: number): number | bigint {
    const { bytes } = this;
    const at = this.starts[slot] as number;
    switch (this.types[slot]) {
      case SERIAL_ZERO:
        return 0;
      case SERIAL_ONE:
        return 1;
      case 1:
        return ((bytes[at] as number) << 24) >> 24;
      case 2:
        return (((bytes[at] as number) << 24) >> 16) | (bytes[at + 1] as number);
      case 3:
        return (
          (((bytes[at] as number) << 24) >> 8) |
          ((bytes[at + 1] as number) << 8) |
          (bytes[at + 2] as number)
        );
      case 4:
        return this.word(at);
      case SERIAL_INT48: {
        const high = (((bytes[at] as number) << 24) >> 16) | (bytes[at + 1] as number);
        return high * 0x1_0000_0000 + (this.word(at + 2) >>> 0);
      }
      case SERIAL_INT64: {
        const high = this.word(at);
        const low = this.word(at + 4) >>> 0;
        if (high >= -SAFE_HIGH && high < SAFE_HIGH) {
          const value = high * 0x1_0000_0000 + low;
          // -2^53 is not a safe integer.
          if (value >= Number.MIN_SAFE_INTEGER) return value;
        }
        return (BigInt(high) << 32n) | BigInt(low);
      }
      default:
        throw new TypeError(`value ${slot} of a record is no integer`);
    }
  }

  private word(at: number): number {
    const { bytes } = this;
    return (
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)
    );
  }

  /** The value as better-sqlite3 gives it with safe integers: INTEGER as bigint, REAL as number; a blob's bytes are a copy. */
  value(slot: number): null | bigint | number | string | Uint8Array {
    const type = this.types[slot] as number;
    if (type === SERIAL_NULL) return null;
    const start = this.starts[slot] as number;
    if (type === SERIAL_REAL) return this.bytes.readDoubleBE(start);
    if (type < SERIAL_BLOB) return BigInt(this.integer(slot));
    const end = start + this.size(slot);
    if (type % 2 === 1) return this.bytes.toString('utf8', start, end);
    return Buffer.from(this.bytes.subarray(start, end));
  }
}

/** Bytes of a value of a serial type. */
export const sizeOfType = (type: number): number =>
  type >= SERIAL_BLOB ? (type - SERIAL_BLOB) >>> 1 : (SIZES[type] as number);

/** Bytes of serial types 0 … 9. */
const SIZES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0] as const;

export const SERIAL_NULL = 0;
const SERIAL_INT48 = 5;
export const SERIAL_INT64 = 6;
const SERIAL_REAL = 7;
const SERIAL_ZERO = 8;
const SERIAL_ONE = 9;
const SERIAL_BLOB = 12;

/** Of a safe integer's upper word. */
const SAFE_HIGH = 0x20_0000;
