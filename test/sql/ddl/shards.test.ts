import { type DdlEngine, openDdlEngine } from './engine';

/** Hash-sharded indexes and primary keys. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run('SET experimental_enable_hash_sharded_indexes = on');
});
afterEach(async () => {
  await engine?.close();
});

test('they are asked for first', async () => {
  await engine.run('SET experimental_enable_hash_sharded_indexes = off');
  expect(
    await engine.run('CREATE TABLE t (a INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 4)'),
  ).toBe(
    'ERROR 0A000 hash sharded indexes require the experimental_enable_hash_sharded_indexes session variable',
  );
});

test('a primary key has its shards before it', async () => {
  await engine.run('CREATE TABLE t (a INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 4, b STRING)');
  expect(await engine.show('t')).toBe(
    'CREATE TABLE public.t (\n' +
      "\tcrdb_internal_a_shard_4 INT4 NOT VISIBLE NOT NULL AS (mod(fnv32(COALESCE(CAST(a AS STRING), '':::STRING)), 4:::INT8)) STORED,\n" +
      '\ta INT8 NOT NULL,\n\tb STRING NULL,\n' +
      '\tCONSTRAINT "primary" PRIMARY KEY (a ASC) USING HASH WITH BUCKET_COUNT = 4,\n' +
      '\tFAMILY "primary" (crdb_internal_a_shard_4, a, b)\n)',
  );
  await engine.run("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
  expect(await engine.run('SELECT a, crdb_internal_a_shard_4 FROM t ORDER BY a')).toBe(
    `1|${shard('1')}\n2|${shard('2')}`,
  );
  expect(await engine.run("INSERT INTO t VALUES (1, 'z')")).toContain('ERROR 23505');
  expect(await engine.run("UPSERT INTO t VALUES (1, 'z'); SELECT * FROM t ORDER BY a")).toBe(
    '1|z\n2|y',
  );
  await engine.run('UPDATE t SET a = 5 WHERE a = 1; ALTER TABLE t RENAME COLUMN a TO c');
  expect(await engine.show('t')).toContain('FAMILY "primary" (crdb_internal_c_shard_4, c, b)');
  expect(await engine.run('SELECT c FROM t ORDER BY c')).toBe('2\n5');
});

/** FNV-1 of one character, in 4 buckets. */
function shard(character: string): number {
  const product = Number((0x811c9dc5n * 0x01000193n) & 0xffffffffn);
  return ((product ^ character.charCodeAt(0)) >>> 0) % 4;
}

const hashed = (text: string): string => `fnv32(COALESCE(${text}, '':::STRING))`;

test.each([
  ['a INT, b STRING', 'a, b', `${hashed('CAST(a AS STRING)')} + ${hashed('CAST(b AS STRING)')}`],
  [
    'a UUID, "b c" DATE, d BOOL',
    'a, "b c", d',
    `${hashed('CAST(a AS STRING)')} + (${hashed('CAST("b c" AS STRING)')} + ${hashed('CAST(d AS STRING)')})`,
  ],
  ['a TIMESTAMPTZ', 'a', hashed(`CAST(timezone('UTC':::STRING, a) AS STRING)`)],
  ['a BYTES', 'a', hashed(`encode(a, 'hex':::STRING)`)],
  ['a OID', 'a', hashed('CAST(a AS STRING)')],
  ['a mood', 'a', 'fnv32(crdb_internal.datums_to_bytes(a))'],
  ['a REGCLASS', 'a', 'fnv32(crdb_internal.datums_to_bytes(a))'],
  ['a DECIMAL, b INT', 'a, b', 'fnv32(crdb_internal.datums_to_bytes(a, b))'],
])('what is hashed of %s', async (columns, key, hash) => {
  const options = 'USING HASH WITH BUCKET_COUNT = 4';
  await engine.run("CREATE TYPE mood AS ENUM ('ok')");
  await engine.run(`CREATE TABLE t (${columns}, INDEX (${key}) ${options})`);
  expect(await engine.show('t')).toContain(`NOT NULL AS (mod(${hash}, 4:::INT8)) STORED`);
});

test('equal keys are in one shard, whatever the session is set to', async () => {
  for (const [type, value, other] of [
    ['TIMESTAMPTZ', "'2021-01-01 00:00+00'", "'2020-12-31 19:00-05'"],
    ['BYTES', "b'\\x00a'", "b'\\x00a'"],
    ['DECIMAL', '1.0', '1.00'],
    ['FLOAT8', '3.1415926535897932', '3.1415926535897932'],
    ['INTERVAL', "'1 day'", "'1 day'"],
  ]) {
    await engine.run(
      `CREATE TABLE k (a ${type} PRIMARY KEY USING HASH WITH BUCKET_COUNT = 2000); INSERT INTO k VALUES (${value})`,
    );
    await engine.run(
      "SET timezone = 'America/New_York'; SET bytea_output = 'escape'; SET extra_float_digits = -15",
    );
    expect(await engine.run(`INSERT INTO k VALUES (${other})`)).toContain('ERROR 23505');
    await engine.run('RESET timezone; RESET bytea_output; RESET extra_float_digits; DROP TABLE k');
  }
});

test('an index is made over rows that are there, and takes its column away', async () => {
  await engine.run(
    "CREATE TABLE t (a INT PRIMARY KEY, b STRING, c DECIMAL); INSERT INTO t VALUES (1, 'x', 1.0), (2, NULL, NULL)",
  );
  const before = await engine.show('t');
  expect(await engine.run('CREATE INDEX ON t (b, c) USING HASH WITH BUCKET_COUNT = 8')).toBe(
    'CREATE INDEX',
  );
  expect(await engine.show('t')).toContain(
    '\tINDEX t_b_c_idx (b ASC, c ASC) USING HASH WITH BUCKET_COUNT = 8,\n',
  );
  expect(
    await engine.run('SELECT a FROM t WHERE crdb_internal_b_c_shard_8 BETWEEN 0 AND 7 ORDER BY a'),
  ).toBe('1\n2');
  await engine.run('CREATE UNIQUE INDEX u ON t (b) USING HASH WITH BUCKET_COUNT = 8');
  expect(await engine.run("INSERT INTO t VALUES (3, 'x', 2)")).toContain('ERROR 23505');
  expect(await engine.run("INSERT INTO t VALUES (3, 'y', 2)")).toBe('INSERT 0 1');
  await engine.run('DROP INDEX t@t_b_c_idx; DROP INDEX t@u CASCADE');
  expect(await engine.show('t')).toBe(before);
});

test('what is refused', async () => {
  await engine.run('CREATE TABLE t (a INT PRIMARY KEY, b INT AS (a + 1) STORED)');
  expect(await engine.run('CREATE INDEX ON t (a) USING HASH WITH BUCKET_COUNT = 1')).toBe(
    'ERROR 22023 BUCKET_COUNT must be a 32-bit integer greater than 1, got 1',
  );
  expect(await engine.run('CREATE INDEX ON t (b) USING HASH WITH BUCKET_COUNT = 4')).toContain(
    'ERROR 0A000',
  );
  expect(
    await engine.run(
      'ALTER TABLE t ALTER PRIMARY KEY USING COLUMNS (a) USING HASH WITH BUCKET_COUNT = 4',
    ),
  ).toContain('ERROR 0A000');
});
