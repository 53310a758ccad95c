import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type DdlEngine, openDdlEngine } from './engine';

let engine: DdlEngine;
let run: DdlEngine['run'];
let other: DdlEngine['run'];

beforeEach(async () => {
  engine = await openDdlEngine();
  run = engine.run;
  other = await engine.connect();
});

afterEach(async () => {
  await engine.close();
});

const TABLES = 'SELECT table_name FROM [SHOW TABLES] ORDER BY 1';
const UNKNOWN = 'ERROR 42P01 relation "t" does not exist';

test('a block makes a table, fills it, changes it and reads it; others see it at COMMIT', async () => {
  await run('BEGIN');
  expect(await run('CREATE TABLE t (id INT PRIMARY KEY, n STRING)')).toBe('CREATE TABLE');
  expect(await run("INSERT INTO t VALUES (1, 'x'), (2, 'y')")).toBe('INSERT 0 2');
  expect(await run('ALTER TABLE t ADD COLUMN d DECIMAL NOT NULL DEFAULT 1.5')).toBe('ALTER TABLE');
  expect(await run('CREATE UNIQUE INDEX ON t (n)')).toBe('CREATE INDEX');
  expect(await run("INSERT INTO t VALUES (3, 'z', 2)")).toBe('INSERT 0 1');
  expect(await run('SELECT * FROM t ORDER BY id')).toBe('1|x|1.5\n2|y|1.5\n3|z|2');
  expect(await run('ALTER TABLE t RENAME COLUMN d TO e')).toBe('RENAME COLUMN');
  expect(await run('SELECT sum(e) FROM t@t_n_key')).toBe('5.0');
  expect(await other('SELECT * FROM t')).toBe(UNKNOWN);
  expect(await other(TABLES)).toBe('');
  expect(await run('COMMIT')).toBe('COMMIT');
  expect(await other('SELECT e FROM t WHERE id = 3')).toBe('2');
  expect(await other("INSERT INTO t VALUES (4, 'z', 0)")).toMatch(/^ERROR 23505/);
});

test('nothing is left of a block that is rolled back', async () => {
  await run("CREATE TABLE t (a INT); INSERT INTO t VALUES (1); COMMENT ON TABLE t IS 'kept'");
  const before = await engine.show('t');
  await run('BEGIN; DROP TABLE t; CREATE TABLE t (b STRING); CREATE DATABASE d');
  expect(await run("INSERT INTO t VALUES ('new')")).toBe('INSERT 0 1');
  expect(await run('SELECT b FROM t')).toBe('new');
  expect(await run('ROLLBACK')).toBe('ROLLBACK');
  expect(await run('SELECT a FROM t')).toBe('1');
  expect(await engine.show('t')).toBe(before);
  expect(await run('SHOW DATABASES')).not.toMatch(/^d\|/m);
  expect(engine.read("SELECT count(*) FROM sqlite_schema WHERE name GLOB 't[0-9]*'")).toEqual([
    [1n],
  ]);
});

test('ids that a rolled back block took are used again for something else', async () => {
  await run('BEGIN; CREATE TABLE t (a INT); INSERT INTO t VALUES (7); SELECT a FROM t; ROLLBACK');
  await run('CREATE TABLE t (b STRING, c STRING)');
  expect(await run("INSERT INTO t VALUES ('x', 'y'); SELECT * FROM t")).toBe('x|y');
  await run("BEGIN; CREATE SEQUENCE s; SELECT nextval('s'), nextval('s'); ROLLBACK");
  await run('CREATE SEQUENCE s');
  expect(await run("SELECT nextval('s')")).toBe('1');
});

test('savepoints restore the catalog', async () => {
  await run('CREATE TABLE t (a INT); BEGIN; SAVEPOINT before; CREATE TABLE u (a INT)');
  await run("SAVEPOINT s; ALTER TABLE u ADD COLUMN b INT DEFAULT 5; CREATE TYPE e AS ENUM ('x')");
  expect(await run("INSERT INTO u VALUES (1), (2); SELECT b, 'x'::e FROM u")).toBe('5|x\n5|x');
  expect(await run('ROLLBACK TO SAVEPOINT s')).toBe('ROLLBACK');
  expect(await run('INSERT INTO u VALUES (3); SELECT * FROM u')).toBe('3');
  expect(await run("ALTER TABLE u ADD COLUMN b STRING DEFAULT 'again'")).toBe('ALTER TABLE');
  expect(await run('SELECT * FROM u')).toBe('3|again');
  expect(await run('SELECT no_such_column FROM u')).toMatch(/^ERROR 42703/);
  expect(await run('SELECT 1')).toMatch(/^ERROR 25P02/);
  await run('ROLLBACK TO SAVEPOINT before');
  expect(await run(TABLES)).toBe('t');
  await run('CREATE TABLE u (z INT); SAVEPOINT s; DROP TABLE t; RELEASE SAVEPOINT s; COMMIT');
  expect(await run(TABLES)).toBe('u');
});

test('a change that fails ends the block', async () => {
  await run('CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (1); BEGIN');
  await run('CREATE TABLE u (a INT)');
  expect(await run('CREATE UNIQUE INDEX ON t (a)')).toMatch(/^ERROR 23505/);
  expect(await run('SELECT 1')).toMatch(/^ERROR 25P02/);
  expect(await run('COMMIT')).toBe('ROLLBACK');
  expect(await run(TABLES)).toBe('t');
});

test('sequences, views and types of the block', async () => {
  await run('BEGIN; CREATE SEQUENCE s START 10');
  expect(await run("SELECT nextval('s'), nextval('s')")).toBe('10|11');
  await run("CREATE TYPE e AS ENUM ('x', 'y')");
  await run(
    "CREATE TABLE t (a INT DEFAULT nextval('s'), k e); INSERT INTO t (k) VALUES ('y'), ('x')",
  );
  await run('CREATE VIEW v AS SELECT a, k FROM t');
  expect(await run('SELECT * FROM v ORDER BY k')).toBe('13|x\n12|y');
  await run('COMMIT');
  expect(await other("INSERT INTO t (k) VALUES ('x'); SELECT max(a) FROM v")).toBe('14');
});

test('a sequence that the block moves goes on from there; rolled back, from where it was', async () => {
  await run("CREATE SEQUENCE s; SELECT setval('s', 50); BEGIN");
  expect(await run("SELECT nextval('s')")).toBe('51');
  await run('ALTER SEQUENCE s RESTART WITH 5');
  expect(await run("SELECT nextval('s'), nextval('s')")).toBe('5|6');
  await run('SAVEPOINT x; ALTER SEQUENCE s RESTART WITH 100');
  expect(await run("SELECT nextval('s')")).toBe('100');
  await run('ROLLBACK TO SAVEPOINT x');
  expect(await run("SELECT nextval('s')")).toBe('7');
  await run('ROLLBACK');
  expect(await run("SELECT nextval('s')")).toBe('52');
  await run('BEGIN; ALTER SEQUENCE s RESTART WITH 5; COMMIT');
  expect(await run("SELECT nextval('s')")).toBe('5');
});

test('catalogs of the block show what it has changed', async () => {
  await run("BEGIN; CREATE TABLE t (a INT PRIMARY KEY); COMMENT ON TABLE t IS 'mine'");
  const comment = "SELECT obj_description('t'::regclass)";
  expect(await run(comment)).toBe('mine');
  const columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 't'";
  expect(await run(columns)).toBe('a');
  await run("SAVEPOINT s; COMMENT ON TABLE t IS 'other'; ALTER TABLE t ADD COLUMN b INT");
  expect(await run(comment)).toBe('other');
  expect(await run(columns)).toBe('a\nb');
  expect(await other(columns)).toBe('');
  await run('ROLLBACK TO SAVEPOINT s');
  expect(await run(comment)).toBe('mine');
  expect(await run(columns)).toBe('a');
  await run('COMMIT');
  expect(await other(comment)).toBe('mine');
});

test('users and grants of the block', async () => {
  await run('CREATE TABLE t (a INT); BEGIN; CREATE USER u; CREATE ROLE r; GRANT r TO u');
  await run('SAVEPOINT s; GRANT SELECT ON t TO r');
  const held = "SELECT privilege_type FROM [SHOW GRANTS ON t] WHERE grantee = 'r'";
  expect(await run(held)).toBe('SELECT');
  expect(await other(held)).toBe('');
  expect(await run('SET ROLE u; SELECT a FROM t')).toBe('');
  await run('RESET ROLE; ROLLBACK TO SAVEPOINT s');
  expect(await run(held)).toBe('');
  expect(await run('SELECT username FROM [SHOW USERS] ORDER BY 1')).toBe('admin\nr\nroot\nu');
  await run('SET ROLE u');
  expect(await run('SELECT a FROM t')).toMatch(/^ERROR 42501/);
  await run('ROLLBACK; RESET ROLE');
  expect(await run('SELECT username FROM [SHOW USERS] ORDER BY 1')).toBe('admin\nroot');
});

test('databases and schemas of the block', async () => {
  await run('BEGIN; CREATE DATABASE d; CREATE SCHEMA d.s; CREATE TABLE d.s.t (a INT)');
  expect(await run('INSERT INTO d.s.t VALUES (5); SELECT a FROM d.s.t')).toBe('5');
  await run('SET database = d; SET search_path = s');
  expect(await run('SELECT a FROM t')).toBe('5');
  await run('DROP DATABASE d CASCADE');
  expect(await run('SELECT a FROM d.s.t')).toMatch(/^ERROR 42P01/);
  await run('ROLLBACK; SET database = defaultdb');
  expect(await run('SHOW DATABASES')).not.toMatch(/^d\|/m);
});

test('a block that writes only later than its read must find the schema unchanged', async () => {
  await run('CREATE TABLE t (a INT); CREATE TABLE u (a INT)');
  await run('BEGIN; SELECT * FROM t');
  await other('ALTER TABLE u ADD COLUMN b INT');
  expect(await run('CREATE TABLE w (a INT)')).toMatch(/^ERROR 40001 restart transaction: /);
  expect(await run('ROLLBACK')).toBe('ROLLBACK');
});

test('two blocks that change the schema follow each other', async () => {
  await run('BEGIN; CREATE TABLE t (a INT)');
  await other('BEGIN');
  const waiting = other('CREATE TABLE t (a INT)');
  await run('COMMIT');
  expect(await waiting).toMatch(/^ERROR 42P07 relation "defaultdb.public.t" already exists/);
});

test('what a block compiled against its own catalog is not used by others', async () => {
  await run('CREATE TABLE t (a INT); INSERT INTO t VALUES (1)');
  await run('BEGIN; ALTER TABLE t ADD COLUMN b INT DEFAULT 2');
  expect(await run('SELECT * FROM t')).toBe('1|2');
  expect(await run('INSERT INTO t VALUES (3)')).toBe('INSERT 0 1');
  expect(await other('SELECT * FROM t')).toBe('1');
  await run('ROLLBACK');
  expect(await run('SELECT * FROM t')).toBe('1');
  expect(await run('INSERT INTO t VALUES (3); SELECT * FROM t')).toBe('1\n3');
});

test('read-only blocks and sessions change no schema', async () => {
  expect(await run('BEGIN READ ONLY; CREATE TABLE t (a INT)')).toBe(
    'ERROR 25006 cannot execute CREATE TABLE in a read-only transaction',
  );
  await run('ROLLBACK; SET default_transaction_read_only = on');
  expect(await run('CREATE DATABASE d')).toMatch(/^ERROR 25006 cannot execute CREATE DATABASE/);
});

test('a session that ends leaves nothing of its block, and lets others go on', async () => {
  await other('BEGIN; CREATE TABLE t (a INT)');
  const waiting = run('CREATE TABLE t (b INT)');
  await engine.disconnect(other);
  expect(await waiting).toBe('CREATE TABLE');
});

test('many rows are changed, and dropped, inside of a block', async () => {
  await run('CREATE TABLE t (a INT PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 12000)');
  await run('BEGIN; ALTER TABLE t ADD COLUMN b INT AS (a * 2) STORED');
  expect(await run('SELECT max(b) FROM t')).toBe('24000');
  await run('DROP TABLE t');
  expect(await run('SELECT 1 FROM t')).toBe(UNKNOWN);
  await run('ROLLBACK');
  expect(await run('SELECT count(*) FROM t')).toBe('12000');
  expect(await run('DROP TABLE t')).toBe('DROP TABLE');
  expect(await run('SELECT 1 FROM t')).toBe(UNKNOWN);
  // The one that was dropped last is kept for reads of the past; nothing of what was rolled back is.
  expect(engine.read("SELECT count(*) FROM sqlite_schema WHERE name GLOB 't[0-9]*'")).toEqual([
    [1n],
  ]);
});
