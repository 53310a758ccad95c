import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../base/logger';
import { JobRegistry } from '../../jobs/registry';
import { openStore, type Store } from '../../storage/ranges/store';
import { WriteLock } from '../../storage/ranges/write-lock';

/** Jobs that finished longer ago than `jobs.retention_time` are removed. */

const HOUR_MS = 3_600_000;
const HOUR_MICROS = HOUR_MS * 1000;

let root: string;
let store: Store;
let registry: JobRegistry;
let policy = { retentionMs: 10 * HOUR_MS, intervalMs: HOUR_MS };

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  root = mkdtempSync(join(tmpdir(), 'ootheca-retention-'));
  store = openStore(root, { durability: 'none' });
  policy = { retentionMs: 10 * HOUR_MS, intervalMs: HOUR_MS };
  registry = new JobRegistry({
    db: store.connect(),
    lock: new WriteLock(),
    log: createLogger('silent'),
    nodeId: 1,
    retentionPolicy: () => policy,
  });
});
afterEach(async () => {
  await registry.shutdown();
  store.close();
  rmSync(root, { recursive: true, force: true });
  jest.useRealTimers();
});

async function job(description: string, finishedHoursAgo: number | null): Promise<void> {
  const about = { type: 'RESTORE', user: 'root', payload: Buffer.alloc(0), description };
  const id = await registry.createAlone(about);
  if (finishedHoursAgo === null) return;
  const finished = Date.now() * 1000 - finishedHoursAgo * HOUR_MICROS;
  store
    .connect()
    .prepare("UPDATE jobs SET status = 'succeeded', finished = ? WHERE id = ?")
    .run(finished, id);
}

const left = (): string[] =>
  registry
    .list({ automatic: false, includeOld: true })
    .map(({ description }) => description)
    .sort();

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

test('at the start, and then at each interval; what has not finished stays', async () => {
  await job('old', 11);
  await job('young', 9);
  await job('unfinished', null);
  await registry.keepTidy();
  expect(left()).toEqual(['unfinished', 'young']);

  jest.advanceTimersByTime(HOUR_MS / 2);
  await settle();
  policy = { ...policy, retentionMs: 8 * HOUR_MS };
  expect(left()).toEqual(['unfinished', 'young']);
  for (let i = 0; i < 8; i++) jest.advanceTimersByTime(HOUR_MS / 12);
  await settle();
  expect(left()).toEqual(['unfinished']);
});

test('not after the server has shut down', async () => {
  await registry.keepTidy();
  await registry.shutdown();
  await job('old', 11);
  jest.advanceTimersByTime(3 * HOUR_MS);
  await settle();
  expect(left()).toEqual(['old']);
});
