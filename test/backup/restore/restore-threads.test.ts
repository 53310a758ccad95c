import { once } from 'node:events';

import { RestoreThreads } from '../../../backup/restore/restore-threads';

test('a thread that was started ahead is handed out once', async () => {
  const threads = new RestoreThreads();
  threads.warmUp();
  const [first, second] = [threads.take(), threads.take()];
  expect(first).not.toBe(second);
  await threads.close();
  await Promise.all([first.terminate(), second.terminate()]);
});

test('one that ended meanwhile is not', async () => {
  const threads = new RestoreThreads();
  threads.warmUp();
  const first = threads.take();
  await first.terminate();
  threads.warmUp();
  // Known to the test alone: the thread that is waiting.
  const { spare } = threads as unknown as { spare: { worker: typeof first } };
  const exited = once(spare.worker, 'exit');
  await spare.worker.terminate();
  await exited;
  const taken = threads.take();
  expect(taken).not.toBe(spare.worker);
  await taken.terminate();
});

test('one that nobody took ends with the server', async () => {
  const threads = new RestoreThreads();
  threads.warmUp();
  await threads.close();
  const taken = threads.take();
  await taken.terminate();
});
