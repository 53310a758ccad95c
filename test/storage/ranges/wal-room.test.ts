import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { addWalRoom } from '../../../storage/ranges/wal-room';

const directory = mkdtempSync(join(tmpdir(), 'ootheca-wal-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const path = join(directory, 'store.db');
const walBytes = (): number => statSync(`${path}-wal`).size;

/** What a crash would leave. */
function crashed(): Database.Database {
  const copy = join(directory, 'copy.db');
  rmSync(`${copy}-shm`, { force: true });
  copyFileSync(path, copy);
  copyFileSync(`${path}-wal`, `${copy}-wal`);
  return new Database(copy);
}

test('commits before and after it are there, also after a crash, and fill the room', async () => {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('wal_autocheckpoint = 0');
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)');
  const insert = db.prepare('INSERT INTO t (v) VALUES (?)');
  for (let i = 0; i < 20; i++) insert.run('before');
  let slices = 0;
  while (await addWalRoom(directory)) slices++;
  expect(slices).toBe(8);
  const size = walBytes();
  expect(size).toBeGreaterThanOrEqual(32 << 20);
  for (const [v, rows] of [
    ['after', 20],
    ['later', 40],
  ] as const) {
    const copy = crashed();
    expect(copy.prepare('SELECT count(*) FROM t').pluck().get()).toBe(rows);
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    copy.close();
    for (let i = 0; i < 20; i++) insert.run(v);
  }
  expect(walBytes()).toBe(size);
  const copy = crashed();
  expect(copy.prepare('SELECT count(*) FROM t').pluck().get()).toBe(60);
  copy.close();
  db.close();
});
