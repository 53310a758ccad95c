import type { Client } from 'pg';
import type { OothecaProcess } from '../support/ootheca-process';
import { pgClient, startRestored } from '../support/restored-server';

/** A DELETE that is one statement of SQLite leaves what one that goes row by row (for its RETURNING) leaves. */

let server: OothecaProcess;
let client: Client;

const FILL =
  "SELECT i, i % 7, 'name ' || i::STRING, CASE WHEN i % 5 = 0 THEN NULL ELSE i * 1.50 END FROM generate_series(1, 500) AS g(i)";

beforeAll(async () => {
  server = await startRestored([]);
  client = await pgClient(server, 'defaultdb');
  for (const name of ['bulk', 'single'])
    await client.query(
      `CREATE TABLE ${name} (id INT PRIMARY KEY, a INT, s STRING, d DECIMAL, INDEX (a), UNIQUE (s))`,
    );
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});
beforeEach(async () => {
  for (const name of ['bulk', 'single']) {
    await client.query(`DELETE FROM ${name}`);
    await client.query(`INSERT INTO ${name} ${FILL}`);
  }
});

const rowsOf = async (name: string): Promise<unknown[]> =>
  (await client.query(`SELECT * FROM ${name} ORDER BY id`)).rows;

test.each<[string, unknown[]]>([
  ['true', []],
  ['false', []],
  ['NULL', []],
  ['id > 0', []],
  ['id > 1', []],
  ['a = 3', []],
  ['a = $1 OR s LIKE $2', [3, 'name 1%']],
  ["s LIKE 'name 2%' AND d > 30.5", []],
  ['d IS NULL', []],
  ['NOT (d > 100)', []],
  ['id IN (1, 2, 3, 900)', []],
  ['id BETWEEN 10 AND 400 AND a IN (1, 2)', []],
  ['id = 1 OR (SELECT count(*) FROM THIS) < 500', []],
  ['id > 1 AND EXISTS (SELECT 1 FROM THIS AS o WHERE o.id = THIS.id - 1)', []],
  ['id = (SELECT max(id) FROM THIS)', []],
])('DELETE … WHERE %s', async (condition, values) => {
  const run = async (name: string, more: string) => {
    const text = `DELETE FROM ${name} WHERE ${condition.replaceAll('THIS', name)}${more}`;
    return (await client.query(text, values)).rowCount;
  };
  const before = await rowsOf('single');
  const { rows: clock } = await client.query('SELECT cluster_logical_timestamp() AS time');
  expect(await run('bulk', '')).toBe(await run('single', ' RETURNING id'));
  expect(await rowsOf('bulk')).toEqual(await rowsOf('single'));
  const past = `SELECT * FROM bulk AS OF SYSTEM TIME ${clock[0].time} ORDER BY id`;
  expect((await client.query(past)).rows).toEqual(before);
  // The indexes agree with the table.
  const { rows } = await client.query('SELECT count(a), count(*) FROM bulk WHERE a = 3');
  const { rows: scanned } = await client.query(
    'SELECT count(a), count(*) FROM bulk WHERE a + 0 = 3',
  );
  expect(rows).toEqual(scanned);
});

test('rows that other tables refer to stay, and nothing of the statement is left', async () => {
  await client.query('CREATE TABLE child (id INT PRIMARY KEY, of INT REFERENCES bulk (id))');
  await client.query('INSERT INTO child VALUES (1, 77)');
  await expect(client.query('DELETE FROM bulk')).rejects.toMatchObject({ code: '23503' });
  expect(await rowsOf('bulk')).toEqual(await rowsOf('single'));
  await client.query('DROP TABLE child');
  expect((await client.query('DELETE FROM bulk')).rowCount).toBe(500);
});

test('an error on the way leaves all rows', async () => {
  const query = client.query('DELETE FROM bulk WHERE 1 / (400 - id) < 2');
  await expect(query).rejects.toMatchObject({ code: '22012' });
  expect(await rowsOf('bulk')).toEqual(await rowsOf('single'));
});

test('in a block it can be rolled back, and its savepoint too', async () => {
  await client.query('BEGIN');
  await client.query('SAVEPOINT a');
  expect((await client.query('DELETE FROM bulk WHERE a = 1')).rowCount).toBe(72);
  await client.query('ROLLBACK TO SAVEPOINT a');
  expect((await client.query('DELETE FROM bulk WHERE a = 2')).rowCount).toBe(72);
  await client.query('COMMIT');
  await client.query('DELETE FROM single WHERE a = 2 RETURNING id');
  expect(await rowsOf('bulk')).toEqual(await rowsOf('single'));
});

test('it ends at its timeout', async () => {
  await client.query("SET statement_timeout = '100ms'");
  const query = client.query('DELETE FROM bulk WHERE pg_sleep(0.05)');
  await expect(query).rejects.toMatchObject({ code: '57014' });
  await client.query('RESET statement_timeout');
  expect(await rowsOf('bulk')).toEqual(await rowsOf('single'));
});
