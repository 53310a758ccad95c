import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { StageTask } from './stage-task';

/** What the thread that writes asks of the threads that stage. */

export interface StagerThreadData {
  readonly storage: ExternalStorageOptions;
  /** Of an encrypted backup. */
  readonly key: Uint8Array | undefined;
}

export type StagerTask =
  /** First of all. */
  | { readonly kind: 'open'; readonly data: StagerThreadData }
  /** Answered with the range. */
  | { readonly kind: 'stage'; readonly task: StageTask };
