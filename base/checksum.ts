import { createHash } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';

import { crc32c as castagnoli } from '@node-rs/crc32';
import xxhash from 'xxhash-wasm';

import { defined } from './invariant';

/**
 * The checksums of the backup format.
 *
 * - blocks of SSTables: CRC-32C, masked, or the low half of XXH64
 * - MVCC values: CRC-32 (IEEE)
 * - manifests: the first four bytes of SHA-256
 */

/** CRC-32C (Castagnoli), unsigned 32 bits. */
export function crc32c(bytes: Uint8Array): number {
  return castagnoli(bytes);
}

const MASK_DELTA = 0xa282ead8;

/**
 * CRC-32C (Castagnoli), rotated right by 15 bits and offset, so that a checksum of data that
 * holds checksums stays strong. Unsigned 32 bits. Source: LevelDB's table format.
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = castagnoli(bytes);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}

let xxh64: ((bytes: Uint8Array) => bigint) | undefined;
let xxh64Loading: Promise<void> | undefined;

/** Loads what `xxhash64Low32` needs; call it once in a thread, again is free. */
export function initXxhash64(): Promise<void> {
  xxh64Loading ??= xxhash().then((api) => {
    xxh64 = (bytes) => api.h64Raw(bytes);
  });
  return xxh64Loading;
}

/** The low 32 bits of XXH64 with seed 0. `initXxhash64` must have resolved in this thread. */
export function xxhash64Low32(bytes: Uint8Array): number {
  return Number(defined(xxh64, 'xxhash: initXxhash64 was not awaited')(bytes) & 0xffffffffn);
}

/** Above this length the call into zlib costs less than it saves. */
const NATIVE_BYTES_MIN = 512;

/**
 * Eight tables of 256: entry [k * 256 + b] is what byte b does to the CRC from k bytes further
 * away.
 */
const IEEE_TABLES = makeIeeeTables();

function makeIeeeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256] as number;
    tables[i] = (previous >>> 8) ^ (tables[previous & 0xff] as number);
  }
  return tables;
}

/**
 * Continues a CRC-32 (IEEE) over `bytes[start, end)`. Start with `crc` 0; the result is unsigned
 * and is itself the `crc` to continue with. Made for short pieces inside a larger buffer: no view
 * is allocated.
 */
export function crc32Ieee(bytes: Uint8Array, start: number, end: number, crc = 0): number {
  if (end - start >= NATIVE_BYTES_MIN) return zlibCrc32(bytes.subarray(start, end), crc);
  const t = IEEE_TABLES;
  let c = ~crc;
  let i = start;
  for (const end8 = end - 7; i < end8; i += 8) {
    const low =
      c ^
      ((bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24));
    c =
      (t[0x700 + (low & 0xff)] as number) ^
      (t[0x600 + ((low >>> 8) & 0xff)] as number) ^
      (t[0x500 + ((low >>> 16) & 0xff)] as number) ^
      (t[0x400 + (low >>> 24)] as number) ^
      (t[0x300 + (bytes[i + 4] as number)] as number) ^
      (t[0x200 + (bytes[i + 5] as number)] as number) ^
      (t[0x100 + (bytes[i + 6] as number)] as number) ^
      (t[bytes[i + 7] as number] as number);
  }
  for (; i < end; i++) c = (c >>> 8) ^ (t[(c ^ (bytes[i] as number)) & 0xff] as number);
  return ~c >>> 0;
}

/** The first `length` bytes of SHA-256. */
export function sha256Prefix(bytes: Uint8Array, length: number): Uint8Array {
  return createHash('sha256').update(bytes).digest().subarray(0, length);
}
