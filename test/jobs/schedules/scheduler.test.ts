import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../../base/logger';
import { JobRegistry } from '../../../jobs/registry';
import type { ScheduledRun } from '../../../jobs/schedules/executor';
import type { NewSchedule, Schedule } from '../../../jobs/schedules/schedule';
import {
  countUnfinishedJobs,
  deleteSchedule,
  endedRuns,
  findSchedule,
  insertSchedule,
  updateSchedule,
} from '../../../jobs/schedules/schedule-rows';
import { NOT_HERE, Scheduler, type SchedulerPolicy } from '../../../jobs/schedules/scheduler';
import { WriteClock } from '../../../storage/ranges/clock';
import type { Connection } from '../../../storage/ranges/connection';
import { openStore, type Store } from '../../../storage/ranges/store';
import { WriteLock } from '../../../storage/ranges/write-lock';
import { setWriteTime } from '../../../storage/ranges/write-time';
import { transact, writeTransaction } from '../../../storage/ranges/write-transaction';

/** When schedules run. The clock is the test's, and each look is asked for. */

const MINUTE = 60e6;
const NOON = Date.UTC(2026, 0, 1, 12) * 1000;
const ONE_O_CLOCK = NOON + 60 * MINUTE;

let root: string;
let store: Store;
let db: Connection;
let lock: WriteLock;
let registry: JobRegistry;
let scheduler: Scheduler;
let now: number;
let policy: SchedulerPolicy;
/** What a run does; makes a job unless a test says otherwise. */
let work: (run: ScheduledRun) => Promise<void>;
let successes: bigint[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-scheduler-'));
  store = openStore(root, { durability: 'none' });
  lock = new WriteLock();
  db = store.connect();
  now = NOON;
  policy = { enabled: true, paceMs: 60_000, runsMax: 0 };
  work = async (run) => void (await makeJob(run));
  successes = [];
  registry = newRegistry();
  scheduler = newScheduler();
});
afterEach(async () => {
  await scheduler.stop();
  await registry.shutdown();
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const clock = new WriteClock();

const newRegistry = (): JobRegistry =>
  new JobRegistry({ db: store.connect(), lock, log: createLogger('silent'), nodeId: 1 });

const newScheduler = (): Scheduler =>
  new Scheduler({
    db,
    lock,
    clock,
    log: createLogger('silent'),
    policy: () => policy,
    executors: new Map([
      [
        'test',
        {
          execute: (run: ScheduledRun) => work(run),
          onSuccess: (_db: Connection, { id }: Schedule) => void successes.push(id),
        },
      ],
    ]),
    now: () => now,
  });

async function makeJob({ creator, created }: ScheduledRun): Promise<bigint> {
  return await writeTransaction(lock, db, 'test', () => {
    setWriteTime(db, clock.next());
    const job = { type: 'BACKUP', description: 'd', user: 'root', payload: Buffer.alloc(0) };
    const id = registry.create(db, { ...job, createdBy: creator });
    created(db, id);
    return id;
  });
}

function add(given: Partial<NewSchedule> = {}): bigint {
  const schedule: NewSchedule = {
    label: 'a',
    owner: 'root',
    nextRunMicros: NOON,
    state: '',
    recurrence: '@hourly',
    executorType: 'test',
    wait: 'WAIT',
    onError: 'RESCHEDULE',
    arguments: { typeUrl: 'x', value: Buffer.from('args') },
    ...given,
  };
  const about = { nowMicros: now, nodeId: 1 };
  return transact(db, () => insertSchedule(db, schedule, about), clock.next());
}

function shown(id: bigint): [next: number | null, state: string] | undefined {
  const schedule = findSchedule(db, id);
  return schedule === undefined ? undefined : [schedule.nextRunMicros, schedule.state];
}

const jobsOf = (id: bigint): number => countUnfinishedJobs(db, id);

function end(status: 'succeeded' | 'failed' | 'canceled'): bigint {
  const select = `SELECT max(id) FROM jobs WHERE finished IS NULL`;
  const id = db.prepare(select).pluck().get() as bigint;
  db.prepare('UPDATE jobs SET status = ?, finished = 1 WHERE id = ?').run(status, id);
  return id;
}

test('all that is kept of a schedule is read back', () => {
  const id = add({ wait: 'SKIP', onError: 'PAUSE', state: 'says', nextRunMicros: null });
  expect(findSchedule(db, id)).toEqual({
    id,
    label: 'a',
    owner: 'root',
    createdMicros: NOON,
    nextRunMicros: null,
    state: 'says',
    recurrence: '@hourly',
    executorType: 'test',
    wait: 'SKIP',
    onError: 'PAUSE',
    arguments: { typeUrl: 'x', value: Uint8Array.from(Buffer.from('args')) },
    runsHere: true,
  });
});

test('what is due runs once, and moves on', async () => {
  const id = add();
  const later = add({ nextRunMicros: NOON + 1 });
  const paused = add({ nextRunMicros: null });
  await scheduler.look();
  expect([jobsOf(id), jobsOf(later), jobsOf(paused)]).toEqual([1, 0, 0]);
  expect(shown(id)).toEqual([ONE_O_CLOCK, '']);
  await scheduler.look();
  expect(jobsOf(id)).toBe(1);
});

test('what was missed while the server was down runs once, not once for each time', async () => {
  const id = add({ wait: 'START' });
  now = NOON + 5 * 60 * MINUTE + 1;
  await newScheduler().look();
  await newScheduler().look();
  expect(jobsOf(id)).toBe(1);
  expect(shown(id)?.[0]).toBe(NOON + 6 * 60 * MINUTE);
});

test('a schedule without recurrence runs once', async () => {
  const id = add({ recurrence: null });
  await scheduler.look();
  expect(jobsOf(id)).toBe(1);
  expect(shown(id)).toEqual([null, '']);
});

describe('while a job has not ended', () => {
  const begin = async (wait: NewSchedule['wait']): Promise<bigint> => {
    const id = add({ wait });
    await scheduler.look();
    now = ONE_O_CLOCK;
    await scheduler.look();
    return id;
  };

  test('wait: looked at again in a minute', async () => {
    const id = await begin('WAIT');
    expect(jobsOf(id)).toBe(1);
    expect(shown(id)).toEqual([ONE_O_CLOCK + MINUTE, 'delayed due to 1 already running']);
    end('succeeded');
    now += MINUTE;
    await scheduler.look();
    expect(jobsOf(id)).toBe(1);
    expect(shown(id)).toEqual([ONE_O_CLOCK + 60 * MINUTE, '']);
  });

  test('skip: the next time', async () => {
    const id = await begin('SKIP');
    expect(jobsOf(id)).toBe(1);
    expect(shown(id)).toEqual([ONE_O_CLOCK + 60 * MINUTE, 'rescheduled due to 1 already running']);
  });

  test('start: another one', async () => {
    const id = await begin('START');
    expect(jobsOf(id)).toBe(2);
    expect(shown(id)).toEqual([ONE_O_CLOCK + 60 * MINUTE, '']);
  });

  test('one that is paused has not ended', async () => {
    const id = add();
    await scheduler.look();
    db.prepare(`UPDATE jobs SET status = 'paused'`).run();
    now = ONE_O_CLOCK;
    await scheduler.look();
    expect(shown(id)?.[1]).toBe('delayed due to 1 already running');
    expect(countUnfinishedJobs(db, id, 'running')).toBe(0);
  });
});

describe('when a job fails', () => {
  const fail = async (onError: NewSchedule['onError'], as: 'failed' | 'canceled' = 'failed') => {
    const id = add({ onError });
    await scheduler.look();
    const job = end(as);
    now += 10 * MINUTE;
    await scheduler.look();
    const why = `backup job ${job} failed with err=backup job ${job} scheduled by ${id} failed with status ${as}`;
    return { id, why };
  };

  test('reschedule: its time stays', async () => {
    const { id, why } = await fail('RESCHEDULE');
    expect(shown(id)).toEqual([ONE_O_CLOCK, `reschedule: ${why}`]);
    now = ONE_O_CLOCK;
    await scheduler.look();
    expect(shown(id)?.[1]).toBe('');
  });

  test('retry: in a minute', async () => {
    const { id, why } = await fail('RETRY');
    expect(shown(id)).toEqual([NOON + 11 * MINUTE, `retrying: ${why}`]);
  });

  test('pause', async () => {
    const { id, why } = await fail('PAUSE', 'canceled');
    expect(shown(id)).toEqual([null, `schedule paused: ${why}`]);
  });

  test('it is told once', async () => {
    const { id } = await fail('RESCHEDULE');
    transact(db, () => updateSchedule(db, id, { state: '' }), clock.next());
    await scheduler.look();
    expect(shown(id)?.[1]).toBe('');
    expect(endedRuns(db)).toEqual([]);
  });
});

test('a success is told of, also one that was seen only after a restart', async () => {
  const id = add();
  await scheduler.look();
  end('succeeded');
  expect(successes).toEqual([]);
  await newScheduler().look();
  expect(successes).toEqual([id]);
  await newScheduler().look();
  expect(successes).toEqual([id]);
});

test('a job that outlives its schedule, or whose record is gone, is no matter', async () => {
  const id = add();
  const other = add();
  await scheduler.look();
  db.prepare('DELETE FROM jobs WHERE created_by_id = ?').run(other);
  end('failed');
  transact(db, () => deleteSchedule(db, id), clock.next());
  await scheduler.look();
  expect(endedRuns(db)).toEqual([]);
  expect(shown(other)).toEqual([ONE_O_CLOCK, '']);
});

describe('when no job can be made', () => {
  const unmade = async (onError: NewSchedule['onError']) => {
    work = async () => {
      throw new Error('no room');
    };
    const id = add({ onError });
    await scheduler.look();
    expect(jobsOf(id)).toBe(0);
    return { id, why: `failed to create job for schedule ${id}: err=no room` };
  };

  test('reschedule: the next time', async () => {
    const { id, why } = await unmade('RESCHEDULE');
    expect(shown(id)).toEqual([ONE_O_CLOCK, `reschedule: ${why}`]);
  });

  test('retry: in a minute', async () => {
    const { id, why } = await unmade('RETRY');
    expect(shown(id)).toEqual([NOON + MINUTE, `retrying: ${why}`]);
  });

  test('pause', async () => {
    const { id, why } = await unmade('PAUSE');
    expect(shown(id)).toEqual([null, `schedule paused: ${why}`]);
  });

  test('the others run all the same', async () => {
    work = async (run) => {
      if (run.schedule.label === 'bad') throw new Error('no room');
      await makeJob(run);
    };
    add({ label: 'bad' });
    const good = add();
    await scheduler.look();
    expect(jobsOf(good)).toBe(1);
  });
});

test('paused or dropped while its run is being prepared: no job is made, and nothing is said', async () => {
  const paused = add();
  const dropped = add();
  work = async (run) => {
    const { id } = run.schedule;
    const change = (): void =>
      id === paused ? updateSchedule(db, id, { nextRunMicros: null }) : deleteSchedule(db, id);
    transact(db, change, clock.next());
    await makeJob(run);
  };
  await scheduler.look();
  expect(db.prepare('SELECT count(*) FROM jobs').pluck().get()).toBe(0n);
  expect(shown(paused)).toEqual([null, '']);
  expect(shown(dropped)).toBeUndefined();
});

test('what a restored cluster brought is paused when it is due, unless it was resumed here', async () => {
  const foreign = add();
  const resumed = add();
  setWriteTime(db, clock.next());
  db.exec('UPDATE scheduled_jobs SET runs_here = 0');
  transact(db, () => updateSchedule(db, resumed, { runsHere: true }), clock.next());
  await scheduler.look();
  expect([jobsOf(foreign), jobsOf(resumed)]).toEqual([0, 1]);
  expect(shown(foreign)).toEqual([null, NOT_HERE]);
});

test('settings: switched off, and not more than so many at once', async () => {
  const ids = [add(), add(), add()];
  const made = (): number => ids.map(jobsOf).reduce((a, b) => a + b);
  policy = { ...policy, enabled: false };
  await scheduler.look();
  expect(made()).toBe(0);
  policy = { ...policy, enabled: true, runsMax: 2 };
  await scheduler.look();
  expect(made()).toBe(2);
  await scheduler.look();
  expect(made()).toBe(3);
});

test('once started it begins what is due by itself, and waits for a run that is being prepared', async () => {
  const id = add();
  let release = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    work = async (run) => {
      resolve();
      await new Promise<void>((go) => (release = go));
      await makeJob(run);
    };
  });
  scheduler.start();
  await begun;
  const stopped = scheduler.stop();
  release();
  await stopped;
  expect(jobsOf(id)).toBe(1);
});
