import { join } from 'node:path';

import type { ChainSource } from '../../../backup/chain';
import type { RestoreTargets } from '../../../backup/restore/request';
import type { JobStatus } from '../../../jobs/job';
import { describeShared, fixturesDir, sharedDir } from '../../support/shared';
import { latestIn, RestoreHarness } from './support/restore-harness';
import { stepsOfEachKind, TrappedLock } from './support/trapped-lock';

/**
 * A restore that is canceled, paused, stopped with its server, or that fails, between any two of its steps: planning, ranges,
 * indexes, publishing. It ends with all rows, or leaves the store as it was.
 */

interface Sample {
  readonly io: string;
  readonly targets: RestoreTargets;
  readonly source: ChainSource;
  /** To be compared. */
  readonly databases: readonly string[];
  readonly steps: 'first' | 'borders';
}

/** The record of a job takes some; what it restored is more. */
const PAGES_OF_A_RECORD = 40;

const NEVER = new AbortController().signal;

function describeSteps({ io, targets, source, databases, steps: how }: Sample): void {
  let lock: TrappedLock;
  let harness: RestoreHarness;
  let steps: number[];
  let names: string[];
  let intact: string[];

  const open = async (): Promise<void> => {
    lock = new TrappedLock();
    const retryPolicy = () => ({ initialDelayMs: 0, maxDelayMs: 0 });
    harness = await RestoreHarness.open(io, { lock, retryPolicy });
  };
  const rows = (): string[] => databases.map((name) => harness.rows(name));
  const statusOf = (id: bigint): JobStatus => harness.jobs.get(id).status;

  beforeAll(async () => {
    await open();
    lock.watch();
    await harness.restore(targets, source);
    intact = rows();
    names = [...lock.steps];
    steps = stepsOfEachKind(names, how);
    await harness.close();
  });
  beforeEach(open);
  afterEach(async () => {
    await harness.close();
  });

  /** Starts a restore in whose step `at` something happens, and waits until the job has come to rest. */
  async function disturbed(at: number, trap: (id: () => bigint) => Promise<void>): Promise<bigint> {
    lock.watch(at, () => trap(() => harness.lastJob()?.id ?? 0n));
    const id = await harness.start(targets, source);
    await harness.jobs.wait(id).catch(() => undefined);
    lock.watch();
    return id;
  }

  /** For each step but the first, which creates the job. */
  async function atEachStep(body: (at: number) => Promise<void>): Promise<void> {
    expect(steps.length).toBeGreaterThan(4);
    for (const at of steps.filter((step) => step > 0)) {
      try {
        await body(at);
      } catch (error) {
        throw new Error(`at step ${at}, ${names[at]}`, { cause: error });
      }
      await harness.close();
      await open();
    }
  }

  /** The store is as before, and the same RESTORE works. */
  async function expectNothingLeft(before: unknown, pagesBefore: number): Promise<void> {
    expect(harness.contents()).toEqual(before);
    expect(harness.usedPages() - pagesBefore).toBeLessThan(PAGES_OF_A_RECORD);
    await harness.restore(targets, source);
    expect(rows()).toEqual(intact);
  }

  test('canceled: all is gone, or all is there', async () => {
    let canceled = 0;
    await atEachStep(async (at) => {
      const before = harness.contents();
      const pages = harness.usedPages();
      const id = await disturbed(at, async (job) => {
        await harness.jobs.cancel(job()).catch(() => undefined);
      });
      await harness.jobs.whenFinished(id, NEVER);
      if (statusOf(id) === 'succeeded') return expect(rows()).toEqual(intact);
      canceled++;
      expect(statusOf(id)).toBe('canceled');
      await expectNothingLeft(before, pages);
    });
    expect(canceled).toBeGreaterThan(1);
  }, 300_000);

  test('paused and resumed: it goes on where it was', async () => {
    let paused = 0;
    await atEachStep(async (at) => {
      const id = await disturbed(at, async (job) => {
        await harness.jobs.pause(job()).catch(() => undefined);
      });
      if (statusOf(id) === 'paused') {
        paused++;
        await harness.jobs.resume(id);
        await harness.jobs.whenFinished(id, NEVER);
      }
      expect(statusOf(id)).toBe('succeeded');
      expect(rows()).toEqual(intact);
    });
    expect(paused).toBeGreaterThan(1);
  }, 300_000);

  test('paused and canceled: nothing is left', async () => {
    await atEachStep(async (at) => {
      const before = harness.contents();
      const pages = harness.usedPages();
      const id = await disturbed(at, async (job) => {
        await harness.jobs.pause(job()).catch(() => undefined);
      });
      if (statusOf(id) !== 'paused') return expect(statusOf(id)).toBe('succeeded');
      await harness.jobs.cancel(id);
      await harness.jobs.whenFinished(id, NEVER);
      expect(statusOf(id)).toBe('canceled');
      await expectNothingLeft(before, pages);
    });
  }, 300_000);

  test('failing: nothing is left', async () => {
    await atEachStep(async (at) => {
      const before = harness.contents();
      const pages = harness.usedPages();
      const id = await disturbed(at, async () => {
        throw new Error('this step fails');
      });
      // What fails after publishing, or before the job is taken up, changes nothing about it.
      if (statusOf(id) === 'running' || statusOf(id) === 'pending') await harness.restart();
      await harness.jobs.whenFinished(id, NEVER);
      if (statusOf(id) === 'succeeded') return expect(rows()).toEqual(intact);
      expect(harness.jobs.get(id)).toMatchObject({ status: 'failed', error: 'this step fails' });
      await expectNothingLeft(before, pages);
    });
  }, 300_000);

  test('the server stops: the next one goes on', async () => {
    let stopped = 0;
    await atEachStep(async (at) => {
      const id = await disturbed(at, async () => void harness.jobs.shutdown());
      if (statusOf(id) !== 'succeeded') stopped++;
      await harness.restart();
      await harness.jobs.whenFinished(id, NEVER);
      expect(statusOf(id)).toBe('succeeded');
      expect(rows()).toEqual(intact);
    });
    expect(stopped).toBeGreaterThan(1);
  }, 300_000);
}

describe('of a database', () => {
  describeSteps({
    io: join(fixturesDir, 'backups'),
    targets: { kind: 'databases', names: ['bank'] },
    source: latestIn('bank'),
    databases: ['bank'],
    steps: 'borders',
  });
});

describeShared('of a full cluster', () => {
  describeSteps({
    io: join(sharedDir, 'backups', 'generated'),
    targets: { kind: 'cluster' },
    source: latestIn('cluster'),
    databases: ['bank', 'movr', 'alltypes'],
    steps: 'first',
  });
});
