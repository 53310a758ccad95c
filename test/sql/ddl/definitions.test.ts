import { spreadBytes } from '../../../catalog/types/spread-bytes';
import { type DdlEngine, openDdlEngine } from './engine';

/** What definitions turn into, what is refused, and how it is said. */

let engine: DdlEngine;
beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run(
    `CREATE TABLE p (id INT PRIMARY KEY, a INT UNIQUE, b STRING); CREATE TYPE mood AS ENUM ('a', 'b', 'c'); CREATE SEQUENCE s`,
  );
});
afterEach(async () => {
  await engine?.close();
});

test.each([
  ['a INT DEFAULT -1', `a INT8 NULL DEFAULT (-1):::INT8`],
  ['a DECIMAL(3,1) DEFAULT 1.5', 'a DECIMAL(3,1) NULL DEFAULT 1.5:::DECIMAL'],
  ['a FLOAT DEFAULT 1', 'a FLOAT8 NULL DEFAULT 1.0:::FLOAT8'],
  ['a FLOAT DEFAULT -2.5e10', 'a FLOAT8 NULL DEFAULT (-2.5e+10):::FLOAT8'],
  ["a STRING[] DEFAULT '{}'", 'a STRING[] NULL DEFAULT ARRAY[]:::STRING[]'],
  ["a VARCHAR(3)[] DEFAULT '{}'::TEXT[]", 'a VARCHAR(3)[] NULL DEFAULT ARRAY[]:::STRING[]'],
  ['a INT[] DEFAULT ARRAY[]', 'a INT8[] NULL DEFAULT ARRAY[]:::INT8[]'],
  [
    `a STRING[] DEFAULT '{a,"b c",NULL}'`,
    "a STRING[] NULL DEFAULT ARRAY['a':::STRING, 'b c':::STRING, NULL]",
  ],
  ['a INT[] DEFAULT ARRAY[1]', 'a INT8[] NULL DEFAULT ARRAY[1:::INT8]:::INT8[]'],
  [
    "a mood[] DEFAULT ARRAY['b', NULL]",
    "a public.mood[] NULL DEFAULT ARRAY['b':::public.mood, NULL]:::public._mood",
  ],
  [
    "a FLOAT[] DEFAULT ARRAY[1, 'NaN']",
    "a FLOAT8[] NULL DEFAULT ARRAY[1.0:::FLOAT8, 'NaN':::FLOAT8]:::FLOAT8[]",
  ],
  [
    "a DECIMAL[] DEFAULT ARRAY['Infinity', 1]:::DECIMAL[]",
    "a DECIMAL[] NULL DEFAULT ARRAY['Infinity':::DECIMAL, 1:::DECIMAL]:::DECIMAL[]",
  ],
  [
    'a DECIMAL[] DEFAULT ARRAY[NULL]:::DECIMAL[]',
    'a DECIMAL[] NULL DEFAULT ARRAY[NULL]:::DECIMAL[]',
  ],
  ["a mood[] DEFAULT '{b}'", "a public.mood[] NULL DEFAULT ARRAY['b':::public.mood]"],
  ["a DATE DEFAULT 'now'", "a DATE NULL DEFAULT 'now':::STRING::DATE"],
  [
    "a TIMESTAMPTZ DEFAULT '2020-01-02 03:00'",
    "a TIMESTAMPTZ NULL DEFAULT '2020-01-02 03:00':::STRING::TIMESTAMPTZ",
  ],
  [
    "a TIMESTAMPTZ DEFAULT '2020-01-02 03:00+01'",
    "a TIMESTAMPTZ NULL DEFAULT '2020-01-02 02:00:00+00:00':::TIMESTAMPTZ",
  ],
  [
    'a TIMESTAMPTZ DEFAULT current_timestamp(3)',
    'a TIMESTAMPTZ NULL DEFAULT current_timestamp(3:::INT8):::TIMESTAMPTZ',
  ],
  [
    'a TIMESTAMP(3) DEFAULT current_timestamp(3)',
    'a TIMESTAMP(3) NULL DEFAULT current_timestamp(3:::INT8):::TIMESTAMP',
  ],
  // Locales are read without quotes: their hyphens would be signs.
  [
    `a STRING COLLATE "en-US" DEFAULT 'x' COLLATE en_us`,
    "a STRING COLLATE en_US NULL DEFAULT 'x' COLLATE en_US",
  ],
  [
    "a STRING[] COLLATE de DEFAULT ARRAY['x' COLLATE de]",
    "a STRING[] COLLATE de NULL DEFAULT ARRAY['x' COLLATE de]",
  ],
  ["a TIMETZ DEFAULT '12:00+01'", "a TIMETZ NULL DEFAULT '12:00:00+01:00:00':::TIMETZ"],
  ["a STRING DEFAULT 'abc'::VARCHAR(2)", "a STRING NULL DEFAULT 'abc':::STRING::VARCHAR(2)"],
  ["a INT DEFAULT '5'::INT2", 'a INT8 NULL DEFAULT 5:::INT8::INT2'],
  [
    "a GEOMETRY(POINT,4326) DEFAULT 'SRID=4326;POINT(1 2)'",
    "a GEOMETRY(POINT,4326) NULL DEFAULT '0101000020E6100000000000000000F03F0000000000000040':::GEOMETRY",
  ],
  // The value is not padded, though its text is.
  ["a CHAR(3) DEFAULT 'n'", "a CHAR(3) NULL DEFAULT 'n':::STRING"],
  ["a NAME DEFAULT 'n'", "a NAME NULL DEFAULT 'n':::NAME"],
  ['a BOOL DEFAULT true', 'a BOOL NULL DEFAULT true'],
  ['a INT DEFAULT NULL', 'a INT8 NULL'],
  ["a VARCHAR(3) NOT NULL DEFAULT $$it's$$", `a VARCHAR(3) NOT NULL DEFAULT e'it\\'s':::STRING`],
  ['a TIMESTAMP DEFAULT now()', 'a TIMESTAMP NULL DEFAULT now():::TIMESTAMP'],
  ['a TIMESTAMPTZ DEFAULT now()', 'a TIMESTAMPTZ NULL DEFAULT now():::TIMESTAMPTZ'],
  // v21.2 and before cannot read `session_user()`.
  ['a STRING DEFAULT session_user', 'a STRING NULL DEFAULT current_user()'],
  [
    'a TIMESTAMPTZ DEFAULT current_timestamp',
    'a TIMESTAMPTZ NULL DEFAULT current_timestamp():::TIMESTAMPTZ',
  ],
  ["a DATE DEFAULT '2020-02-29'", "a DATE NULL DEFAULT '2020-02-29':::DATE"],
  ['a JSONB DEFAULT \'{"k": 1}\'', `a JSONB NULL DEFAULT '{"k": 1}':::JSONB`],
  ["a mood DEFAULT 'b'", "a public.mood NULL DEFAULT 'b':::public.mood"],
  ["a INT DEFAULT nextval('s')", "a INT8 NULL DEFAULT nextval('public.s'::REGCLASS)"],
  ['a UUID DEFAULT gen_random_uuid()', 'a UUID NULL DEFAULT gen_random_uuid()'],
  ['a "char"', 'a "char" NULL'],
  ['a SERIAL', 'a INT8 NOT NULL DEFAULT unique_rowid()'],
])('%s', async (definition, shown) => {
  expect(await engine.run(`CREATE TABLE t (k INT PRIMARY KEY, ${definition})`)).toBe(
    'CREATE TABLE',
  );
  expect((await engine.show('t')).split('\n\t')[2]).toBe(`${shown},`);
});

test.each([
  ['a > 0 AND a < 3', 'check_a_a', '(a > 0:::INT8) AND (a < 3:::INT8)'],
  ['a + 1 * 2 > 3', 'check_a', '(a + (1:::INT8 * 2:::INT8)) > 3:::INT8'],
  [
    "b IN ('x', 'y') OR b IS NULL",
    'check_b_b',
    "(b IN ('x':::STRING, 'y':::STRING)) OR (b IS NULL)",
  ],
  ['NOT (a = 1)', 'check_a', 'NOT (a = 1:::INT8)'],
  ['a BETWEEN 1 AND 2', 'check_a', 'a BETWEEN 1:::INT8 AND 2:::INT8'],
  ["b LIKE 'x%'", 'check_b', "b LIKE 'x%':::STRING"],
  ['length(b) <> 3', 'check_b', 'length(b) != 3:::INT8'],
  [
    'CASE WHEN a > 1 THEN true ELSE b IS NULL END',
    'check_a_b',
    'CASE WHEN a > 1:::INT8 THEN true ELSE b IS NULL END',
  ],
  ["a::STRING || b != ''", 'check_a_b', "(a::STRING || b) != '':::STRING"],
  ["position('x' in b) > 0", 'check_b', "strpos(b, 'x':::STRING) > 0:::INT8"],
  ["b NOT SIMILAR TO '(a|b)%'", 'check_b', "b NOT SIMILAR TO '(a|b)%':::STRING"],
  ["b LIKE 'x%' ESCAPE '!'", 'check_b', "like_escape(b, 'x%':::STRING, '!':::STRING)"],
  ["b NOT ILIKE 'x%' ESCAPE '!'", 'check_b', "not_ilike_escape(b, 'x%':::STRING, '!':::STRING)"],
  ["b SIMILAR TO 'x%' ESCAPE '!'", 'check_b', "similar_to_escape(b, 'x%':::STRING, '!':::STRING)"],
  ['a = ANY (ARRAY[1, 2])', 'check_a', 'a = ANY ARRAY[1:::INT8, 2:::INT8]:::INT8[]'],
  [
    'a <> ALL (ARRAY[a, 2] || 3)',
    'check_a_a',
    'a != ALL (ARRAY[a, 2:::INT8]:::INT8[] || 3:::INT8)',
  ],
  ['a < ALL (2, 3)', 'check_a', 'a < ALL (2:::INT8, 3:::INT8)'],
  ['a NOT BETWEEN SYMMETRIC 5 AND 1', 'check_a', 'a NOT BETWEEN SYMMETRIC 5:::INT8 AND 1:::INT8'],
  ['(ARRAY[a, 2])[1] > 1', 'check_a', '(ARRAY[a, 2:::INT8]:::INT8[])[1:::INT8] > 1:::INT8'],
  ["b LIKE ANY (ARRAY['x%'])", 'check_b', "b LIKE ANY ARRAY['x%':::STRING]:::STRING[]"],
  ["b NOT ILIKE ALL (ARRAY['x%'])", 'check_b', "b NOT ILIKE ALL ARRAY['x%':::STRING]:::STRING[]"],
  [`b COLLATE "en-US" > 'a' COLLATE "en-us"`, 'check_b', "(b COLLATE en_US) > ('a' COLLATE en_US)"],
  [
    "b COLLATE de BETWEEN ('a' COLLATE de) AND 'z' COLLATE de",
    'check_b',
    "(b COLLATE de) BETWEEN ('a' COLLATE de) AND ('z' COLLATE de)",
  ],
  ["b COLLATE de > 'a' COLLATE de", 'check_b', "(b COLLATE de) > ('a' COLLATE de)"],
  ["b::CHAR(3) = 'x'::CHAR(3)", 'check_b', "b::CHAR(3) = 'x':::STRING::CHAR(3)"],
])('CHECK (%s)', async (check, name, stored) => {
  expect(await engine.run(`CREATE TABLE t (a INT, b STRING, CHECK (${check}))`)).toBe(
    'CREATE TABLE',
  );
  expect(await engine.show('t')).toContain(`CONSTRAINT ${name} CHECK (${stored})\n`);
  // What is shown means the same when it is read again.
  const shown = await engine.show('t');
  await engine.run('ALTER TABLE t RENAME TO u');
  expect(await engine.run(shown)).toBe('CREATE TABLE');
  expect(await engine.show('t')).toBe(shown);
});

test('bounds that take a collation from their column are read again', async () => {
  await engine.run("CREATE TABLE t (c STRING COLLATE de, CHECK (c BETWEEN 'a' AND 'z'))");
  expect(await engine.show('t')).toContain("CHECK (c BETWEEN ('a' COLLATE de) AND 'z' COLLATE de)");
  expect(await engine.run("INSERT INTO t VALUES ('b' COLLATE de)")).toBe('INSERT 0 1');
});

test('a default with a precision is read again', async () => {
  await engine.run(
    'CREATE TABLE t (k INT PRIMARY KEY, a TIMESTAMP(3) DEFAULT current_timestamp(3), b TIME DEFAULT localtime(0))',
  );
  expect(await engine.run('INSERT INTO t (k) VALUES (1)')).toBe('INSERT 0 1');
  expect(await engine.run('SELECT count(a) + count(b) FROM t')).toContain('2');
});

/** CockroachDB can't restore a table with such a column. */
const SYSTEM_COLUMN = '42701 column name "tableoid" conflicts with a system column name';

test.each([
  ['CREATE TABLE p (a INT)', '42P07 relation "defaultdb.public.p" already exists'],
  ['CREATE TABLE t (a INT, a INT)', '42701 duplicate column name: "a"'],
  ['CREATE TABLE t (tableoid INT)', SYSTEM_COLUMN],
  ['ALTER TABLE p RENAME COLUMN a TO tableoid', SYSTEM_COLUMN],
  ['CREATE VIEW v AS SELECT 1 AS tableoid', SYSTEM_COLUMN],
  ['CREATE TABLE t (a NOSUCH)', '42704 type "nosuch" does not exist'],
  [
    'CREATE TABLE t (a INT PRIMARY KEY, b INT PRIMARY KEY)',
    '42P16 multiple primary keys for table "t" are not allowed',
  ],
  [
    'CREATE TABLE t (a INT NULL NOT NULL)',
    '42601 conflicting NULL/NOT NULL declarations for column "a"',
  ],
  [
    "CREATE TABLE t (a INT DEFAULT 'x' || 'y')",
    `42804 expected DEFAULT expression to have type int, but ''x' || 'y'' has type string`,
  ],
  [
    "CREATE TABLE t (a STRING[] COLLATE de DEFAULT '{}')",
    '0A000 an empty array of collated strings in a definition is not supported',
  ],
  ['CREATE TABLE t (a INT DEFAULT b)', '42703 column "b" does not exist'],
  ['CREATE TABLE t (a INT REFERENCES nosuch)', '42P01 relation "nosuch" does not exist'],
  [
    'CREATE TABLE t (a STRING REFERENCES p)',
    '42804 type of "a" (string) does not match foreign key "p"."id" (int)',
  ],
  [
    'CREATE TABLE t (a STRING REFERENCES p (b))',
    '42830 there is no unique constraint matching given keys for referenced table p',
  ],
  [
    'CREATE TABLE t (a INT, b INT, FOREIGN KEY (a, b) REFERENCES p (id))',
    '42601 2 columns must reference exactly 2 columns in referenced table (found 1)',
  ],
  [
    'CREATE TABLE t (a JSONB, INDEX (a))',
    '0A000 column a is of type jsonb and thus is not indexable',
  ],
  ['CREATE TABLE t (a JSONB[])', '0A000 unimplemented: arrays of JSON unsupported as column type'],
  [
    "CREATE TABLE t AS SELECT ARRAY['1'::JSONB] AS a",
    '0A000 unimplemented: arrays of JSON unsupported as column type',
  ],
  ['CREATE TABLE t (a VOID)', '42P16 value type void cannot be used for table columns'],
  ['CREATE TABLE t (a NUMERIC(3,5))', '22023 NUMERIC scale 5 must be between 0 and precision 3'],
  [
    'ALTER TABLE p ADD COLUMN c DECIMAL(3,5)[]',
    '22023 NUMERIC scale 5 must be between 0 and precision 3',
  ],
  [
    'CREATE TABLE t (j JSONB, INVERTED INDEX (j DESC))',
    '0A000 the last column in an inverted index cannot have the DESC option',
  ],
  [
    'CREATE TABLE t (a INT, b INT, INDEX x (a) STORING (b, b))',
    '42701 index "x" already contains column "b"',
  ],
  [
    'CREATE TABLE t (a INT, v INT AS (a + 1) VIRTUAL, INDEX x (a) STORING (v))',
    '42P16 index "x" cannot store virtual column "v"',
  ],
  [
    'CREATE TABLE t (a INT, v INT AS (a + 1) VIRTUAL, FAMILY (a, v))',
    '42P16 virtual computed column "v" cannot be part of a family',
  ],
  [
    'CREATE TABLE t (a INT, v INT AS (a + 1) VIRTUAL, UNIQUE (v), b INT REFERENCES t (v))',
    '0A000 unimplemented: virtual column "v" cannot be referenced by a foreign key',
  ],
  [
    'ALTER TABLE p ADD COLUMN v INT AS (a + 1) VIRTUAL CREATE FAMILY f',
    '42601 virtual columns cannot have family specifications',
  ],
  ['CREATE TABLE t (a INT, INDEX (nosuch))', '42703 column "nosuch" does not exist'],
  [
    'CREATE TABLE nosuch.x.t (a INT)',
    '3F000 cannot create "nosuch.x.t" because the target database or schema does not exist',
  ],
  ['CREATE TABLE pg_catalog.t (a INT)', '3F000 schema cannot be modified: "pg_catalog"'],
  ['CREATE TEMP TABLE t (a INT)', '0A000 temporary tables are only supported experimentally'],
  [
    'CREATE INDEX ON p (a) USING HASH WITH BUCKET_COUNT = 4',
    '0A000 hash sharded indexes require the experimental_enable_hash_sharded_indexes session variable',
  ],
  ['ALTER TABLE p PARTITION BY NOTHING', '0A000 ALTER TABLE … PARTITION BY is not supported'],
  [
    'CREATE TABLE t (a INT, b UUID AS (gen_random_uuid()) STORED)',
    '0A000 gen_random_uuid(): volatile functions are not allowed in STORED COMPUTED COLUMN',
  ],
  [
    'CREATE INDEX ON p (a) WHERE random() > 0.5::FLOAT',
    '0A000 random(): volatile functions are not allowed in INDEX PREDICATE',
  ],
  ['DROP TABLE nosuch', '42P01 relation "nosuch" does not exist'],
  ['DROP VIEW p', '42809 "p" is not a view'],
  ['DROP SCHEMA public', '3F000 cannot drop schema "public"'],
  [
    'CREATE SEQUENCE x MINVALUE 5 START 1',
    '22023 START value (1) cannot be less than MINVALUE (5)',
  ],
  ["CREATE TYPE x AS ENUM ('a', 'a')", '42P17 enum definition contains duplicate value "a"'],
  ["CREATE TYPE mood AS ENUM ('a')", '42710 type "defaultdb.public.mood" already exists'],
  ['ALTER TABLE p ADD COLUMN a INT', '42701 column "a" of relation "p" already exists'],
  ['ALTER TABLE p DROP COLUMN nosuch', '42703 column "nosuch" does not exist'],
  [
    'ALTER TABLE p DROP CONSTRAINT nosuch',
    '42704 constraint "nosuch" of relation "p" does not exist',
  ],
])('%s', async (sql, message) => {
  expect((await engine.run(sql)).split('\n')[0]).toBe(`ERROR ${message}`);
});

test('expressions keep the members of enums when they are stated again', async () => {
  await engine.run(
    `CREATE TABLE t (k INT PRIMARY KEY, m mood, c mood AS (CASE WHEN k > 3 THEN 'a'::mood ELSE 'c' END) STORED, CHECK (m <> 'b' OR k > 0))`,
  );
  expect(await engine.run('ALTER TABLE t RENAME COLUMN k TO kk')).toBe('RENAME COLUMN');
  const shown = await engine.show('t');
  expect(shown).toContain(
    "CASE WHEN kk > 3:::INT8 THEN 'a':::public.mood ELSE 'c':::public.mood END",
  );
  expect(shown).toContain("CHECK ((m != 'b':::public.mood) OR (kk > 0:::INT8))");
  expect(await engine.run("INSERT INTO t (kk, m) VALUES (0, 'b')")).toContain('failed to satisfy');
});

test('UNIQUE WITHOUT INDEX goes with its columns', async () => {
  await engine.run(
    'SET experimental_enable_unique_without_index_constraints = true; ' +
      'CREATE TABLE t (k INT PRIMARY KEY, a INT, b INT, c INT, UNIQUE WITHOUT INDEX (a) WHERE b > 1, UNIQUE WITHOUT INDEX (c, a), CONSTRAINT x UNIQUE WITHOUT INDEX (b))',
  );
  await engine.run('ALTER TABLE t RENAME COLUMN b TO bb; ALTER TABLE t RENAME COLUMN a TO aa');
  expect(await engine.show('t')).toContain(
    'CONSTRAINT unique_a UNIQUE WITHOUT INDEX (aa) WHERE bb > 1:::INT8,',
  );
  expect(await engine.run('ALTER TABLE t DROP COLUMN bb')).toContain(
    'column "bb" cannot be dropped because it is referenced by partial unique constraint "unique_a"',
  );
  expect(await engine.run('INSERT INTO t VALUES (1, 1, 2, 3)')).toBe('INSERT 0 1');
  expect(await engine.run('INSERT INTO t VALUES (2, 2, 2, 3)')).toContain('"x"');
  expect(await engine.run('ALTER TABLE t DROP CONSTRAINT x')).toBe('ALTER TABLE');
  expect(await engine.run('INSERT INTO t VALUES (2, 2, 2, 3)')).toBe('INSERT 0 1');
  expect(await engine.run('ALTER TABLE t DROP COLUMN aa')).toBe('ALTER TABLE');
  expect(await engine.show('t')).not.toContain('WITHOUT INDEX');
  expect(await engine.run('INSERT INTO t VALUES (3, 2, 3)')).toBe('INSERT 0 1');
});

test('a CHECK of CHAR(n) compares without the padding', async () => {
  await engine.run(`CREATE TABLE t (k INT PRIMARY KEY, c CHAR(3) CHECK (c = 'x'))`);
  expect(await engine.run(`INSERT INTO t VALUES (1, 'x')`)).toBe('INSERT 0 1');
  expect(await engine.run(`INSERT INTO t VALUES (2, 'y')`)).toContain('failed to satisfy');
});

test('members of enums are spread as CockroachDB spreads them', () => {
  const hex = (count: number) => spreadBytes(count).map((b) => Buffer.from(b).toString('hex'));
  expect(hex(1)).toEqual(['80']);
  expect(hex(2)).toEqual(['40', '80']);
  expect(hex(3)).toEqual(['40', '80', 'c0']);
  const many = hex(1000);
  expect([...many].sort()).toEqual(many);
  expect(new Set(many).size).toBe(1000);
});

describe('what is computed again does not depend on the session or the time', () => {
  beforeEach(() =>
    engine.run(
      'CREATE TABLE t (tz TIMESTAMPTZ, ts TIMESTAMP, d DATE, ttz TIMETZ, f FLOAT, y BYTES, s STRING, n INT, j JSONB, m mood, iv INTERVAL, ss STRING[])',
    ),
  );
  const refused = (name: string) =>
    `ERROR 0A000 ${name}: context-dependent operators are not allowed in INDEX PREDICATE`;

  test.each([
    ['tz > now()', 'now()'],
    ['d > current_date', 'current_date()'],
    ['s = current_user', 'current_user()'],
    ['s = current_database()', 'current_database()'],
    ["tz::DATE > '2020-01-01'", 'timestamptz::date'],
    ["ts::TIMESTAMPTZ > '2020-01-01 00:00:00+00'", 'timestamp::timestamptz'],
    ["s::TIMESTAMP > '2020-01-01'", 'string::timestamp'],
    ["(j->>'d')::DATE > '2020-01-01'", 'string::date'],
    ['length(tz::STRING) > 3', 'timestamptz::string'],
    ["f::STRING = '1'", 'float::string'],
    ["y::STRING = 'x'", 'bytes::string'],
    ["ss::STRING = 'x'", 'string[]::string'],
    ["date_trunc('day', tz) = tz", 'date_trunc()'],
    ['extract(hour from tz) > 3', 'extract()'],
    ['d = tz', 'date::timestamptz'],
    ['tz + iv > tz', '+'],
    ["array_to_string(ss, ',') = 'x'", 'array_to_string()'],
  ])('WHERE %s', async (predicate, name) => {
    expect(await engine.run(`CREATE INDEX ON t (n) WHERE ${predicate}`)).toBe(refused(name));
    const column = `ALTER TABLE t ADD COLUMN c BOOL AS (${predicate}) STORED`;
    expect(await engine.run(column)).toBe(
      refused(name).replace('INDEX PREDICATE', 'STORED COMPUTED COLUMN'),
    );
    // Once, when a row is written, it may.
    expect(await engine.run(`ALTER TABLE t ADD CHECK (${predicate})`)).toBe('ALTER TABLE');
  });

  test.each([
    "tz > '2020-01-01 00:00:00+00'",
    "d::STRING = 'x' AND n::STRING = '1' AND s::INT > 3 AND m::STRING = 'a'",
    "tz AT TIME ZONE 'UTC' > ts AND date_trunc('day', ts) = ts AND extract(hour from ts) > 3",
    "ts::DATE = d AND d::TIMESTAMP = ts AND ttz::TIME > '12:00'",
    "lower(s) = 'x' AND s LIKE 'a%' AND coalesce(n, 3) > 2 AND ts + iv > ts AND d - d > 3",
    "(j->>'n')::DECIMAL > 1 AND (j->>'b')::BOOL AND j @> '{}' AND m > 'a'",
    "s::BYTES = 'x' AND y = 'y' AND encode(y, 'hex') = 'ff' AND concat(s, 'x') = 'y'",
    "n = ANY (ARRAY[1, 2]) AND s IN ('a', 'b') AND (n, s) IN ((1, 'a')) AND ss[1] = 'x'",
    "f > 1 AND f::DECIMAL > 1 AND n::FLOAT > 2 AND CASE WHEN n > 1 THEN s = 'x' ELSE true END",
  ])('WHERE %s is taken', async (predicate) => {
    expect(await engine.run(`CREATE INDEX ON t (n) WHERE ${predicate}`)).toBe('CREATE INDEX');
  });
});

test('COMMENT ON, RENAME, and what depends on what', async () => {
  expect(await engine.run("COMMENT ON COLUMN p.a IS 'x'")).toBe('COMMENT ON COLUMN');
  expect(engine.read('SELECT type, sub_id, comment FROM comments')).toEqual([[2n, 2n, 'x']]);
  expect(await engine.run('CREATE VIEW v AS SELECT a, b FROM p WHERE a > 1')).toBe('CREATE VIEW');
  expect(await engine.show('v')).toBe(
    'CREATE VIEW public.v (a, b) AS SELECT a, b FROM defaultdb.public.p WHERE a > 1',
  );
  expect(await engine.run('ALTER TABLE p RENAME COLUMN a TO z')).toMatch(/^ERROR 2BP01 cannot/);
  expect(await engine.run('ALTER TABLE p RENAME TO q')).toMatch(/^ERROR 2BP01 cannot rename/);
  expect(await engine.run('DROP TABLE p CASCADE')).toBe('DROP TABLE');
  expect(await engine.run('SELECT * FROM v')).toMatch(/^ERROR 42P01/);
  expect(engine.read('SELECT count(*) FROM comments')).toEqual([[0n]]);
});

test("a type of the table's own database, by the database's name", async () => {
  await engine.run("CREATE DATABASE e; CREATE TYPE e.tone AS ENUM ('x')");
  await engine.run('CREATE TABLE e.t (a e.tone PRIMARY KEY, b e.public.tone[])');
  const foreign = 'cross database type references are not supported: e.public.tone';
  for (const statement of [
    'CREATE TABLE other (a e.tone)',
    'CREATE TABLE other (a e.public.tone[])',
    'ALTER TABLE p ADD COLUMN c e.tone',
    'CREATE TABLE other AS SELECT a FROM e.t',
    'CREATE VIEW other AS SELECT a FROM e.t',
    `CREATE TABLE other (a STRING DEFAULT ('x'::e.tone)::STRING)`,
    `CREATE TABLE other (a STRING, CHECK (a <> ('x'::e.tone)::STRING))`,
    `CREATE TABLE other (a STRING, INDEX (a) WHERE a = ('x'::e.tone)::STRING)`,
    `ALTER TABLE p ADD COLUMN c STRING AS (('x'::e.tone)::STRING) STORED`,
    `ALTER TABLE p ALTER COLUMN b SET DEFAULT ('x'::e.tone)::STRING`,
    `CREATE INDEX ON p ((b || ('x'::e.tone)::STRING))`,
  ]) {
    expect(await engine.run(statement)).toContain(foreign);
  }
});
