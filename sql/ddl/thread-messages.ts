import type { TransferredError } from '../../base/error-transfer';
import type { Durability } from '../../storage/ranges/connection';
import type { SessionValues } from '../builtins/repr';
import type { Notice } from '../engine';

/** A schema change as its thread is given it; the caller holds the write lock meanwhile. */
export interface DdlThreadData {
  readonly storeDirectory: string;
  readonly durability: Durability;
  readonly sql: string;
  readonly user: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly session: SessionValues;
  /** One Int32, set to 1 to end it. */
  readonly cancel: SharedArrayBuffer;
}

export type DdlThreadResult =
  | { readonly kind: 'done'; readonly notices: readonly Notice[] }
  | { readonly kind: 'failed'; readonly error: TransferredError };
