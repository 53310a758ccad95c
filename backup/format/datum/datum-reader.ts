import { isUtf8 } from 'node:buffer';
import { CorruptionError } from '../../../base/errors';

/**
 * A cursor over keys and values that is reused for every row: `reset` moves it, nothing is allocated per value.
 * Every read is bounds-checked. Integers come as numbers when they are safe, else as bigints.
 */
export class DatumReader {
  bytes: Buffer = Buffer.alloc(0);
  position = 0;
  end = 0;
  /** What the bytes are part of, for error messages. */
  file: string;

  private source: Uint8Array = this.bytes;

  constructor(file: string) {
    this.file = file;
  }

  /** Buffers that are used again and again are wrapped once. */
  reset(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (bytes !== this.source) {
      this.source = bytes;
      this.bytes = Buffer.isBuffer(bytes)
        ? bytes
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.position = start;
    this.end = end;
  }

  fail(message: string): never {
    const from = Math.max(0, this.position - 32);
    const context = this.bytes.toString('hex', from, Math.min(this.end, from + 64));
    const at = this.position - from;
    throw new CorruptionError(this.file, undefined, `${message} (byte ${at} of ${context})`);
  }

  get remaining(): number {
    return this.end - this.position;
  }

  u8(): number {
    if (this.position >= this.end) this.fail('value ends early');
    return this.bytes[this.position++] as number;
  }

  /** Skips bytes. @returns where they start */
  take(count: number): number {
    const at = this.position;
    if (count < 0 || count > this.end - at)
      this.fail(`${count} bytes wanted, ${this.end - at} left`);
    this.position = at + count;
    return at;
  }

  /** A copy: views would keep whole blocks alive in what callers store. */
  copy(count: number): Uint8Array {
    const at = this.take(count);
    return Uint8Array.prototype.slice.call(this.bytes, at, at + count);
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.take(4));
  }

  u64(): bigint {
    return this.bytes.readBigUInt64BE(this.take(8));
  }

  f64(): number {
    return this.bytes.readDoubleBE(this.take(8));
  }

  /** Base 128, most significant group first, that must fit a safe integer. */
  nsu(): number {
    let byte = this.u8();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let i = 0; i < 7; i++) {
      byte = this.u8();
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) this.fail('length too large');
        return value;
      }
    }
    return this.fail('length too long');
  }

  /** LEB128 that must fit a safe integer. */
  uleb(): number {
    let byte = this.u8();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 128;
    for (let i = 0; i < 7; i++) {
      byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) this.fail('varint too large');
        return value;
      }
      scale *= 128;
    }
    return this.fail('varint too long');
  }

  /** Zig-zag LEB128 of 64 bits. */
  zigzag(): number | bigint {
    const from = this.position;
    let byte = this.u8();
    if (byte < 0x80) return byte & 1 ? -((byte + 1) >>> 1) : byte >>> 1;
    let value = byte & 0x7f;
    let scale = 128;
    for (let i = 0; i < 6; i++) {
      byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
      scale *= 128;
    }
    this.position = from;
    return this.zigzagLong();
  }

  private zigzagLong(): number | bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >> 64n !== 0n) this.fail('varint exceeds 64 bits');
        return narrow((value & 1n) === 1n ? -((value + 1n) >> 1n) : value >> 1n);
      }
    }
    return this.fail('varint too long');
  }

  /** Zig-zag LEB128 that must be a safe integer. */
  zigzagNumber(): number {
    const value = this.zigzag();
    return typeof value === 'number' ? value : this.fail('integer too large');
  }

  private unsigned(count: number): number | bigint {
    const at = this.take(count);
    if (count <= 6) return count === 0 ? 0 : this.bytes.readUIntBE(at, count);
    const high = this.bytes.readUIntBE(at, count - 4);
    const low = this.bytes.readUInt32BE(at + count - 4);
    return high < 0x200000 ? high * 0x100000000 + low : (BigInt(high) << 32n) | BigInt(low);
  }

  /** Order-preserving unsigned varint. */
  keyUnsigned(): number | bigint {
    const first = this.u8();
    if (first < 0x88 || first > 0xfd) return this.fail(`unsigned varint starts with ${first}`);
    return first <= 0xf5 ? first - 0x88 : this.unsigned(first - 0xf5);
  }

  /** Order-preserving unsigned varint that must be a safe integer: ids and exponents. */
  keyUnsignedNumber(): number {
    const value = this.keyUnsigned();
    return typeof value === 'number' ? value : this.fail('varint too large');
  }

  /** The complement of `keyUnsigned`. */
  keyUnsignedDescending(): number | bigint {
    const first = this.u8();
    const count = 0x88 - first;
    if (count < 0 || count > 8) return this.fail(`descending varint starts with ${first}`);
    const value = this.unsigned(count);
    if (count <= 6) return 256 ** count - 1 - (value as number);
    return narrow((1n << BigInt(count * 8)) - 1n - BigInt(value));
  }

  /** Order-preserving signed varint, ascending. */
  keyInt(): number | bigint {
    const first = this.u8();
    if (first >= 0x88) {
      if (first <= 0xf5) return first - 0x88;
      if (first > 0xfd) return this.fail(`integer starts with ${first}`);
      const value = this.unsigned(first - 0xf5);
      if (typeof value === 'bigint' && value > 0x7fff_ffff_ffff_ffffn)
        return this.fail('integer exceeds 64 bits');
      return value;
    }
    const count = 0x88 - first;
    if (count > 8) return this.fail(`integer starts with ${first}`);
    const value = this.unsigned(count);
    if (count <= 6) return (value as number) - 256 ** count;
    return narrow(BigInt(value) - (1n << BigInt(count * 8)));
  }

  /** Order-preserving signed varint, descending. */
  keyIntDescending(): number | bigint {
    const value = this.keyInt();
    return typeof value === 'number' ? -1 - value : narrow(-1n - value);
  }
}

const SAFE_MAX = 9_007_199_254_740_991n;

/** A number when it is safe. */
export function narrow(value: bigint): number | bigint {
  return value <= SAFE_MAX && value >= -SAFE_MAX ? Number(value) : value;
}

export function isAsciiText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] as number) >= 0x80) return false;
  return true;
}

/** @throws CorruptionError when the reader's bytes [start, end) are not UTF-8 */
export function checkUtf8(reader: DatumReader, start: number, end: number): void {
  if (!isUtf8(reader.bytes.subarray(start, end))) reader.fail('text is not UTF-8');
}

/**
 * UTF-8 to a string; damaged UTF-8 is an error, never replaced.
 * Short ASCII, which most strings are, takes the fast path.
 */
export function decodeText(reader: DatumReader, bytes: Buffer, start: number, end: number): string {
  if (isAsciiText(bytes, start, end)) return bytes.toString('latin1', start, end);
  if (!isUtf8(bytes.subarray(start, end))) return reader.fail('text is not UTF-8');
  return bytes.toString('utf8', start, end);
}
