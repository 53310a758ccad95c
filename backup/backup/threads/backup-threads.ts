import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SpareThread } from '../../../base/spare-thread';
import { THREAD_RESOURCES } from '../../../base/task-threads';
import { type Connection, PAGE_BYTES } from '../../../storage/ranges/connection';
import type { BackupWorkerData } from './backup-thread-messages';

/** Stores of this size are backed up by several threads, this many at most. */
const THREADS_BYTES_MIN = 8 << 20;
export const THREADS_MAX = 4;

/** The threads of backups; each starts those that write parts beside it. */
export class BackupThreads extends SpareThread {
  private readonly db: Connection;
  /** How many each has beside it. */
  private readonly partThreads = new WeakMap<Worker, number>();

  /** @param threadFile calls `serveBackupThread` @param db of the store */
  constructor(threadFile: string, db: Connection) {
    super(() => {
      const count = partThreads(db);
      const workerData: BackupWorkerData = { kind: 'backup', threadFile, partThreads: count };
      const worker = new Worker(threadFile, { workerData, resourceLimits: THREAD_RESOURCES });
      this.partThreads.set(worker, count);
      return worker;
    });
    this.db = db;
  }

  override giveBack(worker: Worker): void {
    if (this.partThreads.get(worker) === partThreads(this.db)) super.giveBack(worker);
    // The store has grown, or become small, meanwhile.
    else void worker.terminate();
  }
}

/** Threads that write parts beside the one of the backup: none for a small store, where starting them would take longer. */
function partThreads(db: Connection): number {
  const pages = Number(db.pragma('page_count', { simple: true }));
  if (pages * PAGE_BYTES < THREADS_BYTES_MIN) return 0;
  return Math.min(availableParallelism(), THREADS_MAX) - 1;
}
