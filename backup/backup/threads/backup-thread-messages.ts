import type { MessagePort } from 'node:worker_threads';
import type { TaskThreads } from '../../../base/task-threads';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import type { Durability } from '../../../storage/ranges/connection';
import type { JobThreadEnd } from '../../job-thread';
import type { BackupTotals } from '../backup-task';
import type { Part, WrittenPart } from '../parts/part';
import type { BackupPayload } from '../payload';

/** What the main thread, the thread of a backup, and those that write parts for it say to each other. */

interface ThreadData {
  readonly storeDirectory: string;
  /** Of the store's file, open for as long as the store is. */
  readonly storeFd: number;
  readonly storage: ExternalStorageOptions;
  /** Of the write lock, for destinations in the store. */
  readonly lockPort: MessagePort;
  readonly jobId: bigint;
  readonly payload: BackupPayload;
  /** As `DataFilesOptions` has it. */
  readonly counter: Int32Array;
}

/** What a thread is started with, before there is anything to do. */
export type BackupWorkerData =
  | {
      readonly kind: 'backup';
      readonly threadFile: string;
      /** How many it is to start beside itself. */
      readonly partThreads: number;
    }
  | { readonly kind: 'parts' };

export interface BackupThreadData extends ThreadData {
  readonly durability: Durability;
  /** Of the job's record. */
  readonly progress: Uint8Array;
  /** Of the write lock, as `lockPort`: one for each of the threads that write parts, and maybe more. */
  readonly lockPorts: readonly MessagePort[];
}

export type PartThreadData = ThreadData;

/** Main → thread of a backup, which waits for the next `start` when one is done. */
export type BackupThreadRequest =
  | { readonly kind: 'start'; readonly data: BackupThreadData }
  /** Nobody writes just now: the snapshot is to be taken, and is what it is at that time. */
  | { readonly kind: 'begin'; readonly endTime: bigint }
  | { readonly kind: 'interrupt' };

/** Thread of a backup → main; the last one is `done`, `interrupted` or `failed`. */
export type BackupThreadReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'begun' }
  | { readonly kind: 'progress'; readonly fraction: number }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Uint8Array }
  | BackupDone
  | Exclude<JobThreadEnd, { readonly kind: 'done' }>;

export interface BackupDone {
  readonly kind: 'done';
  readonly totals: BackupTotals;
}

/** Thread of a backup → threads that write parts. */
export type PartTask =
  /** Answered when everything is loaded. */
  | { readonly kind: 'open'; readonly data: PartThreadData }
  /** As that of the main thread. @see bringInForSnapshot */
  | { readonly kind: 'begin'; readonly endTime: bigint; readonly isInFile: boolean }
  | { readonly kind: 'write'; readonly part: Part }
  /** Closes what was opened. */
  | { readonly kind: 'end' };

/** Undefined for all but `write`. */
export type PartResult = WrittenPart | undefined;

export type PartThreads = TaskThreads<PartTask, PartResult>;
