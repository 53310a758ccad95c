import type { MessagePort } from 'node:worker_threads';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { Durability } from '../../storage/ranges/connection';
import type { StoredManifest } from '../format/manifest';
import type { JobThreadEnd } from '../job-thread';
import type { RestorePayload } from './payload';

/** What the main thread and a restore thread say to each other. */

/** Main → thread, first of all: what to do. */
export interface RestoreThreadData {
  readonly storeDirectory: string;
  readonly durability: Durability;
  readonly storage: ExternalStorageOptions;
  readonly lockPort: MessagePort;
  readonly jobId: bigint;
  readonly payload: RestorePayload;
  /** Those that have been read: see StoredManifests. */
  readonly manifests: ReadonlyMap<string, StoredManifest>;
}

/**
 * The thread's last message. `done`: all is written and on the disk; what follows only moves it from the WAL into the store.
 * Otherwise the thread is not done with the store before it has ended.
 */
export type RestoreThreadResult = JobThreadEnd;

/** Main → thread: stop at the next check. */
export const INTERRUPT = 'interrupt';
