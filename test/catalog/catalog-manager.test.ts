import Database from 'better-sqlite3';
import {
  CatalogManager,
  initializeCatalog,
  newDatabase,
  writeDescriptor,
} from '../../catalog/catalog-manager';
import { createMetaTables } from '../../storage/ranges/store-schema';
import { WriteLock } from '../../storage/ranges/write-lock';

/** A catalog that is asked again only when somebody may have written. */

const open = () => {
  const db = new Database(':memory:');
  createMetaTables(db, 'store', 0);
  initializeCatalog(db);
  const lock = new WriteLock();
  return { db, lock, catalog: new CatalogManager(db, lock) };
};

test('what is written under the lock is seen while it is held and afterwards', async () => {
  const { db, lock, catalog } = open();
  const before = catalog.snapshot();
  expect(catalog.snapshot()).toBe(before);
  const lease = await lock.acquire('test');
  expect(lock.tryAcquire('another')).toBeUndefined();
  writeDescriptor(db, newDatabase(200, 'one', 'root'), 1n);
  expect(catalog.snapshot().database('one')?.id).toBe(200);
  writeDescriptor(db, newDatabase(201, 'two', 'root'), 2n);
  lease.release();
  const after = catalog.snapshot();
  expect(after.database('two')?.id).toBe(201);
  expect(catalog.snapshot()).toBe(after);
});

test('what is rolled back is gone', async () => {
  const { db, lock, catalog } = open();
  const lease = await lock.acquire('test');
  db.exec('BEGIN');
  writeDescriptor(db, newDatabase(200, 'one', 'root'), 1n);
  expect(catalog.snapshot().database('one')?.id).toBe(200);
  db.exec('ROLLBACK');
  lease.release();
  expect(catalog.snapshot().database('one')).toBeUndefined();
});

test('the store is not asked for the sake of those who change rows alone', async () => {
  const { db, lock, catalog } = open();
  const before = catalog.snapshot();
  const asked = jest.spyOn(db, 'prepare');
  const rows = lock.tryAcquire('rows');
  expect(catalog.snapshot()).toBe(before);
  const next = lock.acquire('rows, too', undefined, { reads: [], writes: [1] });
  rows?.release();
  expect(catalog.snapshot()).toBe(before);
  (await next).release();
  expect(catalog.snapshot()).toBe(before);
  expect(asked).not.toHaveBeenCalled();
  const definer = await lock.acquire('definer');
  writeDescriptor(db, newDatabase(200, 'one', 'root'), 1n);
  const behind = lock.acquire('rows', undefined, { reads: [], writes: [1] });
  definer.release();
  expect(catalog.snapshot().database('one')?.id).toBe(200);
  (await behind).release();
  expect(catalog.snapshot().database('one')?.id).toBe(200);
});
