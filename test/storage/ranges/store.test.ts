import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { connectStore } from '../../../storage/ranges/connection';
import { putSetting } from '../../../storage/ranges/setting-rows';
import { toStorageError } from '../../../storage/ranges/sqlite-errors';
import { openStore } from '../../../storage/ranges/store';
import { readStoreInfo } from '../../../storage/ranges/store-info';
import { transact } from '../../../storage/ranges/write-transaction';
import { Child } from '../../support/child';
import { sqlState } from '../../support/sql-state';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-store-'));
});
afterEach(async () => {
  await Child.killAll();
  rmSync(root, { recursive: true, force: true });
});

test('a new store is private and remembers who it is', () => {
  const dir = join(root, 'a', 'b');
  const store = openStore(dir);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  const info = readStoreInfo(store.connect());
  expect(info.clusterId).toMatch(/^[0-9a-f-]{36}$/);
  store.close();
  const again = openStore(dir);
  expect(readStoreInfo(again.connect({ readonly: true }))).toEqual(info);
  again.close();
});

test('initialize runs once, in the transaction that creates the store', () => {
  const dir = join(root, 's');
  const fail = (): void => {
    throw new Error('no');
  };
  expect(() => openStore(dir, { initialize: fail })).toThrow('no');
  let calls = 0;
  const initialize = (): void => void calls++;
  openStore(dir, { initialize }).close();
  openStore(dir, { initialize }).close();
  expect(calls).toBe(1);
});

test('a directory with other files is not a store', () => {
  writeFileSync(join(root, 'thesis.doc'), '');
  expect(() => openStore(root)).toThrow(sqlState('55000', /not an Ootheca store: .*thesis\.doc/));
  expect(readdirSync(root)).toEqual(['thesis.doc']);
});

test('a directory with backups made ready in extern is fine', () => {
  mkdirSync(join(root, 'extern'));
  openStore(root).close();
});

test('another program’s database is left alone', () => {
  const db = new Database(join(root, 'store.db'));
  db.exec('CREATE TABLE theirs (a)');
  db.close();
  expect(() => openStore(root)).toThrow(sqlState('55000', /database of another program/));
});

test('a store of a newer version is refused', () => {
  openStore(root).close();
  const db = new Database(join(root, 'store.db'));
  db.pragma('user_version = 2');
  db.close();
  expect(() => openStore(root)).toThrow(sqlState('55000', /has version 2, .* up to 1/));
});

test.each([
  ['not a database', (file: string) => writeFileSync(file, 'hello, world. '.repeat(500))],
  ['a short file', (file: string) => truncateSync(file, 4096 * 3)],
  ['half a page', (file: string) => truncateSync(file, 2000)],
])('a damaged store.db is one clear error: %s', (_name, damage) => {
  openStore(root).close();
  const file = join(root, 'store.db');
  damage(file);
  expect(() => openStore(root)).toThrow(sqlState('XX001', /the store is damaged/));
  // Refusing it gave the lock back.
  expect(() => openStore(root)).toThrow(sqlState('XX001', /the store is damaged/));
});

test('a second store object on the directory is refused, and connections of workers are not', () => {
  const store = openStore(root);
  expect(() => openStore(root)).toThrow(sqlState('55006', new RegExp(`"${root}" is in use`)));
  const worker = connectStore(root);
  expect(readStoreInfo(worker)).toEqual(readStoreInfo(store.connect()));
  worker.close();
  store.close();
  openStore(root).close();
});

test('close leaves everything in store.db and no WAL', () => {
  const store = openStore(root);
  const db = store.connect();
  const row = { name: 'a', value: 'b', valueType: 's', lastUpdatedMicros: 1 };
  transact(db, () => putSetting(db, row), 1n);
  expect(statSync(join(root, 'store.db-wal')).size).toBeGreaterThan(0);
  store.close();
  store.close();
  expect(readdirSync(root).sort()).toEqual(['LOCK', 'store.db']);
});

test('another process is refused, kill -9 gives the lock back, and what it committed is there', async () => {
  const child = new Child('store-holder', root);
  await child.line('committed');
  expect(() => openStore(root)).toThrow(sqlState('55006', /is in use by another server/));
  await child.kill();
  const store = openStore(root);
  const rows = store.connect().prepare('SELECT name FROM settings ORDER BY name').pluck().all();
  expect(rows).toEqual(['acknowledged']);
  store.close();
});

test('errors about the store as a whole become SqlErrors, others stay', () => {
  const error = (code: string): unknown => new Database.SqliteError('text', code);
  expect(toStorageError(error('SQLITE_FULL'), '/x')).toMatchObject({ sqlstate: '53100' });
  expect(toStorageError(error('SQLITE_CORRUPT_INDEX'), '/x')).toMatchObject({ sqlstate: 'XX001' });
  expect(toStorageError(error('SQLITE_IOERR_FSYNC'), '/x')).toMatchObject({ sqlstate: '58030' });
  const unique = error('SQLITE_CONSTRAINT_UNIQUE');
  expect(toStorageError(unique, '/x')).toBe(unique);
});

test('a full disk fails the transaction with 53100 and keeps nothing of it', () => {
  const store = openStore(root);
  const db = store.connect();
  const pages = Number(db.pragma('page_count', { simple: true }));
  db.pragma(`max_page_count = ${pages + 4}`);
  const fill = (): void => {
    db.exec('CREATE TABLE t1 (a BLOB)');
    db.exec('INSERT INTO t1 VALUES (zeroblob(100000))');
  };
  expect(() => transact(db, fill)).toThrow(sqlState('53100', /no space left/));
  expect(db.inTransaction).toBe(false);
  expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 't1'").pluck().get()).toBe(0n);
  store.close();
});
