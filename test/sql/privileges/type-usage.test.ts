import { type DdlEngine, openDdlEngine } from '../ddl/engine';

/** Columns of an enum type ask for USAGE on it. */

let engine: DdlEngine;
beforeEach(async () => {
  engine = await openDdlEngine();
});
afterEach(async () => {
  await engine?.close();
});

test('a column of a type needs USAGE on the type', async () => {
  await engine.run(
    `CREATE USER ann; CREATE TYPE e AS ENUM ('x'); GRANT CREATE ON DATABASE defaultdb TO ann`,
  );
  const ann = await engine.connect('ann');
  expect(await ann('CREATE TABLE t (a e)')).toBe('CREATE TABLE');
  await engine.run('REVOKE USAGE ON TYPE e FROM public');
  const denied = 'ERROR 42501 user ann does not have USAGE privilege on type e';
  expect(await ann('CREATE TABLE u (a e)')).toBe(denied);
  expect(await ann('ALTER TABLE t ADD COLUMN b e[]')).toBe(denied);
  await engine.run('GRANT USAGE ON TYPE e TO ann');
  expect(await ann('CREATE TABLE u (a e)')).toBe('CREATE TABLE');
});
