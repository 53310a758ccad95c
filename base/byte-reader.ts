import { CorruptionError } from './errors';

/**
 * A bounds-checked cursor over bytes. Every read past the end throws a `CorruptionError` that names the file and offset.
 * Views are returned without copying: they are good as long as the underlying bytes are.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly file: string;
  /** Offset of `bytes[0]` in the file; only for error messages. */
  readonly baseOffset: number;
  position: number;
  private readonly end: number;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, file: string, baseOffset = 0) {
    this.bytes = bytes;
    this.file = file;
    this.baseOffset = baseOffset;
    this.position = 0;
    this.end = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.end - this.position;
  }

  fail(message: string): never {
    throw new CorruptionError(this.file, this.baseOffset + this.position, message);
  }

  private take(count: number): number {
    const at = this.position;
    if (count < 0 || count > this.end - at)
      this.fail(`${count} bytes wanted, ${this.end - at} left`);
    this.position = at + count;
    return at;
  }

  skip(count: number): void {
    this.take(count);
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16be(): number {
    return this.view.getUint16(this.take(2));
  }

  u32be(): number {
    return this.view.getUint32(this.take(4));
  }

  u32le(): number {
    return this.view.getUint32(this.take(4), true);
  }

  i16be(): number {
    return this.view.getInt16(this.take(2));
  }

  i32be(): number {
    return this.view.getInt32(this.take(4));
  }

  i64be(): bigint {
    return this.view.getBigInt64(this.take(8));
  }

  u64be(): bigint {
    return this.view.getBigUint64(this.take(8));
  }

  u64le(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  f32be(): number {
    return this.view.getFloat32(this.take(4));
  }

  f64be(): number {
    return this.view.getFloat64(this.take(8));
  }

  /** A view of the next `count` bytes. */
  slice(count: number): Uint8Array {
    const at = this.take(count);
    return this.bytes.subarray(at, at + count);
  }

  /** Unsigned LEB128 that must fit a safe integer. */
  uvarint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) this.fail('varint too large');
        return value;
      }
      scale *= 128;
    }
    return this.fail('varint too long');
  }

  /** Unsigned LEB128 of up to 64 bits. */
  uvarint64(): bigint {
    let value = 0n;
    let shift = 0n;
    for (let i = 0; i < 10; i++) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >> 64n !== 0n) this.fail('varint exceeds 64 bits');
        return value;
      }
      shift += 7n;
    }
    return this.fail('varint too long');
  }
}
