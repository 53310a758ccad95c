import type { Client, DatabaseError } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** Reads of the past: rows and schema as they were. */

const directory = temporaryDirectory();
let server: OothecaProcess;
let client: Client;
let other: Client;

beforeAll(async () => {
  server = await OothecaProcess.start([`--store=${directory.path}`]);
  client = await pgClient(server);
  other = await pgClient(server);
});
afterAll(async () => {
  await client?.end();
  await other?.end();
  await server?.stop();
  directory.remove();
});

const rows = async (sql: string, on = client): Promise<unknown[][]> =>
  (await on.query({ text: sql, rowMode: 'array' })).rows;

const now = async (on = client): Promise<string> =>
  String((await rows('SELECT cluster_logical_timestamp()', on))[0]?.[0]);

const errorOf = async (query: Promise<unknown>): Promise<string> =>
  await query.then(
    () => 'no error',
    (error: DatabaseError) => `${error.code} ${error.message}`,
  );

test('updates, deletes, upserts and primary keys that move', async () => {
  await client.query('CREATE TABLE t (a INT PRIMARY KEY, b STRING, INDEX (b))');
  const made = await now();
  await client.query("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
  const one = await now();
  await client.query("UPDATE t SET b = 'z' WHERE a = 1");
  const two = await now();
  await client.query('UPDATE t SET a = 3 WHERE a = 2');
  await client.query("UPSERT INTO t VALUES (3, 'u'), (4, 'n')");
  const three = await now();
  await client.query('DELETE FROM t WHERE true');
  const at = (time: string) => rows(`SELECT a, b FROM t AS OF SYSTEM TIME ${time} ORDER BY a`);
  expect(await at(made)).toEqual([]);
  expect(await at(one)).toEqual([
    ['1', 'x'],
    ['2', 'y'],
  ]);
  expect(await at(two)).toEqual([
    ['1', 'z'],
    ['2', 'y'],
  ]);
  expect(await at(three)).toEqual([
    ['1', 'z'],
    ['3', 'u'],
    ['4', 'n'],
  ]);
  expect(await rows('SELECT a FROM t')).toEqual([]);
  const joined = `WITH x AS (SELECT * FROM t WHERE b > 'm') SELECT count(*), (SELECT max(a) FROM t) FROM x JOIN t USING (a) AS OF SYSTEM TIME ${three}`;
  expect(await rows(joined)).toEqual([['3', '4']]);
  const recursive = `WITH RECURSIVE r (n) AS (SELECT min(a) FROM t UNION ALL SELECT n + 1 FROM r WHERE n < (SELECT max(a) FROM t)) SELECT count(*) FROM r AS OF SYSTEM TIME ${three}`;
  expect(await rows(recursive)).toEqual([['4']]);
});

test('a block is there as a whole from its time on', async () => {
  await client.query('CREATE TABLE b (a INT PRIMARY KEY, n INT)');
  await client.query('INSERT INTO b VALUES (1, 1)');
  const before = await now();
  await client.query('BEGIN');
  await client.query('INSERT INTO b VALUES (2, 2)');
  const inside = await now();
  await client.query('UPDATE b SET n = n + 10');
  await client.query('SAVEPOINT s');
  await client.query('DELETE FROM b');
  await client.query('ROLLBACK TO SAVEPOINT s');
  await client.query('COMMIT');
  const at = (time: string) => rows(`SELECT a, n FROM b AS OF SYSTEM TIME ${time} ORDER BY a`);
  const whole = [
    ['1', '11'],
    ['2', '12'],
  ];
  expect(await at(before)).toEqual([['1', '1']]);
  expect(await at(inside)).toEqual(whole);
  expect(await at(await now())).toEqual(whole);
});

test('who has read a time reads the same again, whatever was open then', async () => {
  await client.query('CREATE TABLE p (a INT PRIMARY KEY)');
  await client.query('BEGIN');
  await client.query('INSERT INTO p VALUES (1)');
  const time = await now(other);
  const read = (at: string) => rows(`SELECT a FROM p AS OF SYSTEM TIME ${at}`, other);
  expect(await read(time)).toEqual([]);
  await client.query('INSERT INTO p VALUES (2)');
  await client.query('COMMIT');
  expect(await read(time)).toEqual([]);
  expect(await read(await now(other))).toEqual([['1'], ['2']]);
});

test('parts of one statement in a block', async () => {
  await client.query('CREATE TABLE w (a INT PRIMARY KEY, n INT)');
  const before = await now();
  await client.query('BEGIN');
  await client.query('INSERT INTO w VALUES (1, 1)');
  const sql =
    'WITH u AS (UPDATE w SET n = 5 RETURNING a) SELECT (SELECT sum(n) FROM w), count(*) FROM u';
  expect(await rows(sql)).toEqual([['1', '1']]);
  await client.query('INSERT INTO w VALUES (2, 2)');
  await client.query('COMMIT');
  const at = (time: string) => rows(`SELECT a, n FROM w AS OF SYSTEM TIME ${time} ORDER BY a`);
  expect(await at(before)).toEqual([]);
  expect(await at(await now())).toEqual([
    ['1', '5'],
    ['2', '2'],
  ]);
});

test('schema changes: what was there is read with the columns and names of then', async () => {
  await client.query('CREATE TABLE s (a INT PRIMARY KEY, b STRING, c INT)');
  await client.query("INSERT INTO s VALUES (1, 'x', 10), (2, 'y', 20)");
  const steps: [string, unknown[][]][] = [];
  const step = async (sql: string): Promise<void> => {
    steps.push([await now(), await rows('SELECT * FROM s ORDER BY 1')]);
    await client.query(sql);
  };
  await step('ALTER TABLE s ADD COLUMN d INT DEFAULT 7');
  await step('UPDATE s SET d = 8 WHERE a = 1');
  await step('ALTER TABLE s DROP COLUMN b');
  await step('UPDATE s SET c = 11 WHERE a = 1');
  await step('TRUNCATE s');
  await step('INSERT INTO s VALUES (5, 6, 7)');
  await step('ALTER TABLE s ALTER COLUMN c SET NOT NULL');
  await step('ALTER TABLE s ALTER PRIMARY KEY USING COLUMNS (c)');
  await step('INSERT INTO s VALUES (6, 8, 7)');
  await step('ALTER TABLE s RENAME COLUMN c TO cc');
  await step('ALTER TABLE s RENAME TO s2');
  await client.query('CREATE TABLE s (z INT PRIMARY KEY)');
  await step('DROP TABLE s');
  await client.query('DROP TABLE s2');
  for (const [time, expected] of steps)
    expect(await rows(`SELECT * FROM s AS OF SYSTEM TIME ${time} ORDER BY 1`)).toEqual(expected);
  expect(await errorOf(rows('SELECT * FROM s'))).toBe('42P01 relation "s" does not exist');
});

test('a database that was dropped', async () => {
  await client.query('CREATE DATABASE gone');
  await client.query("CREATE TYPE gone.public.mood AS ENUM ('ok', 'sad')");
  await client.query('CREATE TABLE gone.t (a INT PRIMARY KEY, m gone.public.mood)');
  await client.query("INSERT INTO gone.t VALUES (1, 'sad')");
  await client.query('CREATE VIEW gone.v AS SELECT a + 1 AS b FROM gone.t');
  const time = await now();
  await client.query('DROP DATABASE gone CASCADE');
  expect(await rows(`SELECT * FROM gone.t AS OF SYSTEM TIME ${time}`)).toEqual([['1', 'sad']]);
  expect(await rows(`SELECT * FROM gone.v AS OF SYSTEM TIME ${time}`)).toEqual([['2']]);
});

test('blocks that read the past', async () => {
  await client.query('CREATE TABLE q (a INT PRIMARY KEY)');
  await client.query('INSERT INTO q VALUES (1)');
  const time = await now();
  await client.query('DELETE FROM q');
  await client.query(`BEGIN AS OF SYSTEM TIME ${time}`);
  expect(await rows('SELECT * FROM q')).toEqual([['1']]);
  expect(await rows(`SELECT a FROM q AS OF SYSTEM TIME ${time}`)).toEqual([['1']]);
  expect(await rows('SELECT cluster_logical_timestamp()::STRING')).toEqual([[time]]);
  expect(await errorOf(client.query('INSERT INTO q VALUES (2)'))).toBe(
    '25006 cannot execute INSERT in a read-only transaction',
  );
  await client.query('ROLLBACK');
  await client.query('BEGIN');
  await client.query(`SET TRANSACTION AS OF SYSTEM TIME ${time}`);
  expect(await rows('SELECT * FROM q')).toEqual([['1']]);
  await client.query('COMMIT');
  await client.query('BEGIN');
  expect(await errorOf(rows(`SELECT a FROM q AS OF SYSTEM TIME ${time}`))).toMatch(
    /^42601 inconsistent AS OF SYSTEM TIME timestamp; expected: /,
  );
  await client.query('ROLLBACK');
});

test('sequences', async () => {
  const moments: [time: string, value: string][] = [];
  const step = async (sql: string): Promise<void> => {
    await client.query(sql);
    const [[value] = []] = await rows('SELECT last_value FROM sq');
    moments.push([await now(), String(value)]);
  };
  await step('CREATE SEQUENCE sq START 5 INCREMENT 5');
  await step(`SELECT nextval('sq'), nextval('sq')`);
  await step(`SELECT nextval('sq') FROM generate_series(1, 10)`);
  await step(`CREATE TABLE sqt (a INT PRIMARY KEY DEFAULT nextval('sq'), b INT UNIQUE)`);
  await step('INSERT INTO sqt (b) VALUES (1)');
  await step('INSERT INTO sqt (b) SELECT generate_series(2, 40)');
  await client.query('INSERT INTO sqt (b) VALUES (50), (1)').catch(() => undefined);
  await step('SELECT 1');
  await step(`SELECT setval('sq', 1000, false)`);
  await step("BEGIN; INSERT INTO sqt (b) VALUES (60); SELECT nextval('sq'); COMMIT");
  await step('BEGIN; INSERT INTO sqt (b) VALUES (70); ROLLBACK');
  await step("BEGIN; SAVEPOINT s; SELECT nextval('sq'); ROLLBACK TO SAVEPOINT s; COMMIT");
  await step('ALTER SEQUENCE sq INCREMENT 7');
  await step('ALTER SEQUENCE sq RESTART 3');
  const values = moments.map(([, value]) => value);
  expect(values).toEqual([
    '0',
    '10',
    '60',
    '60',
    '65',
    '260',
    '270',
    '995',
    '1005',
    '1010',
    '1015',
    '1015',
    '-4',
  ]);
  const all = async (): Promise<unknown[]> => {
    const found: unknown[] = [];
    for (const [time] of moments)
      found.push((await rows(`SELECT last_value FROM sq AS OF SYSTEM TIME ${time}`))[0]?.[0]);
    return found;
  };
  expect(await all()).toEqual(values);
  await client.query('DROP TABLE sqt; DROP SEQUENCE sq');
  expect(await all()).toEqual(values);
});

test('what is refused', async () => {
  await client.query('CREATE TABLE r (a INT PRIMARY KEY)');
  await client.query('CREATE SEQUENCE rs');
  const time = await now();
  expect(await errorOf(rows("SELECT * FROM r AS OF SYSTEM TIME '-30h'"))).toMatch(
    /^(42P01|72000) /,
  );
  expect(await errorOf(rows(`SELECT nextval('rs') AS OF SYSTEM TIME ${time}`))).toBe(
    '25006 cannot execute nextval() or setval() in a read-only transaction',
  );
  expect(await errorOf(rows(`SELECT * FROM r AS OF SYSTEM TIME ${time} FOR UPDATE`))).toBe(
    '25006 cannot execute FOR UPDATE in a read-only transaction',
  );
  await client.query('ALTER TABLE r CONFIGURE ZONE USING gc.ttlseconds = 1');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect(await errorOf(rows(`SELECT * FROM r AS OF SYSTEM TIME ${time}`))).toMatch(
    /^72000 batch timestamp \d+\.\d{9},0 must be after replica GC threshold \d+\.\d{9},0$/,
  );
});

test('after a restart', async () => {
  await client.query('CREATE TABLE k (a INT PRIMARY KEY)');
  await client.query('INSERT INTO k VALUES (1)');
  const time = await now();
  await client.query('DELETE FROM k');
  client.on('error', () => undefined);
  other.on('error', () => undefined);
  await server.stop('SIGKILL');
  server = await OothecaProcess.start([`--store=${directory.path}`]);
  client = await pgClient(server);
  other = await pgClient(server);
  expect(await rows(`SELECT * FROM k AS OF SYSTEM TIME ${time}`)).toEqual([['1']]);
  expect(await rows('SELECT * FROM k')).toEqual([]);
});
