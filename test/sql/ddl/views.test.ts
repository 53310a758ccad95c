import { fromBinary } from '@bufbuild/protobuf';
import { DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import { type DdlEngine, openDdlEngine } from './engine';

/** How queries of views are kept, CREATE OR REPLACE VIEW, materialized views. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run('CREATE TABLE t (a INT PRIMARY KEY, b STRING)');
  await engine.run("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
});
afterEach(async () => {
  await engine?.close();
});

test.each([
  'SELECT * FROM t',
  'SELECT x.* FROM t AS x',
  'TABLE t',
  'SELECT a FROM (SELECT * FROM t)',
])('a view names its columns: %s', async (query) => {
  const refused =
    'ERROR 0A000 unimplemented: views do not currently support * expressions\nHINT Name the columns.';
  expect(await engine.run(`CREATE VIEW v AS ${query}`)).toBe(refused);
  expect(await engine.run(`CREATE MATERIALIZED VIEW v AS ${query}`)).toBe(refused);
});

test('a view depends on the columns that it names, virtual ones included', async () => {
  await engine.run(
    'CREATE TABLE u (a INT PRIMARY KEY, b INT, c INT, v INT AS (b + 1) VIRTUAL, w INT AS (c + 1) VIRTUAL, INDEX i ((c % 7)))',
  );
  await engine.run('CREATE VIEW x AS SELECT a, v FROM u');
  await engine.run('CREATE MATERIALIZED VIEW y AS SELECT count(*) AS n FROM u JOIN t USING (a)');
  const tables = engine.read('SELECT descriptor FROM descriptors').flatMap(([bytes]) => {
    const { union } = fromBinary(DescriptorSchema, bytes as Uint8Array);
    return union.case === 'table' ? [union.value] : [];
  });
  const columnsOf = (view: string): readonly number[] | undefined => {
    const id = tables.find(({ name }) => name === view)?.id;
    const references = tables.find(({ name }) => name === 'u')?.dependedOnBy ?? [];
    return references.find((reference) => reference.id === id)?.columnIds;
  };
  expect(columnsOf('x')).toEqual([1, 2, 4]);
  expect(columnsOf('y')).toEqual([1]);
  expect(await engine.run('ALTER TABLE u DROP COLUMN v')).toContain('ERROR 2BP01');
  expect(
    await engine.run('DROP INDEX u@i; ALTER TABLE u DROP COLUMN w; ALTER TABLE u DROP c'),
  ).toContain('ALTER TABLE');
  expect(await engine.run('ALTER TABLE u DROP b')).toContain('ERROR 2BP01');
  expect(await engine.run('SELECT * FROM y')).toBe('0');
});

describe('the query is kept as the grammar of CockroachDB reads it', () => {
  test.each([
    ["SELECT a FROM t WHERE b ~~ 'x' AND b !~~* 'z'", "WHERE b LIKE 'x' AND b NOT ILIKE 'z'", '1'],
    ['SELECT a FROM t WHERE a OPERATOR(pg_catalog.<>) 1', 'WHERE a != 1', '2'],
    // Without AS it takes no keyword for a label.
    ['SELECT a key, b "Name" FROM t LIMIT 1', 'SELECT a AS key, b AS "Name" FROM', '1|x'],
    [
      'SELECT a IS DISTINCT FROM 1 role FROM t ORDER BY a',
      'SELECT a IS DISTINCT FROM 1 AS role FROM',
      'f\nt',
    ],
    [
      'SELECT (SELECT max(a) data FROM t) value, a AS plain FROM t WHERE a = 1',
      'SELECT (SELECT max(a) AS data FROM defaultdb.public.t) AS value, a AS plain FROM',
      '2|1',
    ],
    // Names that it reserves, and PostgreSQL does not.
    [
      'SELECT index, x.visible FROM (SELECT a AS index, b AS visible FROM t) AS x LIMIT 1',
      'SELECT "index", x."visible" FROM (SELECT a AS "index", b AS "visible" FROM',
      '1|x',
    ],
    ["SELECT 'a'\n'b' AS c", "SELECT 'a'\n'b' AS c", 'ab'],
    [
      'SELECT array_agg(a ORDER BY b DESC NULLS LAST) AS s FROM t GROUP BY b ORDER BY b NULLS FIRST',
      'array_agg(a ORDER BY b DESC NULLS LAST)',
      '{1}\n{2}',
    ],
  ])('%s', async (query, kept, rows) => {
    expect(await engine.run(`CREATE VIEW v AS ${query}`)).toBe('CREATE VIEW');
    expect(await engine.show('v')).toContain(kept);
    expect(await engine.run('SELECT * FROM v')).toBe(rows);
  });

  test.each([
    ['SELECT a FROM [SELECT a FROM t]', 'ERROR 0A000 […] in the FROM of a view is not supported'],
    [
      'SELECT a FROM t ORDER BY b NULLS LAST',
      'ERROR 0A000 NULLS LAST, or DESC NULLS FIRST, in a view is not supported',
    ],
    [
      'SELECT rank() OVER (ORDER BY b DESC NULLS FIRST) AS r FROM t',
      'ERROR 0A000 NULLS LAST, or DESC NULLS FIRST, in a view is not supported',
    ],
    [
      "SELECT string_agg(DISTINCT b, ',' ORDER BY b) AS s FROM t",
      'ERROR 0A000 an aggregate with DISTINCT and ORDER BY in a view is not supported',
    ],
    [
      'SELECT ARRAY[a]::INT[3] AS s FROM t',
      'ERROR 0A000 an array type with a size in a view is not supported',
    ],
    [
      'SELECT a FROM t GROUP BY DISTINCT a',
      'ERROR 0A000 GROUP BY DISTINCT in a view is not supported',
    ],
    [
      'WITH RECURSIVE q (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM q WHERE n < 3) SEARCH DEPTH FIRST BY n SET o SELECT n FROM q',
      'ERROR 0A000 SEARCH or CYCLE in a view is not supported',
    ],
    // A number and a name; a column, an operator and a string.
    ['SELECT 1_000 AS a', 'ERROR 42601 at or near "as": syntax error'],
    ["SELECT U&'\\0061' AS a", 'ERROR 42703 column "u" does not exist'],
  ])('refused: %s', async (query, answer) => {
    expect((await engine.run(`CREATE VIEW v AS ${query}`)).split('\n')[0]).toBe(answer);
  });
});

describe('CREATE OR REPLACE VIEW', () => {
  test('gives a view another query, and more columns', async () => {
    expect(await engine.run('CREATE OR REPLACE VIEW v AS SELECT a FROM t')).toBe('CREATE VIEW');
    await engine.run('CREATE VIEW w AS SELECT a FROM v');
    expect(
      await engine.run('CREATE OR REPLACE VIEW v AS SELECT a * 10 AS a, b FROM t WHERE a > 1'),
    ).toBe('CREATE VIEW');
    expect(await engine.run('SELECT * FROM v')).toBe('20|y');
    expect(await engine.run('SELECT * FROM w')).toBe('20');
    await engine.run(
      'CREATE TABLE u (a INT); CREATE OR REPLACE VIEW v AS SELECT a, $$z$$ AS b FROM u',
    );
    expect(await engine.run('DROP TABLE t')).toBe('DROP TABLE');
    expect(await engine.run('DROP TABLE u')).toContain('ERROR 2BP01');
  });

  test.each([
    ['SELECT b FROM t', '42P16 cannot change name of view column "a" to "b"'],
    [
      'SELECT a::STRING AS a, b FROM t',
      '42P16 cannot change type of view column "a" from int to string',
    ],
    ['SELECT a FROM w', '42P17 cyclic view dependency for relation defaultdb.public.v'],
  ])('%s', async (query, message) => {
    await engine.run('CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v');
    expect(await engine.run(`CREATE OR REPLACE VIEW v AS ${query}`)).toBe(`ERROR ${message}`);
    expect(await engine.run('SELECT * FROM v ORDER BY a')).toBe('1\n2');
  });

  test('is for views', async () => {
    expect(await engine.run('CREATE OR REPLACE VIEW t AS SELECT 1')).toBe(
      'ERROR 42809 "t" is not a view',
    );
    await engine.run('CREATE VIEW v AS SELECT a, b FROM t');
    expect(await engine.run('CREATE OR REPLACE VIEW v AS SELECT a FROM t')).toBe(
      'ERROR 42P16 cannot drop columns from view',
    );
  });
});

describe('materialized views', () => {
  beforeEach(async () => {
    expect(
      await engine.run('CREATE MATERIALIZED VIEW m AS SELECT b, a + 1 AS n FROM t ORDER BY a DESC'),
    ).toBe('CREATE VIEW');
  });

  test('keep their rows until they are refreshed', async () => {
    await engine.run("INSERT INTO t VALUES (3, 'z')");
    expect(await engine.run('SELECT * FROM m ORDER BY n')).toBe('x|2\ny|3');
    expect(await engine.run('REFRESH MATERIALIZED VIEW m')).toBe('REFRESH MATERIALIZED VIEW');
    expect(await engine.run('SELECT * FROM m ORDER BY n')).toBe('x|2\ny|3\nz|4');
    expect(await engine.run('REFRESH MATERIALIZED VIEW CONCURRENTLY m WITH NO DATA')).toContain(
      'REFRESH MATERIALIZED VIEW',
    );
    expect(await engine.run('SELECT * FROM m')).toBe('');
    expect(await engine.run('REFRESH MATERIALIZED VIEW m WITH DATA')).toBe(
      'REFRESH MATERIALIZED VIEW',
    );
    expect(await engine.run('SELECT count(*) FROM m')).toBe('3');
  });

  test('are shown as what they are', async () => {
    expect(await engine.show('m')).toBe(
      'CREATE VIEW public.m (b, n, rowid) AS SELECT b, a + 1 AS n FROM defaultdb.public.t ORDER BY a DESC',
    );
    expect(await engine.run('SELECT matviewname FROM pg_matviews')).toBe('m');
    await engine.run('CREATE INDEX ON m (n)');
    expect(await engine.run('SELECT b FROM m@m_n_idx WHERE n = 3')).toBe('y');
  });

  test('are neither views nor tables', async () => {
    expect(await engine.run("INSERT INTO m VALUES ('q', 1)")).toBe(
      'ERROR 42809 cannot mutate materialized view "m"',
    );
    expect(await engine.run('TRUNCATE m')).toBe('ERROR 42809 "m" is not a table');
    expect(await engine.run('DROP VIEW m')).toBe(
      'ERROR 42809 "m" is a materialized view\nHINT use the corresponding MATERIALIZED VIEW command',
    );
    expect(await engine.run('REFRESH MATERIALIZED VIEW t')).toBe(
      'ERROR 42809 "t" is not a materialized view',
    );
    expect(await engine.run('DROP TABLE t')).toContain('ERROR 2BP01');
    expect(await engine.run('DROP MATERIALIZED VIEW m')).toBe('DROP VIEW');
    expect(await engine.run('SELECT * FROM m')).toContain('42P01');
  });

  test('IF NOT EXISTS', async () => {
    expect(await engine.run('CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1')).toContain(
      'NOTICE 42P07',
    );
    expect(await engine.run('CREATE MATERIALIZED VIEW m AS SELECT 1')).toContain('ERROR 42P07');
    expect(await engine.run('CREATE MATERIALIZED VIEW o AS SELECT 1 WITH NO DATA')).toContain(
      'ERROR 0A000',
    );
  });
});

test('CREATE SCHEMA AUTHORIZATION gives the schema to a role that there is', async () => {
  await engine.run('CREATE USER ann');
  expect(await engine.run('CREATE SCHEMA AUTHORIZATION ann')).toBe('CREATE SCHEMA');
  expect(await engine.run('CREATE SCHEMA s AUTHORIZATION nobody')).toBe(
    'ERROR 42704 role/user "nobody" does not exist',
  );
  expect(
    await engine.run('SELECT schema_name, owner FROM [SHOW SCHEMAS] WHERE schema_name = $$ann$$'),
  ).toBe('ann|ann');
});

describe('words of PostgreSQL', () => {
  test.each([
    ['CREATE EXTENSION IF NOT EXISTS "uuid-ossp"', 'CREATE EXTENSION'],
    ['CREATE EXTENSION pgcrypto WITH SCHEMA public', 'CREATE EXTENSION'],
    ['CREATE EXTENSION citext', 'ERROR 0A000 extension "citext" is not yet supported'],
    ['CREATE EXTENSION nosuch', 'ERROR 22023 unknown extension: "nosuch"'],
    ['CREATE DOMAIN d AS INT', 'ERROR 0A000 CREATE DOMAIN is not supported'],
    ['CREATE RULE r AS ON SELECT TO t DO NOTHING', 'ERROR 0A000 CREATE RULE is not supported'],
    [
      'CREATE TABLE f (a INT) WITH (fillfactor = 70, autovacuum_enabled = off)',
      'NOTICE 00000 storage parameter "fillfactor" is ignored\nNOTICE 00000 storage parameter "autovacuum_enabled = off" is ignored\nCREATE TABLE',
    ],
    [
      'CREATE INDEX ON t (b) WITH (fillfactor = 70)',
      'NOTICE 00000 storage parameter "fillfactor" is ignored\nCREATE INDEX',
    ],
    [
      'CREATE INDEX ON t (b) WITH (fillfactor = 700)',
      'ERROR 22023 "fillfactor" must be between 0 and 100',
    ],
    ['CREATE TABLE f (a INT) WITH (x = 1)', 'ERROR 22023 invalid storage parameter "x"'],
    [
      'CREATE TABLE f (a INT) WITH (parallel_workers = 1)',
      'ERROR 0A000 storage parameter "parallel_workers" is not supported',
    ],
    ['CREATE TABLE f (a INT) TABLESPACE s', 'ERROR 0A000 TABLESPACE is not supported'],
    ['CREATE TABLE f (a INT) INHERITS (t)', 'ERROR 0A000 INHERITS is not supported'],
    ['CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING btree (b)', 'CREATE INDEX'],
  ])('%s', async (sql, answer) => {
    expect((await engine.run(sql)).split('\nHINT')[0]).toBe(answer);
  });
});
