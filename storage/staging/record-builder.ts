import { rowTooLarge } from './staging-errors';
import { varintLength, writeVarint } from './varint';

/**
 * One row as a SQLite record, built value by value without a JavaScript object for each:
 *
 *     header length (varint) | a serial type (varint) for each column | the values' bytes, one after the other
 *
 * Source: sqlite.org/fileformat2.html, "Record Format".
 *
 * Values may be set in any order; those set in the record's order are copied in one piece. What is not set is NULL.
 */
export class RecordBuilder {
  /** Bytes of values in the order in which they were set. */
  private body: Buffer = Buffer.alloc(1024);
  private used = 0;
  /** By slot. */
  private readonly types: Uint32Array;
  private readonly starts: Uint32Array;
  private readonly lengths: Uint32Array;
  private headerLength = 0;

  /** @param slotCount values in a record, in slots 0 … slotCount - 1, which is their order in it */
  constructor(slotCount: number) {
    this.types = new Uint32Array(slotCount);
    this.starts = new Uint32Array(slotCount);
    this.lengths = new Uint32Array(slotCount);
  }

  /** Begins a row: all NULL. */
  clear(): void {
    const { types, lengths } = this;
    this.used = 0;
    for (let slot = 0; slot < types.length; slot++) {
      types[slot] = SERIAL_NULL;
      lengths[slot] = 0;
    }
  }

  setNull(slot: number): void {
    this.types[slot] = SERIAL_NULL;
    this.lengths[slot] = 0;
  }

  /** @param value a whole number of at most 64 bits, as a number only where that is exact */
  setInteger(slot: number, value: number | bigint): void {
    if (typeof value === 'number') this.setSafeInteger(slot, value);
    else if (value >= SAFE_MIN && value <= SAFE_MAX) this.setSafeInteger(slot, Number(value));
    else this.setWords(slot, Number(value >> 32n), Number(value & 0xffffffffn));
  }

  private setSafeInteger(slot: number, value: number): void {
    if (value === 0 || value === 1) {
      this.types[slot] = value === 0 ? SERIAL_ZERO : SERIAL_ONE;
      this.lengths[slot] = 0;
      return;
    }
    if (value >= -0x80000000 && value <= 0x7fffffff) {
      const size = smallSize(value);
      const at = this.take(slot, size, size);
      const { body } = this;
      for (let i = 0; i < size; i++) body[at + i] = value >> (8 * (size - 1 - i));
      return;
    }
    const high = Math.floor(value / 2 ** 32);
    const low = value - high * 2 ** 32;
    if (high < -0x8000 || high > 0x7fff) {
      this.setWords(slot, high, low);
      return;
    }
    const at = this.take(slot, SERIAL_INT48, 6);
    this.body[at] = high >> 8;
    this.body[at + 1] = high;
    this.putWord(at + 2, low);
  }

  /** An integer that takes all 64 bits. @param high signed @param low unsigned, 32 bits each */
  setWords(slot: number, high: number, low: number): void {
    const at = this.take(slot, SERIAL_INT64, 8);
    this.putWord(at, high);
    this.putWord(at + 4, low);
  }

  private putWord(at: number, word: number): void {
    const { body } = this;
    body[at] = word >>> 24;
    body[at + 1] = word >>> 16;
    body[at + 2] = word >>> 8;
    body[at + 3] = word;
  }

  setReal(slot: number, value: number): void {
    const at = this.take(slot, SERIAL_REAL, 8);
    this.body.writeDoubleBE(value, at);
  }

  setString(slot: number, text: string): void {
    const { length } = text;
    if (length > SHORT_LENGTH_MAX || !this.setShortAscii(slot, text, length)) {
      const lengthMax = length * 3;
      this.reserve(lengthMax);
      const written = this.body.write(text, this.used, lengthMax, 'utf8');
      this.take(slot, SERIAL_TEXT + 2 * written, written);
    }
  }

  /** Numbers as text above all. @returns false, with nothing set, for what is not ASCII */
  private setShortAscii(slot: number, text: string, length: number): boolean {
    this.reserve(length);
    const { body, used } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      body[used + i] = code;
    }
    this.take(slot, SERIAL_TEXT + 2 * length, length);
    return true;
  }

  /** @param bytes UTF-8 in [start, end) @returns whether it is ASCII */
  setText(slot: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    const at = this.take(slot, SERIAL_TEXT + 2 * length, length);
    const { body } = this;
    let all = 0;
    for (let i = start, j = at; i < end; i++, j++) {
      const byte = bytes[i] as number;
      all |= byte;
      body[j] = byte;
    }
    return all < 0x80;
  }

  setBlob(slot: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const at = this.take(slot, SERIAL_BLOB + 2 * length, length);
    copyBytes(bytes, start, end, this.body, at);
  }

  isBlob(slot: number): boolean {
    const type = this.types[slot] as number;
    return type >= SERIAL_BLOB && type % 2 === 0;
  }

  private reserve(count: number): void {
    if (this.used + count <= this.body.length) return;
    if (this.used + count > RECORD_BYTES_MAX) throw rowTooLarge();
    const grown = Buffer.allocUnsafe(Math.max(this.body.length * 2, this.used + count));
    this.body.copy(grown, 0, 0, this.used);
    this.body = grown;
  }

  /** @returns where the value's bytes belong */
  private take(slot: number, type: number, length: number): number {
    this.reserve(length);
    const at = this.used;
    this.types[slot] = type;
    this.starts[slot] = at;
    this.lengths[slot] = length;
    this.used = at + length;
    return at;
  }

  /** Measures the record. @returns its length */
  measure(): number {
    const { types, lengths } = this;
    let header = 0;
    let body = 0;
    for (let slot = 0; slot < types.length; slot++) {
      const type = types[slot] as number;
      header += type < 0x80 ? 1 : type < 0x4000 ? 2 : varintLength(type);
      body += lengths[slot] as number;
    }
    // The length counts itself.
    this.headerLength = header + (header < 0x7f ? 1 : header < 0x3ffe ? 2 : 3);
    if (this.headerLength + body > RECORD_BYTES_MAX) throw rowTooLarge();
    return this.headerLength + body;
  }

  /** Writes the record that `measure` has measured. @returns where it ends */
  write(target: Uint8Array, at: number): number {
    const { types, starts, lengths, body } = this;
    let position = writeVarint(target, at, this.headerLength);
    for (let slot = 0; slot < types.length; slot++) {
      const type = types[slot] as number;
      if (type < 0x80) target[position++] = type;
      else position = writeVarint(target, position, type);
    }
    // Values that lie one after the other are copied together.
    let from = 0;
    let to = 0;
    for (let slot = 0; slot < types.length; slot++) {
      const length = lengths[slot] as number;
      if (length === 0) continue;
      const start = starts[slot] as number;
      if (start !== to) {
        if (to > from) copyBytes(body, from, to, target, position);
        position += to - from;
        from = start;
      }
      to = start + length;
    }
    if (to > from) copyBytes(body, from, to, target, position);
    return position + to - from;
  }
}

/** Source: SQLite, SQLITE_MAX_LENGTH of the build that better-sqlite3 ships. */
const RECORD_BYTES_MAX = 1_000_000_000;

const SERIAL_NULL = 0;
const SERIAL_INT48 = 5;
const SERIAL_INT64 = 6;
const SERIAL_REAL = 7;
const SERIAL_ZERO = 8;
const SERIAL_ONE = 9;
const SERIAL_BLOB = 12;
const SERIAL_TEXT = 13;

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const SAFE_MIN = -SAFE_MAX;

function smallSize(value: number): 1 | 2 | 3 | 4 {
  if (value >= -0x80 && value <= 0x7f) return 1;
  if (value >= -0x8000 && value <= 0x7fff) return 2;
  return value >= -0x800000 && value <= 0x7fffff ? 3 : 4;
}

/** Up to this a loop is faster than a call. */
const SHORT_LENGTH_MAX = 24;

/** Below this a loop is faster than making a view. */
const VIEW_BYTES_MIN = 96;

function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start >= VIEW_BYTES_MIN) {
    to.set(from.subarray(start, end), at);
    return;
  }
  for (let i = start, j = at; i < end; i++, j++) to[j] = from[i] as number;
}
