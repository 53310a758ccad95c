import { Worker } from 'node:worker_threads';
import { type JobThreadEnd, runInJobThread } from '../../backup/job-thread';
import { SqlError } from '../../base/errors';

/** What becomes of a job whose work a thread does. */

type Reply =
  | Exclude<JobThreadEnd, { readonly kind: 'done' }>
  | { readonly kind: 'done'; readonly sum: number }
  | { readonly kind: 'step'; readonly number: number };

/** @param answer body of what the thread does when it is told to start; `tell` and `port` are at hand */
function begin(answer: string, controller = new AbortController()) {
  const worker = new Worker(
    `const { parentPort: port } = require('node:worker_threads');
     const tell = (message) => port.postMessage(message);
     port.on('message', (message) => {
       if (message === 'start') { ${answer} }
       else { tell({ kind: 'interrupted' }); port.close(); }
     });`,
    { eval: true },
  );
  let hasExited = false;
  worker.once('exit', () => {
    hasExited = true;
  });
  const steps: number[] = [];
  const end = runInJobThread<Reply>(worker, {
    signal: controller.signal,
    start: () => worker.postMessage('start'),
    interrupt: () => worker.postMessage('interrupt'),
    onReply: ({ number }) => steps.push(number),
  });
  return { worker, end, steps, hasExited: () => hasExited };
}

test('its last message is the result; those before it are handed on, and it may stay', async () => {
  const { worker, end, steps, hasExited } = begin(
    `tell({ kind: 'step', number: 1 }); tell({ kind: 'step', number: 2 }); tell({ kind: 'done', sum: 3 });`,
  );
  expect(await end).toEqual({ kind: 'done', sum: 3 });
  expect(steps).toEqual([1, 2]);
  expect(hasExited()).toBe(false);
  await worker.terminate();
});

test('an error is thrown when the thread has exited', async () => {
  const error = { kind: 'sql', code: 'diskFull', message: 'no space' };
  const failed = `tell({ kind: 'failed', error: ${JSON.stringify(error)} }); setTimeout(() => port.close(), 50);`;
  const { end, hasExited } = begin(failed);
  const thrown: unknown = await end.catch((reason: unknown) => reason);
  expect(thrown).toBeInstanceOf(SqlError);
  expect(thrown).toMatchObject({ message: 'no space', sqlstate: '53100' });
  expect(hasExited()).toBe(true);
});

test.each(['before it begins', 'while it works'])('a job is told to stop %s', async (when) => {
  const controller = new AbortController();
  const reason = new Error('paused');
  if (when === 'before it begins') controller.abort(reason);
  const { end, hasExited } = begin('', controller);
  controller.abort(reason);
  await expect(end).rejects.toBe(reason);
  expect(hasExited()).toBe(true);
});

test('a thread that crashes', async () => {
  const { end, hasExited } = begin(`throw new Error('a bug');`);
  await expect(end).rejects.toThrow('a bug');
  expect(hasExited()).toBe(true);
});

test('a thread that exits without a last message', async () => {
  const { end } = begin(`tell({ kind: 'step', number: 1 }); process.exit(7);`);
  await expect(end).rejects.toThrow('thread of a job ended with code 7');
});
