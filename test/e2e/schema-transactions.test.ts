import { Client } from 'pg';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';

/** Schema changes in blocks, through the program: a client that leaves, a server that dies, psql's own statements. */

let store: { readonly path: string; remove(): void };
let server: OothecaProcess;

beforeEach(async () => {
  store = temporaryDirectory();
  server = await OothecaProcess.start([`--store=${store.path}`]);
});

afterEach(async () => {
  await server.stop('SIGKILL');
  store.remove();
});

async function connect(): Promise<Client> {
  const client = new Client({
    host: '127.0.0.1',
    port: server.port,
    user: 'root',
    database: 'defaultdb',
  });
  // The server dies, or sends the client away, in these tests.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const tables = async (client: Client): Promise<string[]> =>
  (await client.query('SELECT table_name FROM [SHOW TABLES] ORDER BY 1')).rows.map(
    (row: { table_name: string }) => row.table_name,
  );

test('temporary tables of a killed server are gone when it is back', async () => {
  const client = await connect();
  await client.query("SET experimental_enable_temp_tables = 'on'");
  await client.query('CREATE TABLE kept (a INT); CREATE TEMP TABLE gone (a INT)');
  expect(await tables(client)).toEqual(['gone', 'kept']);
  await server.stop('SIGKILL');
  server = await OothecaProcess.start([`--store=${store.path}`]);
  const later = await connect();
  expect(await tables(later)).toEqual(['kept']);
  await later.query("SET experimental_enable_temp_tables = 'on'; CREATE TEMP TABLE gone (a INT)");
  await later.end();
  const last = await connect();
  // The server notices the end of a connection on its own time.
  while ((await tables(last)).length > 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await tables(last)).toEqual(['kept']);
  await last.end();
});

test('a server that dies in a block leaves nothing of it, and all of what was committed', async () => {
  const client = await connect();
  await client.query('CREATE TABLE kept (a INT); INSERT INTO kept VALUES (1)');
  await client.query('BEGIN; ALTER TABLE kept ADD COLUMN b INT DEFAULT 2; COMMIT');
  await client.query('BEGIN');
  await client.query('CREATE TABLE lost (a INT); INSERT INTO lost VALUES (1)');
  await client.query('DROP TABLE kept; CREATE DATABASE lost');
  await server.stop('SIGKILL');
  await client.end().catch(() => undefined);
  server = await OothecaProcess.start([`--store=${store.path}`]);
  const again = await connect();
  expect(await tables(again)).toEqual(['kept']);
  expect((await again.query('SELECT * FROM kept')).rows).toEqual([{ a: '1', b: '2' }]);
  await again.query('CREATE TABLE lost (z STRING)');
  await again.query('INSERT INTO lost VALUES ($1)', ['new']);
  expect((await again.query('SELECT * FROM lost')).rows).toEqual([{ z: 'new' }]);
  await again.end();
});

test('a client that leaves in a block takes its changes with it', async () => {
  const [one, two] = [await connect(), await connect()];
  await one.query('BEGIN');
  await one.query('CREATE TABLE t (a INT)');
  const waiting = two.query('CREATE TABLE t (b INT)');
  await one.end();
  await waiting;
  expect((await two.query('INSERT INTO t (b) VALUES (1) RETURNING b')).rows).toEqual([{ b: '1' }]);
  await two.end();
});

test('a client that is silent in a block is sent away', async () => {
  const [one, two] = [await connect(), await connect()];
  await one.query("SET idle_in_transaction_session_timeout = '50ms'");
  const left = new Promise((resolve) => one.on('error', resolve));
  await one.query('BEGIN');
  await one.query('CREATE TABLE t (a INT)');
  expect(await left).toMatchObject({ code: '25P03' });
  await two.query('CREATE TABLE t (b INT)');
  await two.end();
});

test('a migration as tools write it, in one block, with prepared statements', async () => {
  const client = await connect();
  const known = 'SELECT count(*)::INT4 AS n FROM information_schema.tables WHERE table_name = $1';
  await client.query('BEGIN');
  expect((await client.query(known, ['users'])).rows).toEqual([{ n: 0 }]);
  await client.query(`CREATE TABLE users (id INT PRIMARY KEY, email STRING UNIQUE)`);
  expect((await client.query(known, ['users'])).rows).toEqual([{ n: 1 }]);
  const insert = { name: 'i', text: 'INSERT INTO users VALUES ($1, $2)' };
  await client.query({ ...insert, values: [1, 'a@x'] });
  await client.query("ALTER TABLE users ADD COLUMN state STRING NOT NULL DEFAULT 'new'");
  await client.query({ ...insert, values: [2, 'b@x'] });
  await client.query(`CREATE TABLE posts (id INT PRIMARY KEY, author INT REFERENCES users (id));
    INSERT INTO posts VALUES (10, 2)`);
  await expect(client.query('INSERT INTO posts VALUES (11, 3)')).rejects.toMatchObject({
    code: '23503',
  });
  await client.query('ROLLBACK');
  expect(await tables(client)).toEqual([]);
  await client.query(`BEGIN; CREATE TABLE users (id INT PRIMARY KEY);
    INSERT INTO users VALUES (1); COMMIT`);
  expect((await client.query('SELECT * FROM users')).rows).toEqual([{ id: '1' }]);
  await client.end();
});

describePsql('psql', () => {
  test('\\d inside of a block shows what it has made', () => {
    const plain = ['--no-align', '--tuples-only', '--quiet'];
    const block = [
      'BEGIN',
      "CREATE TYPE mood AS ENUM ('sad', 'ok')",
      "CREATE TABLE t (id INT PRIMARY KEY, m mood DEFAULT 'ok')",
      '\\d t',
      '\\dT',
      'ROLLBACK',
      '\\dt',
    ];
    const answer = server.psql('defaultdb', block, plain);
    expect(answer).toContain("m|mood|||'ok'::public.mood");
    expect(answer).toContain('public|mood|');
    expect(answer.trim().split('\n').at(-1)).not.toContain('|t|');
  });
});
