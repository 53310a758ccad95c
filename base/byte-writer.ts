/** Up to this length a text is written character by character: calling out of JavaScript costs more. */
const SHORT_TEXT_LENGTH = 24;

/** Up to this many bytes a loop copies faster than a call. */
const LOOP_BYTES_MAX = 200;

/** Copies `from[start, end)` to `to` from `at` on, without a view of it when that is short. */
export function copyBytes(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): void {
  const count = end - start;
  if (count > LOOP_BYTES_MAX) to.set(from.subarray(start, end), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[start + i] as number;
}

/** A growing buffer with the writes of our formats; the counterpart of `ByteReader`. */
export class ByteWriter {
  protected buffer: Buffer;
  protected used = 0;

  constructor(capacityBytes = 256) {
    this.buffer = Buffer.allocUnsafe(capacityBytes);
  }

  get length(): number {
    return this.used;
  }

  /** A view of what was written; valid until the next write. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.used);
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.buffer, 0, this.used);
  }

  clear(): void {
    this.used = 0;
  }

  /** What holds the bytes, with whatever room there is behind them; another one after a write that needed more. */
  get bytes(): Buffer {
    return this.buffer;
  }

  /** Forgets what was written after the first `length` bytes. */
  truncate(length: number): void {
    this.used = length;
  }

  /** Room for `count` more bytes. @returns where they start */
  protected reserve(count: number): number {
    const at = this.used;
    const needed = at + count;
    if (needed > this.buffer.length) {
      const grown = this.allocate(needed);
      this.buffer.copy(grown, 0, 0, at);
      this.buffer = grown;
    }
    this.used = needed;
    return at;
  }

  protected allocate(neededBytes: number): Buffer {
    return Buffer.allocUnsafe(Math.max(neededBytes, this.buffer.length * 2));
  }

  u8(value: number): this {
    const at = this.reserve(1);
    this.buffer[at] = value;
    return this;
  }

  u16be(value: number): this {
    const at = this.reserve(2);
    this.buffer.writeUInt16BE(value, at);
    return this;
  }

  u32be(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeUInt32BE(value, at);
    return this;
  }

  u32le(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeUInt32LE(value, at);
    return this;
  }

  i16be(value: number): this {
    const at = this.reserve(2);
    this.buffer.writeInt16BE(value, at);
    return this;
  }

  i32be(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeInt32BE(value, at);
    return this;
  }

  i64be(value: bigint): this {
    const at = this.reserve(8);
    this.buffer.writeBigInt64BE(value, at);
    return this;
  }

  f32be(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeFloatBE(value, at);
    return this;
  }

  u64be(value: bigint): this {
    const at = this.reserve(8);
    this.buffer.writeBigUInt64BE(value, at);
    return this;
  }

  u64le(value: bigint): this {
    const at = this.reserve(8);
    this.buffer.writeBigUInt64LE(value, at);
    return this;
  }

  f64be(value: number): this {
    const at = this.reserve(8);
    this.buffer.writeDoubleBE(value, at);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  /** `bytes[start, end)`, without a view of it when that is short. */
  range(bytes: Uint8Array, start: number, end: number): this {
    const at = this.reserve(end - start);
    copyBytes(bytes, start, end, this.buffer, at);
    return this;
  }

  /** The last `count` bytes, at most 7, of a safe integer in two's complement, big endian. */
  lowBytes(value: number, count: number): this {
    const at = this.reserve(count);
    const { buffer } = this;
    const high = Math.floor(value / 2 ** 32);
    for (let i = 0; i < count; i++) {
      const shift = 8 * (count - 1 - i);
      buffer[at + i] = shift < 32 ? value >>> shift : high >> (shift - 32);
    }
    return this;
  }

  utf8(text: string): this {
    const { length } = text;
    // UTF-8 takes at most three bytes for each UTF-16 code unit.
    const at = this.reserve(length * 3);
    if (length <= SHORT_TEXT_LENGTH) {
      const { buffer } = this;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) break;
        buffer[at + i] = code;
      }
      if (i === length) {
        this.used = at + length;
        return this;
      }
    }
    this.used = at + this.buffer.write(text, at, 'utf8');
    return this;
  }

  /** Unsigned LEB128. */
  uvarint(value: number | bigint): this {
    if (value <= Number.MAX_SAFE_INTEGER) return this.uvarintNumber(Number(value));
    let rest = BigInt(value);
    while (rest >= 0x80n) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return this.u8(Number(rest));
  }

  /** A value's length, itself not included, and its text. */
  sizedUtf8(text: string): this {
    const at = this.reserve(4);
    this.utf8(text);
    return this.sizedFrom(at);
  }

  /** Writes at `at` how many bytes came after the four there. */
  sizedFrom(at: number): this {
    this.buffer.writeUInt32BE(this.used - at - 4, at);
    return this;
  }

  private uvarintNumber(value: number): this {
    let rest = value;
    for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) this.u8((rest % 128) | 0x80);
    for (; rest >= 0x80; rest >>>= 7) this.u8((rest & 0x7f) | 0x80);
    return this.u8(rest);
  }

  /** Overwrites a byte written before. */
  patchU8(at: number, value: number): void {
    this.buffer[at] = value;
  }

  /** Overwrites four bytes written before. */
  patchU32be(at: number, value: number): void {
    this.buffer.writeUInt32BE(value, at);
  }
}
