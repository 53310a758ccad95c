import { WriteClock } from '../../../storage/ranges/clock';

const MILLISECOND = 1_000_000n;

function makeClock() {
  let millis = 1_000;
  const clock = new WriteClock(() => millis);
  const wall = (to: number): void => {
    millis = to;
  };
  return { clock, wall };
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  for (let i = 0; i < 5; i++) await Promise.resolve();
  return settled;
}

test('times of writes only grow, also when the wall clock stands still or is set back', () => {
  const { clock, wall } = makeClock();
  expect(clock.next()).toBe(1_000n * MILLISECOND);
  expect(clock.next()).toBe(1_000n * MILLISECOND + 1n);
  wall(900);
  expect(clock.next()).toBe(1_000n * MILLISECOND + 2n);
  wall(2_000);
  expect(clock.next()).toBe(2_000n * MILLISECOND);
  expect(clock.issued).toBe(2_000n * MILLISECOND);
});

test('what is written after the present was asked for is later', () => {
  const { clock } = makeClock();
  const written = clock.next();
  const now = clock.now();
  expect(now).toBe(written);
  expect(clock.issued).toBe(written);
  expect(clock.next()).toBe(now + 1n);
});

test('no write is earlier than what the store holds, or was read as of', async () => {
  const { clock } = makeClock();
  clock.startAfter(5_000n * MILLISECOND);
  expect(clock.next()).toBe(5_000n * MILLISECOND + 1n);
  clock.startAfter(7n);
  expect(clock.next()).toBe(5_000n * MILLISECOND + 2n);
  await clock.settle(6_000n * MILLISECOND);
  expect(clock.next()).toBe(6_000n * MILLISECOND + 1n);
});

test.each([
  ['nobody has read', undefined, true],
  ['somebody has read as of before', -1n, true],
  ['somebody has read as of its time', 0n, false],
  ['somebody has read as of later', 1n, false],
])('a transaction is there from its first write on: %s', async (_, readAfter, isFirst) => {
  const { clock } = makeClock();
  const first = clock.next();
  if (readAfter !== undefined) await clock.settle(first + readAfter);
  const commit = clock.commit(first, false);
  expect(commit.timestamp === first).toBe(isFirst);
  expect(commit.timestamp).toBeGreaterThanOrEqual(first + (readAfter ?? 0n));
});

test('a transaction with several times is there from after all of them', () => {
  const { clock } = makeClock();
  const first = clock.next();
  const last = clock.next();
  expect(clock.commit(first, true).timestamp).toBe(last + 1n);
});

test('who reads the past waits for the writes that it has, and for no others', async () => {
  const { clock } = makeClock();
  const [one, two, three] = [clock.begin(), clock.begin(), clock.begin()];
  const read = clock.settle(two.timestamp);
  expect(await isSettled(read)).toBe(false);
  one.end();
  expect(await isSettled(read)).toBe(false);
  two.end();
  expect(await isSettled(read)).toBe(true);
  expect(await isSettled(clock.settle(three.timestamp - 1n))).toBe(true);
  expect(await isSettled(clock.settle(three.timestamp))).toBe(false);
});
