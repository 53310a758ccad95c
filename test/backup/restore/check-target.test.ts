import { join } from 'node:path';
import { SqlError } from '../../../base/errors';
import { newDatabase, writeDescriptor } from '../../../catalog/catalog-manager';
import { WriteLock } from '../../../storage/ranges/write-lock';
import { writeTransaction } from '../../../storage/ranges/write-transaction';
import { fixturesDir } from '../../support/shared';
import { latestIn, RestoreHarness } from './support/restore-harness';

/** Who restores must be allowed to make things where they are made: what was there before is asked about. */

const TARGET_ID = 900;

let harness: RestoreHarness;
let asked: number[];
let allowed: boolean;

beforeEach(async () => {
  asked = [];
  allowed = true;
  const lock = new WriteLock();
  harness = await RestoreHarness.open(join(fixturesDir, 'backups'), {
    lock,
    checkTarget(id) {
      asked.push(id);
      if (!allowed) throw new SqlError('insufficientPrivilege', 'not there');
    },
  });
  await writeTransaction(lock, harness.db, 'CREATE DATABASE', (db) =>
    writeDescriptor(db, newDatabase(TARGET_ID, 'target', 'root'), 1n),
  );
});
afterEach(async () => {
  await harness.close();
});

const CUSTOMERS = {
  kind: 'tables',
  patterns: [{ parts: ['bank', 'customers'], star: false }],
} as const;

test('a table goes into a database that is there: it is asked about, once', async () => {
  await harness.restore(CUSTOMERS, latestIn('bank'), { intoDb: 'target' });
  expect(asked).toEqual([TARGET_ID]);
});

test('a database that the restore makes is its own', async () => {
  await harness.restoreDatabase('bank', latestIn('bank'));
  expect(asked).toEqual([]);
});

test('who may not: nothing is made, there is no job', async () => {
  allowed = false;
  const before = harness.contents();
  const restored = harness.restore(CUSTOMERS, latestIn('bank'), { intoDb: 'target' });
  await expect(restored).rejects.toThrow('not there');
  expect(harness.contents()).toEqual(before);
  expect(harness.lastJob()).toBeUndefined();
});
