import { type DdlEngine, openDdlEngine } from '../ddl/engine';

/** `has_…_privilege` and its like answer what the statements they ask about would. */

let engine: DdlEngine;
let ann: (sql: string) => Promise<string>;
beforeAll(async () => {
  engine = await openDdlEngine();
  await engine.run(
    `CREATE USER ann WITH CREATEDB; CREATE USER ben; CREATE ROLE staff; GRANT staff TO ann WITH ADMIN OPTION;
     CREATE TABLE t (a INT, b INT); CREATE TABLE u (a INT); CREATE SEQUENCE q; CREATE SCHEMA s; CREATE TYPE e AS ENUM ('x');
     CREATE TABLE s.t (a INT); GRANT SELECT, GRANT ON t TO staff; GRANT INSERT ON u TO ann; GRANT USAGE ON SEQUENCE q TO ann;
     GRANT USAGE ON SCHEMA s TO ben; GRANT CREATE ON DATABASE postgres TO ann`,
  );
  ann = await engine.connect('ann');
});
afterAll(async () => {
  await engine?.close();
});

test.each([
  ["has_table_privilege('t', 'SELECT')", 't'],
  ["has_table_privilege('public.t', 'select')", 't'],
  ["has_table_privilege('defaultdb.public.t', 'INSERT')", 'f'],
  ["has_table_privilege('t', 'INSERT, SELECT')", 't'],
  ["has_table_privilege('t', 'SELECT WITH GRANT OPTION')", 't'],
  ["has_table_privilege('u', 'INSERT WITH GRANT OPTION')", 'f'],
  ["has_table_privilege('t'::REGCLASS, 'SELECT')", 't'],
  ["has_table_privilege('u'::REGCLASS::OID, 'SELECT')", 'f'],
  ["has_table_privilege('ben', 't', 'SELECT')", 'f'],
  ["has_table_privilege('root', 't', 'DELETE')", 't'],
  ["has_table_privilege('pg_class', 'SELECT')", 't'],
  ["has_table_privilege('crdb_internal.gossip_nodes', 'SELECT')", 'f'],
  ["has_table_privilege(1::OID, 'SELECT')", 'NULL'],
  ["has_table_privilege('t', NULL)", 'NULL'],
  ["has_table_privilege('nothing', 'SELECT')", 'ERROR 42P01 relation "nothing" does not exist'],
  ["has_table_privilege('t', 'EAT')", 'ERROR 22023 unrecognized privilege type: "EAT"'],
  ["has_column_privilege('t', 'a', 'SELECT')", 't'],
  ["has_column_privilege('t', 1, 'UPDATE')", 'f'],
  ["has_column_privilege('ben', 't', 'a', 'SELECT')", 'f'],
  ["has_any_column_privilege('u', 'INSERT')", 't'],
  ["has_sequence_privilege('q', 'USAGE')", 't'],
  ["has_sequence_privilege('q', 'UPDATE')", 'f'],
  ["has_schema_privilege('public', 'USAGE')", 't'],
  ["has_schema_privilege('public', 'CREATE')", 'f'],
  ["has_schema_privilege('s', 'USAGE')", 'f'],
  ["has_schema_privilege('ben', 's', 'USAGE')", 't'],
  ["has_schema_privilege('pg_catalog', 'USAGE')", 't'],
  ["has_database_privilege('postgres', 'CREATE')", 't'],
  ["has_database_privilege('defaultdb', 'CREATE')", 'f'],
  ["has_database_privilege('nowhere', 'CREATE')", 'ERROR 3D000 database "nowhere" does not exist'],
  ["has_type_privilege('e', 'USAGE')", 't'],
  ["has_type_privilege('int8', 'USAGE')", 't'],
  ["pg_has_role('staff', 'MEMBER')", 't'],
  ["pg_has_role('staff', 'USAGE WITH ADMIN OPTION')", 't'],
  ["pg_has_role('ben', 'MEMBER')", 'f'],
  ["pg_has_role('root', 'ben', 'MEMBER')", 't'],
  ['crdb_internal.is_admin()', 'f'],
  ["crdb_internal.has_role_option('CREATEDB')", 't'],
  ["crdb_internal.has_role_option('CREATEROLE')", 'f'],
])('%s is %s for a user with a few privileges', async (expression, answer) => {
  expect(await ann(`SELECT ${expression}`)).toBe(answer);
});

test('root has them all', async () => {
  const sql = `SELECT bool_and(has_table_privilege(oid, 'DELETE')) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::REGNAMESPACE`;
  expect(await engine.run(sql)).toBe('t');
  expect(await ann(sql)).toBe('f');
  expect(await engine.run('SELECT crdb_internal.is_admin()')).toBe('t');
});

test('an answer lasts as long as it is true', async () => {
  const ask = () => ann("SELECT has_table_privilege('u', 'UPDATE')");
  expect(await ask()).toBe('f');
  await engine.run('GRANT UPDATE ON u TO ann');
  expect(await ask()).toBe('t');
  await engine.run('REVOKE UPDATE ON u FROM ann');
  expect(await ask()).toBe('f');
});
