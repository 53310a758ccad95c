import fs from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { connectStore, STORE_FILE } from '../../../storage/ranges/connection';
import { GroupSync } from '../../../storage/ranges/group-sync';
import { temporaryDirectory } from '../../support/ootheca-process';

/** Commits that share a sync. */

let folder: ReturnType<typeof temporaryDirectory>;
let sync: GroupSync;
let syncs: ((error: NodeJS.ErrnoException | null) => void)[];

beforeEach(() => {
  folder = temporaryDirectory();
  const made = new Database(join(folder.path, STORE_FILE));
  made.pragma('journal_mode = WAL');
  made.exec('CREATE TABLE t (a)');
  syncs = [];
  jest.spyOn(fs, 'fdatasync').mockImplementation((_, done) => {
    syncs.push(done as (typeof syncs)[number]);
  });
  sync = new GroupSync(folder.path);
  connectStore(folder.path).prepare('SELECT 1 FROM t').get();
});
afterEach(() => {
  sync.close();
  jest.restoreAllMocks();
  folder.remove();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('who comes while a sync is under way waits for the next one, together', async () => {
  const over: string[] = [];
  const note = (name: string) => sync.wait().then(() => over.push(name));
  void note('first');
  await turn();
  expect(syncs).toHaveLength(1);
  void note('second');
  void note('third');
  await turn();
  expect(syncs).toHaveLength(1);
  syncs[0]?.(null);
  await turn();
  expect([over, syncs.length]).toEqual([['first'], 2]);
  void note('fourth');
  syncs[1]?.(null);
  await turn();
  expect([over, syncs.length]).toEqual([['first', 'second', 'third'], 3]);
  syncs[2]?.(null);
  await turn();
  expect(over).toEqual(['first', 'second', 'third', 'fourth']);
  expect(sync.broken).toBe(false);
});

test('a sync that fails is told to those that waited for it, and remembered', async () => {
  const first = sync.wait();
  const second = sync.wait();
  await turn();
  syncs[0]?.(Object.assign(new Error('EIO'), { code: 'EIO' }));
  await expect(first).rejects.toMatchObject({ sqlstate: '58030' });
  await turn();
  syncs[1]?.(null);
  await second;
  expect(sync.broken).toBe(true);
});
