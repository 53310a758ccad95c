import { type DdlEngine, openDdlEngine } from './engine';

/** ALTER COLUMN … TYPE over rows that are there. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run(
    `CREATE TABLE t (id INT PRIMARY KEY, a INT4, b STRING, c DECIMAL(5,2), d INT DEFAULT 7, e STRING DEFAULT 'x',
       f INT CHECK (f > 0), g INT, h BYTES, INDEX (g));
     INSERT INTO t VALUES (1, 10, '12', 1.25, 3, 'y', 1, 1, b'\\x61'), (2, NULL, '7', NULL, 4, 'z', 2, 2, NULL)`,
  );
});
afterEach(async () => {
  await engine?.close();
});

const GENERAL = 'SET enable_experimental_alter_column_type_general = true';
const alter = (change: string): Promise<string> =>
  engine.run(`ALTER TABLE t ALTER COLUMN ${change}`);
const values = (column: string): Promise<string> =>
  engine.run(`SELECT ${column} FROM t ORDER BY id`);

test('wider types need no rows to be written again', async () => {
  expect(await alter('a TYPE INT8')).toBe('ALTER TABLE');
  expect(await alter('c SET DATA TYPE DECIMAL(10,2)')).toBe('ALTER TABLE');
  expect(await alter('g TYPE INT8')).toBe('ALTER TABLE');
  expect(await engine.show('t')).toContain('\ta INT8 NULL,');
  expect(await engine.show('t')).toContain('\tc DECIMAL(10,2) NULL,');
  await engine.run('INSERT INTO t (id, a) VALUES (3, 5000000000)');
  expect(await values('a')).toBe('10\nNULL\n5000000000');
});

test('text becomes bytes although SQLite holds them apart', async () => {
  expect(await alter('b TYPE BYTES')).toBe('ALTER TABLE');
  expect(await values('b')).toBe('\\x3132\n\\x37');
});

test('what rewrites rows has to be asked for', async () => {
  expect(await alter('b TYPE INT USING b::INT')).toBe(
    'ERROR XXC02 ALTER COLUMN TYPE from string to int is only supported experimentally\n' +
      'HINT you can enable alter column type general support by running `SET enable_experimental_alter_column_type_general = true`',
  );
  expect(await values('b')).toBe('12\n7');
});

test('rows are converted by a cast or by USING', async () => {
  await engine.run(GENERAL);
  expect(await alter('b TYPE INT USING b::INT + 1')).toBe('ALTER TABLE');
  expect(await values('b + 1')).toBe('14\n9');
  expect(await alter('a TYPE STRING')).toBe('ALTER TABLE');
  expect(await values("a || '!'")).toBe('10!\nNULL');
  expect(await alter('c TYPE DECIMAL(4,1)')).toBe('ALTER TABLE');
  expect(await values('c')).toBe('1.3\nNULL');
  expect(await alter('d TYPE BOOL USING d > 3')).toMatch(
    /^ERROR 42804 default for column "d" cannot be cast automatically to type BOOL/,
  );
  expect(await alter('b TYPE BOOL USING b > 10')).toBe('ALTER TABLE');
  expect(await values('b')).toBe('t\nf');
  expect(await engine.show('t')).toContain('\tb BOOL NULL,');
});

test('what does not convert leaves the table as it was', async () => {
  await engine.run(GENERAL);
  const before = await engine.show('t');
  await engine.run("UPDATE t SET b = 'hello' WHERE id = 2");
  expect(await alter('b TYPE INT USING b::INT')).toMatch(
    /^ERROR 22P02 could not parse "hello" as type int/,
  );
  expect(await engine.show('t')).toBe(before);
  expect(await values('b')).toBe('12\nhello');
});

test('the default goes on working with the new type', async () => {
  await engine.run(GENERAL);
  expect(await alter('d TYPE STRING')).toBe('ALTER TABLE');
  expect(await engine.run('INSERT INTO t (id) VALUES (3)')).toBe('INSERT 0 1');
  expect(await values('d')).toBe('3\n4\n7');
});

test('columns of enums are noted with their type', async () => {
  await engine.run(`${GENERAL}; CREATE TYPE mood AS ENUM ('y', 'z')`);
  await alter('e DROP DEFAULT');
  expect(await alter('e TYPE mood USING e::mood')).toBe('ALTER TABLE');
  expect(await values('e')).toBe('y\nz');
  expect(await engine.run('DROP TYPE mood')).toMatch(/^ERROR 2BP01 /);
  expect(await alter('e TYPE STRING')).toBe('ALTER TABLE');
  expect(await values('e')).toBe('y\nz');
  expect(await engine.run('DROP TYPE mood')).toBe('DROP TYPE');
});

test.each([
  [
    'g TYPE STRING',
    '0A000 unimplemented: ALTER COLUMN TYPE requiring rewrite of on-disk data is currently not supported for columns that are part of an index',
  ],
  [
    'f TYPE STRING',
    '0A000 unimplemented: ALTER COLUMN TYPE for a column that has a constraint is currently not supported',
  ],
  [
    'a TYPE STRING, ADD COLUMN z INT',
    '0A000 unimplemented: ALTER COLUMN TYPE cannot be used in combination with other ALTER TABLE commands',
  ],
  ['a TYPE INT COLLATE de', '42601 COLLATE can only be used with string types'],
  ['nosuch TYPE INT', '42703 column "nosuch" does not exist'],
  [
    'a TYPE UUID',
    '42846 the requested type conversion (INT4 -> UUID) requires an explicit USING expression',
  ],
  [
    'b TYPE STRING USING (id)',
    "42804 expected ALTER COLUMN TYPE USING EXPRESSION expression to have type string, but '(id)' has type int",
  ],
  ['e TYPE INT', '42804 default for column "e" cannot be cast automatically to type INT8'],
])('%s', async (change, error) => {
  await engine.run(GENERAL);
  expect(await alter(change)).toBe(`ERROR ${error}`);
});

test('a view keeps the types of its columns', async () => {
  await engine.run(`CREATE VIEW v AS SELECT a FROM t; ${GENERAL}`);
  expect(await alter('a TYPE STRING')).toBe(
    'ERROR 2BP01 cannot alter type of column "a" because view "v" depends on it\nHINT you can drop v instead.',
  );
});
