import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BackupEnvironment, BackupResumer } from '../../../backup/backup/backup-job';
import { encodeBackupPayload } from '../../../backup/backup/payload';
import { SnapshotWaits } from '../../../backup/backup/snapshot-waits';
import { BackupThreads } from '../../../backup/backup/threads/backup-threads';
import type { JobRecord } from '../../../jobs/job';
import type { JobContext } from '../../../jobs/resumer';
import { WriteClock } from '../../../storage/ranges/clock';
import { openStore, type Store } from '../../../storage/ranges/store';
import { WriteLock } from '../../../storage/ranges/write-lock';
import { temporaryDirectory } from '../../support/ootheca-process';

/** What a BACKUP job leaves behind when its thread ends before its time. */

const directory = temporaryDirectory();
let store: Store;

beforeAll(() => {
  store = openStore(join(directory.path, 'store'), { durability: 'none' });
});
afterAll(() => {
  store.close();
  directory.remove();
});

/** @param body of the thread, told to start by its first message; `port` is at hand */
function environment(lock: WriteLock, body: string): BackupEnvironment {
  const file = join(directory.path, 'thread.js');
  writeFileSync(
    file,
    `const port = require('node:worker_threads').parentPort; port.on('message', (message) => { ${body} });`,
  );
  const db = store.connect();
  return {
    store,
    db,
    lock,
    clock: new WriteClock(),
    storage: { externalIoDir: undefined, nodeId: 1 },
    backupThreads: new BackupThreads(file, db),
    backupSnapshots: new SnapshotWaits(),
  };
}

function runJob(given: BackupEnvironment): Promise<unknown> {
  const payload = encodeBackupPayload({
    scope: { kind: 'cluster' },
    uri: 'nodelocal://1/b',
    directory: 'd',
    inCollection: true,
    backupId: '00',
  });
  const job = { id: 7n, user: 'root', numRuns: 1, payload, progress: new Uint8Array() };
  const context = {
    job,
    signal: new AbortController().signal,
    updateProgress: () => Promise.resolve(),
  };
  return new BackupResumer(given, job as JobRecord & typeof job).resume(
    context as unknown as JobContext,
  );
}

const isFree = (lock: WriteLock): boolean => {
  const lease = lock.tryAcquire('test');
  lease?.release();
  return lease !== undefined;
};

const DIES = "port.postMessage({ kind: 'ready' }); port.close();";

test('a thread that dies while its snapshot waits for the write lock does not keep it from others', async () => {
  const lock = new WriteLock();
  const other = await lock.acquire('other');
  await expect(runJob(environment(lock, DIES))).rejects.toThrow('thread of a job ended with code');
  other.release();
  await nextTurn();
  expect(isFree(lock)).toBe(true);
});

test('nor does one that dies with the lock', async () => {
  const lock = new WriteLock();
  const begun =
    "if (message.kind === 'begin') port.close(); else port.postMessage({ kind: 'ready' });";
  await expect(runJob(environment(lock, begun))).rejects.toThrow('thread of a job ended with code');
  await nextTurn();
  expect(isFree(lock)).toBe(true);
});
