import type { ByteWriter } from '../../../base/byte-writer';

/** Order-preserving varints (format reference 04 §2.1); the readers are in datum-reader.ts. */

function byteCount(value: bigint): number {
  if (value <= 0xffffffffn) {
    const number = Number(value);
    return number === 0
      ? 0
      : number < 0x100
        ? 1
        : number < 0x10000
          ? 2
          : number < 0x1000000
            ? 3
            : 4;
  }
  let count = 0;
  for (let rest = value; rest > 0n; rest >>= 8n) count++;
  return count;
}

function writeLowBytes(writer: ByteWriter, value: bigint, count: number): void {
  if (count <= 4) {
    const low = Number(BigInt.asUintN(32, value));
    for (let i = count - 1; i >= 0; i--) writer.u8((low >>> (i * 8)) & 0xff);
    return;
  }
  for (let i = count - 1; i >= 0; i--) writer.u8(Number((value >> BigInt(i * 8)) & 0xffn));
}

/** Bytes of a safe integer that is not negative. */
function numberByteCount(value: number): number {
  if (value < 0x1_0000_0000) {
    if (value < 0x100) return value === 0 ? 0 : 1;
    return value < 0x1_0000 ? 2 : value < 0x100_0000 ? 3 : 4;
  }
  return value < 2 ** 40 ? 5 : value < 2 ** 48 ? 6 : 7;
}

/** A safe integer, as `writeKeyInt` writes it, without a bigint. */
export function writeKeyNumber(writer: ByteWriter, value: number): void {
  if (value >= 0 && value <= 109) {
    writer.u8(0x88 + value);
    return;
  }
  const count = numberByteCount(Math.abs(value));
  writer.u8(value < 0 ? 0x88 - count : 0xf5 + count).lowBytes(value, count);
}

export function writeKeyUnsigned(writer: ByteWriter, value: bigint): void {
  if (value <= 109n) {
    writer.u8(0x88 + Number(value));
    return;
  }
  const count = byteCount(value);
  writer.u8(0xf5 + count);
  writeLowBytes(writer, value, count);
}

export function writeKeyUnsignedDescending(writer: ByteWriter, value: bigint): void {
  const count = byteCount(value);
  writer.u8(0x88 - count);
  writeLowBytes(writer, ~value, count);
}

export function writeKeyInt(writer: ByteWriter, value: bigint): void {
  if (value >= 0n) {
    writeKeyUnsigned(writer, value);
    return;
  }
  // n bytes hold down to -(2^8n - 1): -256 takes two.
  const count = byteCount(-value);
  writer.u8(0x88 - count);
  writeLowBytes(writer, value, count);
}

export function writeKeyIntDescending(writer: ByteWriter, value: bigint): void {
  writeKeyInt(writer, -1n - value);
}
