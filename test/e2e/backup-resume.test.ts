import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asyncPsql } from '../support/async-psql';
import { backupJobs, dataFiles } from '../support/backup-jobs';
import { describePsql } from '../support/ootheca-process';
import { eventually } from '../support/process-state';
import { type SeenRequest, startProxy } from '../support/storage-servers/proxy';
import { startS3 } from '../support/storage-servers/s3-server';
import { TestServer } from '../support/test-server';
import { validateLayer } from '../support/validate-backup';

/** A BACKUP that goes on keeps the files of what nobody has written to meanwhile, and is of one point in time all the same. */

const PLAIN = ['--no-align', '--tuples-only'];
const ROWS = 12_000;
const TABLES = Array.from({ length: 16 }, (_, i) => `t${i + 1}`);
/** Files before a BACKUP is paused: of four parts, two in each of two threads, the file may be there and the part not noted. */
const FILES_MIN = 6;
const UNDER_WAY_MAX = 4;

describePsql('a BACKUP that goes on', () => {
  const server = new TestServer({ store: 'disk' });
  const { io } = server;

  beforeAll(() => {
    server.psql('defaultdb', [
      'CREATE DATABASE d',
      ...TABLES.flatMap((table) => [
        `CREATE TABLE d.${table} (a INT PRIMARY KEY, b INT, s STRING, INDEX (b))`,
        `INSERT INTO d.${table} SELECT i, i % 100, repeat(md5(i::STRING), 5) FROM generate_series(1, ${ROWS}) AS g (i)`,
      ]),
    ]);
  });

  const query = (sql: string): string => server.psql('defaultdb', [sql], PLAIN).trim();
  const { statusOf, until, placeOf } = backupJobs(query, io);
  const contents = (database: string): string =>
    query(
      `SELECT ${TABLES.map((table) => `(SELECT concat(count(*)::STRING, ' ', sum(a)::STRING, ' ', sum(b)::STRING) FROM ${database}.${table})`).join(', ')}`,
    );

  /** Begins a BACKUP and pauses it when some of its files are there. @returns the job, or undefined when it was faster */
  async function pausedJob(collection: string): Promise<string | undefined> {
    const job = query(`BACKUP DATABASE d INTO 'nodelocal://1/${collection}' WITH detached`);
    const place = placeOf(collection, job);
    while (dataFiles(place).size < FILES_MIN && statusOf(job) === 'running') await sleep(5);
    try {
      server.psql('defaultdb', [`PAUSE JOB ${job}`]);
    } catch {
      return undefined; // it has succeeded
    }
    const status = await until(job, 'paused', 'succeeded');
    return status === 'paused' ? job : undefined;
  }

  async function anyPausedJob(name: string): Promise<{ job: string; place: string }> {
    for (let attempt = 1; ; attempt++) {
      const collection = `${name}${attempt}`;
      const job = await pausedJob(collection);
      if (job === undefined) continue;
      const place = placeOf(collection, job);
      if (dataFiles(place).size >= FILES_MIN) return { job, place };
      server.psql('defaultdb', [`CANCEL JOB ${job}`]);
    }
  }

  async function checkResult(place: string): Promise<void> {
    const { manifest } = await validateLayer(place);
    expect(manifest.entryCounts?.rows).toBe(
      BigInt(query(`SELECT ${TABLES.map((t) => `(SELECT count(*) FROM d.${t})`).join('+')}`)),
    );
    const collection = place.slice(io.length + 1).split('/')[0];
    server.psql('defaultdb', [
      'DROP DATABASE IF EXISTS restored CASCADE',
      `RESTORE DATABASE d FROM LATEST IN 'nodelocal://1/${collection}' WITH new_db_name = 'restored'`,
    ]);
    expect(contents('restored')).toBe(contents('d'));
    expect(existsSync(join(place, 'BACKUP-CHECKPOINT'))).toBe(false);
    const named = new Set(manifest.files.map(({ path }) => path));
    expect([...dataFiles(place).keys()].filter((name) => !named.has(name))).toEqual([]);
  }

  test('after PAUSE, when nobody has written: files stay, but for those of parts that were under way', async () => {
    const { job, place } = await anyPausedJob('same');
    const before = dataFiles(place);
    server.psql('defaultdb', [`RESUME JOB ${job}`]);
    expect(await until(job, 'succeeded', 'failed')).toBe('succeeded');
    const after = dataFiles(place);
    const again = [...before].filter(([name, file]) => after.get(name) !== file);
    expect(again.length).toBeLessThanOrEqual(UNDER_WAY_MAX);
    await checkResult(place);
  });

  test('after PAUSE and kill -9, when all tables were written to: all of it is of later', async () => {
    const { job, place } = await anyPausedJob('other');
    const before = dataFiles(place);
    await server.stop('SIGKILL');
    await server.start();
    server.psql('defaultdb', [
      ...TABLES.map((table, i) =>
        i % 2 === 0
          ? `UPDATE d.${table} SET b = b + 1 WHERE a % 1000 = 7`
          : `DELETE FROM d.${table} WHERE a = ${i}`,
      ),
      `RESUME JOB ${job}`,
    ]);
    expect(await until(job, 'succeeded', 'failed')).toBe('succeeded');
    const after = dataFiles(place);
    expect([...before].filter(([name, file]) => after.get(name) === file)).toEqual([]);
    await checkResult(place);
  });

  test('when its storage comes back: in another run, without what the storage has taken before', async () => {
    const s3 = await startS3();
    const proxy = await startProxy(s3.address);
    // The proxy is in this process: nothing here may wait for psql meanwhile.
    const asked = async (sql: string): Promise<string> =>
      (await asyncPsql(server, 'defaultdb', [sql])).split('\n')[1] ?? '';
    try {
      const nameOf = ({ method, url }: SeenRequest): string =>
        method === 'PUT' ? (/\d+\.sst/.exec(url)?.[0] ?? '') : '';
      const taken = new Set<string>();
      let isAway = false;
      proxy.fault = (request) => {
        const name = nameOf(request);
        isAway ||= name !== '' && taken.size >= 4;
        if (isAway) return { kind: 'status', status: 503 };
        if (name !== '') taken.add(name);
        return undefined;
      };
      await asked(`SET CLUSTER SETTING jobs.registry.retry.initial_delay = '100ms'`);
      const uri = s3.uri('c', proxy.address);
      const job = await asked(`BACKUP DATABASE d INTO '${uri}' WITH detached`);
      const about = `FROM [SHOW JOBS] WHERE job_id = ${job}`;
      const failures = `SELECT array_length(execution_errors, 1) ${about}`;
      await eventually(async () => Number(await asked(failures)) > 0);
      expect(taken.size).toBe(4);
      proxy.reset();
      await eventually(async () => /succeeded|failed/.test(await asked(`SELECT status ${about}`)));
      expect(await asked(`SELECT status ${about}`)).toBe('succeeded');
      const sentAgain = proxy.requests.map(nameOf).filter((name) => taken.has(name));
      expect(sentAgain).toEqual([]);
      await asyncPsql(server, 'defaultdb', [
        'DROP DATABASE IF EXISTS restored CASCADE',
        `RESTORE DATABASE d FROM LATEST IN '${uri}' WITH new_db_name = 'restored'`,
      ]);
      expect(contents('restored')).toBe(contents('d'));
    } finally {
      await proxy.stop();
      await s3.stop();
    }
  });
});
