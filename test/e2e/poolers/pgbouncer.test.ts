import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../../support/ootheca-process';
import { pgClient } from '../../support/restored-server';

const isThere = spawnSync('pgbouncer', ['--version']).status === 0;
const describeBouncer: (name: string, body: () => void) => void = isThere
  ? describe
  : (name, body) => describe.skip(`${name} (needs pgbouncer)`, body);

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describeBouncer('pgbouncer', () => {
  let server: OothecaProcess;
  let bouncer: ChildProcess | undefined;
  let port: number;
  const directory = temporaryDirectory();

  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem']);
    const client = await pgClient(server);
    await client.query('CREATE TABLE w (a INT8 PRIMARY KEY, n INT8)');
    await client.query('INSERT INTO w VALUES (0, 0)');
    await client.end();
  });
  afterEach(async () => {
    if (bouncer?.exitCode === null) {
      const exited = once(bouncer, 'exit');
      bouncer.kill('SIGINT');
      await exited;
    }
  });
  afterAll(async () => {
    await server?.stop();
    directory.remove();
  });

  /** It does not run as root. */
  async function start(mode: string): Promise<void> {
    port = await freePort();
    const users = join(directory.path, 'users');
    const config = join(directory.path, 'pgbouncer.ini');
    writeFileSync(users, '"root" ""\n');
    writeFileSync(
      config,
      [
        `[databases]\n* = host=127.0.0.1 port=${server.port}`,
        '[pgbouncer]\nlisten_addr = 127.0.0.1\nunix_socket_dir =',
        `listen_port = ${port}\npool_mode = ${mode}\ndefault_pool_size = 3`,
        `auth_type = trust\nauth_file = ${users}\n`,
      ].join('\n'),
    );
    chmodSync(directory.path, 0o755);
    const as = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    bouncer = spawn('pgbouncer', [config], { stdio: ['ignore', 'ignore', 'pipe'], ...as });
    await new Promise<void>((resolve, reject) => {
      let log = '';
      bouncer?.stderr?.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('process up')) resolve();
      });
      bouncer?.once('exit', () => reject(new Error(log)));
    });
  }

  async function connected(): Promise<Client> {
    const client = new Client({ host: '127.0.0.1', port, user: 'root', database: 'defaultdb' });
    await client.connect();
    return client;
  }

  test('transaction mode: many clients share three sessions, and no transaction is torn', async () => {
    await start('transaction');
    const clients = await Promise.all(Array.from({ length: 12 }, connected));
    await Promise.all(
      clients.map(async (client) => {
        for (let i = 0; i < 3; i++) {
          await client.query('BEGIN');
          await client.query('SELECT n FROM w WHERE a = 0 FOR UPDATE');
          await client.query('UPDATE w SET n = n + 1 WHERE a = $1', [0]);
          await client.query('COMMIT');
        }
      }),
    );
    const [client] = clients;
    const { rows } = (await client?.query('SELECT n FROM w WHERE a = 0')) ?? { rows: [] };
    expect(rows).toEqual([{ n: '36' }]);
    const sessions = await client?.query('SELECT count(*) AS n FROM [SHOW SESSIONS]');
    expect(Number(sessions?.rows[0].n)).toBeLessThanOrEqual(3);
    await Promise.all(clients.map((each) => each.end()));
  });

  test('session mode: what a client has set is gone for the next one', async () => {
    await start('session');
    for (let i = 0; i < 5; i++) {
      const client = await connected();
      const before = await client.query('SHOW statement_timeout');
      expect(before.rows).toEqual([{ statement_timeout: '0' }]);
      await client.query("SET statement_timeout = '5s'");
      const named = { name: 'kept', text: 'SELECT $1::INT8 AS v', values: [i] };
      expect((await client.query(named)).rows).toEqual([{ v: String(i) }]);
      await expect(client.query('SELECT 1/0')).rejects.toMatchObject({ code: '22012' });
      await client.end();
    }
  });
});
