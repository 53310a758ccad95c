import { Checkpoints } from '../../../sql/execute/checkpoints';
import { WriteLock } from '../../../storage/ranges/write-lock';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @param results what checkpoints come to, one after the other; an Error: it fails */
function setUp(results: readonly (number | Error)[]) {
  const lock = new WriteLock();
  const holders: (string | undefined)[] = [];
  const queries = {
    checkpoint: async (): Promise<number> => {
      const result = results[holders.length];
      holders.push(lock.holder);
      if (result === undefined || result instanceof Error)
        throw result ?? new Error('one too many');
      return result;
    },
  };
  return { lock, holders, checkpoints: new Checkpoints(queries, lock) };
}

test('nobody waits for the rest of a WAL that is small', async () => {
  const { lock, holders, checkpoints } = setUp([4_095]);
  checkpoints.start();
  await settled();
  expect(holders).toEqual([undefined]);
  expect(lock.holder).toBeUndefined();
});

test('the rest of one that has grown is brought in while nobody writes', async () => {
  const { lock, holders, checkpoints } = setUp([4_096, 4_200]);
  checkpoints.start();
  await settled();
  expect(holders).toEqual([undefined, 'checkpoint']);
  expect(lock.holder).toBeUndefined();
});

test('who writes for long is let be until the WAL is long', async () => {
  const { lock, holders, checkpoints } = setUp([16_383, 16_384, 16_384]);
  const lease = await lock.acquire('transaction');
  checkpoints.start();
  await settled();
  expect(lock.waiters).toEqual([]);
  checkpoints.start();
  await settled();
  expect(lock.waiters).toEqual(['checkpoint']);
  lease.release();
  await settled();
  expect(holders).toEqual(['transaction', 'transaction', 'checkpoint']);
  expect(lock.holder).toBeUndefined();
});

test('one that fails gives the lock back and leaves it to the next', async () => {
  const { lock, holders, checkpoints } = setUp([5_000, new Error('disk'), 1]);
  checkpoints.start();
  checkpoints.start(); // one is under way
  await settled();
  expect(holders).toEqual([undefined, 'checkpoint']);
  expect(lock.holder).toBeUndefined();
  checkpoints.start();
  await settled();
  expect(holders).toHaveLength(3);
});
