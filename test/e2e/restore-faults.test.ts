import { cpSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { describeFullDisk } from '../support/full-disk';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { describeShared, fixturesDir, sharedDir } from '../support/shared';

/** What happens around a restore while it runs: other restores, DROP DATABASE, clients that go away, a disk that is full. */

const restoreOf = (database: string): string =>
  `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${database}'`;
const FILE = 'bank/2026/11/22-171336.11/1229773917932322817.sst';

let server: OothecaProcess;
let root: Client;

async function rows(sql: string, on = root): Promise<unknown[][]> {
  return (await on.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;
}
const one = async (sql: string, on = root): Promise<unknown> => (await rows(sql, on))[0]?.[0];
const nap = (ms = 10): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('beside other statements', () => {
  const io = temporaryDirectory();

  beforeAll(async () => {
    cpSync(join(fixturesDir, 'backups'), io.path, { recursive: true });
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
    root = await pgClient(server);
  });
  afterAll(async () => {
    await root?.end();
    await server?.stop();
    io.remove();
  });
  afterEach(async () => {
    for (const name of ['bank', 'movr', 'alltypes', 'target']) {
      await root.query(`DROP DATABASE IF EXISTS ${name} CASCADE`);
    }
  });

  /** Runs the statement until it stands at a file that is missing; the file is there again afterwards. */
  async function pausedInTheMiddle(restore: string): Promise<string> {
    const away = join(io.path, 'away');
    renameSync(join(io.path, FILE), away);
    try {
      const id = String(await one(restore));
      while ((await one(`SELECT status FROM [SHOW JOB ${id}]`)) !== 'paused') await nap();
      return id;
    } finally {
      renameSync(away, join(io.path, FILE));
    }
  }

  const end = async (command: 'RESUME' | 'CANCEL', id: string): Promise<unknown> => {
    await root.query(`${command} JOB ${id}`);
    return (await rows(`SHOW JOB WHEN COMPLETE ${id}`))[0]?.[5];
  };

  test('a database that is being restored: its name is taken, nobody can use or drop it', async () => {
    const id = await pausedInTheMiddle(
      `${restoreOf('bank')} WITH debug_pause_on = 'error', detached`,
    );
    const exists = /database "bank" already exists/;
    await expect(root.query(restoreOf('bank'))).rejects.toThrow(exists);
    await expect(root.query('CREATE DATABASE bank')).rejects.toThrow(exists);
    await expect(root.query('DROP DATABASE bank CASCADE')).rejects.toMatchObject({
      code: '55000',
      message: 'database "bank" is offline: restoring',
    });
    await expect(root.query('SELECT * FROM bank.customers')).rejects.toMatchObject({
      code: '42P01',
    });
    await expect(pgClient(server, 'bank')).rejects.toMatchObject({ code: '3D000' });
    await root.query('DROP DATABASE IF EXISTS bank CASCADE'); // nothing that it could drop
    expect(await end('RESUME', id)).toBe('succeeded');
    expect(await one('SELECT count(*) FROM bank.transfers')).toBe('3000');
  });

  test('a database that tables are restored into can not be dropped, nor their names taken', async () => {
    await root.query('CREATE DATABASE target');
    const tables = `RESTORE TABLE bank.transfers FROM LATEST IN 'nodelocal://1/bank' WITH into_db = 'target', skip_missing_foreign_keys`;
    const id = await pausedInTheMiddle(`${tables}, debug_pause_on = 'error', detached`);
    await expect(root.query('DROP DATABASE target CASCADE')).rejects.toMatchObject({
      code: '55000',
      message:
        'cannot drop a database with OFFLINE objects, ensure target.public.transfers is dropped or made public before dropping database target',
    });
    await expect(root.query(tables)).rejects.toMatchObject({
      code: '42P07',
      message: 'relation "transfers" already exists',
    });
    await expect(root.query('CREATE TABLE target.transfers (a INT)')).rejects.toMatchObject({
      code: '42P07',
    });
    expect(await end('CANCEL', id)).toBe('canceled');
    await root.query('DROP DATABASE target RESTRICT'); // nothing was left in it
  });

  test('of two restores of one database at once one wins', async () => {
    const second = await pgClient(server);
    const answers = await Promise.allSettled([
      root.query(restoreOf('bank')),
      second.query(restoreOf('bank')),
    ]);
    await second.end();
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused.map(({ reason }) => (reason as Error).message)).toEqual([
      'database "bank" already exists',
    ]);
    expect(await one('SELECT count(*) FROM bank.transfers')).toBe('3000');
  });

  test('restores of different databases at once all end', async () => {
    const clients = await Promise.all(['bank', 'movr', 'alltypes'].map(() => pgClient(server)));
    await Promise.all(
      ['bank', 'movr', 'alltypes'].map((name, i) => clients[i]?.query(restoreOf(name))),
    );
    for (const client of clients) await client.end();
    expect(await one('SELECT count(*) FROM bank.transfers')).toBe('3000');
    expect(await one('SELECT count(*) FROM movr.vehicles')).toBe('60');
    expect(await one('SELECT count(*) FROM [SHOW TABLES FROM alltypes]')).not.toBe('0');
  });

  test.each([
    ['goes away', (client: Client) => client.connection.stream.destroy()],
    ['is canceled', () => undefined],
  ] as const)('a restore whose client %s keeps running', async (what, leave) => {
    const client = await pgClient(server);
    if (what === 'is canceled') await client.query(`SET statement_timeout = '400ms'`);
    const before = Number(await one('SELECT count(*) FROM [SHOW JOBS]'));
    const answer = client.query(restoreOf('movr')).catch((error: Error) => error);
    while (Number(await one('SELECT count(*) FROM [SHOW JOBS]')) === before) await nap();
    leave(client);
    await answer;
    await client.end().catch(() => undefined);
    const [job] = await rows('SHOW JOBS WHEN COMPLETE SELECT max(job_id) FROM [SHOW JOBS]');
    expect(job?.[5]).toBe('succeeded');
    expect(await one('SELECT count(*) FROM movr.vehicles')).toBe('60');
  });
});

describeFullDisk('on a disk that gets full', (mount) => {
  afterEach(async () => {
    await root?.end();
    await server?.stop();
  });

  test.each([60_000, 250_000])(
    'with %d bytes left the restore fails, the server lives on, and with more space the same RESTORE works',
    async (bytesLeft) => {
      const store = join(mount, 'store');
      server = await OothecaProcess.start([
        `--store=${store}`,
        `--external-io-dir=${join(fixturesDir, 'backups')}`,
      ]);
      root = await pgClient(server);
      await root.query(`SET CLUSTER SETTING jobs.registry.retry.initial_delay = '100ms'`);
      const filler = join(mount, 'filler');
      const { bavail, bsize } = statfsSync(mount);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - bytesLeft));
      await expect(root.query(restoreOf('bank'))).rejects.toMatchObject({ code: '53100' });
      expect(await one('SELECT 1')).toBe('1');

      rmSync(filler);
      await rows('SHOW JOBS WHEN COMPLETE SELECT job_id FROM [SHOW JOBS]');
      // What could not even be recorded as failed has been tried again.
      const found = `SELECT 1 FROM [SHOW DATABASES] WHERE database_name = 'bank'`;
      if ((await rows(found)).length === 0) await root.query(restoreOf('bank'));
      expect(await one('SELECT count(*) FROM bank.transfers')).toBe('3000');
      await root.end();
      await server.stop();
      rmSync(store, { recursive: true });
    },
    60_000,
  );
});

describeShared('of 600,000 rows', () => {
  test('fraction_completed moves, and never back', async () => {
    server = await OothecaProcess.start([
      '--store=type=mem',
      `--external-io-dir=${join(sharedDir, 'backups', 'generated')}`,
    ]);
    root = await pgClient(server);
    try {
      const id = await one(
        `RESTORE DATABASE tpcc FROM LATEST IN 'nodelocal://1/tpcc-1' WITH detached`,
      );
      const fractions: number[] = [];
      for (;;) {
        const [job] = await rows(`SELECT status, fraction_completed FROM [SHOW JOB ${String(id)}]`);
        fractions.push(Number(job?.[1]));
        if (job?.[0] === 'succeeded') break;
        expect(['pending', 'running']).toContain(job?.[0]);
        await nap(20);
      }
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
      const between = new Set(fractions.filter((fraction) => fraction > 0 && fraction < 1));
      expect(between.size).toBeGreaterThan(2);
    } finally {
      await root.end();
      await server.stop();
    }
  }, 300_000);
});
