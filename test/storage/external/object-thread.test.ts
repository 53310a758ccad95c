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
  const first = await a.open('1.sst', true);
  expect(Buffer.compare(await first.read(199_000, 200_000), tail)).toBe(0);
  await first.close();
  const asked = proxy.requests.length;
  const second = await b.open('1.sst', true);
  expect(second.sizeBytes).toBe(200_000);
  expect(Buffer.compare(await second.read(199_000, 200_000), tail)).toBe(0);
  expect(Buffer.compare(await second.read(199_900, 199_990), tail.subarray(900, 990))).toBe(0);
  expect(proxy.requests).toHaveLength(asked);
  // Others may have written it anew.
  await b.open('1.sst');
  expect(proxy.requests).toHaveLength(asked + 1);
  for (const each of [a, b]) await each.close();
  const c = await open();
  await c.open('1.sst', true);
  expect(proxy.requests).toHaveLength(asked + 2);
  await c.close();
});

test('who has no key learns nothing from those who have one', async () => {
  const known = await open();
  await (await known.open('1.sst', true)).read(199_000, 200_000);
  const wrong = { AWS_ACCESS_KEY_ID: 'NOBODY' };
  const other = await openStorage(server.uri('d', proxy.address, wrong), options);
  await expect(other.open('1.sst', true)).rejects.toThrow();
  for (const each of [known, other]) await each.close();
});

test('a final file that was written again all the same is found out, and read at the next attempt', async () => {
  const storage = await open();
  await storage.write('2.sst', bytes);
  const file = await storage.open('2.sst', true);
  await storage.write('2.sst', bytes.subarray(0, 100_000));
  await expect(file.read(0, 1000)).rejects.toThrow();
  const again = await storage.open('2.sst', true);
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
