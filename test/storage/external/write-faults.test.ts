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

/** What goes wrong while a file is written: it is there whole in the end, or what was there before is. */

/** Nobody is silent for so long but by a fault, and then the clock is moved on. */
const clock = new TestClock();
const LONG_MS = 3_600_000;
const patience = { attemptsMax: 3, backoffMs: 1, backoffMsMax: 4, silenceMs: 20_000, clock };
const options: ExternalStorageOptions = { externalIoDir: undefined, nodeId: 1, patience };

const filled = (count: number): Buffer =>
  Buffer.alloc(count, 'the bytes of a file, again and again');

const OLD = Buffer.from('what was there before');

/** Sizes of one request, and (but for HTTP) of two parts. */
const [SMALL, PARTS] = [400_000, (8 << 20) + 5_000];

interface Case {
  readonly name: string;
  readonly size: number;
  readonly fault: Fault;
  /** Which of the requests that write are disturbed. */
  readonly from: number;
  readonly times: number;
  /** Undefined: it succeeds. */
  readonly fails?: Error;
}

const ALWAYS = 99;
const gaveUp = sqlState('08006', /storage: \w+:\/\/[^ ]*w\/file: .* \(after 3 attempts\)$/);
const status = (code: number): Fault => ({ kind: 'status', status: code });

const CASES: readonly Case[] = [
  { name: '503, twice', size: SMALL, fault: status(503), from: 0, times: 2 },
  { name: '429, twice', size: SMALL, fault: status(429), from: 0, times: 2 },
  { name: 'a reset, twice', size: SMALL, fault: { kind: 'reset' }, from: 0, times: 2 },
  {
    name: 'a reset in the middle of the body, twice',
    size: SMALL,
    fault: { kind: 'cutUpload', afterBytes: 100_000 },
    from: 0,
    times: 2,
  },
  { name: 'no answer, once', size: SMALL, fault: { kind: 'hang' }, from: 0, times: 1 },
  {
    name: 'of a file in parts, a reset in a part, twice',
    size: PARTS,
    fault: { kind: 'cutUpload', afterBytes: 1_000 },
    from: 1,
    times: 2,
  },
  { name: '503, always', size: SMALL, fault: status(503), from: 0, times: ALWAYS, fails: gaveUp },
  {
    name: 'resets in the middle of the body, always',
    size: SMALL,
    fault: { kind: 'cutUpload', afterBytes: 100_000 },
    from: 0,
    times: ALWAYS,
    fails: gaveUp,
  },
  {
    name: 'no answer, ever',
    size: SMALL,
    fault: { kind: 'hang' },
    from: 0,
    times: ALWAYS,
    fails: gaveUp,
  },
  {
    name: 'of a file in parts, refused half way',
    size: PARTS,
    fault: status(403),
    from: 1,
    times: ALWAYS,
    fails: sqlState('42501', /storage: \w+:\/\/[^ ]*w\/file: /),
  },
  {
    name: 'of a file in parts, resets from the second request on',
    size: PARTS,
    fault: { kind: 'cutUpload', afterBytes: 1_000 },
    from: 1,
    times: ALWAYS,
    fails: gaveUp,
  },
  {
    name: 'a token that has expired',
    size: SMALL,
    fault: status(401),
    from: 0,
    times: ALWAYS,
    fails: sqlState('28000', /storage: \w+:\/\/[^ ]*w\/file: /),
  },
  {
    name: 'no space left',
    size: SMALL,
    fault: status(413),
    from: 0,
    times: ALWAYS,
    fails: sqlState('58030', /storage: \w+:\/\/[^ ]*w\/file: /),
  },
];

const SECRET = /S3RVER&|Eby8vdM0|PRIVATE KEY|ya29/;

function describeFaults(scheme: string, start: () => Promise<StorageServer>): void {
  // Its files take one request, whatever their size.
  const cases = scheme === 'http' ? CASES.filter(({ from }) => from === 0) : CASES;
  describe(scheme, () => {
    let server: StorageServer;
    let proxy: FaultProxy;
    beforeAll(async () => {
      server = await start();
      proxy = await startProxy(server.address);
      proxy.silent = () => clock.advance(LONG_MS);
    }, SERVER_START_MS);
    afterAll(async () => {
      await proxy?.stop();
      await server?.stop();
    });

    test.each(cases)('$name', async ({ size, fault, from, times, fails }) => {
      const direct = await openStorage(server.uri('w'), options);
      await direct.write('file', OLD);
      const storage = await openStorage(server.uri('w', proxy.address), options);
      proxy.reset();
      let writes = 0;
      proxy.fault = ({ method }) => {
        if (method === 'GET' || method === 'HEAD' || method === 'DELETE') return undefined;
        const index = writes++;
        return index >= from && index < from + times ? fault : undefined;
      };
      const bytes = filled(size);
      const writer = await storage.create('file');
      const writing = (async () => {
        for (let at = 0; at < size; at += 1 << 20) {
          await writer.write(bytes.subarray(at, at + (1 << 20)));
        }
        await writer.finish();
      })();
      if (fails === undefined) {
        await writing;
        expect(Buffer.compare(await direct.readAll('file', size), bytes)).toBe(0);
      } else {
        await expect(writing).rejects.toThrow(fails);
        expect(String(await writing.catch((error: unknown) => error))).not.toMatch(SECRET);
        await writer.abort();
        expect(Buffer.compare(await direct.readAll('file', 100), OLD)).toBe(0);
      }
      expect(writes).toBeGreaterThan(from);
      for (const each of [storage, direct]) await each.close();
    });
  });
}

describeFaults('s3', startS3);
describeFaults('gs', startGs);
describeFaults('azure', startAzure);
if (hasNginx) describeFaults('http', startNginx);
else describe.skip('http (needs nginx)', () => test('is skipped', () => undefined));
