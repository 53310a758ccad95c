import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncPsql } from '../support/async-psql';
import { describeFullDisk } from '../support/full-disk';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { startAzure } from '../support/storage-servers/azure-server';
import { startGs } from '../support/storage-servers/gs-server';
import { hasNginx, startNginx } from '../support/storage-servers/nginx-server';
import { type Fault, type FaultProxy, startProxy } from '../support/storage-servers/proxy';
import { startS3 } from '../support/storage-servers/s3-server';
import { SERVER_START_MS, type StorageServer } from '../support/storage-servers/storage-server';

/** What goes wrong with the storage during a BACKUP: it succeeds in the end, or the backup before it is still the latest. */

interface Case {
  readonly name: string;
  readonly fault: Fault;
  /** Which of the requests that write are disturbed. */
  readonly from: number;
  readonly times: number;
  readonly fails?: RegExp;
}

const CASES: readonly Case[] = [
  { name: '503, twice', fault: { kind: 'status', status: 503 }, from: 1, times: 2 },
  { name: 'a reset in an upload', fault: { kind: 'cutUpload', afterBytes: 20 }, from: 2, times: 1 },
  {
    name: 'uploads are refused half way',
    fault: { kind: 'status', status: 403 },
    from: 3,
    times: 999,
    fails: /ERROR: .*storage: \w+:\/\//,
  },
  {
    name: 'resets from the third upload on',
    fault: { kind: 'cutUpload', afterBytes: 20 },
    from: 3,
    times: 9999,
    fails: /ERROR: .*storage: \w+:\/\//,
  },
  {
    name: 'no answer from the third upload on',
    fault: { kind: 'hang' },
    from: 3,
    times: 999,
    fails: /cloudstorage\.timeout/,
  },
];

const TABLES = ['a', 'b', 'c', 'd'];

const prepare = (server: OothecaProcess): Promise<string> =>
  asyncPsql(server, 'defaultdb', [
    // A job waits for a storage that does not answer; not for long here.
    `SET CLUSTER SETTING jobs.registry.retry.initial_delay = '1ms'`,
    'CREATE DATABASE d',
    ...TABLES.flatMap((table) => [
      `CREATE TABLE d.${table} (a INT PRIMARY KEY, s STRING)`,
      `INSERT INTO d.${table} SELECT i, md5(i::STRING) FROM generate_series(1, 500) AS g (i)`,
    ]),
  ]);

async function failureOf(server: OothecaProcess, statement: string): Promise<string> {
  try {
    await asyncPsql(server, 'defaultdb', [statement]);
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
  throw new Error(`did not fail: ${statement}`);
}

/** How many rows the latest backup has in a table, as RESTORE finds it. */
async function rowsOfLatest(server: OothecaProcess, uri: string): Promise<string> {
  const shown = await asyncPsql(server, 'defaultdb', [
    `RESTORE DATABASE d FROM LATEST IN '${uri}' WITH new_db_name = 'again'`,
    'SELECT count(*) FROM again.a',
    'DROP DATABASE again CASCADE',
  ]);
  return /\ncount\n(\d+)\n/.exec(shown)?.[1] ?? shown;
}

interface Place {
  readonly scheme: string;
  readonly storage: StorageServer;
  readonly proxy: FaultProxy;
  readonly server: OothecaProcess;
}

async function startPlace(scheme: string, start: () => Promise<StorageServer>): Promise<Place> {
  const storage = await start();
  const proxy = await startProxy(storage.address);
  const server = await OothecaProcess.start(['--store=type=mem']);
  await prepare(server);
  return { scheme, storage, proxy, server };
}

async function backUp(
  { scheme, storage, proxy, server }: Place,
  { fault, from, times, fails }: Case,
  collection: string,
): Promise<void> {
  const direct = storage.uri(collection);
  await asyncPsql(server, 'defaultdb', [
    // What lasts is not waited for as long as it is by default.
    `SET CLUSTER SETTING cloudstorage.timeout = '${times > 2 ? '1s' : '10m'}'`,
    `BACKUP DATABASE d INTO '${direct}'`,
  ]);
  const before = await asyncPsql(server, 'd', ['SELECT count(*) FROM a']);
  const rowsBefore = before.split('\n')[1] ?? '';
  await asyncPsql(server, 'd', ['INSERT INTO a SELECT max(a) + 1 FROM a']);
  proxy.reset();
  let writes = 0;
  proxy.fault = ({ method }) => {
    if (!/^P/.test(method)) return undefined;
    const at = writes++;
    return at >= from && at < from + times ? fault : undefined;
  };
  const backup = `BACKUP DATABASE d INTO '${storage.uri(collection, proxy.address)}'`;
  if (fails === undefined) await asyncPsql(server, 'defaultdb', [backup]);
  else expect(await failureOf(server, backup)).toMatch(fails);
  expect(writes).toBeGreaterThan(0);
  proxy.reset();
  const rows = fails === undefined ? String(Number(rowsBefore) + 1) : rowsBefore;
  expect(await rowsOfLatest(server, direct)).toBe(rows);
  if (scheme === 'http') return;
  const shown = await asyncPsql(server, 'defaultdb', [`SHOW BACKUPS IN '${direct}'`]);
  expect(shown.trimEnd().split('\n')).toHaveLength(fails === undefined ? 3 : 2);
}

const SCHEMES: readonly (readonly [string, () => Promise<StorageServer>])[] = [
  ['s3', startS3],
  ['gs', startGs],
  ['azure', startAzure],
  ...(hasNginx ? [['http', startNginx] as const] : []),
];

/** Side by side, each with a server of its own: most of the time is spent waiting. */
describePsql(`BACKUP to ${SCHEMES.map(([scheme]) => scheme).join(', ')}`, () => {
  let places: readonly Place[] = [];
  beforeAll(async () => {
    places = await Promise.all(SCHEMES.map(([scheme, start]) => startPlace(scheme, start)));
  }, SERVER_START_MS);
  afterAll(async () => {
    for (const { storage, proxy, server } of places) {
      await server.stop();
      await proxy.stop();
      await storage.stop();
    }
  });

  test.each(CASES.map((one, index) => ({ ...one, index })))(
    '$name',
    async ({ index, ...one }) => {
      const outcomes = await Promise.allSettled(
        places.map((place) => backUp(place, one, `c${index}`)),
      );
      const failures = outcomes.flatMap((outcome, i) =>
        outcome.status === 'rejected' ? [`${places[i]?.scheme}: ${outcome.reason}`] : [],
      );
      expect(failures).toEqual([]);
      expect(outcomes).toHaveLength(SCHEMES.length);
    },
    SERVER_START_MS,
  );
});
if (!hasNginx)
  describe.skip('BACKUP to http (needs nginx)', () => test('is skipped', () => undefined));

describeFullDisk('BACKUP to nodelocal on a disk that gets full', (mount) => {
  let server: OothecaProcess;
  afterAll(async () => {
    await server?.stop();
  });

  test('fails, and the backup before it is the latest; with more space the next one succeeds', async () => {
    const io = join(mount, 'io');
    mkdirSync(io);
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
    await prepare(server);
    const into = 'nodelocal://1/c';
    await asyncPsql(server, 'defaultdb', [`BACKUP DATABASE d INTO '${into}'`]);
    await asyncPsql(server, 'd', ['INSERT INTO a VALUES (501, NULL)']);
    const filler = join(mount, 'filler');
    const { bavail, bsize } = statfsSync(mount);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 40_000));
    const error = await failureOf(server, `BACKUP DATABASE d INTO '${into}'`);
    expect(error).toMatch(/no space left on device/i);
    expect(await rowsOfLatest(server, into)).toBe('500');
    writeFileSync(filler, '');
    await asyncPsql(server, 'defaultdb', [`BACKUP DATABASE d INTO '${into}'`]);
    expect(await rowsOfLatest(server, into)).toBe('501');
    const shown = await asyncPsql(server, 'defaultdb', [`SHOW BACKUPS IN '${into}'`]);
    expect(shown.trimEnd().split('\n')).toHaveLength(3);
  });
});
