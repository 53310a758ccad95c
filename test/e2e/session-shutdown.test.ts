import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { eventually } from '../support/process-state';
import { pgClient, startRestored } from '../support/restored-server';

/** What SIGTERM leaves behind, and what the next start finds. */

let directory: { readonly path: string; remove(): void };
let servers: OothecaProcess[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  for (const server of servers) await server.stop('SIGKILL');
  servers = [];
  directory.remove();
});

async function start(...databases: Parameters<typeof startRestored>[0]): Promise<OothecaProcess> {
  const server = await startRestored(databases, join(directory.path, 'store'));
  servers.push(server);
  return server;
}

const walFiles = (): string[] =>
  readdirSync(join(directory.path, 'store')).filter((name) => /-(wal|shm|journal)$/.test(name));

test('idle clients are told, the WAL is checkpointed, rows and sequences are there again', async () => {
  const first = await start('bank', 'alltypes');
  const idle = await pgClient(first, 'bank');
  const inBlock = await pgClient(first, 'alltypes');
  await inBlock.query('BEGIN');
  const { rows } = await inBlock.query("SELECT nextval('seq') AS v");
  const told = new Promise<unknown>((resolve) => idle.once('error', resolve));
  expect(await first.stop()).toBe(0);
  expect(await told).toMatchObject({ code: '57P01' });
  expect(walFiles()).toEqual([]);

  const second = await start();
  const client = await pgClient(second, 'alltypes');
  const next = await client.query("SELECT nextval('seq') AS v");
  expect(BigInt(next.rows[0].v)).toBeGreaterThan(BigInt(rows[0].v));
  const counted = await client.query('SELECT count(*) AS n FROM bank.accounts');
  expect(counted.rows).toEqual([{ n: '200' }]);
  await client.end();
});

test('a value of a sequence is never given twice, also after SIGKILL', async () => {
  const first = await start('alltypes');
  const client = await pgClient(first, 'alltypes');
  const { rows } = await client.query("SELECT nextval('seq') AS v");
  await first.stop('SIGKILL');
  const second = await start();
  const again = await pgClient(second, 'alltypes');
  const next = await again.query("SELECT nextval('seq') AS v");
  expect(BigInt(next.rows[0].v)).toBeGreaterThan(BigInt(rows[0].v));
  await again.end();
});

test('a query that SQLite does not let go of does not keep the process', async () => {
  const server = await start('movr');
  const client = await pgClient(server, 'movr');
  const query = client.query('SELECT count(*) FROM rides a, rides b, rides c, rides d');
  const failed = expect(query).rejects.toBeDefined();
  const idle = await pgClient(server, 'movr');
  await idle.query('SELECT 1');
  await server.stop();
  await failed;
  expect(server.stderr).toContain('"msg":"stopped"');
  expect(walFiles().filter((name) => name.endsWith('-journal'))).toEqual([]);
  const second = await start();
  const again = await pgClient(second, 'movr');
  expect((await again.query('SELECT count(*) AS n FROM rides')).rows).toEqual([{ n: '2000' }]);
  await again.end();
});

test('a second server is refused, the first goes on', async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(/exited with 1 .*store/s);
  const client = await pgClient(first);
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
  await client.end();
});

test.each(['SIGTERM', 'SIGINT'] as const)('a temporary store is removed at %s', async (signal) => {
  const server = await startRestored(['bank']);
  servers.push(server);
  const path = /"storeDir":"([^"]+)"/.exec(server.stderr)?.[1] ?? '';
  expect(existsSync(join(path, 'store.db'))).toBe(true);
  expect(await server.stop(signal)).toBe(0);
  expect(existsSync(path)).toBe(false);
});

test('a temporary store that a killed server left is removed by the next', async () => {
  const killed = await startRestored([]);
  const path = /"storeDir":"([^"]+)"/.exec(killed.stderr)?.[1] ?? '';
  await killed.stop('SIGKILL');
  expect(existsSync(path)).toBe(true);
  servers.push(await startRestored([]));
  await eventually(() => !existsSync(path));
});
