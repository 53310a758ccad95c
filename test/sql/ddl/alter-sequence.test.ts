import { type DdlEngine, openDdlEngine } from './engine';

/** Sequences whose options change after values were handed out. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run('CREATE SEQUENCE s; CREATE TABLE t (id INT PRIMARY KEY, n INT)');
});
afterEach(async () => {
  await engine?.close();
});

const next = (): Promise<string> => engine.run("SELECT nextval('s')");
const alter = (options: string): Promise<string> => engine.run(`ALTER SEQUENCE s ${options}`);

test('what was handed out stays, what is not named too', async () => {
  expect(await next()).toBe('1');
  expect(await alter('INCREMENT BY 10 MAXVALUE 20')).toBe('ALTER SEQUENCE');
  expect(await next()).toBe('11');
  expect(await next()).toBe('ERROR 22003 reached maximum value of sequence "s" (20)');
  expect(await alter('NO MAXVALUE INCREMENT 1 START 5')).toBe('ALTER SEQUENCE');
  expect(await next()).toBe('12');
  expect(await engine.show('s')).toBe(
    'CREATE SEQUENCE public.s MINVALUE 1 MAXVALUE 9223372036854775807 INCREMENT 1 START 5',
  );
});

test('a sequence that was never used goes on from where it would have begun', async () => {
  await alter('INCREMENT 5 START 100');
  expect(await next()).toBe('5');
  await alter('RESTART');
  expect(await next()).toBe('100');
  await alter('RESTART WITH 7');
  expect(await next()).toBe('7');
});

test.each([
  ['INCREMENT 0', '22023 INCREMENT must not be zero'],
  ['MINVALUE 5', '22023 START value (1) cannot be less than MINVALUE (5)'],
  ['RESTART 0', '22023 RESTART value (0) cannot be less than MINVALUE (1)'],
  ['CACHE 0', '22023 CACHE (0) must be greater than zero'],
  ['INCREMENT 1 INCREMENT 2', '42601 conflicting or redundant options'],
  ['OWNED BY t.nosuch', '42703 column "nosuch" does not exist'],
])('ALTER SEQUENCE s %s', async (options, error) => {
  expect(await alter(options)).toBe(`ERROR ${error}`);
});

test('a sequence goes with the column that owns it, until none does', async () => {
  await engine.run('CREATE SEQUENCE other OWNED BY t.n');
  await alter('OWNED BY t.n');
  await engine.run('ALTER SEQUENCE other OWNED BY NONE; ALTER TABLE t DROP COLUMN n');
  expect(await next()).toBe('ERROR 42P01 relation "s" does not exist');
  expect(await engine.run("SELECT nextval('other')")).toBe('1');
  expect(await engine.run('ALTER SEQUENCE IF EXISTS s RESTART')).toBe('ALTER SEQUENCE');
  expect(await engine.run('ALTER SEQUENCE t RESTART')).toBe('ERROR 42809 "t" is not a sequence');
});

test('ON UPDATE is set and dropped', async () => {
  await engine.run('INSERT INTO t VALUES (1, 1); ALTER TABLE t ADD COLUMN u INT');
  expect(await engine.run('ALTER TABLE t ALTER COLUMN u SET ON UPDATE 7')).toBe('ALTER TABLE');
  await engine.run('UPDATE t SET n = 2');
  expect(await engine.run('SELECT u FROM t')).toBe('7');
  expect(await engine.show('t')).toContain('u INT8 NULL ON UPDATE 7:::INT8');
  expect(await engine.run('ALTER TABLE t ALTER u DROP ON UPDATE')).toBe('ALTER TABLE');
  await engine.run('UPDATE t SET u = 1; UPDATE t SET n = 3');
  expect(await engine.run('SELECT u FROM t')).toBe('1');
});
