import { type DdlEngine, openDdlEngine } from './engine';

/** TRUNCATE, CREATE TABLE AS, LIKE. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run(`
    CREATE TABLE p (id INT PRIMARY KEY, v STRING);
    CREATE TABLE c (id INT PRIMARY KEY, p INT REFERENCES p (id), w DECIMAL(5,2) DEFAULT 1.5 CHECK (w > 0), d DECIMAL AS (w * 2) STORED,
      INDEX (w), UNIQUE (p));
    INSERT INTO p VALUES (1, 'a'), (2, 'b');
    INSERT INTO c VALUES (1, 1, 2.5), (2, 2, DEFAULT)`);
});
afterEach(async () => {
  await engine?.close();
});

test('TRUNCATE empties tables, and leaves alone what others refer to', async () => {
  expect(await engine.run('TRUNCATE p')).toMatch(
    /^ERROR 2BP01 "p" is referenced by foreign key from table "c"/,
  );
  expect(await engine.run('SELECT count(*) FROM p')).toBe('2');
  expect(await engine.run('TRUNCATE TABLE p, c')).toBe('TRUNCATE');
  expect(await engine.run('SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM c)')).toBe('0|0');
  await engine.run("INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES (1, 1, 1)");
  // The indexes are there again.
  expect(await engine.run('INSERT INTO c VALUES (2, 1, 1)')).toContain('"c_p_key"');
  expect(await engine.run('TRUNCATE p CASCADE')).toBe('TRUNCATE');
  expect(await engine.run('SELECT count(*) FROM c')).toBe('0');
});

test('TRUNCATE is for tables', async () => {
  await engine.run('CREATE VIEW v AS SELECT 1 AS a');
  expect(await engine.run('TRUNCATE v')).toBe('ERROR 42809 "v" is not a table');
  expect(await engine.run('TRUNCATE x')).toBe('ERROR 42P01 relation "x" does not exist');
});

test('CREATE TABLE AS keeps the rows and types of its query', async () => {
  expect(await engine.run('CREATE TABLE x AS SELECT * FROM c ORDER BY id DESC')).toBe(
    'CREATE TABLE AS',
  );
  expect(await engine.run('SELECT * FROM x ORDER BY id')).toBe('1|1|2.50|5.00\n2|2|1.50|3.00');
  expect(await engine.run('SELECT count(DISTINCT rowid) FROM x')).toBe('2');
  expect(await engine.show('x')).toBe(
    'CREATE TABLE public.x (\n\tid INT8 NULL,\n\tp INT8 NULL,\n\tw DECIMAL(5,2) NULL,\n\td DECIMAL NULL,\n' +
      '\trowid INT8 NOT VISIBLE NOT NULL DEFAULT unique_rowid(),\n\tCONSTRAINT "primary" PRIMARY KEY (rowid ASC),\n' +
      '\tFAMILY "primary" (id, p, w, d, rowid)\n)',
  );
  await engine.run('CREATE TABLE y (k, s, PRIMARY KEY (s, k)) AS SELECT id, v FROM p');
  expect(await engine.show('y')).toContain('PRIMARY KEY (s ASC, k ASC)');
});

test('CREATE TABLE AS: a key must be one', async () => {
  expect(await engine.run('CREATE TABLE z (a PRIMARY KEY) AS VALUES (1), (1)')).toBe(
    'ERROR 23505 duplicate key value violates unique constraint "primary"\nDETAIL Key (a)=(1) already exists.',
  );
  expect(await engine.run('CREATE TABLE z (a PRIMARY KEY) AS VALUES (1), (NULL)')).toBe(
    'ERROR 23502 null value in column "a" violates not-null constraint',
  );
  expect(await engine.run('CREATE TABLE z (a) AS SELECT 1, 2')).toBe(
    'ERROR 42601 CREATE TABLE specifies 1 column name, but data source has 2 columns',
  );
  expect(await engine.run('SELECT * FROM z')).toContain('42P01');
  expect(await engine.run('CREATE TABLE z AS SELECT NULL')).toContain('ERROR 42P16');
});

test('CREATE TABLE AS of system tables and generated rows', async () => {
  await engine.run('CREATE TABLE n AS SELECT relname FROM pg_class WHERE relname = $$c$$');
  expect(await engine.run('SELECT * FROM n')).toBe('c');
  await engine.run('CREATE TABLE g (a PRIMARY KEY) AS SELECT * FROM generate_series(1, 20000)');
  expect(await engine.run('SELECT count(*), sum(a) FROM g')).toBe('20000|200010000');
  expect(await engine.run('TRUNCATE g')).toBe('TRUNCATE');
  expect(await engine.run('SELECT count(*) FROM g')).toBe('0');
});

test('LIKE copies what is asked for', async () => {
  await engine.run('CREATE TABLE l1 (LIKE c)');
  expect(await engine.show('l1')).toBe(
    'CREATE TABLE public.l1 (\n\tid INT8 NOT NULL,\n\tp INT8 NULL,\n\tw DECIMAL(5,2) NULL,\n\td DECIMAL NULL,\n' +
      '\trowid INT8 NOT VISIBLE NOT NULL DEFAULT unique_rowid(),\n\tCONSTRAINT "primary" PRIMARY KEY (rowid ASC),\n' +
      '\tFAMILY "primary" (id, p, w, d, rowid)\n)',
  );
  await engine.run('CREATE TABLE l2 (LIKE c INCLUDING ALL EXCLUDING CONSTRAINTS, more INT)');
  expect(await engine.show('l2')).toBe(
    'CREATE TABLE public.l2 (\n\tid INT8 NOT NULL,\n\tp INT8 NULL,\n\tw DECIMAL(5,2) NULL DEFAULT 1.5:::DECIMAL,\n' +
      '\td DECIMAL NULL AS (w * 2:::DECIMAL) STORED,\n\tmore INT8 NULL,\n\tCONSTRAINT "primary" PRIMARY KEY (id ASC),\n' +
      '\tINDEX c_w_idx (w ASC),\n\tUNIQUE INDEX c_p_key (p ASC),\n\tFAMILY "primary" (id, p, w, d, more)\n)',
  );
  expect(await engine.run('CREATE TABLE l3 (LIKE c INCLUDING STORAGE)')).toContain('ERROR 0A000');
});
