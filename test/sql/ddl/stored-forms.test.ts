import { type DdlEngine, openDdlEngine } from './engine';

/**
 * What definitions keep as text, in forms that CockroachDB v21.2's grammar reads back as the same thing. Where PostgreSQL's grammar has more,
 * views refuse it. Source: v21.2's SQL grammar and functions (its documentation), and its release notes.
 */

let engine: DdlEngine;

beforeAll(async () => {
  engine = await openDdlEngine();
  await engine.run(
    'CREATE TABLE a (i INT PRIMARY KEY, s STRING, j JSONB, ts TIMESTAMP, "index" INT, "family" INT, "nothing" INT); ' +
      'CREATE TABLE b (i INT PRIMARY KEY, k INT)',
  );
});
afterAll(async () => {
  await engine?.close();
});

const COLUMNS = 'i INT, s STRING, ai INT[], ts TIMESTAMP, iv INTERVAL';

test.each([
  // One value in brackets is that value.
  ['to_json(ROW(i)) IS NULL', 'to_json((i,)) IS NULL'],
  ['to_json(ROW()) IS NULL', 'to_json(ROW()) IS NULL'],
  ['ROW(i) IN (ROW(1), ROW(2))', '(i,) IN ((1:::INT8,), (2:::INT8,))'],
  ['(i, s) IS NULL', '(i, s) IS NULL'],
  // Labels are what JSON calls its fields.
  ['row_to_json(((i, s) AS a, "B c")) IS NULL', 'row_to_json(((i, s) AS a, "B c")) IS NULL'],
  ['((i, s) AS a, b).a = 1', '(((i, s) AS a, b)).a = 1:::INT8'],
  ['((ai, 1) AS a, b).a[1] = 1', '(((ai, 1:::INT8) AS a, b)).a[1:::INT8] = 1:::INT8'],
  [
    '(ARRAY[((1, 2) AS a, b)])[1].a = i',
    '((ARRAY[((1:::INT8, 2:::INT8) AS a, b)])[1:::INT8]).a = i',
  ],
  // An array of rows has no type that could be named.
  ['ARRAY[(1, 2)] IS NULL', 'ARRAY[(1:::INT8, 2:::INT8)] IS NULL'],
  // CHAR would be CHAR(1).
  ["s::BPCHAR = 'abc'", "s::BPCHAR = 'abc':::STRING"],
  ['s::BPCHAR[] IS NULL', 's::BPCHAR[] IS NULL'],
  ["s::CHAR = 'a'", "s::CHAR = 'a':::STRING"],
  // Precisions and fields are part of what a constant is cast to.
  [
    "ts > '2020-01-01 00:00:00.123456'::TIMESTAMP(3)",
    "ts > '2020-01-01 00:00:00.123456':::TIMESTAMP::TIMESTAMP(3)",
  ],
  ["iv > '1 day 03:00:00'::INTERVAL DAY", "iv > '1 day 03:00:00':::INTERVAL::INTERVAL DAY"],
  ["iv > INTERVAL '1' DAY", "iv > '1 day':::INTERVAL::INTERVAL DAY"],
  ["ts > '2020-01-01'::TIMESTAMP", "ts > '2020-01-01 00:00:00':::TIMESTAMP"],
  ["ts < localtimestamp + '1 day'", "ts < (localtimestamp():::TIMESTAMP + '1 day':::INTERVAL)"],
  ['ts < localtimestamp(2)', 'ts < localtimestamp(2:::INT8):::TIMESTAMP'],
  ["localtime > '10:00'", "localtime():::TIME > '10:00:00':::TIME"],
  ["s = e'\\U0001F600\\u00e4'", "s = '😀ä':::STRING"],
])('CHECK (%s)', async (check, stored) => {
  expect(await engine.run(`CREATE TABLE t (${COLUMNS}, CONSTRAINT c CHECK (${check}))`)).toBe(
    'CREATE TABLE',
  );
  const shown = await engine.show('t');
  expect(shown).toContain(`CONSTRAINT c CHECK (${stored})\n`);
  // What is shown means the same when it is read again.
  await engine.run('DROP TABLE t');
  expect(await engine.run(shown)).toBe('CREATE TABLE');
  expect(await engine.show('t')).toBe(shown);
  await engine.run('DROP TABLE t');
});

test('a default that localtimestamp is a part of is of its type', async () => {
  await engine.run(
    `CREATE TABLE t (k INT PRIMARY KEY, a TIMESTAMP DEFAULT localtimestamp + '1 h')`,
  );
  expect(await engine.show('t')).toContain(
    "a TIMESTAMP NULL DEFAULT localtimestamp():::TIMESTAMP + '01:00:00':::INTERVAL,",
  );
  await engine.run('DROP TABLE t');
});

test('a constant keeps the precision that it was cast to', async () => {
  await engine.run(
    "CREATE TABLE t (k INT PRIMARY KEY, a TIMESTAMP DEFAULT '2020-01-01 00:00:00.123456'::TIMESTAMP(3), b INTERVAL DEFAULT '1 day 03:00:00'::INTERVAL DAY)",
  );
  await engine.run('INSERT INTO t (k) VALUES (1)');
  expect(await engine.run('SELECT a, b FROM t')).toBe('2020-01-01 00:00:00.123|1 day');
  await engine.run('DROP TABLE t');
});

test('the name of a table is no value in its definition', async () => {
  expect(await engine.run('CREATE TABLE t (x INT, CHECK (to_json(t) IS NOT NULL))')).toBe(
    'ERROR 42703 column "t" does not exist',
  );
});

test.each([
  [
    'SELECT count(*) FILTER (WHERE i > 1) value FROM a',
    'SELECT count(*) FILTER (WHERE i > 1) AS value FROM',
  ],
  ['SELECT 1 i UNION SELECT 2 value', 'SELECT 1 AS i UNION SELECT 2 AS value'],
  [
    'SELECT index, family, a.index + nothing AS z FROM a',
    'SELECT "index", "family", a."index" + "nothing" AS z FROM',
  ],
  ["SELECT family('::1'::INET) AS f", 'SELECT "family"(\'::1\'::inet) AS f'],
  ['SELECT 1_000, 0b11', 'SELECT 1 AS _000, 0 AS b11'],
  ["SELECT U&'3' AS d FROM (SELECT 1 AS u)", "SELECT u & '3' AS d FROM (SELECT 1 AS u)"],
  ["SELECT s SIMILAR TO 'x' AS d FROM a", "SELECT s SIMILAR TO 'x' AS d FROM"],
])('CREATE VIEW v AS %s', async (query, stored) => {
  expect(await engine.run(`CREATE VIEW v AS ${query}`)).toBe('CREATE VIEW');
  const shown = await engine.show('v');
  expect(shown).toContain(stored);
  const rows = await engine.run('SELECT * FROM v');
  await engine.run('DROP VIEW v');
  expect(await engine.run(shown)).toBe('CREATE VIEW');
  expect(await engine.show('v')).toBe(shown);
  expect(await engine.run('SELECT * FROM v')).toBe(rows);
  await engine.run('DROP VIEW v');
});

test('a table of a name that is a keyword there', async () => {
  await engine.run('CREATE TABLE "index" (i INT PRIMARY KEY)');
  expect(await engine.run('CREATE VIEW v AS SELECT index.i FROM index')).toBe('CREATE VIEW');
  expect(await engine.show('v')).toContain('SELECT "index".i FROM defaultdb.public."index"');
  await engine.run('DROP VIEW v');
});

test.each([
  ['SELECT FROM a', 'SELECT without columns in a view is not supported'],
  [
    'SELECT i FROM a WHERE EXISTS (SELECT FROM b)',
    'SELECT without columns in a view is not supported',
  ],
  ['SELECT 1 AS x UNION SELECT', 'SELECT without columns in a view is not supported'],
  [
    "SELECT SUBSTRING(s SIMILAR 'x' ESCAPE '#') AS d FROM a",
    'SUBSTRING … SIMILAR in a view is not supported',
  ],
  ['SELECT s::NATIONAL CHARACTER(3) AS d FROM a', 'NATIONAL CHARACTER in a view is not supported'],
  ['SELECT session_user() AS d', 'session_user() in a view is not supported'],
])('refused: CREATE VIEW v AS %s', async (query, message) => {
  const answer = await engine.run(`CREATE VIEW v AS ${query}`);
  expect(answer.split('\n')[0]).toBe(`ERROR 0A000 ${message}`);
});

/** v21.2 has it, its alphas have not. */
test.each([
  ['CREATE TABLE t (a INT[], CHECK (cardinality(a) > 0))', 'cardinality() in CHECK'],
  ['CREATE TABLE t (a STRING DEFAULT gen_random_ulid()::STRING)', 'gen_random_ulid() in DEFAULT'],
  [
    'CREATE TABLE t (a TIMESTAMP, b STRING AS (to_char(a)) STORED)',
    'to_char() in STORED COMPUTED COLUMN',
  ],
  ['CREATE INDEX ON a (i) WHERE get_byte(s::BYTES, 0) > 1', 'get_byte() in INDEX PREDICATE'],
  [
    "CREATE TABLE t (a STRING, b TIMESTAMP AS (parse_timestamp(a, 'DMY')) STORED)",
    'parse_timestamp() in STORED COMPUTED COLUMN',
  ],
  ['CREATE VIEW v AS SELECT to_char(ts) AS d FROM a', 'to_char() in a view'],
  ['CREATE TABLE t (a INT, CHECK (a::REGROLE IS NULL))', 'REGROLE in CHECK'],
  ['CREATE TABLE t (a REGROLE)', 'REGROLE as the type of a column'],
  ['CREATE TABLE t (a REGROLE[])', 'REGROLE as the type of a column'],
  ['CREATE TABLE t AS SELECT 1::REGROLE AS a', 'REGROLE as the type of a column'],
  ['CREATE VIEW v AS SELECT 1::REGROLE::INT AS d', 'REGROLE in a view'],
])('refused: %s', async (statement, message) => {
  const answer = await engine.run(statement);
  expect(answer.split('\n')[0]).toBe(`ERROR 0A000 ${message} is not supported`);
});

test('what the alphas have as well', async () => {
  expect(
    await engine.run(
      'CREATE TABLE t (a STRING, b TIMESTAMP AS (parse_timestamp(a)) STORED, CHECK (length(a) > 0))',
    ),
  ).toBe('CREATE TABLE');
  await engine.run('DROP TABLE t');
});
