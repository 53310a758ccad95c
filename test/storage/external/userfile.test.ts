import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { openStore, type Store } from '../../../storage/ranges/store';
import { WriteLock } from '../../../storage/ranges/write-lock';
import { sqlState } from '../../support/sql-state';
import { describeExternalStorage } from './conformance';

let directory: string;
let store: Store;
let options: ExternalStorageOptions;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ootheca-userfile-'));
  store = openStore(directory, { initialize: () => undefined, durability: 'none' });
  options = {
    externalIoDir: undefined,
    nodeId: 1,
    storeDirectory: directory,
    user: 'root',
    writeLock: new WriteLock(),
  };
});
afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true, force: true });
});

describeExternalStorage('userfile', () => ({
  put: async (path, bytes) => {
    const storage = await openStorage('userfile:///c', options);
    await storage.write(path, bytes);
    await storage.close();
  },
  open: () => openStorage('userfile:///c', options),
  openMissing: () => openStorage('userfile:///nosuch', options),
}));

test('files larger than a piece are read by any span', async () => {
  const storage = await openStorage('userfile:///', options);
  const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, i) => (i * 7) % 251));
  await storage.write('large', bytes);
  const file = await storage.open('large');
  for (const [start, end] of [
    [0, 600_000],
    [262_143, 262_145],
    [262_144, 524_288],
    [599_999, 600_000],
  ] as const) {
    expect(Buffer.compare(await file.read(start, end), bytes.subarray(start, end))).toBe(0);
  }
  await storage.close();
});

test('users have files of their own', async () => {
  const ours = await openStorage('userfile:///x', options);
  await ours.write('f', Buffer.from('ours'));
  const theirs = await openStorage('userfile:///x', { ...options, user: 'pat' });
  await expect(theirs.open('f')).rejects.toThrow(sqlState('58P01', /file \/x\/f does not exist/));
  const named = await openStorage('userfile://defaultdb.public.userfiles_root/x', options);
  expect(Buffer.from(await named.readAll('f', 10)).toString()).toBe('ours');
  await Promise.all([ours, theirs, named].map((storage) => storage.close()));
});

test('a file that is deleted while it is read is told of', async () => {
  const storage = await openStorage('userfile:///', options);
  await storage.write('f', Buffer.from('x'));
  const file = await storage.open('f');
  await storage.delete('f');
  await expect(file.read(0, 1)).rejects.toThrow(/deleted while it was read/);
  await storage.close();
});

test('what an upload that was not finished has left goes when the store is opened', async () => {
  const storage = await openStorage('userfile:///', options);
  const writer = await storage.create('half');
  await writer.write(Buffer.alloc(300_000));
  await storage.close();
  store.close();
  expect(existsSync(join(directory, 'store.db'))).toBe(true);
  store = openStore(directory, { initialize: () => undefined, durability: 'none' });
  const db = store.connect();
  expect(db.prepare('SELECT count(*) FROM userfile_payload').pluck().get()).toBe(0n);
  expect(db.prepare('SELECT count(*) FROM userfiles').pluck().get()).toBe(0n);
  db.close();
});

test('paths have to be in normal form', async () => {
  const opening = openStorage('userfile:///a/../b', options);
  const message = /path \/a\/..\/b changes after normalization to \/b/;
  await expect(opening).rejects.toThrow(sqlState('22023', message));
});
