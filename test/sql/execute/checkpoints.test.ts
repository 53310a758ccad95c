import { Checkpoints } from '../../../sql/execute/checkpoints';
import type { Checkpoint } from '../../../sql/execute/messages';
import { WriteLock } from '../../../storage/ranges/write-lock';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @param results what checkpoints come to, one after the other; an Error: it fails */
function setUp(results: readonly (Checkpoint | Error)[]) {
  const lock = new WriteLock();
  const holders: (string | undefined)[] = [];
  const room: (string | undefined)[] = [];
  const wal = {
    addRoom: async (): Promise<boolean> => {
      room.push(lock.holder);
      return room.length < 3;
    },
    checkpoint: async (): Promise<Checkpoint> => {
      const result = results[holders.length];
      holders.push(lock.holder);
      if (result === undefined || result instanceof Error)
        throw result ?? new Error('one too many');
      return result;
    },
  };
  return { lock, holders, room, checkpoints: new Checkpoints(wal, lock) };
}

const partly = (frames: number): Checkpoint => ({ frames, isWhole: false });

test('nobody waits for the rest of a WAL when all of it is in the store', async () => {
  const { lock, holders, room, checkpoints } = setUp([{ frames: 9_000, isWhole: true }]);
  checkpoints.start();
  await settled();
  expect(holders).toEqual([undefined]);
  expect(room).toEqual([]);
  expect(lock.holder).toBeUndefined();
});

test('a small one gets room while nobody writes', async () => {
  const { lock, holders, room, checkpoints } = setUp([partly(4_095), partly(100)]);
  checkpoints.start();
  await settled();
  expect(holders).toEqual([undefined]);
  expect(room).toEqual(['checkpoint', 'checkpoint', 'checkpoint']);
  expect(lock.holder).toBeUndefined();
  await lock.acquire('transaction');
  checkpoints.start();
  await settled();
  expect(room).toHaveLength(3);
});

test('the rest of one that has grown is brought in while nobody writes', async () => {
  const { lock, holders, room, checkpoints } = setUp([
    partly(4_096),
    { frames: 4_200, isWhole: true },
  ]);
  checkpoints.start();
  await settled();
  expect(holders).toEqual([undefined, 'checkpoint']);
  expect(room).toEqual([]);
  expect(lock.holder).toBeUndefined();
});

test('who writes for long is let be until the WAL is long', async () => {
  const { lock, holders, checkpoints } = setUp([
    partly(16_383),
    partly(16_384),
    { frames: 16_384, isWhole: true },
  ]);
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
  const { lock, holders, checkpoints } = setUp([partly(5_000), new Error('disk'), partly(1)]);
  checkpoints.start();
  checkpoints.start(); // one is under way
  await settled();
  expect(holders).toEqual([undefined, 'checkpoint']);
  expect(lock.holder).toBeUndefined();
  checkpoints.start();
  await settled();
  expect(holders).toHaveLength(3);
});
