import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describePsql } from '../support/ootheca-process';
import { TestServer } from '../support/test-server';
import { validateLayer } from '../support/validate-backup';

/** Whatever becomes of a BACKUP, LATEST names one that is complete. */

const PLAIN = ['--no-align', '--tuples-only'];
const TABLES = ['t1', 't2', 't3', 't4'];
const BACKUP = `BACKUP DATABASE d INTO 'nodelocal://1/c' WITH detached`;

describePsql('a BACKUP that is interrupted', () => {
  const server = new TestServer({ store: 'disk' });
  const { io } = server;
  const collection = join(io, 'c');

  beforeAll(() => {
    server.psql('defaultdb', [
      'CREATE DATABASE d',
      ...TABLES.flatMap((table) => [
        `CREATE TABLE d.${table} (a INT PRIMARY KEY, s STRING, INDEX (s))`,
        `INSERT INTO d.${table} SELECT i, md5(i::STRING) FROM generate_series(1, 8000) AS g (i)`,
      ]),
      `BACKUP DATABASE d INTO 'nodelocal://1/c'`,
    ]);
  });

  const latest = (): string => readFileSync(join(collection, 'LATEST'), 'utf8');
  const statusOf = (job: string): string => {
    const select = `SELECT status FROM [SHOW JOBS] WHERE job_id = ${job}`;
    return server.psql('defaultdb', [select], PLAIN).trim();
  };
  const until = async (job: string, ...wanted: string[]): Promise<string> => {
    for (let status = statusOf(job); ; status = statusOf(job)) {
      if (wanted.includes(status)) return status;
      await sleep(50);
    }
  };
  /** Where a job writes. */
  const placeOf = (job: string): string => {
    const select = `SELECT description FROM [SHOW JOBS] WHERE job_id = ${job}`;
    const description = server.psql('defaultdb', [select], PLAIN);
    return join(collection, /INTO '(.*?)'/.exec(description)?.[1] ?? '');
  };
  const isComplete = async (): Promise<void> => {
    const { manifest } = await validateLayer(join(collection, latest()));
    expect(manifest.entryCounts?.rows).toBe(32_000n);
  };

  test.each([0, 150, 600])('by kill -9 after %i ms goes on anew', async (delayMs) => {
    const before = latest();
    const job = server.psql('defaultdb', [BACKUP], PLAIN).trim();
    await sleep(delayMs);
    await server.stop('SIGKILL');
    await isComplete();
    await server.start();
    expect(await until(job, 'succeeded', 'failed')).toBe('succeeded');
    expect(latest()).not.toBe(before);
    await isComplete();
    expect(existsSync(join(placeOf(job), 'BACKUP-CHECKPOINT'))).toBe(false);
  });

  test('by CANCEL leaves nothing', async () => {
    const before = latest();
    const job = server.psql('defaultdb', [BACKUP], PLAIN).trim();
    server.psql('defaultdb', [`CANCEL JOB ${job}`]);
    expect(await until(job, 'canceled', 'succeeded')).toBe('canceled');
    expect(readdirSync(placeOf(job))).toEqual([]);
    expect(latest()).toBe(before);
    await isComplete();
  });

  test('by PAUSE ends after RESUME', async () => {
    const job = server.psql('defaultdb', [BACKUP], PLAIN).trim();
    server.psql('defaultdb', [`PAUSE JOB ${job}`]);
    expect(await until(job, 'paused', 'succeeded')).toBe('paused');
    await isComplete();
    server.psql('defaultdb', [`RESUME JOB ${job}`]);
    expect(await until(job, 'succeeded', 'failed')).toBe('succeeded');
    expect(join(collection, latest())).toBe(placeOf(job));
    await isComplete();
  });
});
