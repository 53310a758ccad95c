import type * as Zstd from '@bokuweb/zstd-wasm';
import { compressSync, uncompressSync } from 'snappy';

import { ByteReader } from './byte-reader';
import { CorruptionError } from './errors';
import { defined } from './invariant';

/**
 * Compressions of SSTable blocks. A length that the bytes claim is checked against `sizeMax` and
 * against what the method can reach at all before anything of that size is allocated.
 */

/** Type byte of a block. Source: LevelDB and RocksDB table formats. */
export const Compression = { none: 0, snappy: 1, zstd: 7 } as const;

/** Names of the type bytes that no CockroachDB release writes; for messages. */
export const OTHER_COMPRESSIONS: Readonly<Record<number, string>> = {
  2: 'zlib',
  3: 'bzip2',
  4: 'lz4',
  5: 'lz4hc',
  6: 'xpress',
  8: 'minlz',
};

let zstdLoading: Promise<void> | undefined;
let zstd: typeof Zstd | undefined;

/** Loads what `decompressZstd` needs; call it once in a thread, again is free. */
export function initCompression(): Promise<void> {
  zstdLoading ??= loadZstd();
  return zstdLoading;
}

async function loadZstd(): Promise<void> {
  const loaded = await import('@bokuweb/zstd-wasm');
  await loaded.init();
  zstd = loaded;
}

/** A Snappy copy of 3 bytes yields at most 64: no stream grows more than this. */
const SNAPPY_RATIO_MAX = 24;

/**
 * Decompresses a raw Snappy block (no framing).
 * @param offset of the block in `file`, for errors
 * @throws CorruptionError
 */
export function decompressSnappy(
  bytes: Uint8Array,
  sizeMax: number,
  file: string,
  offset: number,
): Uint8Array {
  const size = new ByteReader(bytes, file, offset).uvarint();
  checkSize(size, Math.min(sizeMax, bytes.length * SNAPPY_RATIO_MAX), file, offset);
  let result: Uint8Array;
  try {
    result = uncompressSync(bytes, { asBuffer: true }) as Buffer;
  } catch (error) {
    throw new CorruptionError(file, offset, 'invalid Snappy data', error);
  }
  if (result.length !== size) throw new CorruptionError(file, offset, 'wrong length after Snappy');
  return result;
}

export function compressSnappy(bytes: Uint8Array): Uint8Array {
  return compressSync(bytes);
}

/**
 * Decompresses a Zstandard block of an SSTable: its length as a varint, then one frame.
 * `initCompression` must have resolved in this thread.
 * @throws CorruptionError
 */
export function decompressZstd(
  bytes: Uint8Array,
  sizeMax: number,
  file: string,
  offset: number,
): Uint8Array {
  const { decompress } = defined(zstd, 'zstd: initCompression was not awaited');
  const reader = new ByteReader(bytes, file, offset);
  const size = reader.uvarint();
  checkSize(size, sizeMax, file, offset);
  const frame = reader.slice(reader.remaining);
  const frameSize = zstdContentSize(new ByteReader(frame, file, offset));
  if (frameSize !== undefined && frameSize !== BigInt(size))
    throw new CorruptionError(file, offset, 'Zstandard frame and block differ in length');
  let result: Uint8Array;
  try {
    // The library allocates what the frame claims (checked above), or else this.
    result = decompress(frame, { defaultHeapSize: size });
  } catch (error) {
    throw new CorruptionError(file, offset, 'invalid Zstandard data', error);
  }
  if (result.length !== size)
    throw new CorruptionError(file, offset, 'wrong length after Zstandard');
  return result;
}

function checkSize(size: number, sizeMax: number, file: string, offset: number): void {
  if (size > sizeMax)
    throw new CorruptionError(
      file,
      offset,
      `block claims ${size} bytes, at most ${sizeMax} possible`,
    );
}

const ZSTD_MAGIC = 0xfd2fb528;

/**
 * The length that a frame's header states, or undefined when it states none. Source: RFC 8878,
 * section 3.1.1.1.
 *
 *    0  4  magic, LE
 *    4  1  descriptor: bits 6-7 width of the content size, 5 single segment, 0-1 of the dictionary id
 *    5     [window 1, unless single segment] [dictionary id 0-4] [content size 0, 1, 2, 4, 8, LE]
 */
function zstdContentSize(reader: ByteReader): bigint | undefined {
  if (reader.u32le() !== ZSTD_MAGIC) reader.fail('not a Zstandard frame');
  const descriptor = reader.u8();
  const singleSegment = (descriptor & 0x20) !== 0;
  if (!singleSegment) reader.skip(1);
  reader.skip([0, 1, 2, 4][descriptor & 3] ?? 0);
  switch (descriptor >> 6) {
    case 0:
      return singleSegment ? BigInt(reader.u8()) : undefined;
    case 1:
      return BigInt(reader.u8() + reader.u8() * 256 + 256);
    case 2:
      return BigInt(reader.u32le());
    default:
      return reader.u64le();
  }
}
