import { maskedCrc32c, xxhash64Low32 } from '../../../base/checksum';
import {
  Compression,
  decompressSnappy,
  decompressZstd,
  OTHER_COMPRESSIONS,
} from '../../../base/compression';
import { CorruptionError } from '../../../base/errors';
import { limits } from '../../../base/limits';
import { ChecksumType } from './footer';

/**
 * A stored block and its trailer:
 *
 *    0  n  the block, perhaps compressed
 *    n  1  compression
 *  n+1  4  checksum of the n + 1 bytes before it, LE
 */

export const BLOCK_TRAILER_BYTES = 5;

/**
 * Checks a block and decompresses it.
 * @param stored the block with its trailer
 * @param offset of the block in the file
 * @returns the block's bytes; a view of `stored` when it is not compressed
 * @throws CorruptionError
 */
export function openBlock(
  stored: Uint8Array,
  offset: number,
  checksumType: ChecksumType,
  file: string,
): Uint8Array {
  const length = stored.length - BLOCK_TRAILER_BYTES;
  if (length < 0) throw new CorruptionError(file, offset, 'block too short');
  const covered = stored.subarray(0, length + 1);
  const actual =
    checksumType === ChecksumType.crc32c ? maskedCrc32c(covered) : xxhash64Low32(covered);
  const expected = new DataView(stored.buffer, stored.byteOffset + length + 1, 4).getUint32(
    0,
    true,
  );
  if (actual !== expected) {
    const words = `expected ${hex(expected)}, got ${hex(actual)}`;
    throw new CorruptionError(file, offset, `block checksum mismatch: ${words}`);
  }
  const content = stored.subarray(0, length);
  const compression = blockCompression(stored);
  switch (compression) {
    case Compression.none:
      return content;
    case Compression.snappy:
      return decompressSnappy(content, limits.blockBytesMax, file, offset);
    case Compression.zstd:
      return decompressZstd(content, limits.blockBytesMax, file, offset);
    default: {
      const name = OTHER_COMPRESSIONS[compression] ?? 'unknown';
      throw new CorruptionError(file, offset, `compression ${compression} (${name}) not supported`);
    }
  }
}

/** The compression byte of a stored block, not checked. */
export function blockCompression(stored: Uint8Array): number {
  return stored[stored.length - BLOCK_TRAILER_BYTES] ?? 0;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
