import type { MessagePort } from 'node:worker_threads';
import type { TransferredError } from '../../../base/error-transfer';
import type { ExternalFile, KnownOfFile } from '../external-storage';
import type { ExternalStorageOptions } from '../storage-options';

/** What the thread of object storages and the threads that use them say to each other. Each storage has a port of its own. */

/** To the thread: opens a storage and serves it at the port, until that is closed. */
export interface OpenMessage {
  readonly kind: 'object storage';
  readonly uri: string;
  readonly options: ExternalStorageOptions;
  readonly port: MessagePort;
}

/** A file, a writer or a listing that the thread holds. */
export type Handle = number;

/** What can be asked of a storage; its answer is `StorageAnswers` of the same kind. */
export type StorageRequest =
  /** Settles once the storage is open. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'open'; readonly path: string; readonly known: KnownOfFile }
  | { readonly kind: 'read'; readonly file: Handle; readonly start: number; readonly end: number }
  | { readonly kind: 'closeFile'; readonly file: Handle }
  | { readonly kind: 'readAll'; readonly path: string; readonly bytesMax: number }
  | { readonly kind: 'list'; readonly prefix: string; readonly delimiter: string | undefined }
  | { readonly kind: 'listNext'; readonly listing: Handle }
  | { readonly kind: 'listEnd'; readonly listing: Handle }
  | { readonly kind: 'write'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'writePiece'; readonly writer: Handle; readonly bytes: Uint8Array }
  | { readonly kind: 'finish'; readonly writer: Handle }
  | { readonly kind: 'abort'; readonly writer: Handle }
  | { readonly kind: 'delete'; readonly path: string };

export interface StorageAnswers {
  ready: { readonly redactedUrl: string };
  open: Pick<ExternalFile, 'name' | 'sizeBytes' | 'tail'> & { readonly file: Handle };
  read: Uint8Array;
  closeFile: undefined;
  readAll: Uint8Array;
  list: Handle;
  listNext: { readonly paths: readonly string[]; readonly done: boolean };
  listEnd: undefined;
  write: undefined;
  create: { readonly writer: Handle; readonly name: string };
  writePiece: undefined;
  finish: undefined;
  abort: undefined;
  delete: undefined;
}

/** To a storage's port. `stop` ends everything that is under way but what `abort` cleans up. */
export type PortRequest =
  | { readonly kind: 'call'; readonly id: number; readonly request: StorageRequest }
  | { readonly kind: 'stop' };

export type PortReply =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: TransferredError };
