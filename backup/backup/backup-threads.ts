import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SpareThread } from '../../base/spare-thread';
import { THREAD_RESOURCES } from '../../base/task-threads';
import { type Connection, PAGE_BYTES } from '../../storage/ranges/connection';
import type { BackupWorkerData } from './backup-thread-messages';

/** Stores of this size are backed up by several threads, this many at most. */
const THREADS_BYTES_MIN = 8 << 20;
export const THREADS_MAX = 4;

/** The threads of backups; each starts those that write parts beside it. */
export class BackupThreads extends SpareThread {
  /** @param threadFile calls `serveBackupThread` @param db of the store */
  constructor(threadFile: string, db: Connection) {
    super(() => {
      const workerData: BackupWorkerData = {
        kind: 'backup',
        threadFile,
        partThreads: partThreads(db),
      };
      return new Worker(threadFile, { workerData, resourceLimits: THREAD_RESOURCES });
    });
  }
}

/** Threads that write parts beside the one of the backup: none for a small store, where starting them would take longer. */
function partThreads(db: Connection): number {
  const pages = Number(db.pragma('page_count', { simple: true }));
  if (pages * PAGE_BYTES < THREADS_BYTES_MIN) return 0;
  return Math.min(availableParallelism(), THREADS_MAX) - 1;
}
