import { CorruptionError } from '../../base/errors';
import type { ChainOptions, LayerLocation } from '../chain';
import type { KeptKey } from '../encryption-secret';
import type { RestoredTable, SystemTables } from './plan';

/** What a RESTORE job needs to go on after a crash; kept in the job's record, secrets of the URLs included. */
export interface RestorePayload extends KeptKey {
  readonly layers: readonly LayerLocation[];
  readonly tables: readonly RestoredTable[];
  /** Descriptors that the job made: published when it succeeds, removed when it fails. */
  readonly createdIds: readonly number[];
  /** No rows, but for those of system tables. */
  readonly schemaOnly?: boolean;
  /** Of all rows of the backup, as its manifests say: a hint of how much there is to do. */
  readonly dataBytes?: number;
  readonly verifyData?: boolean;
  readonly pauseOnError?: boolean;
  /** Nanoseconds in decimal, since JSON has no bigint. */
  readonly asOf?: { readonly wallTime: string; readonly logical: number };
  /** Of a full cluster. */
  readonly cluster?: ClusterPayload;
}

export interface ClusterPayload {
  readonly system: SystemTables;
  /** Descriptors, in base64, that are written over those of their ids when all data is there. */
  readonly overwrites: readonly string[];
  /** Descriptors, in base64, that made room and come back when the job fails. */
  readonly replaced: readonly string[];
}

export const encodePayload = (payload: RestorePayload): Uint8Array =>
  Buffer.from(JSON.stringify(payload));

/** What the payload says about reading the chain. */
export function chainOptions({ key, asOf }: RestorePayload): Omit<ChainOptions, 'storage'> {
  return {
    ...(key === undefined ? {} : { key: Buffer.from(key, 'base64') }),
    ...(asOf === undefined
      ? {}
      : { asOf: { wallTime: BigInt(asOf.wallTime), logical: asOf.logical } }),
  };
}

export function decodePayload(bytes: Uint8Array): RestorePayload {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as RestorePayload;
  } catch (error) {
    throw new CorruptionError('store.db', undefined, 'payload of a RESTORE job', error);
  }
}
