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

test('what is written under the lock is seen while it is held and afterwards', () => {
  const { db, lock, catalog } = open();
  const before = catalog.snapshot();
  expect(catalog.snapshot()).toBe(before);
  const lease = lock.tryAcquire('test');
  expect(lock.tryAcquire('another')).toBeUndefined();
  writeDescriptor(db, newDatabase(200, 'one', 'root'), 1n);
  expect(catalog.snapshot().database('one')?.id).toBe(200);
  writeDescriptor(db, newDatabase(201, 'two', 'root'), 2n);
  lease?.release();
  const after = catalog.snapshot();
  expect(after.database('two')?.id).toBe(201);
  expect(catalog.snapshot()).toBe(after);
});

test('what is rolled back is gone', () => {
  const { db, lock, catalog } = open();
  const lease = lock.tryAcquire('test');
  db.exec('BEGIN');
  writeDescriptor(db, newDatabase(200, 'one', 'root'), 1n);
  expect(catalog.snapshot().database('one')?.id).toBe(200);
  db.exec('ROLLBACK');
  lease?.release();
  expect(catalog.snapshot().database('one')).toBeUndefined();
});
