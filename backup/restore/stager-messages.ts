import type { TransferredError } from '../../base/error-transfer';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { StagedRange, StageTask } from './stage-task';

/** What the thread that writes and the threads that stage say to each other. */

export interface StagerThreadData {
  readonly storage: ExternalStorageOptions;
  /** Of an encrypted backup. */
  readonly key: Uint8Array | undefined;
}

export type StagerRequest =
  /** First of all. */
  | { readonly kind: 'open'; readonly data: StagerThreadData }
  | { readonly kind: 'stage'; readonly id: number; readonly task: StageTask }
  /** Stops at the next check; the thread ends when it has answered. */
  | { readonly kind: 'stop' };

export type StagerReply =
  | { readonly kind: 'staged'; readonly id: number; readonly range: StagedRange }
  | { readonly kind: 'failed'; readonly id: number; readonly error: TransferredError };
