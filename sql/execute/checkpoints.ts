import type { WriteLocker } from '../../storage/ranges/write-lock';
import type { QueryPool } from './query-pool';

/**
 * Checkpoints of what the main thread's short writes commit. One beside writers never comes to the WAL's end, and SQLite writes
 * from its start again only when all of it is in the store. So when it has grown, the rest is brought in while nobody writes: the
 * WAL stays as long as it is, and syncs of what is written over cost half of those that make the file longer.
 */

/** Frames, a page each, from which on the rest is waited for: 16 MiB. */
const FRAMES_TO_END = 4_096;

/** From here on even a queue of writers waits: 64 MiB, which is what is kept of a WAL. */
const FRAMES_TO_INSIST = 16_384;

export class Checkpoints {
  private readonly queries: Pick<QueryPool, 'checkpoint'>;
  private readonly lock: WriteLocker;
  private isRunning = false;

  constructor(queries: Pick<QueryPool, 'checkpoint'>, lock: WriteLocker) {
    this.queries = queries;
    this.lock = lock;
  }

  /** Begins one, unless one is under way. What fails is left to the next: the WAL is as safe. */
  start(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.run()
      .catch(() => undefined)
      .finally(() => {
        this.isRunning = false;
      });
  }

  private async run(): Promise<void> {
    const frames = await this.queries.checkpoint();
    if (frames < FRAMES_TO_END) return;
    const name = 'checkpoint';
    const lease =
      this.lock.tryAcquire(name) ??
      (frames < FRAMES_TO_INSIST ? undefined : await this.lock.acquire(name));
    if (lease === undefined) return;
    try {
      await this.queries.checkpoint();
    } finally {
      lease.release();
    }
  }
}
