import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { RemoteWriteLock, serveWriteLock } from '../../../storage/ranges/remote-write-lock';
import { openStore, type Store } from '../../../storage/ranges/store';
import { ROWS, WriteLock } from '../../../storage/ranges/write-lock';
import { setWriteTime } from '../../../storage/ranges/write-time';
import { transact, writeTransaction } from '../../../storage/ranges/write-transaction';
import { repoRoot } from '../../support/shared';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A remote lock as a worker has it, over a real channel. */
function remote(lock: WriteLock): { locker: RemoteWriteLock; port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  serveWriteLock(port1, lock);
  ports.push(port1, port2);
  return { locker: new RemoteWriteLock(port2), port: port2 };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('first come, first served; release is idempotent', async () => {
  const lock = new WriteLock();
  const order: string[] = [];
  const first = await lock.acquire('a');
  const rest = ['b', 'c', 'd'].map(async (owner) => {
    const lease = await lock.acquire(owner);
    order.push(owner);
    expect(lock.holder).toBe(owner);
    lease.release();
  });
  await settled();
  expect(lock.waiters).toEqual(['b', 'c', 'd']);
  expect(order).toEqual([]);
  first.release();
  first.release();
  await Promise.all(rest);
  expect(order).toEqual(['b', 'c', 'd']);
  expect(lock.holder).toBeUndefined();
});

test('a release of an old lease does not take the lock from its new holder', async () => {
  const lock = new WriteLock();
  const first = await lock.acquire('a');
  first.release();
  await lock.acquire('b');
  first.release();
  expect(lock.holder).toBe('b');
});

test('who gives up waiting is passed over', async () => {
  const lock = new WriteLock();
  const first = await lock.acquire('a');
  const abort = new AbortController();
  const second = lock.acquire('b', abort.signal);
  const third = lock.acquire('c');
  const reason = new Error('enough');
  abort.abort(reason);
  await expect(second).rejects.toBe(reason);
  expect(lock.waiters).toEqual(['c']);
  first.release();
  expect((await third).owner).toBe('c');
  await expect(lock.acquire('d', AbortSignal.abort(reason))).rejects.toBe(reason);
});

test('at no time two holders, and everybody’s turn comes, local, remote and aborted ones mixed', async () => {
  const client = fc.record({
    where: fc.constantFrom('local', 'remote'),
    steps: fc.nat(3),
    abortAfter: fc.option(fc.nat(3)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(client, { minLength: 1, maxLength: 12 }), async (clients) => {
      const lock = new WriteLock();
      const { locker } = remote(lock);
      let inside = 0;
      await Promise.all(
        clients.map(async ({ where, steps, abortAfter }, i) => {
          const abort = new AbortController();
          const from = where === 'local' ? lock : locker;
          const acquiring = from.acquire(`client ${i}`, abort.signal);
          if (abortAfter !== null) {
            void (async () => {
              for (let step = 0; step < abortAfter; step++) await settled();
              abort.abort(new Error('aborted'));
            })();
          }
          try {
            const lease = await acquiring;
            expect(++inside).toBe(1);
            for (let step = 0; step < steps; step++) await settled();
            inside--;
            lease.release();
          } catch (error) {
            expect(error).toMatchObject({ message: 'aborted' });
          }
        }),
      );
      while (lock.holder !== undefined) await settled();
      expect(lock.waiters).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('a closed port gives up what it held and what it waited for', async () => {
  const lock = new WriteLock();
  const a = remote(lock);
  const b = remote(lock);
  await a.locker.acquire('a');
  void b.locker.acquire('b');
  while (lock.waiters.length < 1) await settled();
  const c = lock.acquire('c');
  expect(lock.holder).toBe('a');
  b.port.close();
  a.port.close();
  expect((await c).owner).toBe('c');
  expect(lock.waiters).toEqual([]);
});

describe('with a store', () => {
  let root: string;
  let store: Store;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ootheca-lock-'));
    store = openStore(root);
  });
  afterEach(() => {
    store.close();
    rmSync(root, { recursive: true, force: true });
  });

  function startWorker(lock: WriteLock, end: 'terminate' | 'exit'): Worker {
    const { port1, port2 } = new MessageChannel();
    serveWriteLock(port1, lock);
    return new Worker(join(repoRoot, 'test', 'support', 'children', 'lock-worker.ts'), {
      execArgv: ['-r', join(repoRoot, 'test', 'support', 'register-swc.cjs')],
      workerData: { directory: root, port: port2, end },
      transferList: [port2],
    });
  }

  test.each(['terminate', 'exit'] as const)(
    'a worker that dies in a transaction (%s) leaves neither lock nor rows',
    async (end) => {
      const lock = new WriteLock();
      const db = store.connect();
      const worker = startWorker(lock, end);
      await once(worker, 'message');
      expect(lock.holder).toBe('worker');
      const next = writeTransaction(lock, db, 'main', () =>
        db.prepare('SELECT count(*) FROM settings').pluck().get(),
      );
      worker.postMessage('die');
      if (end === 'terminate') await worker.terminate();
      expect(await next).toBe(0n);
    },
  );

  test('a transaction that throws is rolled back and gives the lock back', async () => {
    const lock = new WriteLock();
    const db = store.connect();
    const body = (): void => {
      setWriteTime(db, 1n);
      db.exec("INSERT INTO settings VALUES ('a', '', '', 0)");
      throw new Error('no');
    };
    await expect(writeTransaction(lock, db, 'x', body)).rejects.toThrow('no');
    expect(lock.holder).toBeUndefined();
    expect(db.inTransaction).toBe(false);
    expect(db.prepare('SELECT count(*) FROM settings').pluck().get()).toBe(0n);
    expect(() => transact(db, async () => undefined)).toThrow(/must be synchronous/);
    expect(db.inTransaction).toBe(false);
  });
});

describe('a pinned catalog', () => {
  const claim = { reads: [], writes: [1] };

  test('those who may change descriptors wait until it is let go; rows are changed meanwhile', async () => {
    const lock = new WriteLock();
    const unpin = lock.pinCatalog();
    const another = lock.pinCatalog();
    lock.tryAcquire('rows')?.release();
    (await lock.acquire('rows, too', undefined, claim)).release();
    const granted = jest.fn();
    const definer = lock.acquire('definer').then((lease) => {
      granted();
      return lease;
    });
    // Nobody pins again, or writes rows, before who waits.
    expect(lock.pinCatalog()).toBeUndefined();
    expect(lock.tryAcquire('rows')).toBeUndefined();
    unpin?.();
    unpin?.();
    await Promise.resolve();
    expect(granted).not.toHaveBeenCalled();
    another?.();
    (await definer).release();
    lock.pinCatalog()?.();
    (await lock.acquire('definer')).release();
  });

  test('not while somebody may be changing it', async () => {
    const lock = new WriteLock();
    const definer = await lock.acquire('definer');
    expect(lock.pinCatalog()).toBeUndefined();
    definer.release();
    const rows = lock.tryAcquire('rows');
    const unpin = lock.pinCatalog();
    expect(unpin).toBeDefined();
    rows?.release();
    unpin?.();
  });

  test('who gives up waiting for it holds nobody up', async () => {
    const lock = new WriteLock();
    const unpin = lock.pinCatalog();
    const abort = new AbortController();
    const definer = lock.acquire('definer', abort.signal);
    const rows = lock.acquire('rows', undefined, claim);
    abort.abort(new Error('given up'));
    await expect(definer).rejects.toThrow('given up');
    (await rows).release();
    unpin?.();
  });
});

test('who changes rows keeps the catalog until it says otherwise, and waits for those who pinned it before', async () => {
  const lock = new WriteLock();
  const lease = await lock.acquire('a', undefined, ROWS);
  expect(lock.keepsCatalog).toBe(true);
  const grants = lock.catalogGrantCount;
  const unpin = [lock.pinCatalog(), lock.pinCatalog()];
  let isWide = false;
  const widened = lease.widen?.().then(() => {
    isWide = true;
  });
  expect(lock.keepsCatalog).toBe(false);
  expect(lock.catalogGrantCount).toBe(grants + 1);
  expect(lock.pinCatalog()).toBeUndefined();
  unpin[0]?.();
  await settled();
  expect(isWide).toBe(false);
  unpin[1]?.();
  await widened;
  await lease.widen?.();
  expect(lock.catalogGrantCount).toBe(grants + 1);
  lease.release();
  expect(lock.keepsCatalog).toBe(true);
});

test('who changes rows of any table does not pass a holder that makes way', async () => {
  const lock = new WriteLock();
  const lease = await lock.acquire('a');
  lease.offer?.({
    isIdle: true,
    isApart: () => true,
    makeWay: async () => true,
    passed: () => undefined,
    wantsBack: false,
    comeBack: async () => undefined,
  });
  const second = lock.acquire('b', undefined, ROWS);
  const third = await lock.acquire('c', undefined, { reads: [], writes: [] });
  expect(lock.waiters).toEqual(['b']);
  third.release();
  await settled();
  expect(lock.waiters).toEqual(['b']);
  lease.release();
  (await second).release();
});
