import type { MessagePort } from 'node:worker_threads';
import type { Lease, WriteLocker } from './write-lock';

/** Worker → main. `id` numbers a worker's requests; `release` also withdraws one that still waits. */
interface LockRequest {
  readonly kind: 'acquire' | 'release';
  readonly id: number;
  readonly owner: string;
}

/** Main → worker. */
interface LockGrant {
  readonly kind: 'granted';
  readonly id: number;
}

/**
 * Serves `lock` to a worker over `port`, until the port closes: then all that the worker held or waited for is released,
 * so a dead worker blocks nobody. The port does not keep the process alive.
 */
export function serveWriteLock(port: MessagePort, lock: WriteLocker): void {
  const requests = new Map<number, AbortController>();
  const leases = new Map<number, Lease>();
  const acquire = async (id: number, owner: string): Promise<void> => {
    const abort = new AbortController();
    requests.set(id, abort);
    try {
      const lease = await lock.acquire(owner, abort.signal);
      if (abort.signal.aborted) return lease.release();
      leases.set(id, lease);
      port.postMessage({ kind: 'granted', id } satisfies LockGrant);
    } catch {
      // Withdrawn by `release`: the worker has already told its own caller.
    } finally {
      requests.delete(id);
    }
  };
  const release = (id: number): void => {
    requests.get(id)?.abort();
    leases.get(id)?.release();
    leases.delete(id);
  };
  port.on('message', (request: LockRequest) => {
    if (request.kind === 'acquire') void acquire(request.id, request.owner);
    else release(request.id);
  });
  port.on('close', () => {
    for (const id of [...requests.keys(), ...leases.keys()]) release(id);
  });
  port.unref();
}

/** The write lock as a worker sees it. */
export class RemoteWriteLock implements WriteLocker {
  private readonly port: MessagePort;
  private readonly pending = new Map<number, () => void>();
  private nextId = 1;

  constructor(port: MessagePort) {
    this.port = port;
    port.on('message', (grant: LockGrant) => this.onGranted(grant.id));
    port.unref();
  }

  /** It is never known here whether the lock is free. */
  tryAcquire(): undefined {
    return undefined;
  }

  async acquire(owner: string, signal?: AbortSignal): Promise<Lease> {
    signal?.throwIfAborted();
    const id = this.nextId++;
    return await new Promise<Lease>((resolve, reject) => {
      const onAbort = (): void => {
        this.settle(id);
        this.send('release', id, owner);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.pending.set(id, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve(this.lease(id, owner));
      });
      if (this.pending.size === 1) this.port.ref();
      this.send('acquire', id, owner);
    });
  }

  /** A grant that crossed our withdrawal needs no answer: main releases it when the withdrawal arrives. */
  private onGranted(id: number): void {
    const granted = this.pending.get(id);
    this.settle(id);
    granted?.();
  }

  private settle(id: number): void {
    this.pending.delete(id);
    if (this.pending.size === 0) this.port.unref();
  }

  private lease(id: number, owner: string): Lease {
    let held = true;
    return {
      owner,
      release: () => {
        if (held) this.send('release', id, owner);
        held = false;
      },
    };
  }

  private send(kind: LockRequest['kind'], id: number, owner: string): void {
    this.port.postMessage({ kind, id, owner } satisfies LockRequest);
  }
}
