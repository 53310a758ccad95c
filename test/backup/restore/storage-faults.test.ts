import type { promises } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../../base/limits';
import type { JobStatus } from '../../../jobs/job';
import { fixturesDir } from '../../support/shared';
import { latestIn, RestoreHarness } from './support/restore-harness';

/** A storage that fails and recovers, or does not; a disk that is full. */

/** Faults of the operating system, by the number of a read of a data file since the test began. */
let fault: (read: number) => string | undefined = () => undefined;
let reads = 0;

jest.mock('node:fs/promises', () => {
  const actual = jest.requireActual<typeof promises>('node:fs/promises');
  return {
    ...actual,
    open: async (...args: Parameters<typeof promises.open>) => {
      const handle = await actual.open(...args);
      if (!String(args[0]).endsWith('.sst')) return handle;
      const read = handle.read.bind(handle) as (...given: unknown[]) => Promise<unknown>;
      const failing = async (...given: unknown[]): Promise<unknown> => {
        const code = fault(reads++);
        if (code !== undefined) throw Object.assign(new Error(`${code}: read`), { code });
        return await read(...given);
      };
      return Object.assign(handle, { read: failing });
    },
  };
});

const io = join(fixturesDir, 'backups');
const BANK = { kind: 'databases', names: ['bank'] } as const;
const NEVER = new AbortController().signal;

let harness: RestoreHarness;
let delayMs: number;
let pagesMax: number | undefined;
let intact: string;
/** Of a restore without faults. */
let readCount: number;

beforeAll(async () => {
  const plain = await RestoreHarness.open(io);
  reads = 0;
  await plain.restore(BANK, latestIn('bank'));
  readCount = reads;
  intact = plain.rows('bank');
  await plain.close();
});

beforeEach(async () => {
  fault = () => undefined;
  delayMs = 0;
  pagesMax = undefined;
  harness = await RestoreHarness.open(io, {
    retryPolicy: () => ({ initialDelayMs: delayMs, maxDelayMs: delayMs }),
    onDataPhase(db) {
      if (pagesMax !== undefined) db.pragma(`max_page_count = ${pagesMax}`);
    },
  });
  reads = 0;
});
afterEach(async () => {
  fault = () => undefined;
  await harness.close();
});

const restore = () => harness.restore(BANK, latestIn('bank'));

test.each(['EIO', 'ESTALE', 'ETIMEDOUT'])(
  'reads that fail with %s now and then: the job goes on where it was',
  async (code) => {
    // Every run gets further than the one before; some do not.
    fault = (read) => (read % 7 === 3 ? code : undefined);
    await restore();
    expect(harness.rows('bank')).toBe(intact);
    const job = harness.lastJob();
    expect(job?.numRuns).toBeGreaterThan(1);
    expect(job?.executionErrors.at(-1)).toMatch(
      new RegExp(`nodelocal storage file cannot be read: .*\\.sst: ${code}$`),
    );
  },
);

test('a fault at any read: the next run ends it', async () => {
  expect(readCount).toBeGreaterThan(10);
  for (let at = 0; at < readCount; at++) {
    reads = 0;
    fault = (read) => (read === at ? 'EIO' : undefined);
    await restore();
    expect([at, harness.rows('bank')]).toEqual([at, intact]);
    expect(harness.lastJob()).toMatchObject({ status: 'succeeded', numRuns: 2, error: '' });
    await harness.dropDatabase('bank');
  }
}, 300_000);

test('a storage that stays away: the job fails in the end, and leaves nothing', async () => {
  const before = harness.contents();
  fault = () => 'EIO';
  await expect(restore()).rejects.toThrow(/nodelocal storage file cannot be read: .*: EIO/);
  expect(harness.contents()).toEqual(before);
  expect(harness.lastJob()).toMatchObject({
    status: 'failed',
    numRuns: limits.jobRetriesMax + 1,
    error: expect.stringContaining('EIO'),
  });
  fault = () => undefined;
  await restore();
  expect(harness.rows('bank')).toBe(intact);
});

test('no permission is not for a while: it fails at once', async () => {
  fault = () => 'EACCES';
  await expect(restore()).rejects.toThrow(/permission denied/);
  expect(harness.lastJob()).toMatchObject({ status: 'failed', numRuns: 1, executionErrors: [] });
});

describe('while it waits for the storage', () => {
  let id: bigint;
  let before: unknown;
  const statusOf = (): JobStatus => harness.jobs.get(id).status;

  beforeEach(async () => {
    delayMs = 3_600_000;
    before = harness.contents();
    fault = (read) => (read >= 8 ? 'EIO' : undefined);
    id = await harness.start(BANK, latestIn('bank'));
    while (harness.jobs.get(id).nextRunMicros === null)
      await new Promise((resolve) => setImmediate(resolve));
  });

  test('CANCEL leaves nothing', async () => {
    await harness.jobs.cancel(id);
    await harness.jobs.whenFinished(id, NEVER);
    expect(statusOf()).toBe('canceled');
    expect(harness.contents()).toEqual(before);
  });

  test('PAUSE, and RESUME when it is back', async () => {
    await harness.jobs.pause(id);
    await harness.jobs.wait(id).catch(() => undefined);
    expect(statusOf()).toBe('paused');
    fault = () => undefined;
    await harness.jobs.resume(id);
    await harness.jobs.whenFinished(id, NEVER);
    expect(statusOf()).toBe('succeeded');
    expect(harness.rows('bank')).toBe(intact);
  });

  test('a restart tries at once', async () => {
    fault = () => undefined;
    await harness.restart();
    await harness.jobs.whenFinished(id, NEVER);
    expect(statusOf()).toBe('succeeded');
    expect(harness.rows('bank')).toBe(intact);
  });
});

test('a disk that is full, at any size: the job fails, and leaves nothing', async () => {
  const pages = Number(harness.db.pragma('page_count', { simple: true }));
  await restore();
  const needed = Number(harness.db.pragma('page_count', { simple: true })) - pages;
  await harness.dropDatabase('bank');
  expect(needed).toBeGreaterThan(100);
  for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    harness.db.exec('VACUUM');
    const before = harness.contents();
    const start = Number(harness.db.pragma('page_count', { simple: true }));
    const used = harness.usedPages();
    pagesMax = start + Math.round(needed * share);
    await expect(restore()).rejects.toMatchObject({
      sqlstate: '53100',
      message: expect.stringContaining('no space left on the device of the store'),
    });
    expect(harness.contents()).toEqual(before);
    expect(harness.usedPages() - used).toBeLessThan(20);
    expect(harness.lastJob()).toMatchObject({ status: 'failed', errorCode: '53100' });
  }
  pagesMax = undefined;
  await restore();
  expect(harness.rows('bank')).toBe(intact);
}, 300_000);
