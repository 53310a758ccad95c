import { type DdlEngine, openDdlEngine } from './engine';

/** Constraints and columns of tables that are there: validated later, renamed, dropped. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run(
    `CREATE TABLE p (id INT PRIMARY KEY, a INT UNIQUE);
     CREATE TABLE t (id INT PRIMARY KEY, a INT, b STRING, s INT AS (a + 1) STORED);
     INSERT INTO t (id, a, b) VALUES (1, 10, 'x'), (2, 20, NULL)`,
  );
});
afterEach(async () => {
  await engine?.close();
});

const alter = (change: string): Promise<string> => engine.run(`ALTER TABLE t ${change}`);

test('a check that was not valid is validated against the rows', async () => {
  await alter('ADD CONSTRAINT small CHECK (a < 15) NOT VALID');
  expect(await engine.run('INSERT INTO t (id, a) VALUES (3, 30)')).toMatch(/^ERROR 23514 /);
  expect(await alter('VALIDATE CONSTRAINT small')).toBe(
    `ERROR 23514 validation of CHECK "a < 15:::INT8" failed on row: id=2, a=20, b=NULL, s=21`,
  );
  await engine.run('UPDATE t SET a = 1 WHERE id = 2');
  expect(await alter('VALIDATE CONSTRAINT small')).toBe('ALTER TABLE');
  expect(await engine.show('t')).toContain('CONSTRAINT small CHECK (a < 15:::INT8)\n');
});

test('a foreign key that was not valid is validated, on both of its sides', async () => {
  await alter('ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p NOT VALID');
  expect(await engine.show('t')).toContain('REFERENCES public.p(id) NOT VALID');
  expect(await alter('VALIDATE CONSTRAINT fk')).toMatch(/^ERROR 23503 /);
  await engine.run('INSERT INTO p VALUES (10, 1), (20, 2)');
  expect(await alter('VALIDATE CONSTRAINT fk')).toBe('ALTER TABLE');
  expect(await engine.show('t')).toContain('REFERENCES public.p(id),');
  expect(await alter('RENAME CONSTRAINT fk TO key')).toBe('ALTER TABLE');
  expect(await engine.show('t')).toContain('CONSTRAINT key FOREIGN KEY');
  expect(await engine.run('DELETE FROM p WHERE id = 10')).toMatch(/violates foreign key.*"key"/s);
  expect(await alter('DROP CONSTRAINT key')).toBe('ALTER TABLE');
  expect(await engine.run('DELETE FROM p WHERE id = 10')).toBe('DELETE 1');
});

test.each([
  ['VALIDATE CONSTRAINT nosuch', '42704 constraint "nosuch" of relation "t" does not exist'],
  [
    'VALIDATE CONSTRAINT "primary"',
    '42809 constraint "primary" of relation "t" is not a foreign key, check, or unique without index constraint',
  ],
  ['RENAME CONSTRAINT nosuch TO x', '42704 constraint "nosuch" does not exist'],
  ['RENAME CONSTRAINT "primary" TO t_b_key', '42710 duplicate constraint name: "t_b_key"'],
  [
    'DROP CONSTRAINT t_b_key',
    '0A000 unimplemented: cannot drop UNIQUE constraint "t_b_key" using ALTER TABLE DROP CONSTRAINT, use DROP INDEX CASCADE instead',
  ],
  ['ALTER COLUMN a DROP STORED', '42611 column "a" is not a computed column'],
  ['ADD COLUMN z INT PRIMARY KEY', '42611 multiple primary keys for table "t" are not allowed'],
  ['SET (fillfactor = 200)', '22023 "fillfactor" must be between 0 and 100'],
  ['SET (nosuch = 1)', '22023 invalid storage parameter "nosuch"'],
  ['SPLIT AT VALUES (1)', '0A000 ALTER TABLE … SPLIT AT is not supported'],
])('%s', async (change, error) => {
  await alter('ADD UNIQUE (b)');
  expect(await alter(change)).toBe(`ERROR ${error}`);
});

test('unique and primary keys are renamed where they are used', async () => {
  await alter('ADD UNIQUE (b)');
  expect(await alter('RENAME CONSTRAINT t_b_key TO bs')).toBe('ALTER TABLE');
  expect(await alter('RENAME CONSTRAINT "primary" TO pk')).toBe('ALTER TABLE');
  expect(await engine.run("INSERT INTO t (id, b) VALUES (5, 'x')")).toMatch(/"bs"/);
  expect(await engine.run('ALTER INDEX t@bs RENAME TO bs2')).toBe('RENAME INDEX');
  expect(await engine.run('ALTER INDEX t@nosuch RENAME TO x')).toBe(
    'ERROR 42704 index "nosuch" does not exist',
  );
  expect(await engine.run('ALTER INDEX bs2 RENAME TO pk')).toBe(
    'ERROR 42P07 index name "pk" already exists',
  );
  expect(await engine.show('t')).toContain('UNIQUE INDEX bs2 (b ASC)');
});

test('a computed column becomes a plain one and keeps its values', async () => {
  expect(await alter('ALTER COLUMN s DROP STORED')).toBe('ALTER TABLE');
  await engine.run('UPDATE t SET a = 0, s = s + 100 WHERE id = 1');
  expect(await engine.run('SELECT s FROM t ORDER BY id')).toBe('111\n21');
});

test('a hidden column is left out of *', async () => {
  expect(await alter('ALTER COLUMN b SET NOT VISIBLE')).toBe('ALTER TABLE');
  expect(await engine.run('SELECT * FROM t ORDER BY id')).toBe('1|10|11\n2|20|21');
  await alter('ALTER b SET VISIBLE');
  expect(await engine.run('SELECT * FROM t ORDER BY id')).toBe('1|10|x|11\n2|20|NULL|21');
});

test('views go with a column when CASCADE is said', async () => {
  await engine.run('CREATE VIEW v AS SELECT b FROM t; CREATE VIEW w AS SELECT b FROM v');
  expect(await alter('DROP COLUMN b')).toBe(
    'ERROR 2BP01 cannot drop column "b" because view "v" depends on it\nHINT you can drop v instead.',
  );
  expect(await alter('DROP COLUMN b CASCADE')).toBe('ALTER TABLE');
  expect(await engine.run('SELECT * FROM w')).toMatch(/^ERROR 42P01 /);
});

test('a view depends on the columns that it names', async () => {
  await engine.run('CREATE VIEW v AS SELECT id FROM t WHERE a > 0 ORDER BY id');
  expect(await alter('DROP COLUMN s')).toBe('ALTER TABLE');
  expect(await alter('RENAME COLUMN b TO bb')).toBe('RENAME COLUMN');
  expect(await alter('RENAME COLUMN a TO aa')).toMatch(/^ERROR 2BP01 cannot rename column "a"/);
  expect(await engine.run('CREATE VIEW w AS SELECT x.bb FROM (SELECT a, bb FROM t) AS x')).toBe(
    'CREATE VIEW',
  );
  expect(await alter('DROP COLUMN bb')).toMatch(/^ERROR 2BP01 /);
  expect(await engine.run('SELECT * FROM v')).toBe('1\n2');
});

test('careful sessions lose no data', async () => {
  await engine.run('SET sql_safe_updates = true');
  expect(await alter('DROP COLUMN b')).toBe(
    'ERROR 01000 rejected (sql_safe_updates = true): ALTER TABLE DROP COLUMN will remove all data in that column',
  );
  expect(await engine.run('DELETE FROM t')).toBe(
    'ERROR 01000 rejected (sql_safe_updates = true): DELETE without WHERE clause',
  );
  expect(await engine.run('UPDATE t SET a = 1')).toBe(
    'ERROR 01000 rejected (sql_safe_updates = true): UPDATE without WHERE clause',
  );
  expect(await engine.run('DELETE FROM t WHERE id = 2')).toBe('DELETE 1');
  expect(await engine.run('DROP DATABASE defaultdb')).toBe(
    'ERROR 01000 rejected (sql_safe_updates = true): DROP DATABASE on current database',
  );
  expect(await engine.run('CREATE DATABASE d; CREATE TABLE d.t (a INT); DROP DATABASE d')).toBe(
    'ERROR 01000 rejected (sql_safe_updates = true): DROP DATABASE on non-empty database without explicit CASCADE',
  );
  expect(await engine.run('DROP DATABASE d CASCADE')).toBe('DROP DATABASE');
  await engine.run('SET sql_safe_updates = false');
  expect(await alter('DROP COLUMN b')).toBe('ALTER TABLE');
});

test('tables, views and sequences move between schemas with their rows', async () => {
  await engine.run('CREATE SCHEMA s; CREATE SEQUENCE q; CREATE VIEW v AS SELECT 1 AS one');
  expect(await alter('SET SCHEMA s')).toBe('ALTER TABLE SET SCHEMA');
  expect(await engine.run('SELECT id FROM s.t ORDER BY 1')).toBe('1\n2');
  expect(await engine.run('SELECT id FROM t')).toMatch(/^ERROR 42P01 /);
  expect(await engine.run('ALTER SEQUENCE q SET SCHEMA s')).toBe('ALTER SEQUENCE SET SCHEMA');
  expect(await engine.run('ALTER VIEW v SET SCHEMA s')).toBe('ALTER VIEW SET SCHEMA');
  expect(await engine.run("SELECT nextval('s.q'), one FROM s.v")).toBe('1|1');
  expect(await engine.run('ALTER TABLE s.t SET SCHEMA pg_catalog')).toBe(
    'ERROR 0A000 cannot move objects into or out of virtual schemas',
  );
  await engine.run('CREATE TABLE t (a INT)');
  expect(await engine.run('ALTER TABLE s.t SET SCHEMA public')).toBe(
    'ERROR 42P07 relation "t" already exists',
  );
  expect(await engine.run('ALTER SCHEMA s RENAME TO s2')).toBe('ALTER SCHEMA');
  expect(await engine.run('SELECT count(*) FROM s2.t')).toBe('2');
  expect(await engine.run('ALTER SCHEMA public RENAME TO x')).toBe(
    'ERROR 3F000 cannot modify schema "public"',
  );
});

test('owners are shown', async () => {
  expect(await alter('OWNER TO admin')).toBe('ALTER TABLE OWNER');
  expect(await engine.run("SELECT tableowner FROM pg_tables WHERE tablename = 't'")).toBe('admin');
  expect(await alter('OWNER TO nobody')).toBe('ERROR 42704 role/user "nobody" does not exist');
  expect(await engine.run('ALTER DATABASE defaultdb OWNER TO admin')).toBe('ALTER DATABASE OWNER');
});
