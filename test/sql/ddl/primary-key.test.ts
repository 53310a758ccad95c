import { type DdlEngine, openDdlEngine } from './engine';

/** Tables that get another primary key while they have rows. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run(
    `CREATE TABLE t (k INT PRIMARY KEY, a INT NOT NULL, b STRING NOT NULL, c INT, v INT AS (a + 1) VIRTUAL,
       INDEX i (c), UNIQUE INDEX u (b) STORING (a));
     INSERT INTO t VALUES (1, 30, 'x', 5), (2, 20, 'y', NULL), (3, 10, 'z', 5)`,
  );
});
afterEach(async () => {
  await engine?.close();
});

test('the old key becomes a unique index, and rows lie in the order of the new one', async () => {
  expect(await engine.run('ALTER TABLE t ALTER PRIMARY KEY USING COLUMNS (a DESC, b)')).toBe(
    'NOTICE 00000 the data for dropped indexes is reclaimed asynchronously\nALTER TABLE',
  );
  expect(await engine.show('t')).toBe(`CREATE TABLE public.t (
	k INT8 NOT NULL,
	a INT8 NOT NULL,
	b STRING NOT NULL,
	c INT8 NULL,
	v INT8 NULL AS (a + 1:::INT8) VIRTUAL,
	CONSTRAINT "primary" PRIMARY KEY (a DESC, b ASC),
	UNIQUE INDEX u (b ASC),
	UNIQUE INDEX t_k_key (k ASC),
	INDEX i (c ASC),
	FAMILY "primary" (k, a, b, c)
)`);
  expect(await engine.run('SELECT k, a, b, c, v FROM t')).toBe(
    '1|30|x|5|31\n2|20|y|NULL|21\n3|10|z|5|11',
  );
  expect(await engine.run("INSERT INTO t VALUES (9, 30, 'x', 1)")).toMatch(
    /^ERROR 23505 duplicate key value violates unique constraint "primary"\nDETAIL Key \(a, b\)=\(30, 'x'\)/,
  );
  expect(await engine.run("INSERT INTO t VALUES (1, 1, 'w', 1)")).toMatch(
    /^ERROR 23505 duplicate key value violates unique constraint "t_k_key"/,
  );
  expect(await engine.run("UPSERT INTO t VALUES (7, 30, 'x', 8)")).toMatch(/^INSERT 0 1/);
  expect(await engine.run('SELECT k, c FROM t WHERE a = 30')).toBe('7|8');
});

test('a table without a key of its own gets one; its rowid stays', async () => {
  await engine.run(`CREATE TABLE r (x INT NOT NULL, y INT); INSERT INTO r VALUES (2, 1), (1, 2)`);
  await engine.run('ALTER TABLE r ADD CONSTRAINT pk PRIMARY KEY (x)');
  expect(await engine.show('r')).toBe(`CREATE TABLE public.r (
	x INT8 NOT NULL,
	y INT8 NULL,
	rowid INT8 NOT VISIBLE NOT NULL DEFAULT unique_rowid(),
	CONSTRAINT pk PRIMARY KEY (x ASC),
	FAMILY "primary" (x, y, rowid)
)`);
  expect(await engine.run('INSERT INTO r VALUES (3, 3)')).toBe('INSERT 0 1');
  expect(await engine.run('SELECT x, y, rowid IS NULL FROM r')).toBe('1|2|f\n2|1|f\n3|3|f');
  expect(await engine.run('ALTER TABLE r ADD PRIMARY KEY (x)')).toBe(
    'ERROR 42P16 multiple primary keys for table "r" are not allowed',
  );
});

test('a key can be dropped when the same statement gives another', async () => {
  expect(await engine.run('ALTER TABLE t DROP CONSTRAINT "primary"')).toMatch(
    /^ERROR 0A000 unimplemented: primary key of table t dropped without subsequent addition of new primary key/,
  );
  expect(
    await engine.run(
      'ALTER TABLE t DROP CONSTRAINT "primary", ADD CONSTRAINT other PRIMARY KEY (a)',
    ),
  ).toMatch(/ALTER TABLE$/);
  expect(await engine.show('t')).toContain('CONSTRAINT other PRIMARY KEY (a ASC)');
  expect(await engine.show('t')).not.toContain('t_k_key');
  expect(await engine.run("INSERT INTO t VALUES (1, 5, 'q', 1)")).toBe('INSERT 0 1');
});

test('foreign keys of other tables lean on the index that the old key became', async () => {
  await engine.run(
    'CREATE TABLE child (id INT PRIMARY KEY, k INT REFERENCES t); INSERT INTO child VALUES (1, 1)',
  );
  expect(await engine.run('ALTER TABLE t ALTER PRIMARY KEY USING COLUMNS (a)')).toMatch(
    /ALTER TABLE$/,
  );
  expect(await engine.run('INSERT INTO child VALUES (2, 99)')).toMatch(/^ERROR 23503 /);
  expect(await engine.run('INSERT INTO child VALUES (2, 2)')).toBe('INSERT 0 1');
  expect(await engine.run('DELETE FROM t WHERE k = 1')).toMatch(/^ERROR 23503 /);
  expect(await engine.run('ALTER TABLE t DROP CONSTRAINT "primary", ADD PRIMARY KEY (b)')).toMatch(
    /ALTER TABLE$/,
  );
});

test.each([
  ['(c)', '42P15 cannot use nullable column "c" in primary key'],
  ['(nosuch)', '42703 column "nosuch" does not exist'],
  ['(a, a)', '42P16 index "primary" contains duplicate column "a"'],
])('ALTER PRIMARY KEY USING COLUMNS %s', async (columns, error) => {
  expect(await engine.run(`ALTER TABLE t ALTER PRIMARY KEY USING COLUMNS ${columns}`)).toBe(
    `ERROR ${error}`,
  );
});

test('rows that would share a key keep the old one', async () => {
  await engine.run('UPDATE t SET a = 1');
  const before = await engine.show('t');
  expect(await engine.run('ALTER TABLE t ALTER PRIMARY KEY USING COLUMNS (a)')).toBe(
    'ERROR 23505 duplicate key value violates unique constraint "new_primary_key"\nDETAIL Key (a)=(1) already exists.',
  );
  expect(await engine.show('t')).toBe(before);
});

test('inside a block the change is rolled back with it', async () => {
  const before = await engine.show('t');
  await engine.run('BEGIN; ALTER TABLE t ALTER PRIMARY KEY USING COLUMNS (b); ROLLBACK');
  expect(await engine.show('t')).toBe(before);
  expect(await engine.run('SELECT k FROM t WHERE k = 2')).toBe('2');
  await engine.run(
    "BEGIN; ALTER TABLE t ALTER PRIMARY KEY USING COLUMNS (b); INSERT INTO t VALUES (4, 4, 'a', 4); COMMIT",
  );
  expect(await engine.run('SELECT b FROM t')).toBe('a\nx\ny\nz');
});
