import { type DdlEngine, openDdlEngine } from '../ddl/engine';

let engine: DdlEngine;
afterEach(async () => {
  await engine?.close();
});

test('catalogs show a user the relations that they hold a privilege on', async () => {
  engine = await openDdlEngine();
  await engine.run(
    'CREATE USER ann; CREATE TABLE t (a INT); CREATE TABLE u (a INT); GRANT INSERT ON t TO ann',
  );
  const ann = await engine.connect('ann');
  const tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
  const classes = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname IN ('t', 'u')";
  expect(await ann(tables)).toBe('t');
  expect(await ann(classes)).toBe('t');
  expect(await ann('SHOW TABLES')).toBe('public|t|table|root|NULL|NULL');
  expect(await engine.run(`${tables} ORDER BY 1`)).toBe('t\nu');
  expect(await engine.run(`${classes} ORDER BY 1`)).toBe('t\nu');
  expect(await ann("SELECT has_table_privilege('u', 'SELECT')")).toBe('f');
  expect(await ann("SELECT 'u'::REGCLASS::OID = 0")).toBe('f');
  await engine.run('GRANT SELECT ON u TO public');
  expect(await ann(`${tables} ORDER BY 1`)).toBe('t\nu');
});
