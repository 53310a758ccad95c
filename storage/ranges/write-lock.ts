import { invariant } from '../../base/invariant';

/** The right to write to the store; given back exactly once (a second `release` does nothing). */
export interface Lease {
  readonly owner: string;
  release(): void;
}

/** Who arbitrates writing: `WriteLock` in the main thread, `RemoteWriteLock` in workers. */
export interface WriteLocker {
  /**
   * Waits its turn. @param owner for diagnostics, e.g. `job 123 range 7`
   * @throws the signal's reason when it is aborted before the lock is granted
   */
  acquire(owner: string, signal?: AbortSignal): Promise<Lease>;
  /** The lock when it is free; undefined: wait for it. */
  tryAcquire(owner: string): Lease | undefined;
}

interface Waiter {
  readonly owner: string;
  grant(lease: Lease): void;
}

/**
 * A fair lock (first come, first served) around SQLite's write lock, so that the threads of this process queue here,
 * asynchronously, instead of meeting SQLITE_BUSY.
 */
export class WriteLock implements WriteLocker {
  private current: Lease | undefined;
  private grants = 0;
  /** In order of arrival; a Set keeps insertion order and drops aborted waiters in constant time. */
  private readonly waiting = new Set<Waiter>();

  /** Nobody may write. What was read since the lock was last given back is still so while `grantCount` stays the same. */
  get isFree(): boolean {
    return this.current === undefined;
  }

  /** How often the lock was given to somebody. */
  get grantCount(): number {
    return this.grants;
  }

  get holder(): string | undefined {
    return this.current?.owner;
  }

  /** Owners that wait, first in line first. */
  get waiters(): readonly string[] {
    return [...this.waiting].map((waiter) => waiter.owner);
  }

  async acquire(owner: string, signal?: AbortSignal): Promise<Lease> {
    signal?.throwIfAborted();
    if (this.current === undefined) return this.grantTo(owner);
    return await new Promise<Lease>((resolve, reject) => {
      const waiter: Waiter = {
        owner,
        grant: (lease) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(lease);
        },
      };
      const onAbort = (): void => {
        this.waiting.delete(waiter);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.add(waiter);
    });
  }

  tryAcquire(owner: string): Lease | undefined {
    return this.current === undefined ? this.grantTo(owner) : undefined;
  }

  private grantTo(owner: string): Lease {
    invariant(this.current === undefined, 'write lock granted twice');
    const lease: Lease = { owner, release: () => this.release(lease) };
    this.current = lease;
    this.grants++;
    return lease;
  }

  private release(lease: Lease): void {
    if (this.current !== lease) return;
    this.current = undefined;
    const [next] = this.waiting;
    if (next === undefined) return;
    this.waiting.delete(next);
    next.grant(this.grantTo(next.owner));
  }
}
