import { crc32Ieee } from '../../../base/checksum';
import { CorruptionError } from '../../../base/errors';

/**
 * Values of the storage engine.
 *
 *   tombstone   nothing
 *   plain       checksum u32 BE, tag, data
 *   extended    header length u32 BE, 65, header (MvccValueHeader), then one of the above (22.2+)
 *
 * The checksum is CRC-32 over key, tag and data; 0 means that there is none, and a computed 0 is
 * stored as 1. Source: cockroach pkg/roachpb/data.go, pkg/storage/mvcc_value.go.
 */
export interface MvccValue {
  readonly checksum: number;
  readonly tag: number;
  readonly data: Uint8Array;
}

/** Types of `data`. Source: cockroach roachpb.ValueType. */
export const ValueTag = {
  unknown: 0,
  int: 1,
  float: 2,
  bytes: 3,
  time: 4,
  decimal: 5,
  duration: 6,
  delimitedBytes: 8,
  delimitedDecimal: 9,
  tuple: 10,
  bitArray: 11,
  timeTz: 12,
  geo: 13,
  box2d: 14,
  timeSeries: 100,
} as const;

/** At the tag's place: the value is extended. */
export const EXTENDED_TAG = 101;
/** Checksum and tag. */
export const VALUE_HEADER_BYTES = 5;

/**
 * Where the plain value starts in `bytes[start, end)`; `end` for a tombstone.
 * @returns -1 when the value is malformed
 */
export function plainValueStart(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return end;
  if (length < VALUE_HEADER_BYTES) return -1;
  if (bytes[start + 4] !== EXTENDED_TAG) return start;
  const plain = start + VALUE_HEADER_BYTES + u32be(bytes, start);
  if (plain > end) return -1;
  return plain === end || end - plain >= VALUE_HEADER_BYTES ? plain : -1;
}

/** The checksum of a plain value at `start`; unsigned. */
export function valueChecksum(
  key: Uint8Array,
  keyLength: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const crc = crc32Ieee(bytes, start + 4, end, crc32Ieee(key, 0, keyLength));
  return crc === 0 ? 1 : crc;
}

/**
 * @returns undefined for a tombstone. @throws CorruptionError also when the checksum does not
 * match
 */
export function decodeValue(
  key: Uint8Array,
  bytes: Uint8Array,
  file: string,
): MvccValue | undefined {
  const start = plainValueStart(bytes, 0, bytes.length);
  if (start < 0) throw new CorruptionError(file, undefined, 'malformed value');
  if (start === bytes.length) return undefined;
  const checksum = u32be(bytes, start);
  if (checksum !== 0 && checksum !== valueChecksum(key, key.length, bytes, start, bytes.length))
    throw new CorruptionError(file, undefined, 'value checksum mismatch');
  return { checksum, tag: bytes[start + 4] as number, data: bytes.subarray(start + 5) };
}

/** A plain value with its checksum. */
export function encodeValue(key: Uint8Array, tag: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(VALUE_HEADER_BYTES + data.length);
  bytes[4] = tag;
  bytes.set(data, VALUE_HEADER_BYTES);
  const checksum = valueChecksum(key, key.length, bytes, 0, bytes.length);
  new DataView(bytes.buffer).setUint32(0, checksum);
  return bytes;
}

/** Unsigned, big endian; without a DataView. */
export function u32be(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
