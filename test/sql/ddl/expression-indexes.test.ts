import { type DdlEngine, openDdlEngine } from './engine';

/** Indexes on expressions. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
});
afterEach(async () => {
  await engine?.close();
});

test('are shown with their expressions, and hide the columns that stand for them', async () => {
  await engine.run(
    'CREATE TABLE t (k INT PRIMARY KEY, a INT, b STRING, INDEX (lower(b)), UNIQUE INDEX ((a + 10), a DESC), INDEX named ((a + 10)) STORING (b))',
  );
  await engine.run('CREATE INDEX ON t (upper(b), (a * 2) DESC) WHERE a > 0');
  expect(await engine.show('t')).toBe(
    'CREATE TABLE public.t (\n\tk INT8 NOT NULL,\n\ta INT8 NULL,\n\tb STRING NULL,\n\tCONSTRAINT "primary" PRIMARY KEY (k ASC),\n' +
      '\tINDEX t_expr_idx (lower(b) ASC),\n\tUNIQUE INDEX t_expr_a_key ((a + 10:::INT8) ASC, a DESC),\n' +
      '\tINDEX named ((a + 10:::INT8) ASC) STORING (b),\n' +
      '\tINDEX t_expr_expr1_idx (upper(b) ASC, (a * 2:::INT8) DESC) WHERE a > 0:::INT8,\n\tFAMILY "primary" (k, a, b)\n)',
  );
  expect(await engine.run('SELECT column_name FROM [SHOW COLUMNS FROM t]')).toBe('k\na\nb');
  expect(
    await engine.run(
      "SELECT attname FROM pg_attribute WHERE attrelid = 't'::REGCLASS AND attnum > 0 ORDER BY attnum",
    ),
  ).toBe('k\na\nb');
  expect(await engine.run("SELECT indexdef FROM pg_indexes WHERE indexname = 't_expr_idx'")).toBe(
    'CREATE INDEX t_expr_idx ON defaultdb.public.t USING btree (lower(b) ASC)',
  );
  await engine.run("INSERT INTO t VALUES (1, 2, 'X')");
  expect(await engine.run('SELECT * FROM t')).toBe('1|2|X');
  expect(await engine.run('SELECT crdb_internal_idx_expr FROM t')).toContain('ERROR 42703');
});

test('that are unique are kept so', async () => {
  await engine.run('CREATE TABLE t (k INT PRIMARY KEY, b STRING)');
  await engine.run("INSERT INTO t VALUES (1, 'a'), (2, 'A')");
  expect(await engine.run('CREATE UNIQUE INDEX u ON t (lower(b))')).toBe(
    'ERROR 23505 duplicate key value violates unique constraint "u"\nDETAIL Key (lower(b))=(\'a\') already exists.',
  );
  await engine.run('DELETE FROM t WHERE k = 2');
  expect(await engine.run('CREATE UNIQUE INDEX u ON t (lower(b))')).toBe('CREATE INDEX');
  expect(await engine.run("INSERT INTO t VALUES (2, 'A')")).toMatch(
    /^ERROR 23505 duplicate key value violates unique constraint "u"/,
  );
  expect(await engine.run("INSERT INTO t VALUES (2, 'B')")).toBe('INSERT 0 1');
  expect(await engine.run("UPDATE t SET b = 'A' WHERE k = 2")).toContain('ERROR 23505');
  expect(
    await engine.run(
      "INSERT INTO t VALUES (9, 'A') ON CONFLICT (lower(b)) DO UPDATE SET b = 'changed' RETURNING k, b",
    ),
  ).toBe('1|changed');
  expect(await engine.run("INSERT INTO t VALUES (9, 'b') ON CONFLICT DO NOTHING")).toBe(
    'INSERT 0 0',
  );
  expect(
    await engine.run("INSERT INTO t VALUES (9, 'b') ON CONFLICT (upper(b)) DO NOTHING"),
  ).toContain('ERROR 42P10');
});

test('goes with its last index', async () => {
  await engine.run('CREATE TABLE t (a INT, INDEX i (abs(a)), INDEX j (abs(a)))');
  const names = 'SELECT column_name FROM crdb_internal.table_columns WHERE descriptor_name = $$t$$';
  await engine.run('DROP INDEX t@i');
  expect(await engine.run(names)).toContain('crdb_internal_idx_expr');
  await engine.run('DROP INDEX t@j');
  expect(await engine.run(names)).not.toContain('crdb_internal_idx_expr');
  expect(await engine.run('ALTER TABLE t DROP COLUMN a')).toBe('ALTER TABLE');
});

test.each([
  [
    'INDEX (random())',
    '0A000 random(): volatile functions are not allowed in EXPRESSION INDEX ELEMENT',
  ],
  ['INDEX ((a + nosuch))', '42703 column "nosuch" does not exist'],
  [
    'PRIMARY KEY ((a + 1))',
    '42P16 expressions such as "a + 1" are not allowed in primary index definition',
  ],
  ['INDEX (s gin_trgm_ops)', '0A000 operator class "gin_trgm_ops" is not supported'],
  ['INDEX ((ARRAY[a]))', '0A000 index element ARRAY[a] is of type int[] and thus is not indexable'],
])('%s', async (element, message) => {
  const answer = await engine.run(`CREATE TABLE t (a INT, s STRING, ${element})`);
  expect(answer.split('\n')[0]).toBe(`ERROR ${message}`);
});

test('UNIQUE WITHOUT INDEX is kept, where the session asks for it', async () => {
  const sql =
    'CREATE TABLE t (a INT UNIQUE WITHOUT INDEX, b INT, c INT, CONSTRAINT u UNIQUE WITHOUT INDEX (b, c) WHERE c > 0)';
  expect(await engine.run(sql)).toContain(
    'ERROR 0A000 unique constraints without an index are not yet supported',
  );
  await engine.run('SET experimental_enable_unique_without_index_constraints = on');
  expect(await engine.run(sql)).toBe('CREATE TABLE');
  expect(await engine.show('t')).toContain(
    '\tCONSTRAINT unique_a UNIQUE WITHOUT INDEX (a),\n\tCONSTRAINT u UNIQUE WITHOUT INDEX (b, c) WHERE c > 0:::INT8\n)',
  );
  await engine.run('INSERT INTO t VALUES (1, 1, 1), (NULL, 1, 0), (NULL, 1, 0)');
  expect(await engine.run('INSERT INTO t VALUES (1)')).toContain('ERROR 23505');
  expect(await engine.run('INSERT INTO t VALUES (2, 1, 1)')).toContain('"u"');
});
