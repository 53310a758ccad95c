import { CorruptionError } from '../../../base/errors';

/**
 * Keys of the storage engine, each a key of the cluster and the time of one of its versions:
 *
 *   key bytes, 00, [wall time u64 BE, [logical u32 BE, [synthetic 01]], length]
 *
 * where `length` counts the version's bytes and itself. Without a version the key ends with the 00.
 * Order: by key; the one without version first, then newer versions first. Source: cockroach
 * pkg/storage, engine keys.
 */
export interface EngineKey {
  readonly key: Uint8Array;
  /** Nanoseconds since 1970-01-01 UTC; 0 without a version. */
  readonly wallTime: bigint;
  readonly logical: number;
  readonly versioned: boolean;
}

/** Values of the length byte. */
export const VERSION_WALL = 9;
export const VERSION_LOGICAL = 13;
export const VERSION_SYNTHETIC = 14;

/**
 * Length of the cluster's key at the front of an engine key.
 * @param length of the engine key in `bytes`, from offset 0
 * @returns -1 when the bytes are no engine key
 */
export function clusterKeyLength(bytes: Uint8Array, length: number): number {
  if (length < 1) return -1;
  const versionLength = bytes[length - 1] as number;
  const end = length - 1 - versionLength;
  return end >= 0 && bytes[end] === 0 ? end : -1;
}

/** @throws CorruptionError */
export function decodeEngineKey(bytes: Uint8Array, file: string): EngineKey {
  const end = clusterKeyLength(bytes, bytes.length);
  if (end < 0) throw new CorruptionError(file, undefined, 'malformed engine key');
  const key = bytes.subarray(0, end);
  const versionLength = bytes[bytes.length - 1];
  if (versionLength === 0) return { key, wallTime: 0n, logical: 0, versioned: false };
  const hasLogical = versionLength === VERSION_LOGICAL || versionLength === VERSION_SYNTHETIC;
  if (versionLength !== VERSION_WALL && !hasLogical)
    throw new CorruptionError(file, undefined, `engine key version of ${versionLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + end + 1);
  const wallTime = view.getBigUint64(0);
  return { key, wallTime, logical: hasLogical ? view.getUint32(8) : 0, versioned: true };
}

export function encodeEngineKey(key: Uint8Array, wallTime: bigint, logical: number): Uint8Array {
  const versionLength = logical === 0 ? VERSION_WALL : VERSION_LOGICAL;
  const bytes = new Uint8Array(key.length + 1 + versionLength);
  bytes.set(key);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(key.length + 1, wallTime);
  if (logical !== 0) view.setUint32(key.length + 9, logical);
  bytes[bytes.length - 1] = versionLength;
  return bytes;
}
