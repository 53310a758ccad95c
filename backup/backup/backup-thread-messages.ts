import type { MessagePort } from 'node:worker_threads';
import type { TransferredError } from '../../base/error-transfer';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { BackupTotals } from './backup-task';
import type { BackupPayload } from './payload';

/** What the main thread and a backup thread say to each other. */

export interface BackupThreadData {
  readonly storeDirectory: string;
  readonly storage: ExternalStorageOptions;
  /** Of the write lock, for destinations in the store. */
  readonly lockPort: MessagePort;
  readonly jobId: bigint;
  readonly payload: BackupPayload;
}

/** Main → thread. */
export type BackupThreadRequest =
  /** Nobody writes just now: the snapshot is to be taken, and is what it is at that time. */
  { readonly kind: 'begin'; readonly endTime: bigint } | { readonly kind: 'interrupt' };

/** Thread → main; the last one is `done`, `interrupted` or `failed`. */
export type BackupThreadReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'begun' }
  | { readonly kind: 'progress'; readonly fraction: number }
  | { readonly kind: 'done'; readonly totals: BackupTotals }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly error: TransferredError };
