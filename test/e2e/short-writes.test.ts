import type { Client } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** Writes of a few rows by key, which run in the server's main thread: the same answers as anywhere, and durable. */

const folder = temporaryDirectory();
let server: OothecaProcess;
let client: Client;

const start = async (): Promise<void> => {
  server = await OothecaProcess.start([`--store=${folder.path}/store`]);
  client = await pgClient(server);
};

beforeAll(start);
afterAll(async () => {
  await client?.end();
  await server?.stop();
  folder.remove();
});
beforeEach(async () => {
  await client.query('DROP TABLE IF EXISTS c, k CASCADE');
  await client.query(
    'CREATE TABLE k (id INT8 PRIMARY KEY, v INT8 CHECK (v < 100), w STRING(5) NOT NULL, UNIQUE (w))',
  );
});

const rows = async (sql: string): Promise<unknown[][]> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows as unknown[][];

const add = (id: number, v: number, w: string | null) =>
  client.query('INSERT INTO k VALUES ($1, $2, $3) RETURNING id, w', [id, v, w]);

test('tags, RETURNING and errors', async () => {
  expect(await add(1, 10, 'a')).toMatchObject({
    command: 'INSERT',
    rowCount: 1,
    rows: [{ id: '1', w: 'a' }],
  });
  await expect(add(1, 10, 'b')).rejects.toMatchObject({ code: '23505' });
  await expect(add(2, 10, 'a')).rejects.toMatchObject({ code: '23505' });
  await expect(add(2, 100, 'b')).rejects.toMatchObject({ code: '23514' });
  await expect(add(2, 10, null)).rejects.toMatchObject({ code: '23502' });
  await expect(add(2, 10, 'too long')).rejects.toMatchObject({ code: '22001' });
  expect(await rows('SELECT * FROM k')).toEqual([['1', '10', 'a']]);
  const change = { name: 'u', text: 'UPDATE k SET v = v + $2 WHERE id = $1' };
  expect(await client.query({ ...change, values: [1, 5] })).toMatchObject({ rowCount: 1 });
  expect(await client.query({ ...change, values: [9, 5] })).toMatchObject({ rowCount: 0 });
  await expect(client.query({ ...change, values: [1, 90] })).rejects.toMatchObject({
    code: '23514',
  });
  expect(await client.query("UPSERT INTO k VALUES (1, 7, 'z')")).toMatchObject({ rowCount: 1 });
  expect(await rows('SELECT * FROM k')).toEqual([['1', '7', 'z']]);
  expect(await client.query('DELETE FROM k WHERE id = 1')).toMatchObject({
    command: 'DELETE',
    rowCount: 1,
  });
  expect(await rows('SELECT * FROM k')).toEqual([]);
});

test('foreign keys, both ways', async () => {
  await client.query(
    'CREATE TABLE c (id INT8 PRIMARY KEY, k INT8 REFERENCES k (id) ON DELETE CASCADE)',
  );
  await expect(client.query('INSERT INTO c VALUES (1, 1)')).rejects.toMatchObject({
    code: '23503',
  });
  await add(1, 1, 'a');
  await client.query('INSERT INTO c VALUES (1, 1), (2, 1)');
  await client.query('DELETE FROM k WHERE id = 1');
  expect(await rows('SELECT * FROM c')).toEqual([]);
});

test('a portal takes the rows of RETURNING bit by bit', async () => {
  const text = "INSERT INTO k VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c') RETURNING id";
  const limited = { text, rows: 2 } as unknown as string;
  const result = await client.query(limited);
  expect(result.rowCount).toBe(3);
  expect(await rows('SELECT count(*) FROM k')).toEqual([['3']]);
});

test('many at once: each is there, once, also after kill -9', async () => {
  const clients = await Promise.all([1, 2, 3, 4].map(() => pgClient(server)));
  const each = clients.map(async (one, i) => {
    for (let n = 0; n < 150; n++)
      await one.query('INSERT INTO k VALUES ($1, 1, $2)', [i * 1000 + n, `${i}.${n}`]);
  });
  const blocks = (async () => {
    for (let n = 0; n < 20; n++) {
      await client.query('BEGIN');
      await client.query('INSERT INTO k VALUES ($1, 2, $2)', [9000 + n, `b${n}`]);
      await client.query('COMMIT');
    }
  })();
  await Promise.all([...each, blocks]);
  expect(await rows('SELECT v, count(*) FROM k GROUP BY v ORDER BY v')).toEqual([
    ['1', '600'],
    ['2', '20'],
  ]);
  // Clients notice that the server is gone.
  for (const one of [...clients, client]) one.on('error', () => undefined);
  await server.stop('SIGKILL');
  await start();
  expect(await rows('SELECT count(*), count(DISTINCT w) FROM k')).toEqual([['620', '620']]);
});
