import { fstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  bringInForSnapshot,
  connectForSnapshot,
  takeSnapshot,
} from '../../../../backup/backup/threads/snapshot';
import type { Connection } from '../../../../storage/ranges/connection';
import { openStore, type Store } from '../../../../storage/ranges/store';

let directory = '';
let store: Store;
let connections: Connection[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ootheca-snapshot-'));
  store = openStore(directory, { durability: 'none' });
});

afterEach(() => {
  for (const db of connections) db.close();
  connections = [];
  store.close();
  rmSync(directory, { recursive: true });
});

function snapshot(): { db: Connection; hasFile: boolean } {
  const isInFile = bringInForSnapshot(directory, 'none');
  const db = connectForSnapshot(directory);
  connections.push(db);
  const file = takeSnapshot({ db, storeFd: store.fd() }, isInFile);
  return { db, hasFile: file !== undefined };
}

test('the file of the store can be read beside a snapshot, unless an older one keeps the WAL', () => {
  const writer = store.connect();
  writer.exec('CREATE TABLE t1 (c1 INTEGER PRIMARY KEY, _ts ANY) STRICT');
  const first = snapshot();
  expect(first.hasFile).toBe(true);
  writer.exec('INSERT INTO t1 VALUES (1, 2)');
  expect(snapshot().hasFile).toBe(false);
  for (const db of connections) if (db.inTransaction) db.exec('COMMIT');
  expect(snapshot().hasFile).toBe(true);
});

test('the descriptor that is lent is the same for all, and closed with the store', () => {
  const fd = store.fd();
  expect(store.fd()).toBe(fd);
  const { ino } = fstatSync(fd);
  store.close();
  let after: number | undefined;
  try {
    after = fstatSync(fd).ino;
  } catch {
    // Nobody has opened another file meanwhile.
  }
  expect(after).not.toBe(ino);
});
