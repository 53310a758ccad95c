import { Random } from '../support/fuzz/random';
import { type Committed, contradictions } from '../support/histories/graph';
import { Worker } from '../support/histories/workload';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** Random transactions of several clients at once: what all of them have seen is explained by some serial order. */

const SESSIONS = 6;
const MS = 8_000;

let server: OothecaProcess;
beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem']);
});
afterAll(async () => {
  await server?.stop();
});

const append = (key: string, value: string) => ({ kind: 'append', key, value }) as const;
const read = (key: string, ...values: string[]) => ({ kind: 'read', key, values }) as const;
const transaction = (name: string, ...operations: Committed['operations']): Committed => ({
  name,
  operations,
});

describe('the judge', () => {
  const final = new Map([
    ['x', ['1', '2']],
    ['y', ['3']],
  ]);
  const writers = [transaction('a', append('x', '1')), transaction('b', append('x', '2'))];

  test('accepts what has an order', () => {
    const others = [
      transaction('c', read('x', '1'), append('y', '3')),
      transaction('d', read('x', '1', '2'), read('y', '3')),
    ];
    expect(contradictions([...writers, ...others], final)).toEqual([]);
  });

  test.each([
    ['a lost write', [transaction('c', append('y', '3'), append('x', '4'))], 'lost 4'],
    ['a write of nobody', [transaction('c', read('x', '1'))], 'nobody committed'],
    [
      'a read of what was rolled back',
      [transaction('c', append('y', '3')), transaction('d', read('x', '1', '9'))],
      'd read 1,9',
    ],
    [
      'a reader that sees the later and not the earlier',
      [
        transaction('c', read('x', '1'), append('y', '3')),
        transaction('d', read('x', '1', '2'), read('y')),
      ],
      'no serial order',
    ],
    [
      'two that have not seen each other',
      [
        transaction('c', read('x', '1'), append('y', '3')),
        transaction('b', append('x', '2'), read('y')),
      ],
      undefined,
    ],
  ])('finds %s', (_, others, wanted) => {
    const found = contradictions(
      [...writers.slice(0, wanted === undefined ? 1 : 2), ...others],
      final,
    );
    if (wanted === undefined) expect(found).toEqual([expect.stringContaining('no serial order')]);
    else expect(found).toEqual([expect.stringContaining(wanted)]);
  });
});

test('blocks, statements, savepoints and schema changes at once', async () => {
  const admin = await pgClient(server);
  await Worker.setUp(admin);
  const until = Date.now() + MS;
  const workers = await Promise.all(
    Array.from({ length: SESSIONS }, async (_, i) => {
      const client = await pgClient(server);
      await client.query("SET lock_timeout = '3s'");
      return new Worker(`w${i}`, client, new Random(i), true);
    }),
  );
  const committed = () => workers.flatMap((worker) => worker.committed);
  await Promise.all(
    workers.map(async (worker) => {
      // A busy machine takes longer to come to something that can be judged.
      while (Date.now() < until || committed().length <= 20) await worker.step();
      await worker.client.end();
    }),
  );
  expect(workers.flatMap((worker) => worker.problems)).toEqual([]);
  expect(contradictions(committed(), await Worker.final(admin))).toEqual([]);
  await admin.end();
});

test('kill -9 in the middle, again and again: what was acknowledged is there, the rest whole or not at all', async () => {
  const directory = temporaryDirectory();
  const flags = [`--store=${directory.path}`];
  let killed = await OothecaProcess.start(flags);
  await Worker.setUp(await pgClient(killed));
  const idle = await pgClient(killed);
  const workers = Array.from(
    { length: 4 },
    (_, i) => new Worker(`k${i}`, idle, new Random(i), true),
  );
  for (const ms of [700, 1_100, 900]) {
    for (const worker of workers) worker.client = await pgClient(killed);
    const all = workers.map(async (worker) => {
      for (;;) await worker.step();
    });
    const ended = Promise.allSettled(all);
    await new Promise((resolve) => setTimeout(resolve, ms));
    await killed.stop('SIGKILL');
    await ended;
    killed = await OothecaProcess.start(flags);
  }
  const final = await Worker.final(await pgClient(killed));
  const kept = new Set([...final.values()].flat());
  // Of those whose COMMIT was not answered, the ones that are there: all of their writes must be.
  const unanswered = workers
    .flatMap((worker) => worker.unknown)
    .filter(({ operations }) =>
      operations.some((op) => op.kind === 'append' && kept.has(op.value)),
    );
  const committed = workers.flatMap((worker) => worker.committed);
  expect(workers.flatMap((worker) => worker.problems)).toEqual([]);
  expect(contradictions([...committed, ...unanswered], final)).toEqual([]);
  await killed.stop('SIGKILL');
  directory.remove();
});
