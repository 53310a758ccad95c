import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromTransferredError, toTransferredError } from '../../base/error-transfer';
import { CorruptionError, SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import { createLogger } from '../../base/logger';
import type { JobRecord, JobStatus } from '../../jobs/job';
import { DEFAULT_RETRY_POLICY, isTransient, retryDelayMs } from '../../jobs/job-retry';
import { JobRegistry } from '../../jobs/registry';
import type { JobContext, JobResultRow } from '../../jobs/resumer';
import { openStore, type Store } from '../../storage/ranges/store';
import { WriteLock } from '../../storage/ranges/write-lock';
import { sqlState } from '../support/sql-state';

/** Jobs whose storage does not answer: they are tried again, later and later. */

let root: string;
let store: Store;
let registry: JobRegistry;
let policy = { initialDelayMs: 0, maxDelayMs: 0 };
let reverts: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-retry-'));
  store = openStore(root, { durability: 'none' });
  registry = open();
  policy = { initialDelayMs: 0, maxDelayMs: 0 };
  reverts = 0;
});
afterEach(async () => {
  await registry.shutdown();
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const open = (): JobRegistry =>
  new JobRegistry({
    db: store.connect(),
    lock: new WriteLock(),
    log: createLogger('silent'),
    nodeId: 1,
    retryPolicy: () => policy,
  });

const away = (): SqlError => new SqlError('ioError', 'the storage is away', { transient: true });

function register(
  resume: (context: JobContext) => Promise<JobResultRow>,
  on: JobRegistry = registry,
): void {
  on.register('RESTORE', () => ({
    resume,
    onFailOrCancel: async () => {
      reverts++;
    },
  }));
}

async function started(): Promise<bigint> {
  const payload = Buffer.alloc(0);
  const id = await registry.createAlone({ type: 'RESTORE', description: '', user: 'u', payload });
  registry.start(id);
  return id;
}

async function reaches(id: bigint, is: (job: JobRecord) => boolean): Promise<JobRecord> {
  for (;;) {
    const job = registry.get(id);
    if (is(job)) return job;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const waits = (job: JobRecord): boolean => job.nextRunMicros !== null;
const isIn =
  (status: JobStatus) =>
  (job: JobRecord): boolean =>
    job.status === status;

test('delays grow to their bound', () => {
  const delays = [1, 2, 3, 4, 20, 1000].map((n) => retryDelayMs(n, DEFAULT_RETRY_POLICY));
  expect(delays).toEqual([30_000, 90_000, 210_000, 450_000, 86_400_000, 86_400_000]);
});

test.each([
  ['a connection that was lost', new SqlError('connectionFailure', 'x'), true],
  ['what says so of itself', away(), true],
  ['the same with other words', away().withMessage('y'), true],
  ['the same from another thread', fromTransferredError(toTransferredError(away())), true],
  ['the network', Object.assign(new Error('x'), { code: 'ECONNRESET' }), true],
  ['a missing file', new SqlError('undefinedFile', 'x'), false],
  ['a full disk', new SqlError('diskFull', 'x'), false],
  ['a damaged file', new CorruptionError('f', 1, 'x'), false],
  ['a bug', new TypeError('x'), false],
  ['nothing', undefined, false],
])('%s: %s', (_name, error, transient) => {
  expect(isTransient(error)).toBe(transient);
});

test('a storage that comes back: the job succeeds, and tells of the runs that failed', async () => {
  let runs = 0;
  register(async () => {
    if (++runs <= 2) throw away();
    return [runs];
  });
  const id = await started();
  expect(await registry.wait(id)).toEqual([3]);
  const job = registry.get(id);
  expect(job).toMatchObject({ status: 'succeeded', numRuns: 3, error: '', nextRunMicros: null });
  const time = `'\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+'`;
  const said = new RegExp(
    `^running execution from ${time} to ${time} on 1 failed: the storage is away$`,
  );
  expect(job.executionErrors).toEqual([expect.stringMatching(said), expect.stringMatching(said)]);
  expect(reverts).toBe(0);
});

test('one that stays away: the job fails with the last error after its last retry', async () => {
  register(async () => {
    throw away();
  });
  const id = await started();
  await expect(registry.wait(id)).rejects.toThrow(sqlState('58030', 'the storage is away'));
  const job = registry.get(id);
  expect(job).toMatchObject({ status: 'failed', numRuns: limits.jobRetriesMax + 1 });
  expect(job.executionErrors).toHaveLength(limits.jobExecutionErrorsMax);
  expect(reverts).toBe(1);
});

test('a run that brings the job further starts the count anew', async () => {
  let runs = 0;
  register(async (context) => {
    if (++runs > 20) return [runs];
    if (runs % 2 === 0) await context.updateProgress({ fraction: runs / 40 });
    throw away();
  });
  expect(await registry.wait(await started())).toEqual([21]);
});

test('what is not transient fails at once', async () => {
  register(async () => {
    throw new CorruptionError('f.sst', 7, 'bad');
  });
  const id = await started();
  await expect(registry.wait(id)).rejects.toThrow('f.sst at offset 7: bad');
  expect(registry.get(id)).toMatchObject({ status: 'failed', numRuns: 1, executionErrors: [] });
});

describe('while it waits for the next run', () => {
  let runs: number;
  let works: boolean;
  beforeEach(() => {
    runs = 0;
    works = false;
    policy = { initialDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
    register(async () => {
      runs++;
      if (!works) throw away();
      return [runs];
    });
  });

  test('SHOW JOBS knows when that is', async () => {
    const id = await started();
    const job = await reaches(id, waits);
    expect(job).toMatchObject({ status: 'running', failures: 1, coordinatorId: 1 });
    expect((job.nextRunMicros ?? 0) - (job.lastRunMicros ?? 0)).toBe(3_600_000_000);
    expect(job.traceId).toBeGreaterThan(0n);
  });

  test('PAUSE and RESUME: the next run is now', async () => {
    const id = await started();
    await reaches(id, waits);
    await registry.pause(id);
    await reaches(id, isIn('paused'));
    expect(registry.get(id).nextRunMicros).toBeNull();
    works = true;
    await registry.resume(id);
    await reaches(id, isIn('succeeded'));
    expect([runs, reverts]).toEqual([2, 0]);
  });

  test('CANCEL reverts at once', async () => {
    const id = await started();
    await reaches(id, waits);
    const waiting = registry.wait(id);
    await registry.cancel(id);
    await expect(waiting).rejects.toThrow(sqlState('57014', 'job canceled by user'));
    expect([registry.get(id).status, runs, reverts]).toEqual(['canceled', 1, 1]);
  });

  test('a server that stops leaves it running, the next one runs it at once', async () => {
    const id = await started();
    await reaches(id, waits);
    await registry.shutdown();
    expect(registry.get(id)).toMatchObject({ status: 'running', failures: 1 });
    works = true;
    registry = open();
    register(async () => [42], registry);
    registry.adoptAll();
    expect(await registry.wait(id)).toEqual([42]);
  });

  test('who waits for its end can stop waiting', async () => {
    const id = await started();
    const controller = new AbortController();
    const waiting = registry.whenFinished(id, controller.signal);
    await reaches(id, waits);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
