import { spawnSync } from 'node:child_process';
import type { Client } from 'pg';
import { OothecaProcess } from '../../support/ootheca-process';
import { pgClient } from '../../support/restored-server';

const isThere = spawnSync('pgbench', ['--version']).status === 0;
const describeBench: (name: string, body: () => void) => void = isThere
  ? describe
  : (name, body) => describe.skip(`${name} (needs pgbench)`, body);

const ROWS = 100_000;

/** Its own scripts to their end; VACUUM, which v21.2 does not have, is left out (-n). */
describeBench('pgbench', () => {
  let server: OothecaProcess;
  let client: Client;

  function pgbench(...args: string[]): string {
    const where = ['-h', '127.0.0.1', '-p', String(server.port), '-U', 'root'];
    const done = spawnSync('pgbench', [...where, '-n', ...args, 'defaultdb'], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
    return done.stdout;
  }

  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem']);
    client = await pgClient(server);
    pgbench('-i');
  }, 300_000);
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  test('-i has copied the accounts', async () => {
    const { rows } = await client.query('SELECT count(*) FROM pgbench_accounts');
    expect(rows).toEqual([{ count: String(ROWS) }]);
  });

  test.each(
    ['simple', 'extended', 'prepared'].flatMap((mode) =>
      [1, 8, 32].map((clients) => [mode, clients]),
    ),
  )(
    '-M %s -c %d',
    async (mode, clients) => {
      await client.query('TRUNCATE pgbench_history');
      const settings = ['-M', String(mode), '-c', String(clients)];
      const wrote = pgbench(...settings, '-t', '5', '--max-tries=20');
      expect(wrote).toContain('number of failed transactions: 0 ');
      const { rows } = await client.query(
        `SELECT count(*) AS n, 
              (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(tbalance) FROM pgbench_tellers) AS same,
              (SELECT sum(abalance) = (SELECT sum(tbalance) FROM pgbench_tellers) FROM pgbench_accounts) AS balanced
       FROM pgbench_history`,
      );
      expect(rows).toMatchObject([{ n: String(Number(clients) * 5), same: true, balanced: true }]);
      expect(pgbench(...settings, '-S', '-t', '20')).toContain('number of failed transactions: 0 ');
    },
    120_000,
  );
});
