import type { ByteReader } from '../../base/byte-reader';
import type { ByteWriter } from '../../base/byte-writer';

/**
 * INET and bit strings on the wire, as PostgreSQL's `inet_send` and `varbit_send` write them:
 *
 *     inet  family u8 (2 = IPv4, 3 = IPv6)  mask length u8  is CIDR u8  address length u8  address
 *     bits  count i32  bytes, the first bit highest
 */

const FAMILY_V4 = 2;
const FAMILY_V6 = 3;
const V4_BYTES = 4;
const V6_BYTES = 16;

export function writeInet(out: ByteWriter, repr: Uint8Array): void {
  const isV4 = repr[0] === 0;
  out
    .u8(isV4 ? FAMILY_V4 : FAMILY_V6)
    .u8(repr[1] ?? 0)
    .u8(0)
    .u8(isV4 ? V4_BYTES : V6_BYTES)
    .raw(repr.subarray(2));
}

/** @throws CorruptionError */
export function readInet(input: ByteReader): Uint8Array {
  const family = input.u8();
  if (family !== FAMILY_V4 && family !== FAMILY_V6) {
    input.fail(`unknown family received: ${family}`);
  }
  const mask = input.u8();
  input.skip(1);
  const sizeBytes = family === FAMILY_V4 ? V4_BYTES : V6_BYTES;
  if (input.u8() !== sizeBytes) input.fail('invalid address length');
  if (mask > sizeBytes * 8) input.fail('invalid mask length');
  return Uint8Array.of(family === FAMILY_V4 ? 0 : 1, mask, ...input.slice(sizeBytes));
}

export function writeBits(out: ByteWriter, bits: string): void {
  out.i32be(bits.length);
  for (let at = 0; at < bits.length; at += 8) {
    out.u8(Number.parseInt(bits.slice(at, at + 8).padEnd(8, '0'), 2));
  }
}

/** @throws CorruptionError */
export function readBits(input: ByteReader): string {
  const count = input.i32be();
  if (count < 0 || Math.ceil(count / 8) !== input.remaining) input.fail('invalid length of bits');
  let bits = '';
  while (input.remaining > 0) bits += input.u8().toString(2).padStart(8, '0');
  return bits.slice(0, count);
}
