import type { Client, DatabaseError } from 'pg';
import { OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** pg_cancel_backend and pg_terminate_backend, CANCEL, and who may; how many may connect. */

const LONG = 'SELECT count(*) FROM generate_series(1, 100000000) AS g(n) WHERE n % 3 = 1';

let server: OothecaProcess;
let root: Client;

beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem']);
  root = await pgClient(server);
  await root.query(
    'CREATE USER ann; CREATE USER ben; CREATE USER cat WITH CANCELQUERY VIEWACTIVITY',
  );
  await root.query('CREATE ROLE team; CREATE USER dan; GRANT ben TO dan');
});
afterAll(async () => {
  await root?.end();
  await server?.stop();
});

const asUser = (user: string): Promise<Client> => pgClient(server, 'defaultdb', { user });

const outcome = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'done',
    (error: DatabaseError) => `${error.code} ${error.message}`,
  );

const pidOf = async (client: Client): Promise<number> =>
  Number((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);

/** Until the session is at work. */
async function busy(pid: number): Promise<void> {
  for (let state = ''; state !== 'active'; ) {
    const { rows } = await root.query('SELECT state FROM pg_stat_activity WHERE pid = $1', [pid]);
    state = rows[0].state;
  }
}

const value = async (client: Client, sql: string): Promise<unknown> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0];

test('the pid is that of BackendKeyData, of pg_stat_activity and of pg_backend_pid()', async () => {
  const client = await asUser('ann');
  const pid = await pidOf(client);
  expect((client as unknown as { processID: number }).processID).toBe(pid);
  const sql = `SELECT usename, client_addr, client_port > 0 AS port FROM pg_stat_activity WHERE pid = ${pid}`;
  expect((await root.query(sql)).rows).toEqual([
    { usename: 'ann', client_addr: '127.0.0.1', port: true },
  ]);
  await client.end();
});

test('a statement is cancelled, its session lives', async () => {
  const client = await asUser('ann');
  const pid = await pidOf(client);
  const result = outcome(client.query(LONG));
  await busy(pid);
  expect(await value(root, `SELECT pg_cancel_backend(${pid})`)).toBe(true);
  expect(await result).toBe('57014 query execution canceled');
  expect(await value(client, 'SELECT 1')).toBe('1');
  // There is nothing to cancel now.
  expect(await value(root, `SELECT pg_cancel_backend(${pid})`)).toBe(true);
  expect(await value(client, 'SELECT 2')).toBe('2');
  await client.end();
});

test('all others of a database are sent away by one query, busy or not', async () => {
  await root.query('CREATE DATABASE old');
  const clients = await Promise.all(
    ['ann', 'ben'].map((user) => pgClient(server, 'old', { user })),
  );
  const [busyOne, idle] = clients as [Client, Client];
  const ends = clients.map((client) => new Promise<void>((resolve) => client.on('end', resolve)));
  const errors: string[] = [];
  idle.on('error', (error) => errors.push(`${(error as DatabaseError).code} ${error.message}`));
  busyOne.on('error', () => undefined);
  const pid = await pidOf(busyOne);
  const result = outcome(busyOne.query(LONG));
  await busy(pid);
  const { rows } = await root.query(
    `SELECT pg_terminate_backend(a.pid) AS t, usename FROM pg_stat_activity AS a
     WHERE datname = 'old' AND a.pid <> pg_backend_pid() ORDER BY usename`,
  );
  expect(rows).toEqual([
    { t: true, usename: 'ann' },
    { t: true, usename: 'ben' },
  ]);
  await Promise.all(ends);
  const why = '57P01 terminating connection due to administrator command';
  expect(await result).toBe(why);
  expect(errors[0]).toBe(why);
  await root.query('DROP DATABASE old');
});

test('in aggregates and subqueries, and with a parameter', async () => {
  const client = await asUser('ann');
  client.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => client.on('end', resolve));
  const pid = await pidOf(client);
  const sql = `SELECT count(*) FROM (SELECT pg_terminate_backend($1) AS t) AS q WHERE t`;
  const { rows } = await root.query({ text: sql, values: [pid], rowMode: 'array' });
  expect(rows).toEqual([['1']]);
  await gone;
});

test('a pid that nothing has is false and a warning; NULL is NULL', async () => {
  const notices: string[] = [];
  root.on('notice', (notice) =>
    notices.push(`${notice.severity} ${notice.code} ${notice.message}`),
  );
  expect(await value(root, 'SELECT pg_terminate_backend(123456)')).toBe(false);
  expect(await value(root, 'SELECT pg_cancel_backend(NULL)')).toBeNull();
  expect(notices).toEqual(['WARNING 01000 PID 123456 is not a PostgreSQL server process']);
  root.removeAllListeners('notice');
});

test('a query that fails has sent nothing', async () => {
  const client = await asUser('ann');
  const pid = await pidOf(client);
  const sql = `SELECT pg_terminate_backend(${pid}), 1 // (g - 1) FROM generate_series(0, 1) AS g`;
  expect(await outcome(root.query(sql))).toMatch(/^22012/);
  expect(await value(client, 'SELECT 1')).toBe('1');
  await client.end();
});

describe('privileges', () => {
  const others = 'must be a member of the role whose';
  test.each([
    ['ann', 'ann', 'done', 'done'],
    ['ann', 'ben', `42501 ${others} query is being`, '42501 could not cancel session'],
    ['ann', 'root', '42501 must be a superuser to cancel', '42501 could not cancel session'],
    ['dan', 'ben', 'done', 'done'],
    ['cat', 'ben', 'done', 'done'],
    ['cat', 'root', '42501 must be a superuser to cancel', '42501 could not cancel session'],
    ['root', 'ben', 'done', 'done'],
  ])('%s over %s', async (who, whom, cancels, ends) => {
    const actor = await asUser(who);
    const target = await asUser(whom);
    target.on('error', () => undefined);
    const pid = await pidOf(target);
    const id = await value(target, 'SHOW session_id');
    expect(await outcome(actor.query(`SELECT pg_cancel_backend(${pid})`))).toContain(cancels);
    expect(await outcome(actor.query(`CANCEL SESSION '${id}'`))).toContain(ends);
    await actor.end();
    await target.end().catch(() => undefined);
  });

  test('VIEWACTIVITY shows the sessions of others', async () => {
    const seen = async (user: string): Promise<unknown> => {
      const client = await asUser(user);
      const sql = `SELECT string_agg(user_name, ',' ORDER BY user_name) FROM [SHOW SESSIONS]`;
      const users = await value(client, sql);
      await client.end();
      return users;
    };
    const ann = await asUser('ann');
    expect(await seen('ben')).toBe('ben');
    expect(await seen('cat')).toBe('ann,cat,root');
    await ann.end();
  });
});

test.each([
  'CREATE TABLE s AS SELECT pg_terminate_backend(1)',
  'CREATE VIEW s AS SELECT pg_terminate_backend(1)',
  'CREATE TABLE s (a BOOL DEFAULT pg_terminate_backend(1))',
  'PAUSE JOBS SELECT pg_terminate_backend(1)::INT',
])('nothing but a query sends signals: %s', async (sql) => {
  expect(await outcome(root.query(sql))).toMatch(/^0A000 .*pg_\w+_backend\(\)/);
});

test('server.max_connections_per_gateway holds for all but admins', async () => {
  const ann = await asUser('ann');
  await root.query('SET CLUSTER SETTING server.max_connections_per_gateway = 2');
  try {
    expect(await outcome(asUser('ben'))).toBe('53300 sorry, too many clients already');
    await (await asUser('root')).end();
    await root.query('SET CLUSTER SETTING server.max_connections_per_gateway = 3');
    await (await asUser('ben')).end();
  } finally {
    await root.query('RESET CLUSTER SETTING server.max_connections_per_gateway');
    await ann.end();
  }
});
