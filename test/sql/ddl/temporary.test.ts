import { type DdlEngine, openDdlEngine } from './engine';

/** Temporary tables, views and sequences: seen by their session alone, and gone with it. */

let engine: DdlEngine;
let other: (sql: string) => Promise<string>;

beforeEach(async () => {
  engine = await openDdlEngine();
  other = await engine.connect();
  await engine.run("SET experimental_enable_temp_tables = 'on'");
});
afterEach(async () => {
  await engine?.close();
});

const schemas = (): Promise<string> =>
  engine.run("SELECT count(*) FROM [SHOW SCHEMAS] WHERE schema_name LIKE 'pg_temp%'");

test('they are asked for first', async () => {
  expect(await other('CREATE TEMP TABLE t (a INT)')).toBe(
    "ERROR 0A000 temporary tables are only supported experimentally\nHINT You can enable temporary tables by running `SET experimental_enable_temp_tables = 'on'`.",
  );
});

test('only the session that made it sees it, also under the name of another', async () => {
  await engine.run('CREATE TABLE t (a INT PRIMARY KEY); INSERT INTO t VALUES (1)');
  expect(await engine.run('SELECT a FROM t')).toBe('1');
  expect(await engine.run('CREATE TEMP TABLE t (a INT PRIMARY KEY, b SERIAL)')).toBe(
    'CREATE TABLE',
  );
  await engine.run('INSERT INTO t (a) VALUES (2), (3)');
  expect(await engine.run('SELECT a FROM t ORDER BY a')).toBe('2\n3');
  expect(await engine.run('SELECT a FROM pg_temp.t ORDER BY a')).toBe('2\n3');
  expect(await engine.run('SELECT a FROM public.t')).toBe('1');
  expect(await other('SELECT a FROM t')).toBe('1');
  expect(await other('SELECT a FROM pg_temp.t')).toContain('ERROR 42P01');
  expect(await engine.run('SHOW CREATE TABLE t')).toContain('CREATE TEMP TABLE pg_temp.t (\n');
  const name = await engine.run(
    "SELECT schema_name FROM [SHOW SCHEMAS] WHERE schema_name LIKE 'pg_temp%'",
  );
  expect(await other(`SELECT * FROM ${name}.t`)).toBe(
    'ERROR 0A000 cannot access temporary tables of other sessions',
  );
  expect(await engine.run('DROP TABLE t; SELECT a FROM t')).toBe('1');
});

test('each session has its own of a name', async () => {
  await other("SET experimental_enable_temp_tables = 'on'");
  for (const [run, value] of [
    [engine.run, 1],
    [other, 2],
  ] as const) {
    await run(`CREATE TEMP TABLE t (a INT PRIMARY KEY); INSERT INTO t VALUES (${value})`);
  }
  for (let i = 0; i < 2; i++) {
    expect(await engine.run('SELECT a FROM t')).toBe('1');
    expect(await other('SELECT a FROM t')).toBe('2');
  }
});

test('views, sequences, tables from queries and keys', async () => {
  await engine.run('CREATE TABLE stays (a INT PRIMARY KEY); INSERT INTO stays VALUES (7)');
  await engine.run('CREATE TEMP TABLE t AS SELECT a + 1 AS b FROM stays; CREATE TEMP SEQUENCE s');
  expect(await engine.run("SELECT b, nextval('s') FROM t")).toBe('8|1');
  expect(await engine.run('CREATE VIEW v AS SELECT b FROM t')).toBe(
    'NOTICE 00000 view "v" will be a temporary view\nCREATE VIEW',
  );
  expect(await engine.run('SELECT * FROM pg_temp.v')).toBe('8');
  expect(await engine.run('SHOW CREATE v')).toContain('CREATE TEMP VIEW pg_temp.v (b)');
  expect(await engine.run('CREATE TEMP TABLE u (a INT REFERENCES stays)')).toBe(
    'ERROR 42P16 constraints on temporary tables may reference only temporary tables',
  );
  expect(await engine.run('CREATE TEMP TABLE public.u (a INT)')).toBe(
    'ERROR 42P16 cannot create temporary relation in non-temporary schema',
  );
  expect(await engine.run('CREATE TABLE pg_temp.u (a INT) ON COMMIT PRESERVE ROWS')).toContain(
    'ERROR 42P16 ON COMMIT can only be used on temporary tables',
  );
  expect(await engine.run('ALTER TABLE stays SET SCHEMA pg_temp')).toBe(
    'ERROR 0A000 cannot move objects into or out of temporary schemas',
  );
  expect(await engine.run('CREATE TEMP TABLE u (a INT) ON COMMIT PRESERVE ROWS')).toBe(
    'CREATE TABLE',
  );
});

test('they end with their session, or when it discards them', async () => {
  await engine.run('CREATE TABLE stays (a INT PRIMARY KEY)');
  await other("SET experimental_enable_temp_tables = 'on'");
  await other('CREATE TEMP TABLE t (a INT PRIMARY KEY); CREATE TEMP VIEW v AS SELECT a FROM stays');
  await engine.run('CREATE TEMP TABLE u (a INT)');
  expect(await schemas()).toBe('2');
  expect(await engine.run('DROP TABLE stays')).toContain('ERROR 2BP01');
  await engine.disconnect(other);
  expect(await schemas()).toBe('1');
  expect(await engine.run('DROP TABLE stays')).toBe('DROP TABLE');
  expect(await engine.run('DISCARD TEMP')).toBe('DISCARD TEMP');
  expect(await schemas()).toBe('0');
  await engine.run('CREATE TEMP TABLE u (a INT)');
  expect(await engine.run('DISCARD ALL')).toBe('DISCARD ALL');
  expect(await schemas()).toBe('0');
});

test('in a block they are part of it', async () => {
  await engine.run('BEGIN; CREATE TEMP TABLE t (a INT PRIMARY KEY); INSERT INTO t VALUES (1)');
  expect(await engine.run('SELECT a FROM t')).toBe('1');
  await engine.run('ROLLBACK');
  expect(await engine.run('SELECT a FROM t')).toContain('ERROR 42P01');
  await engine.run(
    'BEGIN; CREATE TEMP TABLE t (a INT PRIMARY KEY); INSERT INTO t VALUES (2); COMMIT',
  );
  expect(await engine.run('SELECT a FROM t')).toBe('2');
});
