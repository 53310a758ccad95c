import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlError } from '../../base/errors';
import { createLogger } from '../../base/logger';
import type { JobStatus } from '../../jobs/job';
import type { RetryPolicy } from '../../jobs/job-retry';
import { completeJob, requestPause } from '../../jobs/job-rows';
import { JobRegistry, type JobRegistryOptions } from '../../jobs/registry';
import type { JobContext, JobResultRow, Resumer } from '../../jobs/resumer';
import type { Connection } from '../../storage/ranges/connection';
import { openStore, type Store } from '../../storage/ranges/store';
import { WriteLock } from '../../storage/ranges/write-lock';
import { transact } from '../../storage/ranges/write-transaction';
import { sqlState } from '../support/sql-state';

let root: string;
let store: Store;
let db: Connection;
let lock: WriteLock;
let registry: JobRegistry;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-registry-'));
  store = openStore(root, { durability: 'none' });
  lock = new WriteLock();
  ({ registry, db } = newRegistry());
});
afterEach(async () => {
  await registry.shutdown();
  store.close();
  rmSync(root, { recursive: true, force: true });
});

/** As after a restart: another registry on the same records. */
function newRegistry(options: Partial<JobRegistryOptions> = {}): {
  registry: JobRegistry;
  db: Connection;
} {
  const connection = store.connect();
  return {
    db: connection,
    registry: new JobRegistry({
      db: connection,
      lock,
      log: createLogger('silent'),
      nodeId: 1,
      revertRetryDelaysMs: [1, 1],
      ...options,
    }),
  };
}

interface Script {
  resume?: (context: JobContext) => Promise<JobResultRow>;
  onFailOrCancel?: (context: JobContext) => Promise<void>;
}

function register(script: Script, on: JobRegistry = registry): void {
  const resumer: Resumer = {
    resume: script.resume ?? (async () => []),
    onFailOrCancel: script.onFailOrCancel ?? (async () => undefined),
  };
  on.register('RESTORE', () => resumer);
}

const create = (type = 'RESTORE'): Promise<bigint> =>
  registry.createAlone({ type, description: 'd', user: 'root', payload: Buffer.alloc(0) });

async function started(): Promise<bigint> {
  const id = await create();
  registry.start(id);
  return id;
}

/** Works until it is told to stop. */
const untilInterrupted = ({ signal }: JobContext): Promise<never> =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
  });

async function reaches(id: bigint, status: JobStatus): Promise<void> {
  while (registry.get(id).status !== status) await new Promise((resolve) => setImmediate(resolve));
}

test('a job runs, reports progress, and answers who waits', async () => {
  register({
    resume: async (context) => {
      expect(context.job).toMatchObject({ status: 'running', coordinatorId: 1, numRuns: 1 });
      await context.updateProgress({ fraction: 0.5, checkpoint: Buffer.from('half') });
      expect(registry.get(context.job.id)).toMatchObject({ fractionCompleted: 0.5 });
      return [3252, 6250, 527031];
    },
  });
  const id = await started();
  expect(await registry.wait(id)).toEqual([3252, 6250, 527031]);
  expect(registry.get(id)).toMatchObject({ status: 'succeeded', fractionCompleted: 1, error: '' });
  expect(await registry.wait(id)).toEqual([]);
});

test('a job created in a transaction that is rolled back never was', () => {
  let id = 0n;
  const body = (): void => {
    id = registry.create(db, { type: 'RESTORE', description: '', user: 'u', payload: Buffer.of() });
    throw new Error('rolled back');
  };
  expect(() => transact(db, body)).toThrow('rolled back');
  expect(() => registry.get(id)).toThrow(sqlState('42704', `job with ID ${id} does not exist`));
});

test('a job may complete in its own transaction, and an error after that changes nothing', async () => {
  register({
    resume: async ({ job }) => {
      transact(db, () => completeJob(db, job.id));
      throw new Error('too late to matter');
    },
    onFailOrCancel: async () => {
      throw new Error('must not be called');
    },
  });
  const id = await started();
  await registry.wait(id);
  expect(registry.get(id).status).toBe('succeeded');
});

test('a failure is reverted and reaches who waits as it was thrown', async () => {
  const seen: string[] = [];
  const failure = new SqlError('duplicateRelation', 'relation "t" already exists');
  register({
    resume: async () => {
      throw failure;
    },
    onFailOrCancel: async ({ job }) => {
      seen.push(`${job.status} ${job.error}`);
    },
  });
  const id = await started();
  await expect(registry.wait(id)).rejects.toBe(failure);
  expect(seen).toEqual(['reverting relation "t" already exists']);
  expect(registry.get(id)).toMatchObject({ status: 'failed', errorCode: '42P07' });
  await expect(registry.wait(id)).rejects.toThrow(sqlState('42P07', failure.message));
});

test('pause, resume, and the second run goes on from the checkpoint', async () => {
  const runs: string[] = [];
  register({
    resume: async (context) => {
      runs.push(Buffer.from(context.job.progress).toString());
      if (runs.length > 1) return [1];
      await context.updateProgress({ checkpoint: Buffer.from('half') });
      return await untilInterrupted(context);
    },
  });
  const id = await started();
  const waiting = registry.wait(id);
  while (registry.get(id).progress.length === 0) await new Promise(setImmediate);
  await registry.pause(id);
  await expect(waiting).rejects.toThrow(
    sqlState('55000', `job ${id} was paused before it completed`),
  );
  expect(registry.get(id)).toMatchObject({ status: 'paused', coordinatorId: null });
  await registry.resume(id);
  expect(await registry.wait(id)).toEqual([1]);
  expect(runs).toEqual(['', 'half']);
  expect(registry.get(id).numRuns).toBe(2);
});

test('a job that is resumed the moment it is paused runs again', async () => {
  let runs = 0;
  register({
    resume: (context) => (++runs > 3 ? Promise.resolve([runs]) : untilInterrupted(context)),
  });
  const id = await started();
  for (let round = 1; round <= 3; round++) {
    while (runs < round) await new Promise(setImmediate);
    await registry.pause(id);
    await reaches(id, 'paused');
    await registry.resume(id);
  }
  await reaches(id, 'succeeded');
  expect(runs).toBe(4);
});

test('PAUSE JOB inside a transaction takes effect when it commits and is told of', async () => {
  register({ resume: untilInterrupted });
  const id = await started();
  await reaches(id, 'running');
  transact(db, () => requestPause(db, id));
  expect(registry.get(id).status).toBe('pause-requested');
  registry.notify(id);
  await reaches(id, 'paused');
});

test.each<JobStatus>(['pending', 'running', 'paused'])(
  'cancel a job that is %s',
  async (status) => {
    let reverted = 0;
    register({
      resume: untilInterrupted,
      onFailOrCancel: async () => {
        reverted++;
      },
    });
    const id = await create();
    if (status !== 'pending') {
      registry.start(id);
      await reaches(id, 'running');
    }
    if (status === 'paused') {
      await registry.pause(id);
      await reaches(id, 'paused');
    }
    await registry.cancel(id);
    await reaches(id, 'canceled');
    expect(reverted).toBe(1);
    expect(registry.get(id)).toMatchObject({ error: 'job canceled by user', coordinatorId: null });
    await expect(registry.wait(id)).rejects.toThrow(sqlState('57014', 'job canceled by user'));
  },
);

test('a cancel that comes while the last transaction is under way wins or loses, never both', async () => {
  let finish: (() => void) | undefined;
  register({
    resume: async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return [];
    },
  });
  const id = await started();
  while (finish === undefined) await new Promise(setImmediate);
  const canceling = registry.cancel(id);
  finish();
  await canceling;
  await expect(registry.wait(id)).rejects.toThrow(sqlState('57014', 'job canceled by user'));
  expect(registry.get(id).status).toBe('canceled');
});

test('a revert that fails is tried again, then left for the next start', async () => {
  let attempts = 0;
  let works = false;
  const script: Script = {
    resume: async () => {
      throw new Error('first');
    },
    onFailOrCancel: async () => {
      attempts++;
      if (!works) throw new Error('cannot drop');
    },
  };
  register(script);
  const id = await started();
  await expect(registry.wait(id)).rejects.toThrow('first');
  expect(attempts).toBe(3);
  expect(registry.get(id)).toMatchObject({
    status: 'reverting',
    error: 'first',
    runningStatus: 'could not be reverted: cannot drop',
  });
  works = true;
  const next = newRegistry();
  register(script, next.registry);
  expect(next.registry.adoptAll()).toBe(1);
  await reaches(id, 'failed');
  expect(registry.get(id)).toMatchObject({ error: 'first', runningStatus: null });
  await next.registry.shutdown();
});

test('a revert that fails goes on by itself, can be paused and resumed', async () => {
  await registry.shutdown();
  const retryPolicy = (): RetryPolicy => ({ initialDelayMs: 5, maxDelayMs: 5 });
  ({ registry, db } = newRegistry({ retryPolicy, revertRetryDelaysMs: [] }));
  let works = false;
  let attempts = 0;
  register({
    resume: async () => {
      throw new Error('first');
    },
    onFailOrCancel: async () => {
      attempts++;
      if (!works) throw new Error('cannot drop');
    },
  });
  const id = await started();
  await expect(registry.wait(id)).rejects.toThrow('first');
  while (attempts < 3) await new Promise(setImmediate);
  await registry.pause(id);
  await reaches(id, 'paused');
  const before = attempts;
  expect(registry.get(id).executionErrors.at(-1)).toMatch(
    /^reverting execution from '.*' to '.*' on 1 failed: cannot drop$/,
  );
  works = true;
  await registry.resume(id);
  await registry.whenFinished(id, new AbortController().signal);
  expect(registry.get(id)).toMatchObject({ status: 'failed', error: 'first' });
  expect(attempts).toBe(before + 1);
});

test('shutdown interrupts, keeps the record running, and the next start goes on', async () => {
  register({ resume: untilInterrupted });
  const id = await started();
  const waiting = registry.wait(id);
  await reaches(id, 'running');
  const rejected = expect(waiting).rejects.toThrow(sqlState('57P01', /server shuts down/));
  await registry.shutdown();
  await rejected;
  expect(registry.get(id)).toMatchObject({ status: 'running', numRuns: 1 });
  const next = newRegistry();
  register({}, next.registry);
  expect(next.registry.adoptAll()).toBe(1);
  await next.registry.wait(id);
  expect(registry.get(id)).toMatchObject({ status: 'succeeded', numRuns: 2 });
});

test.each<[JobStatus, JobStatus, string[]]>([
  ['pending', 'succeeded', ['resume']],
  ['running', 'succeeded', ['resume']],
  ['pause-requested', 'paused', []],
  ['paused', 'paused', []],
  ['cancel-requested', 'canceled', ['revert']],
  ['reverting', 'failed', ['revert']],
])('what a crash left %s ends %s', async (left, ends, calls) => {
  const called: string[] = [];
  register({
    resume: async () => {
      called.push('resume');
      return [];
    },
    onFailOrCancel: async () => {
      called.push('revert');
    },
  });
  const id = await create();
  const outcome = left === 'reverting' ? 'failed' : null;
  db.prepare('UPDATE jobs SET status = ?, outcome = ? WHERE id = ?').run(left, outcome, id);
  registry.adoptAll();
  await reaches(id, ends);
  expect(called).toEqual(calls);
});

test('a job of a type that nobody knows is left alone', async () => {
  register({});
  const id = await create('TELEPORT');
  expect(registry.adoptAll()).toBe(0);
  expect(registry.get(id).status).toBe('pending');
});

test('jobs that do not exist', async () => {
  const missing = sqlState('42704', 'job with ID 123 does not exist');
  await expect(registry.pause(123n)).rejects.toThrow(missing);
  await expect(registry.cancel(123n)).rejects.toThrow(missing);
  await expect(registry.resume(123n)).rejects.toThrow(missing);
  await expect(registry.wait(123n)).rejects.toThrow(missing);
  expect(() => registry.start(123n)).toThrow(missing);
});
