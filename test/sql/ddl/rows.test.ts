import { type DdlEngine, openDdlEngine } from './engine';

/** Schema changes of tables that have rows. */

let engine: DdlEngine;
/** SQLite's name of the table made last. */
let physical = '';

beforeEach(async () => {
  engine = await openDdlEngine();
});
afterEach(async () => {
  await engine?.close();
});

/** Makes `t (id, a, b)` with rows 1, 2, 3. */
async function makeTable(): Promise<void> {
  await engine.run('CREATE TABLE t (id INT PRIMARY KEY, a INT, b STRING)');
  physical = String(
    engine.read("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 't[0-9]*'")[0],
  );
  engine.write(
    `INSERT INTO ${physical} (c1, c2, c3) VALUES (1, 10, 'x'), (2, 20, 'y'), (3, 20, NULL)`,
  );
}

const column = (id: number): unknown[] =>
  engine.read(`SELECT c${id} FROM ${physical} ORDER BY c1`).map(([value]) => value);

test('a new column gets its default in every row, the type converted', async () => {
  await makeTable();
  expect(await engine.run('ALTER TABLE t ADD COLUMN d DECIMAL(5,1) NOT NULL DEFAULT 1.25')).toBe(
    'ALTER TABLE',
  );
  expect(await engine.run('ALTER TABLE t ADD COLUMN e STRING DEFAULT lower($$AB$$)')).toBe(
    'ALTER TABLE',
  );
  expect(new Set(column(4)).size).toBe(1);
  expect(column(4)[0]).not.toBeNull();
  expect(column(5)).toEqual(['ab', 'ab', 'ab']);
});

test('a computed column is computed row by row', async () => {
  await makeTable();
  await engine.run('ALTER TABLE t ADD COLUMN d INT AS (a * 2) STORED');
  expect(column(4)).toEqual([20n, 40n, 40n]);
});

test('a new column that may not be NULL needs values', async () => {
  await makeTable();
  expect(await engine.run('ALTER TABLE t ADD COLUMN d INT NOT NULL')).toBe(
    'ERROR 23502 null value in column "d" violates not-null constraint',
  );
  expect(await engine.show('t')).not.toContain('\td INT8');
  expect(await engine.run('ALTER TABLE t ADD COLUMN d INT')).toBe('ALTER TABLE');
});

test('constraints are checked against the rows that are there', async () => {
  await makeTable();
  expect(await engine.run('ALTER TABLE t ADD CHECK (a < 15)')).toBe(
    'ERROR 23514 validation of CHECK "a < 15:::INT8" failed on row: id=2, a=20, b=\'y\'',
  );
  expect(await engine.run('ALTER TABLE t ADD CONSTRAINT big CHECK (a < 15) NOT VALID')).toBe(
    'ALTER TABLE',
  );
  expect(await engine.show('t')).toContain('CONSTRAINT big CHECK (a < 15:::INT8) NOT VALID');
  expect(await engine.run('ALTER TABLE t ALTER COLUMN b SET NOT NULL')).toMatch(/^ERROR 23502 /);
  expect(await engine.run('ALTER TABLE t ALTER COLUMN a SET NOT NULL')).toBe('ALTER TABLE');
  expect(await engine.run('CREATE UNIQUE INDEX u ON t (a)')).toBe(
    'ERROR 23505 duplicate key value violates unique constraint "u"\nDETAIL Key (a)=(20) already exists.',
  );
  expect(await engine.run('CREATE UNIQUE INDEX u ON t (a) WHERE b IS NOT NULL')).toBe(
    'CREATE INDEX',
  );
  expect(await engine.run('ALTER TABLE t ADD UNIQUE (b)')).toBe('ALTER TABLE');
});

test('a foreign key is checked against the rows that are there', async () => {
  await makeTable();
  await engine.run('CREATE TABLE p (id INT PRIMARY KEY)');
  expect(await engine.run('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p (id)')).toBe(
    'ERROR 23503 foreign key violation: "t" row (a)=(10) has no match in "p"',
  );
  const name = String(engine.read('SELECT max(id) FROM descriptors')[0]);
  engine.write(`INSERT INTO t${name} (c1) VALUES (10), (20)`);
  expect(await engine.run('ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p (id)')).toBe(
    'ALTER TABLE',
  );
  expect(await engine.show('t')).toContain('CONSTRAINT fk_a_ref_p FOREIGN KEY (a) REFERENCES');
  expect(await engine.run('DROP INDEX p@primary')).toMatch(/^ERROR 0A000/);
});

test('dropping a column takes its indexes and checks along; its values stay for readers of the past', async () => {
  await makeTable();
  await engine.run('CREATE INDEX i ON t (b) STORING (a)');
  await engine.run('ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)');
  await engine.run('ALTER TABLE t DROP COLUMN a');
  expect(await engine.show('t')).toBe(`CREATE TABLE public.t (
	id INT8 NOT NULL,
	b STRING NULL,
	CONSTRAINT "primary" PRIMARY KEY (id ASC),
	FAMILY "primary" (id, b)
)`);
  expect(column(2)).toHaveLength(3);
  expect(await engine.run('ALTER TABLE t ADD CHECK (a > 0)')).toMatch(/^ERROR 42703 /);
  expect(await engine.run('ALTER TABLE t DROP COLUMN id')).toMatch(/^ERROR 42P10 /);
  expect(await engine.run('ALTER TABLE t ADD COLUMN a INT')).toBe('ALTER TABLE');
  expect(column(4)).toEqual([null, null, null]);
});

test('nothing is left of a statement that failed halfway', async () => {
  await makeTable();
  const before = await engine.show('t');
  expect(
    await engine.run('ALTER TABLE t ADD COLUMN d INT DEFAULT 1, ADD CONSTRAINT c CHECK (a < 15)'),
  ).toMatch(/^ERROR 23514/);
  expect(await engine.show('t')).toBe(before);
  expect(() => column(4)).toThrow(/no such column/);
});

test('a table with many rows is changed in a thread of its own', async () => {
  await makeTable();
  engine.write(
    `WITH RECURSIVE n (i) AS (VALUES (4) UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
     INSERT INTO ${physical} (c1, c2, c3) SELECT i, i * 20, 'z' || i FROM n`,
  );
  expect(await engine.run('CREATE UNIQUE INDEX u ON t (a)')).toBe(
    'ERROR 23505 duplicate key value violates unique constraint "u"\nDETAIL Key (a)=(20) already exists.',
  );
  expect(await engine.run('CREATE INDEX IF NOT EXISTS i ON t (a, b)')).toBe('CREATE INDEX');
  expect(await engine.run('CREATE INDEX IF NOT EXISTS i ON t (a, b)')).toBe(
    'NOTICE 42P07 index "i" already exists, skipping\nCREATE INDEX',
  );
  expect(await engine.run('ALTER TABLE t ADD COLUMN d STRING AS (upper(b)) STORED')).toBe(
    'ALTER TABLE',
  );
  expect(column(4).filter((value) => value === null)).toHaveLength(1);
  expect(column(4).at(-1)).toBe('Z12000');
  expect(await engine.show('t')).toContain('INDEX i (a ASC, b ASC)');
});

describe('partial indexes that test for NULL', () => {
  const indexes = () =>
    engine.read(
      "SELECT sql FROM sqlite_schema WHERE tbl_name GLOB 't[0-9]*' AND sql LIKE '%WHERE%'",
    );

  test('are there, over the rows they hold', async () => {
    await makeTable();
    await engine.run('CREATE UNIQUE INDEX i ON t (a) WHERE b IS NULL');
    await engine.run('CREATE INDEX ON t (b) WHERE a IS NOT NULL AND b IS NOT NULL');
    await engine.run("CREATE INDEX ON t (b) WHERE b = 'x IS NULL AND y'");
    expect(indexes()).toEqual([
      [`CREATE INDEX "${physical}_i2" ON "${physical}" ("c2") WHERE "c3" IS NULL`],
      [
        `CREATE INDEX "${physical}_i3" ON "${physical}" ("c3") WHERE "c2" IS NOT NULL AND "c3" IS NOT NULL`,
      ],
    ]);
    expect(await engine.run('INSERT INTO t VALUES (4, 20, NULL)')).toContain('ERROR 23505');
    expect(await engine.run("INSERT INTO t VALUES (4, 20, 'z')")).toBe('INSERT 0 1');
    expect(await engine.run('UPDATE t SET b = NULL WHERE id = 4')).toContain('ERROR 23505');
    expect(await engine.run('INSERT INTO t VALUES (5, 21, NULL)')).toBe('INSERT 0 1');
  });

  test('go with their columns', async () => {
    await makeTable();
    await engine.run('CREATE INDEX i ON t (a) WHERE b IS NULL');
    await engine.run('ALTER TABLE t RENAME COLUMN b TO "B b"');
    expect(await engine.show('t')).toContain('WHERE "B b" IS NULL');
    const dropped = await engine.run('ALTER TABLE t DROP COLUMN "B b"');
    expect(dropped).not.toContain('XX000');
    await engine.run('DROP INDEX IF EXISTS t@i');
    expect(indexes()).toEqual([]);
  });
});

test('clocks give what their column holds', async () => {
  await engine.run('CREATE TABLE c (k INT PRIMARY KEY, ts TIMESTAMP, d DATE, tz TIMESTAMPTZ)');
  await engine.run(
    'INSERT INTO c VALUES (1, now(), current_timestamp, now()), (2, clock_timestamp(), now(), NULL)',
  );
  await engine.run('UPDATE c SET ts = statement_timestamp(), d = clock_timestamp() WHERE k = 1');
  expect(await engine.run('SELECT count(*) FROM c WHERE ts > d - 1 AND d > current_date - 2')).toBe(
    '2',
  );
  expect(await engine.run('UPDATE c SET ts = tz')).toContain('ERROR 42804');
});

test('defaults are read in the time zone of the writer, and at its time', async () => {
  await engine.run(
    `CREATE TABLE d (k INT PRIMARY KEY, z TIMESTAMPTZ DEFAULT '2020-01-02 03:00', s STRING DEFAULT 'abc'::VARCHAR(2),
       c TIMESTAMPTZ DEFAULT 'now', a INT[] DEFAULT '{1,NULL}', f FLOAT DEFAULT 1, e INT[])`,
  );
  await engine.run(`SET TIME ZONE 'Asia/Tokyo'; INSERT INTO d (k, e) VALUES (1, ARRAY[])`);
  expect(await engine.run(`SELECT z AT TIME ZONE 'UTC', s, c = now(), a, f, e FROM d`)).toBe(
    '2020-01-01 18:00:00|ab|f|{1,NULL}|1|{}',
  );
  expect(await engine.run('INSERT INTO d (k) VALUES (2) RETURNING c = now()')).toBe('t');
});
test('constants of an array are of the element type of its column', async () => {
  await engine.run(
    `CREATE TYPE e AS ENUM ('x', 'y'); CREATE TABLE arrays (k INT PRIMARY KEY, f FLOAT[], e e[], s STRING[])`,
  );
  await engine.run(
    `INSERT INTO arrays VALUES (1, ARRAY[1.5, 'NaN'], ARRAY['y', NULL], ARRAY['a']), (2, ARRAY[1, 2], ARRAY[NULL], ARRAY[]);
     INSERT INTO arrays (k, f) SELECT 3, ARRAY[1::FLOAT, 2];
     UPDATE arrays SET f = ARRAY['-inf', 0.5], e = ARRAY['x'] WHERE k = 3`,
  );
  expect(await engine.run('SELECT * FROM arrays ORDER BY k')).toBe(
    '1|{1.5,NaN}|{y,NULL}|{a}\n2|{1.0,2.0}|{NULL}|{}\n3|{-Inf,0.5}|{x}|NULL',
  );
  await engine.run('ALTER TABLE arrays ADD COLUMN v VARCHAR(2)[], ADD COLUMN d DECIMAL(5,1)[]');
  expect(await engine.run(`INSERT INTO arrays (k, v) VALUES (4, ARRAY['abc'])`)).toMatch(
    /^ERROR 22001 value too long for type VARCHAR\(2\)/,
  );
  await engine.run(`INSERT INTO arrays (k, d) VALUES (5, ARRAY[1.26, 'NaN'])`);
  expect(await engine.run('SELECT d FROM arrays WHERE k = 5')).toBe('{1.3,NaN}');
  expect(await engine.run(`INSERT INTO arrays (k, s) VALUES (4, ARRAY[1.5])`)).toBe(
    `ERROR 42804 value type decimal[] doesn't match type string[] of column "s"`,
  );
  expect(await engine.run(`INSERT INTO arrays (k, f) VALUES (4, ARRAY['x'])`)).toMatch(
    /^ERROR 22P02 could not parse "x" as type float/,
  );
});
