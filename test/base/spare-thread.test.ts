import { Worker } from 'node:worker_threads';
import { SpareThread } from '../../base/spare-thread';

/** Answers its first message with its own. */
const ECHO = `const { parentPort } = require('node:worker_threads');
parentPort.once('message', (message) => { parentPort.postMessage(message); parentPort.close(); });`;

const answer = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.postMessage('hello');
  });

test('a thread that was started ahead is handed out once; another is started where there is none', async () => {
  let started = 0;
  const threads = new SpareThread(() => {
    started++;
    return new Worker(ECHO, { eval: true });
  });
  threads.warmUp();
  threads.warmUp();
  expect(started).toBe(1);
  const first = threads.take();
  expect(started).toBe(1);
  const second = threads.take();
  expect(started).toBe(2);
  expect(await answer(first)).toBe('hello');
  expect(await answer(second)).toBe('hello');
});

test('one that fails is not handed out, and one that nobody takes is ended', async () => {
  const workers: Worker[] = [];
  const threads = new SpareThread(() => {
    const code = workers.length === 0 ? 'throw new Error("no")' : ECHO;
    const worker = new Worker(code, { eval: true });
    workers.push(worker);
    return worker;
  });
  threads.warmUp();
  await new Promise((resolve) => workers[0]?.once('exit', resolve));
  const taken = threads.take();
  expect(workers).toHaveLength(2);
  expect(await answer(taken)).toBe('hello');
  threads.warmUp();
  const ended = new Promise((resolve) => workers[2]?.once('exit', resolve));
  await threads.close();
  await ended;
});

test('one that is given back is handed out again; where there is another, or nobody takes any more, it is ended', async () => {
  const echo = ECHO.replace('once', 'on').replace(' parentPort.close();', '');
  const threads = new SpareThread(() => new Worker(echo, { eval: true }));
  const first = threads.take();
  expect(await answer(first)).toBe('hello');
  threads.giveBack(first);
  expect(threads.take() === first).toBe(true);
  expect(await answer(first)).toBe('hello');
  const second = threads.take();
  expect(second === first).toBe(false);
  expect(await answer(second)).toBe('hello');
  threads.giveBack(first);
  threads.giveBack(second);
  await new Promise((resolve) => second.once('exit', resolve));
  expect(threads.take() === first).toBe(true);
  await threads.close();
  threads.giveBack(first);
  await new Promise((resolve) => first.once('exit', resolve));
});
