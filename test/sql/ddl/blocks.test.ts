import { type DdlEngine, openDdlEngine } from './engine';

/** What blocks do beside changing rows and schemas: modes, restarts, waiting for each other. */

let engine: DdlEngine;
let run: DdlEngine['run'];
let other: DdlEngine['run'];

beforeEach(async () => {
  engine = await openDdlEngine();
  run = engine.run;
  other = await engine.connect();
  await run('CREATE TABLE t (a INT PRIMARY KEY)');
});

afterEach(async () => {
  await engine.close();
});

test('modes of a block', async () => {
  await run('BEGIN ISOLATION LEVEL READ COMMITTED, PRIORITY HIGH, NOT DEFERRABLE');
  expect(await run('SHOW TRANSACTION ISOLATION LEVEL')).toBe('serializable');
  expect(await run('SHOW TRANSACTION PRIORITY')).toBe('high');
  await run('SET TRANSACTION PRIORITY LOW, READ ONLY; SELECT * FROM t');
  expect(await run('SHOW transaction_priority')).toBe('low');
  expect(await run('INSERT INTO t VALUES (1)')).toMatch(/^ERROR 25006/);
  await run('ROLLBACK');
  expect(await run('SHOW TRANSACTION PRIORITY')).toBe('normal');
  expect(await run('BEGIN; SELECT * FROM t; SET TRANSACTION PRIORITY HIGH')).toBe(
    'ERROR 25001 cannot change the user priority of a running transaction',
  );
  await run('ROLLBACK');
  expect(await run('BEGIN DEFERRABLE')).toMatch(/^ERROR 0A000 DEFERRABLE transactions/);
  expect(await run("BEGIN AS OF SYSTEM TIME '-1s', READ WRITE")).toBe(
    'ERROR 42601 AS OF SYSTEM TIME specified with READ WRITE mode',
  );
  expect(await run('BEGIN READ ONLY, READ WRITE')).toMatch(/read mode specified multiple times/);
  await run('SET SESSION CHARACTERISTICS AS TRANSACTION PRIORITY HIGH, READ ONLY; BEGIN');
  expect(await run('SHOW transaction_priority')).toBe('high');
  expect(await run('CREATE DATABASE d')).toMatch(/^ERROR 25006/);
});

test('a block with cockroach_restart can be run again until it commits', async () => {
  await run('BEGIN; SAVEPOINT cockroach_restart; SELECT count(*) FROM t');
  await other('INSERT INTO t VALUES (1)');
  expect(await run('INSERT INTO t SELECT count(*) + 1 FROM t')).toMatch(
    /^ERROR 40001 restart transaction/,
  );
  await run('ROLLBACK TO SAVEPOINT cockroach_restart');
  expect(await run('SELECT count(*) FROM t')).toBe('1');
  expect(await run('INSERT INTO t SELECT count(*) + 1 FROM t')).toBe('INSERT 0 1');
  await run('CREATE TABLE u (a INT)');
  expect(await run('ROLLBACK TO SAVEPOINT cockroach_restart')).toBe('ROLLBACK');
  expect(await other('INSERT INTO t VALUES (5)')).toBe('INSERT 0 1');
  await run('INSERT INTO t VALUES (2); CREATE TABLE w (a INT)');
  expect(await run('RELEASE SAVEPOINT cockroach_restart')).toBe('RELEASE');
  expect(await other('SELECT a FROM t, (SELECT count(*) FROM w) ORDER BY a')).toBe('1\n2\n5');
  expect(await run('SHOW TRANSACTION STATUS')).toBe('CommitWait');
  expect(await run('SELECT 1')).toMatch(/^ERROR 25000 current transaction is committed/);
  expect(await run('COMMIT')).toBe('COMMIT');
  expect(await run('SHOW TRANSACTION STATUS')).toBe('NoTxn');
  expect(await run('SELECT table_name FROM [SHOW TABLES] ORDER BY 1')).toBe('t\nw');
});

test.each([
  ['INSERT INTO t VALUES (1)'],
  ['CREATE TABLE u (a INT)'],
  ['BEGIN; CREATE TABLE u (a INT)'],
  ["SELECT nextval('s')"],
])('lock_timeout ends the wait of %s for another writer', async (sql) => {
  await run('CREATE SEQUENCE s; BEGIN; INSERT INTO t VALUES (2)');
  await other("SET lock_timeout = '20ms'");
  expect(await other(sql)).toBe('ERROR 55P03 canceling statement due to lock timeout');
  await other('ROLLBACK');
  await run('COMMIT');
  expect(await other(sql)).not.toMatch(/^ERROR/);
});

test('savepoints are shown, also in a failed block', async () => {
  expect(
    await run('BEGIN; SAVEPOINT s; INSERT INTO t VALUES (1); SAVEPOINT "T"; nonsense'),
  ).toMatch(/^ERROR 42601/);
  expect(await run('SHOW SAVEPOINT STATUS')).toBe('s|t\nT|f');
  expect(await run('ROLLBACK TO SAVEPOINT s; SHOW SAVEPOINT STATUS')).toBe('s|t');
  expect(await run('COMMIT; SHOW SAVEPOINT STATUS')).toBe('');
});

test('other statements read what the block has written', async () => {
  await run('BEGIN; INSERT INTO t VALUES (7); CREATE TABLE u (b STRING)');
  await run("INSERT INTO u VALUES ('x'); PREPARE p (INT) AS SELECT $1 + 1");
  expect(await run('EXECUTE p ((SELECT max(a) FROM t))')).toBe('8');
  await run('SET application_name = (SELECT b FROM u)');
  expect(await run('SHOW application_name')).toBe('x');
  expect(await run('EXPLAIN SELECT * FROM u')).toMatch(/table: u@primary/);
});

test('a job that does not exist can not be controlled in a block either', async () => {
  await run('BEGIN; INSERT INTO t VALUES (1)');
  expect(await run('PAUSE JOB 1')).toMatch(/^ERROR 42704 job with ID 1 does not exist/);
  await run('ROLLBACK; BEGIN');
  expect(await run('PAUSE JOBS SELECT 1 WHERE false; COMMIT')).toBe('COMMIT');
  await run('BEGIN; INSERT INTO t VALUES (1)');
  expect(await run('SHOW JOB WHEN COMPLETE 1')).toMatch(/^ERROR 0A000 waiting for a job/);
});

test('statements that end their own transaction are refused', async () => {
  await run('BEGIN; INSERT INTO t VALUES (1)');
  expect(await run("SET CLUSTER SETTING cluster.organization = 'x'")).toMatch(/^ERROR /);
  await run('ROLLBACK; BEGIN');
  expect(await run("RESTORE DATABASE d FROM LATEST IN 'nodelocal://1/x'")).toMatch(/^ERROR /);
});
