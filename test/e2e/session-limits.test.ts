import type { Client } from 'pg';
import { OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** Statements that are too much, or that SQLite alone would answer otherwise: an error or the answer, and the session lives. */

let server: OothecaProcess;
let client: Client;

beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem']);
  client = await pgClient(server, 'defaultdb');
  await client.query('CREATE TABLE t (id INT PRIMARY KEY)');
  await client.query('CREATE TABLE u (id INT PRIMARY KEY)');
  await client.query('INSERT INTO t VALUES (1), (2)');
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});
afterEach(async () => {
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
});

const list = (count: number, item: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(', ');

test.each([
  ['rows', `SELECT (9999, 2) IN (${list(10_000, (i) => `(${i}, 2)`)}) AS x`],
  ['numbers', `SELECT 9999 IN (${list(10_000, String)}) AS x`],
  [
    'a chain of OR',
    `SELECT ${Array.from({ length: 5_000 }, (_, i) => `1 = ${i}`).join(' OR ')} AS x`,
  ],
])('long lists: %s', async (_, sql) => {
  expect((await client.query(sql)).rows).toEqual([{ x: true }]);
});

test('1,600 columns', async () => {
  const { rows } = await client.query(`SELECT ${list(1_600, (i) => `${i} AS c${i}`)}`);
  expect(Object.keys(rows[0] as object)).toHaveLength(1_600);
});

test.each([
  ['brackets', `SELECT ${'('.repeat(5_000)}1${')'.repeat(5_000)}`, '54001'],
  ['a sum', `SELECT ${'1 + '.repeat(5_000)}1`, '54001'],
  ['subqueries', `SELECT ${'(SELECT '.repeat(500)}1${')'.repeat(500)}`, '54001'],
  ['tables', `SELECT 1 FROM ${list(100, (i) => `(SELECT 1) AS t${i}`)}`, '54001'],
  ['columns', `SELECT ${list(5_000, String)}`, '54001'],
  ['a negative LIMIT', 'SELECT 1 LIMIT -1', '2201W'],
  [
    'recursion under an aggregate',
    'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT count(*) FROM r) SELECT * FROM r',
    '0A000',
  ],
  [
    'recursion in a subquery',
    'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT (SELECT max(n) FROM r)) SELECT * FROM r',
    '0A000',
  ],
])('%s', async (_, sql, code) => {
  await expect(client.query(sql)).rejects.toMatchObject({ code });
});

test('REGCLASS is sent by its name, whatever it comes from', async () => {
  const names = async (sql: string): Promise<unknown[]> =>
    (await client.query<{ x: string }>(sql)).rows.map(({ x }) => x);
  expect(await names("SELECT 't'::REGCLASS AS x UNION SELECT 'u'::REGCLASS ORDER BY 1")).toEqual([
    't',
    'u',
  ]);
  expect(await names("SELECT DISTINCT 't'::REGCLASS AS x FROM t")).toEqual(['t']);
  expect(await names("SELECT x FROM (SELECT 't'::REGCLASS AS x) AS q")).toEqual(['t']);
});
