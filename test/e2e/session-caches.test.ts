import type { Client } from 'pg';
import type { OothecaProcess } from '../support/ootheca-process';
import { pgClient, startRestored } from '../support/restored-server';

/** Statements seen before: what they gave must not outlive what it depended on. */

let server: OothecaProcess;
let client: Client;
let other: Client;

beforeAll(async () => {
  server = await startRestored(['bank']);
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(async () => {
  client = await pgClient(server);
  other = await pgClient(server);
});
afterEach(async () => {
  await client.query('DROP TABLE IF EXISTS k');
  await client.end();
  await other.end();
});

const GET = { name: 'get', text: 'SELECT * FROM k WHERE id = $1' };

const get = async (id: number): Promise<unknown> =>
  (await client.query({ ...GET, values: [id] })).rows[0];

const simple = async (sql: string): Promise<unknown[][]> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows as unknown[][];

test('an index that a look-up by key used is dropped and made again', async () => {
  await client.query('CREATE TABLE k (id INT8 PRIMARY KEY, v INT8 NOT NULL, UNIQUE INDEX kv (v))');
  await client.query('INSERT INTO k VALUES (1, 10), (2, 20)');
  const byValue = () => simple('SELECT id FROM k WHERE v = 20');
  expect(await byValue()).toEqual([['2']]);
  await other.query('DROP INDEX kv CASCADE');
  expect(await byValue()).toEqual([['2']]);
  await other.query('INSERT INTO k VALUES (3, 20)');
  expect((await byValue()).length).toBe(2);
});

test('a prepared query whose columns change is refused, one whose columns stay goes on', async () => {
  await client.query('CREATE TABLE k (id INT8 PRIMARY KEY, v INT8)');
  await client.query('INSERT INTO k VALUES (1, 10)');
  expect(await get(1)).toEqual({ id: '1', v: '10' });
  await other.query('CREATE INDEX kv ON k (v)');
  expect(await get(1)).toEqual({ id: '1', v: '10' });
  await other.query("ALTER TABLE k ADD COLUMN w STRING DEFAULT 'x'");
  await expect(get(1)).rejects.toMatchObject({
    message: 'cached plan must not change result type',
  });
  expect(await simple('SELECT * FROM k WHERE id = 1')).toEqual([['1', '10', 'x']]);
  await other.query('DROP TABLE k');
  await expect(simple('SELECT * FROM k WHERE id = 1')).rejects.toMatchObject({ code: '42P01' });
  await other.query('CREATE TABLE k (id INT8 PRIMARY KEY, v STRING)');
  await other.query("INSERT INTO k VALUES (1, 'new')");
  expect(await simple('SELECT * FROM k WHERE id = 1')).toEqual([['1', 'new']]);
});

test('settings: the database, the search path and the time zone', async () => {
  await client.query('CREATE TABLE k (id INT8 PRIMARY KEY, t TIMESTAMPTZ)');
  await client.query("INSERT INTO k VALUES (1, '2024-01-02 12:00:00+00')");
  const text = 'SELECT t::STRING, t FROM k WHERE id = 1';
  expect((await simple(text))[0]?.[0]).toBe('2024-01-02 12:00:00+00:00');
  await client.query("SET timezone = 'Asia/Tokyo'");
  expect((await simple(text))[0]?.[0]).toBe('2024-01-02 21:00:00+09:00');
  await client.query('CREATE SCHEMA s');
  await client.query('CREATE TABLE s.k (id INT8 PRIMARY KEY, t STRING)');
  await client.query("INSERT INTO s.k VALUES (1, 'of s')");
  await client.query('SET search_path = s, public');
  expect(await simple(text)).toEqual([['of s', 'of s']]);
  await client.query('SET database = bank');
  await expect(simple(text)).rejects.toMatchObject({ code: '42P01' });
  await client.query('SET database = defaultdb');
  await client.query('SET search_path = public');
  await client.query('DROP SCHEMA s CASCADE');
});

test('parameters of other types are another statement', async () => {
  await client.query('CREATE TABLE k (id INT8 PRIMARY KEY, v STRING)');
  await client.query("INSERT INTO k VALUES (1, 'a')");
  const typed = async (type: string, value: string): Promise<unknown[][]> => {
    await client.query(`PREPARE p_${type} (${type}) AS SELECT $1, v FROM k WHERE id = 1`);
    return simple(`EXECUTE p_${type}('${value}')`);
  };
  expect(await typed('int8', '7')).toEqual([['7', 'a']]);
  expect(await typed('string', '7')).toEqual([['7', 'a']]);
  expect(await typed('decimal', '7.50')).toEqual([['7.50', 'a']]);
  expect(await typed('bool', 'true')).toEqual([[true, 'a']]);
});

test('look-ups see what was committed, and in a block what the block sees', async () => {
  await client.query('CREATE TABLE k (id INT8 PRIMARY KEY, v INT8)');
  await client.query('INSERT INTO k VALUES (1, 10)');
  expect(await get(1)).toEqual({ id: '1', v: '10' });
  await other.query('UPDATE k SET v = 11 WHERE id = 1');
  expect(await get(1)).toEqual({ id: '1', v: '11' });
  await client.query('BEGIN');
  expect(await get(1)).toEqual({ id: '1', v: '11' });
  await other.query('UPDATE k SET v = 12 WHERE id = 1');
  expect(await get(1)).toEqual({ id: '1', v: '11' });
  await client.query('COMMIT');
  expect(await get(1)).toEqual({ id: '1', v: '12' });
  await client.query('BEGIN');
  await client.query('UPDATE k SET v = 13 WHERE id = 1');
  expect((await other.query({ ...GET, values: [1] })).rows).toEqual([{ id: '1', v: '12' }]);
  expect(await get(1)).toEqual({ id: '1', v: '13' });
  await client.query('SAVEPOINT s');
  await client.query('UPDATE k SET v = 14 WHERE id = 1');
  expect(await get(1)).toEqual({ id: '1', v: '14' });
  await client.query('ROLLBACK TO SAVEPOINT s');
  expect(await get(1)).toEqual({ id: '1', v: '13' });
  await client.query('ROLLBACK');
  expect(await get(1)).toEqual({ id: '1', v: '12' });
});
