import { type DdlEngine, openDdlEngine } from './engine';

/** Enums whose values come, go and are renamed while rows hold them. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run(
    `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
     CREATE TABLE t (id INT PRIMARY KEY, m mood DEFAULT 'ok', ms mood[], INDEX (m));
     INSERT INTO t VALUES (1, 'happy', ARRAY['sad'::mood]), (2, 'sad', NULL)`,
  );
});
afterEach(async () => {
  await engine?.close();
});

test('new values stand where they were put, and old rows keep theirs', async () => {
  expect(await engine.run("ALTER TYPE mood ADD VALUE 'elated'")).toBe('ALTER TYPE');
  expect(await engine.run("ALTER TYPE mood ADD VALUE 'grim' BEFORE 'sad'")).toBe('ALTER TYPE');
  expect(await engine.run("ALTER TYPE mood ADD VALUE 'meh' AFTER 'sad'")).toBe('ALTER TYPE');
  await engine.run(
    "INSERT INTO t (id, m) VALUES (3, 'meh'), (4, 'grim'), (5, 'elated'), (6, DEFAULT)",
  );
  expect(await engine.run('SELECT id, m FROM t ORDER BY m, id')).toBe(
    '4|grim\n2|sad\n3|meh\n6|ok\n1|happy\n5|elated',
  );
  expect(await engine.run("SELECT id FROM t WHERE m > 'meh' ORDER BY 1")).toBe('1\n5\n6');
});

test('a value in the middle gets the bytes that CockroachDB gives it', async () => {
  await engine.run("CREATE TYPE ab AS ENUM ('a', 'b'); ALTER TYPE ab ADD VALUE 'x' BEFORE 'b'");
  await engine.run('CREATE TABLE u (id INT PRIMARY KEY, x ab)');
  await engine.run("INSERT INTO u VALUES (1, 'a'), (2, 'x'), (3, 'b')");
  const name = String(engine.read('SELECT max(id) FROM descriptors')[0]);
  // 0x40 and 0x80 first, 0x60 between them.
  expect(engine.read(`SELECT hex(c2) FROM t${name} ORDER BY c1`)).toEqual([['40'], ['60'], ['80']]);
});

test('a renamed value is renamed in rows and defaults', async () => {
  expect(await engine.run("ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'")).toBe('ALTER TYPE');
  expect(await engine.show('t')).toContain("m public.mood NULL DEFAULT 'fine':::public.mood");
  await engine.run("ALTER TYPE mood RENAME VALUE 'happy' TO 'glad'; INSERT INTO t (id) VALUES (3)");
  expect(await engine.run('SELECT m FROM t ORDER BY id')).toBe('glad\nsad\nfine');
});

test.each([
  ["ADD VALUE 'ok'", '42710 enum value "ok" already exists'],
  ["ADD VALUE 'x' BEFORE 'y'", '22023 "y" is not an existing enum value'],
  ["RENAME VALUE 'ok' TO 'sad'", '42710 enum value sad already exists'],
  ["RENAME VALUE 'no' TO 'yes'", '22023 no is not an existing enum value'],
  ["DROP VALUE 'no'", '42704 enum value "no" does not exist'],
  [
    "DROP VALUE 'ok'",
    '2BP01 could not remove enum value "ok" as it is being used in a default expresion of "t"',
  ],
  [
    "DROP VALUE 'happy'",
    `2BP01 could not remove enum value "happy" as it is being used by "t" in row: id=1, m='happy', ms='{sad}'`,
  ],
  ['RENAME TO t', '42P07 relation "t" already exists'],
  ['SET SCHEMA nosuch', '3F000 unknown schema "nosuch"'],
  ['OWNER TO nobody', '42704 role/user "nobody" does not exist'],
])('ALTER TYPE mood %s', async (action, error) => {
  expect(await engine.run(`ALTER TYPE mood ${action}`)).toBe(`ERROR ${error}`);
});

test('a value can be dropped once nothing holds it, an element of an array included', async () => {
  await engine.run("UPDATE t SET m = 'happy'");
  expect(await engine.run("ALTER TYPE mood DROP VALUE 'sad'")).toBe(
    'ERROR 2BP01 could not remove enum value "sad" as it is being used by table "defaultdb.public.t"',
  );
  await engine.run('UPDATE t SET ms = NULL');
  expect(await engine.run("ALTER TYPE mood DROP VALUE 'sad'")).toBe('ALTER TYPE');
  expect(await engine.run("INSERT INTO t (id, m) VALUES (9, 'sad')")).toBe(
    'ERROR 22P02 invalid input value for enum mood: "sad"',
  );
  expect(await engine.run("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok'")).toBe(
    'NOTICE 00000 enum value "ok" already exists, skipping\nALTER TYPE',
  );
});

test('types are renamed and moved with the type of their arrays', async () => {
  await engine.run('CREATE SCHEMA s; ALTER TYPE mood RENAME TO feeling');
  expect(await engine.show('t')).toContain('ms public.feeling[] NULL');
  expect(await engine.run('ALTER TYPE feeling SET SCHEMA s')).toBe('ALTER TYPE');
  expect(await engine.show('t')).toContain("m s.feeling NULL DEFAULT 'ok':::s.feeling");
  expect(await engine.run("SELECT '{ok}'::s._feeling")).toBe('{ok}');
  expect(await engine.run('ALTER TYPE s._feeling RENAME TO x')).toBe(
    'ERROR 42809 "_feeling" is an implicit array type and cannot be modified',
  );
  expect(await engine.run('ALTER TYPE s.feeling OWNER TO root')).toBe('ALTER TYPE');
});

test('a schema goes with its types only when nothing outside has columns of them', async () => {
  await engine.run("CREATE SCHEMA s; CREATE TYPE s.ty AS ENUM ('a'); CREATE TABLE u (v s.ty[])");
  expect(await engine.run('DROP SCHEMA s CASCADE')).toBe(
    'ERROR 0A000 unimplemented: cannot drop type "defaultdb.s.ty" because other objects ([defaultdb.public.u]) still depend on it',
  );
  await engine.run('DROP TABLE u; CREATE TABLE s.u (v s.ty)');
  expect(await engine.run('DROP SCHEMA s CASCADE')).toBe('DROP SCHEMA');
});

test('DROP TYPE', async () => {
  await engine.run("CREATE TYPE a AS ENUM ('x'); CREATE TYPE b AS ENUM ('y')");
  await engine.run("CREATE TABLE u (v BOOL DEFAULT ('x'::a = 'x'::a))");
  expect(await engine.run('DROP TYPE a')).toBe(
    'ERROR 2BP01 cannot drop type "a" because other objects ([defaultdb.public.u]) still depend on it',
  );
  expect(await engine.run('DROP TYPE b CASCADE')).toBe(
    'ERROR 0A000 DROP TYPE CASCADE is not yet supported',
  );
  await engine.run('DROP TABLE u');
  expect(await engine.run('DROP TYPE a, b, a')).toBe('DROP TYPE');
  expect(await engine.run('DROP TYPE IF EXISTS a')).toBe('DROP TYPE');
  expect(await engine.run('DROP TYPE _mood')).toBe(
    'ERROR 42809 "_mood" is an implicit array type and cannot be modified',
  );
  expect(await engine.run('DROP TYPE mood')).toBe(
    'ERROR 2BP01 cannot drop type "mood" because other objects ([defaultdb.public.t]) still depend on it',
  );
});
