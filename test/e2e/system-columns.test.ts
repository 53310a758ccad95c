import type { Client, DatabaseError } from 'pg';
import { decimalText } from '../../catalog/types/decimal';
import { MVCC_TIMESTAMP } from '../../sql/builtins/crdb-internal';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** `crdb_internal_mvcc_timestamp` and `tableoid`, which each row of a table has by name only. */

const directory = temporaryDirectory();
let server: OothecaProcess;
let client: Client;

beforeAll(async () => {
  server = await OothecaProcess.start([`--store=${directory.path}`]);
  client = await pgClient(server);
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
  directory.remove();
});

const rows = async (sql: string): Promise<unknown[][]> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows;

const one = async (sql: string): Promise<string> => String((await rows(sql))[0]?.[0]);

/** When the row of `t` with the key was written. */
const written = (key: number): Promise<string> =>
  one(`SELECT crdb_internal_mvcc_timestamp FROM t WHERE x = ${key}`);

beforeEach(async () => {
  await client.query(`DROP TABLE IF EXISTS t, u CASCADE;
    CREATE TABLE t (x INT PRIMARY KEY, y INT, INDEX i (y)); CREATE TABLE u (s STRING);
    INSERT INTO t VALUES (1, 10); INSERT INTO t VALUES (2, 20); INSERT INTO u VALUES ('a'), ('b')`);
});

test('in conditions, order, joins, groups and views, and in no star', async () => {
  const [first, second] = [await written(1), await written(2)];
  expect(first).toMatch(/^\d{19}\.0{10}$/);
  expect(Number(second)).toBeGreaterThan(Number(first));
  const time = 'crdb_internal_mvcc_timestamp';
  expect(await rows(`SELECT *, t.${time} = ${first} FROM t@i ORDER BY ${time} DESC`)).toEqual([
    ['2', '20', false],
    ['1', '10', true],
  ]);
  expect(
    await rows(`SELECT a.*, b.x FROM t a JOIN t b ON a.${time} = b.${time} ORDER BY 1`),
  ).toEqual([
    ['1', '10', '1'],
    ['2', '20', '2'],
  ]);
  expect(await rows('TABLE t')).toEqual([
    ['1', '10'],
    ['2', '20'],
  ]);
  expect(await rows(`SELECT count(DISTINCT ${time}), min(${time}) = ${first} FROM t`)).toEqual([
    ['2', true],
  ]);
  expect(await rows(`SELECT count(DISTINCT ${time}) FROM u`)).toEqual([['1']]);
  await client.query(`CREATE VIEW v AS SELECT x, ${time} AS w, tableoid AS o FROM t`);
  expect(await rows("SELECT x, w, o = 't'::REGCLASS::OID FROM v ORDER BY x")).toEqual([
    ['1', first, true],
    ['2', second, true],
  ]);
});

test('tableoid is NULL where an outer join has no row', async () => {
  const sql = `SELECT t.x, t.tableoid = 't'::REGCLASS::OID, u.s, u.tableoid IS NULL,
      u.crdb_internal_mvcc_timestamp IS NULL FROM t FULL JOIN u ON u.s = 'a' AND t.x = 1 ORDER BY x, s`;
  expect(await rows(sql)).toEqual([
    [null, null, 'b', false, false],
    ['1', true, 'a', false, false],
    ['2', true, null, true, true],
  ]);
});

test('of writes, and of the past', async () => {
  const [first, second] = [await written(1), await written(2)];
  await client.query(
    `UPDATE t SET y = (crdb_internal_mvcc_timestamp / 1e9)::INT WHERE crdb_internal_mvcc_timestamp = ${first}`,
  );
  expect(await rows(`SELECT y = (${first} / 1e9)::INT FROM t WHERE x = 1`)).toEqual([[true]]);
  const third = await written(1);
  const updated = `UPDATE t SET y = 5 FROM u WHERE u.crdb_internal_mvcc_timestamp > ${third} RETURNING x`;
  expect(await rows(updated)).toEqual([]);
  await client.query(`DELETE FROM t WHERE crdb_internal_mvcc_timestamp = ${second}`);
  expect(Number(third)).toBeGreaterThan(Number(second));
  for (const [time, expected] of [
    [first, [['1', first]]],
    [
      second,
      [
        ['1', first],
        ['2', second],
      ],
    ],
    [
      third,
      [
        ['1', third],
        ['2', second],
      ],
    ],
  ] as const) {
    const sql = 'SELECT x, crdb_internal_mvcc_timestamp FROM t';
    expect(await rows(`${sql} AS OF SYSTEM TIME ${time} ORDER BY x`)).toEqual(expected);
  }
});

test('of the row that ON CONFLICT has found', async () => {
  const [first, second] = [await written(1), await written(2)];
  const sql = (row: string, condition: string): string =>
    `INSERT INTO t VALUES ${row} ON CONFLICT (x) DO UPDATE
       SET y = (crdb_internal_mvcc_timestamp / 1e9)::INT + excluded.y WHERE ${condition} RETURNING x, y`;
  const own = 't.crdb_internal_mvcc_timestamp';
  expect(await rows(sql('(1, 7), (2, 8), (3, 9)', `${own} = ${second}`))).toEqual([
    ['2', await one(`SELECT (${second} / 1e9)::INT + 8`)],
    ['3', '9'],
  ]);
  expect(await rows(sql('(1, 0)', `${own} = ${first} AND tableoid = 't'::REGCLASS::OID`))).toEqual([
    ['1', await one(`SELECT (${first} / 1e9)::INT`)],
  ]);
  expect(await rows(sql('(1, 0)', `${own} = ${first}`))).toEqual([]);
});

test('all rows of a block have the time that cluster_logical_timestamp() shows', async () => {
  await client.query("BEGIN; INSERT INTO t VALUES (3, 30); INSERT INTO u VALUES ('c')");
  const time = await one('SELECT cluster_logical_timestamp()');
  expect(await written(3)).toBe(time);
  await client.query('COMMIT');
  expect(await written(3)).toBe(time);
  expect(await one("SELECT crdb_internal_mvcc_timestamp FROM u WHERE s = 'c'")).toBe(time);
});

test('a restored row has the time that it was written at, in its new table', async () => {
  const [first, second] = [await written(1), await written(2)];
  await client.query("BACKUP TABLE t INTO 'nodelocal://1/c'; CREATE DATABASE r");
  await client.query("RESTORE TABLE t FROM LATEST IN 'nodelocal://1/c' WITH into_db = 'r'");
  const sql = `SELECT crdb_internal_mvcc_timestamp, tableoid = 'r.t'::REGCLASS::OID FROM r.t ORDER BY x`;
  expect(await rows(sql)).toEqual([
    [first, true],
    [second, true],
  ]);
});

test('a logical part is in the ten digits after the point', () => {
  const { body } = MVCC_TIMESTAMP;
  if (body.kind !== 'udf') throw new Error('not a function over representations');
  const of = body.fn as (written: bigint | string) => string;
  expect(decimalText(of('1600000000000000000.12'))).toBe('1600000000000000000.0000000012');
  expect(decimalText(of(5n))).toBe('5.0000000000');
});

const NONE = (name: string): string => `42703 column "${name}" does not exist`;
const OWN = (name: string): string => `42P10 cannot modify system column "${name}"`;
const TIME = 'crdb_internal_mvcc_timestamp';

test.each([
  [`INSERT INTO t (x, ${TIME}) VALUES (5, 0)`, OWN(TIME)],
  ['UPSERT INTO t (x, tableoid) VALUES (5, 0)', OWN('tableoid')],
  [`UPDATE t SET ${TIME} = 1.0 WHERE x = 1`, OWN(TIME)],
  [
    'INSERT INTO t VALUES (7, 8, 1.0)',
    '42601 INSERT has more expressions than target columns, 3 expressions for 2 targets',
  ],
  [`INSERT INTO t VALUES (7, 8) RETURNING ${TIME}`, NONE(TIME)],
  [`UPDATE t SET y = 1 FROM u WHERE u.${TIME} > 0 RETURNING u.${TIME}`, NONE(`u.${TIME}`)],
  [`CREATE INDEX ON t (${TIME})`, NONE(TIME)],
  ['CREATE INDEX ON t (y) WHERE tableoid > 0', NONE('tableoid')],
  [`ALTER TABLE t ADD CHECK (${TIME} > 1)`, NONE(TIME)],
  [`ALTER TABLE t ADD COLUMN z DECIMAL AS (${TIME}) STORED`, NONE(TIME)],
  [
    `CREATE TABLE made AS SELECT ${TIME} FROM t`,
    `42701 column name "${TIME}" conflicts with a system column name`,
  ],
  [
    `SELECT ${TIME} FROM t, u`,
    `42702 column reference "${TIME}" is ambiguous (candidates: t.${TIME}, u.${TIME})`,
  ],
])('refused: %s', async (sql, message) => {
  const error = await client.query(sql).then(
    () => 'no error',
    (thrown: DatabaseError) => `${thrown.code} ${thrown.message}`,
  );
  expect(error).toBe(message);
});
