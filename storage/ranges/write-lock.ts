import { invariant } from '../../base/invariant';
import type { Claim } from './claim';

/** The right to write to the store; given back exactly once (a second `release` does nothing). */
export interface Lease {
  readonly owner: string;
  release(): void;
  /** From now on those who wait with a claim may be let through while the holder stands still. */
  offer?(way: WayMaker): void;
  /** Descriptors will be changed, too: when this comes true they may be. Of a lease that was asked for with `ROWS`. */
  widen?(): Promise<void>;
}

/** Instead of a claim: rows of any table will be changed, and no descriptor before `widen`. */
export const ROWS = 'rows';

/** A holder that thinks more than it works can make way for work that has nothing to do with its own. */
export interface WayMaker {
  /** It stands still. */
  readonly isIdle: boolean;
  /** Work with this claim would not meet its own. */
  isApart(claim: Claim): boolean;
  /** Leaves SQLite's write lock to others. @returns false when it can't: nothing has changed then */
  makeWay(): Promise<boolean>;
  /** Told of each that it makes way for. */
  passed(claim: Claim): void;
  /** It waits to be let back. */
  readonly wantsBack: boolean;
  /** Takes up its work where it was. Never rejects: a holder that fails is told so by itself. */
  comeBack(): Promise<void>;
}

/** Who arbitrates writing: `WriteLock` in the main thread, `RemoteWriteLock` in workers. */
export interface WriteLocker {
  /**
   * Waits its turn. @param owner for diagnostics, e.g. `job 123 range 7`
   * @param claim rows of which tables will be written, and nothing else: it may be let through while a holder makes way
   * @throws the signal's reason when it is aborted before the lock is granted
   */
  acquire(owner: string, signal?: AbortSignal, claim?: Claim | typeof ROWS): Promise<Lease>;
  /** The lock for a change of rows alone, when it is free; undefined: wait for it. */
  tryAcquire(owner: string): Lease | undefined;
  /**
   * Keeps those who may change descriptors waiting until what it gives is called, which must be soon. Undefined: one of them is
   * at work, or waits.
   */
  pinCatalog?(): (() => void) | undefined;
}

interface Waiter {
  readonly owner: string;
  readonly claim: Claim | typeof ROWS | undefined;
  grant(lease: Lease): void;
}

interface LeaseOwner {
  release(lease: HeldLease): void;
  askLater(): void;
  widen(lease: HeldLease): Promise<void>;
}

class HeldLease implements Lease {
  readonly owner: string;
  /** Rows are changed, no descriptor. */
  keepsCatalog: boolean;
  way: WayMaker | undefined;
  private readonly lock: LeaseOwner;

  constructor(owner: string, keepsCatalog: boolean, lock: LeaseOwner) {
    this.owner = owner;
    this.keepsCatalog = keepsCatalog;
    this.lock = lock;
  }

  release(): void {
    this.lock.release(this);
  }

  offer(way: WayMaker): void {
    this.way = way;
    this.lock.askLater();
  }

  async widen(): Promise<void> {
    if (this.keepsCatalog) await this.lock.widen(this);
  }
}

const isOfTables = (claim: Waiter['claim']): claim is Claim =>
  claim !== undefined && claim !== ROWS;

/** How often a holder is asked to make way while somebody waits. */
const ASK_MS = 20;

/**
 * A fair lock (first come, first served) around SQLite's write lock, so that the threads of this process queue here,
 * asynchronously, instead of meeting SQLITE_BUSY. While a holder stands still, short work that has nothing to do with it may
 * go before it: see docs/decisions/0017-blocks-make-way.md.
 */
export class WriteLock implements WriteLocker {
  private current: HeldLease | undefined;
  /** Whom the holder has made way for, or is about to. */
  private guest: 'asked' | Lease | undefined;
  private catalogGrants = 0;
  private pins = 0;
  /** In order of arrival; a Set keeps insertion order and drops aborted waiters in constant time. */
  private readonly waiting = new Set<Waiter>();
  private asking: NodeJS.Timeout | undefined;
  /** The holder waits for the pins to be taken off. */
  private unpinned: (() => void) | undefined;
  private readonly owner: LeaseOwner = {
    release: (lease) => this.release(lease),
    askLater: () => this.askLater(),
    widen: (lease) => this.widen(lease),
  };

  private get isFree(): boolean {
    return this.current === undefined && this.guest === undefined;
  }

  /** Free, and nobody waits for a pin to be taken off. */
  private get isOpen(): boolean {
    return this.isFree && this.waiting.size === 0;
  }

  /**
   * Nobody may change a descriptor. What was read of them since that was last so is still so while `catalogGrantCount` stays the
   * same.
   */
  get keepsCatalog(): boolean {
    return this.guest === undefined && (this.current?.keepsCatalog ?? true);
  }

  /** How often the lock was given to somebody who may change descriptors. */
  get catalogGrantCount(): number {
    return this.catalogGrants;
  }

  get holder(): string | undefined {
    return this.current?.owner;
  }

  /** Owners that wait, first in line first. */
  get waiters(): readonly string[] {
    return [...this.waiting].map((waiter) => waiter.owner);
  }

  async acquire(owner: string, signal?: AbortSignal, claim?: Claim | typeof ROWS): Promise<Lease> {
    signal?.throwIfAborted();
    if (this.isOpen && (claim !== undefined || this.pins === 0)) {
      return this.grantTo(owner, claim !== undefined);
    }
    return await new Promise<Lease>((resolve, reject) => {
      const waiter: Waiter = {
        owner,
        claim,
        grant: (lease) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(lease);
        },
      };
      const onAbort = (): void => {
        this.waiting.delete(waiter);
        reject(signal?.reason);
        this.next();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.add(waiter);
      this.askLater();
    });
  }

  tryAcquire(owner: string): Lease | undefined {
    return this.isOpen ? this.grantTo(owner, true) : undefined;
  }

  pinCatalog(): (() => void) | undefined {
    // Who waits must have its turn, whoever pins meanwhile.
    if (!this.keepsCatalog || this.waiting.size > 0) return undefined;
    this.pins++;
    let isPinned = true;
    return () => {
      if (!isPinned) return;
      isPinned = false;
      this.pins--;
      if (this.pins === 0) this.unpinned?.();
      this.next();
    };
  }

  private grantTo(owner: string, keepsCatalog: boolean): Lease {
    invariant(this.isFree, 'write lock granted twice');
    const lease = new HeldLease(owner, keepsCatalog, this.owner);
    this.current = lease;
    if (!keepsCatalog) this.catalogGrants++;
    return lease;
  }

  private release(lease: HeldLease): void {
    if (this.current !== lease) return;
    this.current = undefined;
    this.next();
  }

  /** Nobody can pin from now on. */
  private async widen(lease: HeldLease): Promise<void> {
    if (this.current !== lease) return;
    lease.keepsCatalog = false;
    this.catalogGrants++;
    if (this.pins === 0) return;
    await new Promise<void>((resolve) => {
      this.unpinned = resolve;
    });
    this.unpinned = undefined;
  }

  private next(): void {
    if (!this.isFree) return;
    const [next] = this.waiting;
    if (next === undefined || (next.claim === undefined && this.pins > 0)) return;
    this.waiting.delete(next);
    next.grant(this.grantTo(next.owner, next.claim !== undefined));
    this.askLater();
  }

  private askLater(): void {
    const way = this.current?.way;
    if (this.asking !== undefined || way === undefined || this.guest !== undefined) return;
    if (![...this.waiting].some(({ claim }) => isOfTables(claim))) return;
    this.asking = setTimeout(() => {
      this.asking = undefined;
      void this.ask().finally(() => this.askLater());
    }, ASK_MS);
    this.asking.unref();
  }

  private passing(way: WayMaker): Waiter | undefined {
    return [...this.waiting].find(({ claim }) => isOfTables(claim) && way.isApart(claim));
  }

  /** Asks the holder to make way for the first that it would make way for. */
  private async ask(): Promise<void> {
    const way = this.current?.way;
    if (way?.isIdle !== true || this.guest !== undefined) return;
    if (this.passing(way) === undefined) return;
    this.guest = 'asked';
    if (await way.makeWay()) await this.letThrough(way);
    this.guest = undefined;
    this.next();
  }

  /** One after the other, until the holder wants to go on or nobody is left that it would make way for. */
  private async letThrough(way: WayMaker): Promise<void> {
    for (let next = this.passing(way); next !== undefined; next = this.passing(way)) {
      if (isOfTables(next.claim)) way.passed(next.claim);
      await this.grantGuest(next);
      if (way.wantsBack) break;
    }
    await way.comeBack();
  }

  private async grantGuest(waiter: Waiter): Promise<void> {
    this.waiting.delete(waiter);
    await new Promise<void>((resolve) => {
      const lease: Lease = { owner: waiter.owner, release: resolve };
      this.guest = lease;
      waiter.grant(lease);
    });
  }
}
