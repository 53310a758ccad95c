import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CorruptionError, SqlError } from '../../base/errors';
import {
  isFinished,
  isLegalTransition,
  JOB_STATUSES,
  JOB_TRANSITIONS,
  type JobRecord,
  type JobStatus,
} from '../../jobs/job';
import { JobInterrupted } from '../../jobs/job-errors';
import {
  beginRevert,
  claimJob,
  completeJob,
  findJob,
  finishRevert,
  getJob,
  insertJob,
  listJobs,
  requestCancel,
  requestPause,
  requestResume,
  transitionJob,
  updateJobProgress,
} from '../../jobs/job-rows';
import type { Connection } from '../../storage/ranges/connection';
import { openStore, type Store } from '../../storage/ranges/store';
import { sqlState } from '../support/sql-state';

let root: string;
let store: Store;
let db: Connection;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-jobs-'));
  store = openStore(root, { durability: 'none' });
  db = store.connect();
});
afterEach(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const newJob = (type = 'RESTORE'): bigint =>
  insertJob(
    db,
    { type, description: 'RESTORE x', user: 'root', payload: Buffer.from('what to do') },
    1,
  );

/** A job in `status`, put there without asking. */
function jobIn(status: JobStatus): JobRecord {
  const id = newJob();
  const finished = isFinished(status) ? Date.now() * 1000 : null;
  db.prepare('UPDATE jobs SET status = ?, finished = ? WHERE id = ?').run(status, finished, id);
  return getJob(db, id);
}

const LEGAL: ReadonlyArray<readonly [JobStatus, JobStatus]> = [
  ['pending', 'running'],
  ['pending', 'pause-requested'],
  ['pending', 'cancel-requested'],
  ['running', 'succeeded'],
  ['running', 'pause-requested'],
  ['running', 'cancel-requested'],
  ['running', 'reverting'],
  ['pause-requested', 'paused'],
  ['pause-requested', 'succeeded'],
  ['pause-requested', 'reverting'],
  ['pause-requested', 'failed'],
  ['pause-requested', 'canceled'],
  ['paused', 'running'],
  ['paused', 'cancel-requested'],
  ['paused', 'reverting'],
  ['cancel-requested', 'reverting'],
  ['reverting', 'failed'],
  ['reverting', 'canceled'],
  ['reverting', 'pause-requested'],
];

const PAIRS = JOB_STATUSES.flatMap((from) => JOB_STATUSES.map((to) => [from, to] as const));

test.each(PAIRS)('%s → %s', (from, to) => {
  const legal = LEGAL.some(([a, b]) => a === from && b === to);
  expect(isLegalTransition(from, to)).toBe(legal);
  const job = jobIn(from);
  if (legal) {
    transitionJob(db, job, to);
    const after = getJob(db, job.id);
    expect(after.status).toBe(to);
    expect(after.finishedMicros !== null).toBe(['succeeded', 'failed', 'canceled'].includes(to));
  } else {
    expect(() => transitionJob(db, job, to)).toThrow(`no way from ${from} to ${to}`);
    expect(getJob(db, job.id)).toEqual(job);
  }
});

test('every status can be left but the three ends, and every end can be reached', () => {
  expect(JOB_STATUSES.filter(isFinished)).toEqual(['succeeded', 'failed', 'canceled']);
  const reached = new Set<JobStatus>(['pending']);
  for (const from of reached) for (const to of JOB_TRANSITIONS[from]) reached.add(to);
  expect([...reached].sort()).toEqual([...JOB_STATUSES].sort());
});

test('a transition from a status that the job has left is a bug', () => {
  const job = jobIn('running');
  transitionJob(db, job, 'pause-requested');
  expect(() => transitionJob(db, job, 'succeeded')).toThrow(/is no longer running/);
});

type Request = (db: Connection, id: bigint) => void;
const pauseError = 'requested to be paused';
const cancelError = 'requested to be canceled';
const resumeError = 'resumed';

test.each<[string, Request, Partial<Record<JobStatus, JobStatus>>, string]>([
  [
    'PAUSE',
    requestPause,
    {
      pending: 'pause-requested',
      running: 'pause-requested',
      'pause-requested': 'pause-requested',
      paused: 'paused',
      reverting: 'pause-requested',
    },
    pauseError,
  ],
  [
    'CANCEL',
    requestCancel,
    {
      pending: 'cancel-requested',
      running: 'cancel-requested',
      paused: 'cancel-requested',
      'cancel-requested': 'cancel-requested',
      canceled: 'canceled',
    },
    cancelError,
  ],
  [
    'RESUME',
    requestResume,
    { paused: 'running', running: 'running', reverting: 'reverting' },
    resumeError,
  ],
])('%s JOB in every status', (_name, request, outcomes, words) => {
  for (const status of JOB_STATUSES) {
    const { id } = jobIn(status);
    const outcome = outcomes[status];
    if (outcome === undefined) {
      const message = `job with status ${status} cannot be ${words}`;
      expect(() => request(db, id)).toThrow(sqlState('55000', message));
      expect(getJob(db, id).status).toBe(status);
    } else {
      request(db, id);
      expect(getJob(db, id).status).toBe(outcome);
    }
  }
  expect(() => request(db, 123n)).toThrow(sqlState('42704', 'job with ID 123 does not exist'));
});

test('a new job', () => {
  const id = newJob();
  expect(id).toBeGreaterThan(10n ** 17n);
  expect(getJob(db, id)).toEqual({
    id,
    type: 'RESTORE',
    description: 'RESTORE x',
    statement: '',
    user: 'root',
    status: 'pending',
    runningStatus: null,
    createdMicros: expect.any(Number),
    startedMicros: null,
    finishedMicros: null,
    modifiedMicros: expect.any(Number),
    fractionCompleted: 0,
    error: '',
    errorCode: null,
    outcome: null,
    coordinatorId: null,
    payload: Buffer.from('what to do'),
    progress: Buffer.alloc(0),
    numRuns: 0,
    lastRunMicros: null,
    nextRunMicros: null,
    failures: 0,
    executionErrors: [],
    traceId: null,
    createdBy: null,
    descriptorIds: [],
  } satisfies JobRecord);
  expect(findJob(db, 1n)).toBeUndefined();
});

test('who made a job and what it works on are kept', () => {
  const createdBy = { type: 'crdb_schedule', id: 2n ** 62n };
  const about = { type: 'BACKUP', description: '', user: 'root', payload: Buffer.alloc(0) };
  const id = insertJob(db, { ...about, createdBy, descriptorIds: [52, 53] }, 1);
  expect(getJob(db, id)).toMatchObject({ createdBy, descriptorIds: [52, 53] });
});

test('a job that is paused while it reverts goes on as a revert, and can not be canceled', () => {
  const { id } = jobIn('running');
  beginRevert(db, getJob(db, id), new Error('why'));
  requestPause(db, id);
  transitionJob(db, getJob(db, id), 'paused');
  expect(() => requestCancel(db, id)).toThrow(
    sqlState('55000', /is paused and has non-nil FinalResumeError why hence cannot be canceled/),
  );
  requestResume(db, id);
  expect(getJob(db, id)).toMatchObject({ status: 'reverting', outcome: 'failed', error: 'why' });
});

test('progress goes forward only, keeps what it is not told, and is cleared of its words at the end', () => {
  const id = newJob();
  transitionJob(db, getJob(db, id), 'running');
  claimJob(db, id, 1);
  updateJobProgress(db, id, { fraction: 0.5, checkpoint: Buffer.from('c1'), runningStatus: 'x' });
  updateJobProgress(db, id, { fraction: 0.25 });
  expect(getJob(db, id)).toMatchObject({
    fractionCompleted: 0.5,
    progress: Buffer.from('c1'),
    runningStatus: 'x',
    coordinatorId: 1,
    numRuns: 1,
  });
  updateJobProgress(db, id, { runningStatus: null, fraction: 7 });
  expect(getJob(db, id)).toMatchObject({ runningStatus: null, fractionCompleted: 1 });
  completeJob(db, id);
  expect(getJob(db, id)).toMatchObject({
    status: 'succeeded',
    coordinatorId: null,
    progress: Buffer.from('c1'),
  });
});

test.each<[JobStatus, 'pause' | 'cancel' | undefined]>([
  ['running', undefined],
  ['pause-requested', undefined],
  ['reverting', undefined],
  ['pending', 'cancel'],
  ['paused', 'pause'],
  ['cancel-requested', 'cancel'],
  ['succeeded', 'cancel'],
  ['failed', 'cancel'],
  ['canceled', 'cancel'],
])('a job that is %s may write progress: interrupted by %s', (status, why) => {
  const { id } = jobIn(status);
  const write = (): void => updateJobProgress(db, id, { fraction: 0.5 });
  if (why === undefined) write();
  else expect(write).toThrow(new JobInterrupted(why));
  expect(getJob(db, id).fractionCompleted).toBe(why === undefined ? 0.5 : 0);
});

test('a job that was canceled cannot complete; one that was to pause can', () => {
  const canceled = jobIn('cancel-requested');
  expect(() => completeJob(db, canceled.id)).toThrow(JobInterrupted);
  expect(getJob(db, canceled.id).status).toBe('cancel-requested');
  const pausing = jobIn('pause-requested');
  completeJob(db, pausing.id);
  expect(getJob(db, pausing.id)).toMatchObject({ status: 'succeeded', fractionCompleted: 1 });
});

test.each([
  ['SqlError', new SqlError('diskFull', 'no space'), { error: 'no space', errorCode: '53100' }],
  [
    'CorruptionError',
    new CorruptionError('f.sst', 7, 'bad'),
    { error: 'f.sst at offset 7: bad', errorCode: 'XX001' },
  ],
  ['Error', new Error('oops'), { error: 'oops', errorCode: null }],
])('a failure keeps its text and SQLSTATE: %s', (_name, cause, recorded) => {
  const job = jobIn('running');
  beginRevert(db, job, cause);
  expect(getJob(db, job.id)).toMatchObject({ status: 'reverting', outcome: 'failed', ...recorded });
  finishRevert(db, getJob(db, job.id));
  expect(getJob(db, job.id)).toMatchObject({ status: 'failed', ...recorded });
});

test('SHOW JOBS: unfinished first, newest first, without the automatic and the old', () => {
  const ids = ['a', 'b', 'c', 'd', 'old', 'auto'].map((name) => {
    const id = newJob(name === 'auto' ? 'AUTO CREATE STATS' : 'RESTORE');
    db.prepare('UPDATE jobs SET description = ? WHERE id = ?').run(name, id);
    return id;
  });
  const hour = 3_600_000_000;
  const finish = (name: string, at: number): unknown =>
    db
      .prepare("UPDATE jobs SET status = 'succeeded', finished = ? WHERE description = ?")
      .run(at, name);
  finish('b', Date.now() * 1000 - hour);
  finish('c', Date.now() * 1000 - 11 * hour);
  finish('old', Date.now() * 1000 - 13 * hour);
  const names = (jobs: JobRecord[]): string[] => jobs.map((job) => job.description);
  expect(names(listJobs(db, { automatic: false }))).toEqual(['d', 'a', 'b', 'c']);
  expect(names(listJobs(db, { automatic: true }))).toEqual(['auto']);
  expect(names(listJobs(db, { automatic: false, includeOld: true }))).toEqual([
    'd',
    'a',
    'b',
    'c',
    'old',
  ]);
  expect(new Set(ids).size).toBe(6);
});
