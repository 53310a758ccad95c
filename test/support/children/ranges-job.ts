import { createLogger } from '../../../base/logger';
import { completeJob, updateJobProgress } from '../../../jobs/job-rows';
import { JobRegistry } from '../../../jobs/registry';
import type { JobContext, JobResultRow } from '../../../jobs/resumer';
import {
  deleteRangesOfJob,
  insertRanges,
  markRangeReady,
  pendingRanges,
} from '../../../storage/ranges/ranges';
import { openStore } from '../../../storage/ranges/store';
import { WriteLock } from '../../../storage/ranges/write-lock';
import { transact, writeTransaction } from '../../../storage/ranges/write-transaction';

/**
 * A server that dies often: opens the store, creates the job when there is none, and works on it, one range a transaction,
 * printing a line a step. `cancel` as second argument: asks for the job to be canceled after a few ranges.
 */
const RANGES = 40;
const [directory = '', mode = ''] = process.argv.slice(2);
const store = openStore(directory);
const db = store.connect();
const registryDb = store.connect();
const lock = new WriteLock();
const registry = new JobRegistry({
  db: registryDb,
  lock,
  log: createLogger('silent'),
  nodeId: 1,
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** Long enough for the parent to read a line and kill us before the next step. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3));

async function resume({ job, signal }: JobContext): Promise<JobResultRow> {
  const ranges = pendingRanges(db, job.id);
  for (const [done, range] of ranges.entries()) {
    signal.throwIfAborted();
    await breath();
    await writeTransaction(lock, db, 'range', () => {
      for (let row = 0; row < 3; row++) {
        db.prepare('INSERT INTO t52 (range_id) VALUES (?)').run(range.rangeId);
      }
      markRangeReady(db, range.rangeId, { sizeBytes: 1, rowCount: 3, indexEntries: 0 });
      updateJobProgress(db, job.id, { fraction: range.rangeId / RANGES });
    });
    say('range');
    if (mode === 'cancel' && done === 5) void registry.cancel(job.id);
  }
  await writeTransaction(lock, db, 'publish', () => {
    db.exec('ALTER TABLE t52 RENAME TO t53');
    completeJob(db, job.id);
  });
  say('published');
  return [];
}

/** In several transactions, each of which may have been done before. */
async function onFailOrCancel({ job }: JobContext): Promise<void> {
  for (const sql of ['DELETE FROM t52 WHERE range_id % 2 = 0', 'DROP TABLE t52']) {
    await breath();
    await writeTransaction(lock, db, 'revert', () => {
      const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 't52'").get();
      if (exists !== undefined) db.exec(sql);
    });
    say('reverted a part');
  }
  await writeTransaction(lock, db, 'revert', () => deleteRangesOfJob(db, job.id));
}

registry.register('RESTORE', () => ({ resume, onFailOrCancel }));
if (registry.list({ automatic: false }).length === 0) {
  transact(db, () => {
    db.exec('CREATE TABLE t52 (range_id INTEGER NOT NULL) STRICT');
    const payload = Buffer.alloc(0);
    const id = registry.create(db, { type: 'RESTORE', description: '', user: 'root', payload });
    const bytes = Buffer.alloc(0);
    const range = { tableId: 52, startKey: bytes, endKey: bytes, source: '' };
    insertRanges(db, id, new Array(RANGES).fill(range));
  });
}
say('started');
registry.adoptAll();
const [job] = registry.list({ automatic: false });
if (job !== undefined) {
  registry
    .wait(job.id)
    .catch(() => undefined)
    .finally(() => {
      say('ended');
      store.close();
    });
}
