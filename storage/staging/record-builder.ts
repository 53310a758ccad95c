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
  private readonly types: Float64Array;
  private readonly starts: Float64Array;
  private readonly lengths: Float64Array;
  private headerLength = 0;

  /** @param slotCount values in a record, in slots 0 … slotCount - 1, which is their order in it */
  constructor(slotCount: number) {
    this.types = new Float64Array(slotCount);
    this.starts = new Float64Array(slotCount);
    this.lengths = new Float64Array(slotCount);
  }

  /** Begins a row: all NULL. */
  clear(): void {
    this.used = 0;
    this.types.fill(SERIAL_NULL);
    this.lengths.fill(0);
  }

  setNull(slot: number): void {
    this.types[slot] = SERIAL_NULL;
    this.lengths[slot] = 0;
  }

  /** @param value a whole number of at most 64 bits, as a number only where that is exact */
  setInteger(slot: number, value: number | bigint): void {
    if (typeof value === 'number') this.setSafeInteger(slot, value);
    else if (value >= SAFE_MIN && value <= SAFE_MAX) this.setSafeInteger(slot, Number(value));
    else {
      const at = this.take(slot, SERIAL_INT64, 8);
      this.body.writeBigInt64BE(value, at);
    }
  }

  private setSafeInteger(slot: number, value: number): void {
    if (value === 0 || value === 1) {
      this.types[slot] = value === 0 ? SERIAL_ZERO : SERIAL_ONE;
      this.lengths[slot] = 0;
      return;
    }
    const size = integerSize(value);
    const at = this.take(slot, size <= 4 ? size : size === 6 ? SERIAL_INT48 : SERIAL_INT64, size);
    const { body } = this;
    if (size <= 4) {
      for (let i = 0; i < size; i++) body[at + i] = value >> (8 * (size - 1 - i));
      return;
    }
    const high = Math.floor(value / 2 ** 32);
    for (let i = 0; i < size - 4; i++) body[at + i] = high >> (8 * (size - 5 - i));
    body.writeUInt32BE(value - high * 2 ** 32, at + size - 4);
  }

  setReal(slot: number, value: number): void {
    const at = this.take(slot, SERIAL_REAL, 8);
    this.body.writeDoubleBE(value, at);
  }

  setString(slot: number, text: string): void {
    const lengthMax = text.length * 3;
    this.reserve(lengthMax);
    const length = this.body.write(text, this.used, lengthMax, 'utf8');
    this.take(slot, SERIAL_TEXT + 2 * length, length);
  }

  /** @param bytes UTF-8 in [start, end) */
  setText(slot: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const at = this.take(slot, SERIAL_TEXT + 2 * length, length);
    copyBytes(bytes, start, end, this.body, at);
  }

  setBlob(slot: number, bytes: Uint8Array, start = 0, end = bytes.length): void {
    const length = end - start;
    const at = this.take(slot, SERIAL_BLOB + 2 * length, length);
    copyBytes(bytes, start, end, this.body, at);
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

function integerSize(value: number): 1 | 2 | 3 | 4 | 6 | 8 {
  if (value >= -0x80 && value <= 0x7f) return 1;
  if (value >= -0x8000 && value <= 0x7fff) return 2;
  if (value >= -0x800000 && value <= 0x7fffff) return 3;
  if (value >= -0x80000000 && value <= 0x7fffffff) return 4;
  return value >= -0x8000_0000_0000 && value <= 0x7fff_ffff_ffff ? 6 : 8;
}

/** Below this a loop is faster than making a view. */
const VIEW_BYTES_MIN = 96;

function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start >= VIEW_BYTES_MIN) {
    to.set(from.subarray(start, end), at);
    return;
  }
  for (let i = start, j = at; i < end; i++, j++) to[j] = from[i] as number;
}
