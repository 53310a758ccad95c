import type { WriteLocker } from '../../storage/ranges/write-lock';
import type { Checkpoint } from './messages';

/**
 * Checkpoints of what the main thread's short writes commit. One beside writers never comes to the WAL's end, and SQLite writes
 * from its start again only when all of it is in the store. So when it has grown, the rest is brought in while nobody writes; until
 * then there are zeros behind its end. Syncs of what is written over cost half of those that make a file longer.
 */

/** Frames, a page each, from which on the rest is waited for: 16 MiB. */
const FRAMES_TO_END = 4_096;

/** From here on even a queue of writers waits: 64 MiB, which is what is kept of a WAL. */
const FRAMES_TO_INSIST = 16_384;

interface Wal {
  /** Brings it into the store, as far as no reader needs it. */
  checkpoint(): Promise<Checkpoint>;
  /** Adds zeros while nobody writes. @returns false: there are enough */
  addRoom(): Promise<boolean>;
}

export class Checkpoints {
  private readonly wal: Wal;
  private readonly lock: WriteLocker;
  private isRunning = false;

  constructor(wal: Wal, lock: WriteLocker) {
    this.wal = wal;
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
    const { frames, isWhole } = await this.wal.checkpoint();
    if (frames < FRAMES_TO_END) while (await this.alone(frames, () => this.wal.addRoom()));
    else if (!isWhole) await this.alone(frames, () => this.wal.checkpoint());
  }

  /** @returns undefined: others write */
  private async alone<T>(frames: number, work: () => Promise<T>): Promise<T | undefined> {
    const name = 'checkpoint';
    const lease =
      this.lock.tryAcquire(name) ??
      (frames < FRAMES_TO_INSIST ? undefined : await this.lock.acquire(name));
    try {
      return lease === undefined ? undefined : await work();
    } finally {
      lease?.release();
    }
  }
}
