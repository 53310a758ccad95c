import { KnownObjects } from '../../../storage/external/objects/known-objects';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { sqlState } from '../../support/sql-state';
import { startAzure } from '../../support/storage-servers/azure-server';
import { startGs } from '../../support/storage-servers/gs-server';
import { hasNginx, startNginx } from '../../support/storage-servers/nginx-server';
import { type Fault, type FaultProxy, startProxy } from '../../support/storage-servers/proxy';
import { startS3 } from '../../support/storage-servers/s3-server';
import { SERVER_START_MS, type StorageServer } from '../../support/storage-servers/storage-server';
import { TestClock } from '../../support/test-clock';

/** What goes wrong between a storage and us, and what comes of it: the same for every scheme. */

const SIZE = 400_000;
const bytes = Buffer.from(Array.from({ length: SIZE }, (_, i) => (i * 13 + (i >> 8)) & 255));

/** Nobody is silent for so long but by a fault, and then the clock is moved on. */
const clock = new TestClock();
const LONG_MS = 3_600_000;
const patience = { attemptsMax: 3, backoffMs: 1, backoffMsMax: 4, silenceMs: 20_000, clock };
const options: ExternalStorageOptions = { externalIoDir: undefined, nodeId: 1, patience };

interface Case {
  readonly name: string;
  readonly fault: Fault;
  /** Of the reads that are disturbed; the others are not. */
  readonly times: number;
  /** What the read fails with; undefined: it succeeds. */
  readonly fails?: Error;
}

const gaveUp = sqlState('08006', /storage: \w+:\/\/[^ ]*f\/large: .* \(after 3 attempts\)$/);

const CASES: readonly Case[] = [
  { name: '503, twice', fault: { kind: 'status', status: 503 }, times: 2 },
  { name: '500, twice', fault: { kind: 'status', status: 500 }, times: 2 },
  { name: '429, twice', fault: { kind: 'status', status: 429 }, times: 2 },
  { name: 'a connection reset, twice', fault: { kind: 'reset' }, times: 2 },
  { name: 'no answer, once', fault: { kind: 'hang' }, times: 1 },
  { name: 'a body that is cut, twice', fault: { kind: 'cut', afterBytes: 100_000 }, times: 2 },
  { name: 'a body that stalls, once', fault: { kind: 'stall', afterBytes: 100_000 }, times: 1 },
  { name: 'a body too short, once', fault: { kind: 'short', bytes: 100_000 }, times: 1 },
  { name: '503, always', fault: { kind: 'status', status: 503 }, times: 99, fails: gaveUp },
  { name: 'resets, always', fault: { kind: 'reset' }, times: 99, fails: gaveUp },
  { name: 'no answer, ever', fault: { kind: 'hang' }, times: 99, fails: gaveUp },
  {
    name: 'bodies cut after a few bytes, always',
    fault: { kind: 'cut', afterBytes: 10 },
    times: 99,
    fails: gaveUp,
  },
  {
    name: 'bodies too short, always',
    fault: { kind: 'short', bytes: 10 },
    times: 99,
    fails: gaveUp,
  },
  {
    name: 'access denied',
    fault: { kind: 'status', status: 403 },
    times: 99,
    fails: sqlState('42501', /storage: \w+:\/\/[^ ]*f\/large: /),
  },
  {
    name: 'a token that has expired',
    fault: { kind: 'status', status: 401 },
    times: 99,
    fails: sqlState('28000', /storage: \w+:\/\/[^ ]*f\/large: /),
  },
  {
    name: 'a file that has gone',
    fault: { kind: 'status', status: 404 },
    times: 99,
    fails: sqlState('58P01', /does not exist: \w+:\/\/[^ ]*f\/large: /),
  },
];

const SECRET = /S3RVER&|Eby8vdM0|PRIVATE KEY|ya29/;

function describeFaults(scheme: string, start: () => Promise<StorageServer>): void {
  describe(scheme, () => {
    let server: StorageServer;
    let proxy: FaultProxy;
    beforeAll(async () => {
      server = await start();
      proxy = await startProxy(server.address);
      proxy.silent = () => clock.advance(LONG_MS);
      const storage = await openStorage(server.uri('f'), options);
      await storage.write('large', bytes);
      await storage.close();
    }, SERVER_START_MS);
    afterAll(async () => {
      await proxy?.stop();
      await server?.stop();
    });
    beforeEach(() => proxy.reset());

    test.each(CASES)('$name', async ({ fault, times, fails }) => {
      const storage = await openStorage(server.uri('f', proxy.address), options);
      const file = await storage.open('large');
      proxy.reset();
      proxy.fault = (_, index) => (index < times ? fault : undefined);
      const reading = file.read(1000, SIZE);
      if (fails === undefined) {
        expect(Buffer.compare(await reading, bytes.subarray(1000))).toBe(0);
        expect(proxy.requests).toHaveLength(times + 1);
      } else {
        await expect(reading).rejects.toThrow(fails);
        const failure = await reading.catch((error: unknown) => error);
        expect(String(failure)).not.toMatch(SECRET);
      }
      await file.close();
      await storage.close();
    });

    test('a read goes on where the body was cut', async () => {
      const storage = await openStorage(server.uri('f', proxy.address), options);
      const file = await storage.open('large');
      proxy.reset();
      proxy.fault = (_, index) => (index === 0 ? { kind: 'cut', afterBytes: 150_000 } : undefined);
      expect(Buffer.compare(await file.read(0, SIZE), bytes)).toBe(0);
      const again = Number(/bytes=(\d+)-/.exec(proxy.requests[1]?.range ?? '')?.[1]);
      expect(again).toBeGreaterThan(0);
      expect(proxy.sentBytes).toBeLessThanOrEqual(SIZE + 1);
      await storage.close();
    });

    test('a whole file goes on where its body was cut', async () => {
      const storage = await openStorage(server.uri('f', proxy.address), options);
      proxy.reset();
      expect(Buffer.compare(await storage.readAll('large', SIZE), bytes)).toBe(0);
      expect(proxy.requests).toHaveLength(1);
      proxy.reset();
      const cut: Fault = { kind: 'cut', afterBytes: 150_000 };
      proxy.fault = (_, index) => (index === 0 ? cut : undefined);
      expect(Buffer.compare(await storage.readAll('large', SIZE), bytes)).toBe(0);
      expect(proxy.sentBytes).toBeLessThan(SIZE + 10_000);
      await expect(storage.readAll('large', SIZE - 1)).rejects.toThrow(
        sqlState('54000', /f\/large/),
      );
      await storage.close();
    });

    test('a final file is asked for once when it is wanted; an empty one can be', async () => {
      const knownObjects = new KnownObjects();
      const known = { ...options, knownObjects };
      const storage = await openStorage(server.uri('f', proxy.address), known);
      const wanted = { isFinal: true, isWanted: true };
      proxy.reset();
      const file = await storage.open('large', wanted);
      expect(Buffer.compare(await file.read(0, SIZE), bytes)).toBe(0);
      expect(proxy.requests).toHaveLength(1);
      await storage.write('empty', Buffer.alloc(0));
      expect(await storage.readAll('empty', 10)).toHaveLength(0);
      // The S3 emulator promises a byte of an empty file.
      if (scheme !== 's3') expect((await storage.open('empty', wanted)).sizeBytes).toBe(0);
      await storage.close();
    });

    test('first bytes that break off are not asked for again when a file is opened', async () => {
      const known = { ...options, knownObjects: new KnownObjects() };
      const storage = await openStorage(server.uri('f', proxy.address), known);
      proxy.reset();
      proxy.fault = (_, index) => (index === 0 ? { kind: 'cut', afterBytes: 100_000 } : undefined);
      const file = await storage.open('large', { isFinal: true, isWanted: true });
      const [first, ...others] = proxy.requests.map(({ range }) => range);
      expect(first).toMatch(/^bytes=0-/);
      expect(others.length).toBeGreaterThan(0);
      expect(others).not.toContain(first);
      expect(Buffer.compare(await file.read(0, SIZE), bytes)).toBe(0);
      await storage.close();
    });

    test('a final file is opened with its end', async () => {
      const storage = await openStorage(server.uri('f', proxy.address), options);
      proxy.reset();
      const file = await storage.open('large', { isFinal: true });
      const end = [SIZE - 1000, SIZE] as const;
      expect(Buffer.compare(await file.read(...end), bytes.subarray(...end))).toBe(0);
      // Azure has no ranges from the end, the S3 emulator neither.
      expect(proxy.requests).toHaveLength(scheme === 's3' || scheme === 'azure' ? 2 : 1);
      await storage.close();
    });

    test('a size that changes between two answers is damage', async () => {
      const storage = await openStorage(server.uri('f'), options);
      await storage.write('changing', bytes.subarray(0, 5000));
      const file = await storage.open('changing');
      await storage.write('changing', bytes.subarray(0, 6000));
      await expect(file.read(0, 5000)).rejects.toThrow();
      await storage.close();
    });

    test('a write is made again', async () => {
      const storage = await openStorage(server.uri('f', proxy.address), options);
      proxy.fault = (_, index) => (index < 2 ? { kind: 'status', status: 503 } : undefined);
      await storage.write('written', bytes);
      proxy.reset();
      expect(Buffer.compare(await storage.readAll('written', SIZE), bytes)).toBe(0);
      await storage.close();
    });

    test('a write that fails leaves nothing', async () => {
      const storage = await openStorage(server.uri('f', proxy.address), options);
      proxy.fault = ({ method }) => (method === 'HEAD' ? undefined : { kind: 'reset' });
      await expect(storage.write('failed', bytes)).rejects.toThrow(sqlState('08006', /f\/failed/));
      proxy.reset();
      await expect(storage.open('failed')).rejects.toThrow(sqlState('58P01', /f\/failed/));
      await storage.close();
    });

    test('an operation takes no longer than cloudstorage.timeout, whatever its attempts do', async () => {
      const storage = await openStorage(server.uri('f', proxy.address), {
        ...options,
        patience: { ...patience, attemptsMax: 1_000, backoffMsMax: 1 },
        timeoutMs: 10_000,
      });
      const file = await storage.open('large');
      const late = sqlState(
        '08006',
        /f\/large: the operation took longer than cloudstorage.timeout/,
      );
      for (const fault of [{ kind: 'hang' }, { kind: 'status', status: 503 }] as const) {
        proxy.fault = () => {
          if (fault.kind === 'status') clock.advance(1_000);
          return fault;
        };
        await expect(file.read(0, SIZE)).rejects.toThrow(late);
      }
      await storage.close();
    });

    test('what is under way ends with its signal', async () => {
      const controller = new AbortController();
      const storage = await openStorage(server.uri('f', proxy.address), {
        ...options,
        signal: controller.signal,
      });
      const file = await storage.open('large');
      const reason = new Error('cancelled');
      proxy.fault = () => {
        setImmediate(() => controller.abort(reason));
        return { kind: 'hang' };
      };
      await expect(file.read(0, SIZE)).rejects.toBe(reason);
      await storage.close();
    });
  });
}

describeFaults('s3', startS3);
describeFaults('gs', startGs);
describeFaults('azure', startAzure);
if (hasNginx) describeFaults('http', startNginx);
else describe.skip('http (needs nginx)', () => test('is skipped', () => undefined));

describe('buckets that are not there', () => {
  test.each([
    ['s3', startS3],
    ['gs', startGs],
    ['azure', startAzure],
  ] as const)(
    '%s',
    async (scheme, start) => {
      const server = await start();
      try {
        const storage = await openStorage(server.missingBucketUri('x'), options);
        const missing = sqlState(
          '42704',
          /(bucket|container) "nosuch" does not exist: \w+:\/\/nosuch/,
        );
        const first = async (): Promise<unknown> =>
          await storage.list('')[Symbol.asyncIterator]().next();
        await expect(first()).rejects.toThrow(missing);
        await expect(storage.write('y', bytes)).rejects.toThrow(missing);
        await storage.close();
        expect(scheme).toBeTruthy();
      } finally {
        await server.stop();
      }
    },
    SERVER_START_MS,
  );
});
