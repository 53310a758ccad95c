import type { Client, DatabaseError } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** Blocks of short statements, which run in the server's main thread until they come to a long one. */

const folder = temporaryDirectory();
let server: OothecaProcess;
let client: Client;
let other: Client;

const start = async (): Promise<void> => {
  server = await OothecaProcess.start([`--store=${folder.path}/store`]);
  client = await pgClient(server);
  other = await pgClient(server);
};

beforeAll(start);
afterAll(async () => {
  await client?.end();
  await other?.end();
  await server?.stop();
  folder.remove();
});
beforeEach(async () => {
  // Sessions remember that blocks had to leave the main thread.
  await client.end();
  client = await pgClient(server);
  await client.query('DROP TABLE IF EXISTS k, big');
  await client.query('CREATE TABLE k (id INT8 PRIMARY KEY, v INT8 NOT NULL)');
  await client.query('INSERT INTO k SELECT i, 10 * i FROM generate_series(1, 5) AS i');
});

const codeOf = async (query: Promise<unknown>): Promise<string | undefined> =>
  await query.then(
    () => undefined,
    (error: DatabaseError) => error.code,
  );

const rows = async (sql: string, on = client): Promise<unknown[][]> =>
  (await on.query({ text: sql, rowMode: 'array' })).rows as unknown[][];

const get = (id: number): Promise<unknown[][]> => rows(`SELECT v FROM k WHERE id = ${id}`);
const set = (id: number, v: number, on = client) =>
  on.query('UPDATE k SET v = $2 WHERE id = $1', [id, v]);

test('what a block has read is compared by its rows, not by its table', async () => {
  await client.query('BEGIN');
  expect(await get(1)).toEqual([['10']]);
  expect(await get(7)).toEqual([]);
  await set(2, 22, other);
  await set(1, 11);
  expect(await get(2)).toEqual([['22']]);
  await client.query('COMMIT');
  expect(await rows('SELECT v FROM k WHERE id < 3 ORDER BY id')).toEqual([['11'], ['22']]);
});

test.each([
  ['has changed', 1, 'UPDATE k SET v = v + 1 WHERE id = 1'],
  ['is gone', 1, 'DELETE FROM k WHERE id = 1'],
  ['has come', 7, 'INSERT INTO k VALUES (7, 70)'],
])('a block that has read a row which %s must begin again', async (_, id, change) => {
  await client.query('BEGIN');
  await get(id);
  await other.query(change);
  expect(await codeOf(set(2, 0))).toBe('40001');
  await client.query('ROLLBACK');
  expect(await get(2)).toEqual([['20']]);
});

test('a row that was changed and changed back has not changed', async () => {
  await client.query('BEGIN');
  await get(1);
  await set(1, 0, other);
  await set(1, 10, other);
  await set(1, 11);
  await client.query('COMMIT');
  expect(await get(1)).toEqual([['11']]);
});

test('a changed schema is a conflict, whatever the rows', async () => {
  await client.query('BEGIN');
  await get(1);
  await other.query('ALTER TABLE k ADD COLUMN w INT8');
  expect(await codeOf(set(2, 0))).toBe('40001');
  await client.query('ROLLBACK');
});

test('a long query sees what the block has written, and what it writes after that is kept', async () => {
  await client.query('BEGIN');
  await get(1);
  await set(1, 1);
  await client.query('SAVEPOINT s');
  await set(2, 2);
  await client.query('ROLLBACK TO SAVEPOINT s');
  await client.query('INSERT INTO k VALUES (6, 60) RETURNING id');
  // What it calls is known to the thread as well.
  await client.query('DELETE FROM k WHERE id = $1::STRING::INT8', ['5']);
  expect(await rows('SELECT id, v FROM k WHERE v <> 10 * id')).toEqual([['1', '1']]);
  expect(await rows('SELECT count(*) FROM k, k AS l')).toEqual([['25']]);
  await set(3, 3);
  await client.query('ROLLBACK TO SAVEPOINT s');
  await set(4, 4);
  expect(await rows('SELECT sum(v) FROM k', other)).toEqual([['150']]);
  await client.query('COMMIT');
  expect(await rows('SELECT id, v FROM k WHERE v <> 10 * id ORDER BY id', other)).toEqual([
    ['1', '1'],
    ['4', '4'],
  ]);
});

test('a long query after short ones sees the same rows, and nothing that comes later', async () => {
  await client.query('BEGIN');
  await get(1);
  await set(2, 21, other);
  expect(await rows('SELECT sum(v) FROM k')).toEqual([['151']]);
  await set(1, 0, other);
  await set(2, 0, other);
  expect(await get(1)).toEqual([['10']]);
  expect(await rows('SELECT sum(v) FROM k')).toEqual([['151']]);
  await client.query('COMMIT');
});

test('rows too large to be compared are not compared', async () => {
  await client.query('CREATE TABLE big (id INT8 PRIMARY KEY, t STRING)');
  await client.query('INSERT INTO big VALUES (1, $1)', ['x'.repeat(1 << 20)]);
  const read = async (): Promise<void> => {
    await client.query('BEGIN');
    expect(await rows('SELECT length(t), t FROM big WHERE id = 1')).toHaveLength(1);
  };
  await read();
  expect(await rows('SELECT sum(length(t)) FROM big')).toEqual([[String(1 << 20)]]);
  await client.query('COMMIT');
  await read();
  await other.query('INSERT INTO big VALUES (2, NULL)');
  expect(await codeOf(client.query('INSERT INTO big VALUES (3, NULL)'))).toBe('40001');
  await client.query('ROLLBACK');
});

test('one that has read what was changed since can have no long query; one that only reads can', async () => {
  await client.query('BEGIN');
  await get(1);
  await set(1, 0, other);
  expect(await codeOf(rows('SELECT sum(v) FROM k'))).toBe('40001');
  await client.query('ROLLBACK');

  await client.query('BEGIN READ ONLY');
  expect(await get(1)).toEqual([['0']]);
  await set(1, 10, other);
  expect(await rows('SELECT sum(v) FROM k')).toEqual([['140']]);
  await client.query('COMMIT');
});

test('schema changes, COPY-sized work and errors after short statements', async () => {
  await client.query('BEGIN');
  await set(1, 1);
  await client.query('ALTER TABLE k ADD COLUMN w INT8 DEFAULT 5');
  expect(await rows('SELECT v, w FROM k WHERE id = 1')).toEqual([['1', '5']]);
  await client.query('COMMIT');
  expect(await rows('SELECT v, w FROM k WHERE id = 1', other)).toEqual([['1', '5']]);

  await client.query('BEGIN');
  await set(2, 2);
  expect(await codeOf(client.query('INSERT INTO k VALUES (2, 0)'))).toBe('23505');
  expect(await codeOf(get(1))).toBe('25P02');
  await client.query('ROLLBACK');
  expect(await get(2)).toEqual([['20']]);
});

test('thousands of short writes in one block are all kept, or none', async () => {
  for (const end of ['ROLLBACK', 'COMMIT']) {
    await client.query('BEGIN');
    for (let id = 100; id < 6_100; id++)
      await client.query({ name: 'add', text: 'INSERT INTO k VALUES ($1, $1)', values: [id] });
    await client.query(end);
    expect(await rows('SELECT count(*) FROM k WHERE id >= 100', other)).toEqual([
      [end === 'COMMIT' ? '6000' : '0'],
    ]);
  }
});

test('one that has written too much to move begins again, and then it works', async () => {
  await client.query('CREATE TABLE big (id INT8 PRIMARY KEY, t STRING)');
  const write = async (): Promise<unknown[][]> => {
    await client.query('BEGIN');
    await client.query('INSERT INTO big VALUES (1, $1)', ['x'.repeat(9 << 20)]);
    return await rows('SELECT sum(length(t)) FROM big');
  };
  expect(await codeOf(write())).toBe('40001');
  await client.query('ROLLBACK');
  expect(await write()).toEqual([[String(9 << 20)]]);
  await client.query('COMMIT');
});

test('eight clients that read and write rows of their own never get in each other’s way', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => pgClient(server)));
  await client.query('INSERT INTO k SELECT i, 0 FROM generate_series(11, 18) AS i');
  await Promise.all(
    clients.map(async (each, i) => {
      for (let turn = 0; turn < 20; turn++) {
        await each.query('BEGIN');
        const [row] = await rows(`SELECT v FROM k WHERE id = ${11 + i}`, each);
        await set(11 + i, Number(row?.[0]) + 1, each);
        await each.query('COMMIT');
      }
      await each.end();
    }),
  );
  expect(await rows('SELECT DISTINCT v FROM k WHERE id > 10')).toEqual([['20']]);
});

test('what was committed survives kill -9, what was not does not', async () => {
  await client.query('BEGIN');
  await set(1, 1);
  await client.query('COMMIT');
  await client.query('BEGIN');
  await set(2, 2);
  const gone = [client, other].map(
    (each) => new Promise<void>((resolve) => each.once('error', () => resolve())),
  );
  await server.stop('SIGKILL');
  await Promise.all(gone);
  await start();
  expect(await rows('SELECT v FROM k WHERE id < 3 ORDER BY id')).toEqual([['1'], ['20']]);
});
