import {
  endObjectThread,
  hostObjectThread,
} from '../../../storage/external/object-thread/object-thread-host';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { sqlState } from '../../support/sql-state';
import { type FaultProxy, startProxy } from '../../support/storage-servers/proxy';
import { startS3 } from '../../support/storage-servers/s3-server';
import { SERVER_START_MS, type StorageServer } from '../../support/storage-servers/storage-server';

/** Storages that are spoken to in a thread of their own: what object-storages.test.ts does not show. */

const options: ExternalStorageOptions = {
  externalIoDir: undefined,
  nodeId: 1,
  objectThread: true,
  patience: { attemptsMax: 2, backoffMs: 1, backoffMsMax: 1, silenceMs: 20_000 },
};
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) & 255));

let server: StorageServer;
let proxy: FaultProxy;
beforeAll(async () => {
  hostObjectThread();
  server = await startS3();
  proxy = await startProxy(server.address);
  const storage = await openStorage(server.uri('d'), options);
  await storage.write('1.sst', bytes);
  await storage.close();
}, SERVER_START_MS);
afterAll(async () => {
  await endObjectThread();
  await proxy?.stop();
  await server?.stop();
});
beforeEach(() => proxy.reset());

const open = (more: Partial<ExternalStorageOptions> = {}) =>
  openStorage(server.uri('d', proxy.address), { ...options, ...more });

test('what is wrong with a URL is told as it is without the thread', async () => {
  await expect(openStorage('s3://b/p?AWS_ACCESS_KEY_ID=x', options)).rejects.toThrow(
    sqlState('22023', /AWS_SECRET_ACCESS_KEY is not set/),
  );
  const storage = await open();
  await expect(storage.open('nosuch')).rejects.toThrow(sqlState('58P01', /d\/nosuch/));
  await storage.close();
});

test('storages that are open together ask once for the size and the end of a final file', async () => {
  const [a, b] = [await open(), await open()];
  const tail = bytes.subarray(-1000);
  const first = await a.open('1.sst', { isFinal: true });
  expect(Buffer.compare(await first.read(199_000, 200_000), tail)).toBe(0);
  await first.close();
  const asked = proxy.requests.length;
  const second = await b.open('1.sst', { isFinal: true });
  expect(second.sizeBytes).toBe(200_000);
  expect(Buffer.compare(await second.read(199_000, 200_000), tail)).toBe(0);
  expect(Buffer.compare(await second.read(199_900, 199_990), tail.subarray(900, 990))).toBe(0);
  expect(proxy.requests).toHaveLength(asked);
  // Others may have written it anew.
  await b.open('1.sst');
  expect(proxy.requests).toHaveLength(asked + 1);
  for (const each of [a, b]) await each.close();
  // The thread learns a little later that they are closed.
  while (proxy.requests.length === asked + 1) {
    const c = await open();
    await c.open('1.sst', { isFinal: true });
    await c.close();
  }
  expect(proxy.requests).toHaveLength(asked + 2);
});

test('a final file that is wanted takes one request, for whoever reads it while it is known', async () => {
  const [a, b] = [await open(), await open()];
  await a.write('wanted.sst', bytes);
  proxy.reset();
  const file = await a.open('wanted.sst', { isFinal: true, isWanted: true });
  expect(file.sizeBytes).toBe(200_000);
  const again = await b.open('wanted.sst', { isFinal: true, isWanted: true });
  for (const each of [file, again]) {
    expect(Buffer.compare(await each.read(0, 200_000), bytes)).toBe(0);
    expect(Buffer.compare(await each.read(5, 150_000), bytes.subarray(5, 150_000))).toBe(0);
    expect(Buffer.compare(await each.read(199_990, 200_000), bytes.subarray(199_990))).toBe(0);
  }
  expect(proxy.requests.map(({ method }) => method)).toEqual(['GET']);
  for (const each of [a, b]) await each.close();
});

test('of a large file that is wanted the first bytes are not asked for again', async () => {
  const large = Buffer.alloc((4 << 20) + 300_000, bytes);
  const storage = await open();
  await storage.write('large.sst', large);
  proxy.reset();
  const file = await storage.open('large.sst', { isFinal: true, isWanted: true });
  const across = [(4 << 20) - 10, (4 << 20) + 10] as const;
  expect(Buffer.compare(await file.read(...across), large.subarray(...across))).toBe(0);
  expect(Buffer.compare(await file.read(0, large.length), large)).toBe(0);
  expect(proxy.requests.map(({ range }) => range)).toEqual([
    `bytes=0-${(4 << 20) - 1}`,
    `bytes=${4 << 20}-${(4 << 20) + 9}`,
    `bytes=${4 << 20}-${large.length - 1}`,
  ]);
  await storage.close();
});

test('who has no key learns nothing from those who have one', async () => {
  const known = await open();
  await (await known.open('1.sst', { isFinal: true })).read(199_000, 200_000);
  const wrong = { AWS_ACCESS_KEY_ID: 'NOBODY' };
  const other = await openStorage(server.uri('d', proxy.address, wrong), options);
  await expect(other.open('1.sst', { isFinal: true })).rejects.toThrow();
  for (const each of [known, other]) await each.close();
});

test('a final file that was written again all the same is found out, and read at the next attempt', async () => {
  const storage = await open();
  await storage.write('2.sst', bytes);
  const file = await storage.open('2.sst', { isFinal: true });
  await storage.write('2.sst', bytes.subarray(0, 100_000));
  await expect(file.read(0, 1000)).rejects.toThrow();
  const again = await storage.open('2.sst', { isFinal: true });
  expect(again.sizeBytes).toBe(100_000);
  await storage.close();
});

test('a signal ends what is under way, and what comes after it', async () => {
  const controller = new AbortController();
  const storage = await open({ signal: controller.signal });
  const file = await storage.open('1.sst');
  const reason = new Error('cancelled');
  proxy.fault = () => {
    setImmediate(() => controller.abort(reason));
    return { kind: 'hang' };
  };
  await expect(file.read(0, 1000)).rejects.toBe(reason);
  await expect(storage.open('1.sst')).rejects.toBe(reason);
  await storage.close();
});

test('when the thread ends, those who wait are told that they may try again; the next storage starts another', async () => {
  const storage = await open();
  const file = await storage.open('1.sst');
  proxy.fault = () => ({ kind: 'hang' });
  const reading = file.read(0, 1000);
  const ended = sqlState('08006', /the connection to the storage has ended/);
  const failed = expect(reading).rejects.toThrow(ended);
  await endObjectThread();
  await failed;
  await expect(storage.open('1.sst')).rejects.toThrow(ended);
  await storage.close();
  proxy.reset();
  const next = await open();
  expect(await next.readAll('1.sst', 1 << 20)).toHaveLength(200_000);
  await next.close();
});
