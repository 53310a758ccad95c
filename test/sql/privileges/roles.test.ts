import { type DdlEngine, openDdlEngine } from '../ddl/engine';

/** Users and roles: options, names, memberships, who may change them, what holds them. */

let engine: DdlEngine;
beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run('CREATE USER ann; CREATE USER ben; CREATE ROLE staff');
});
afterEach(async () => {
  await engine?.close();
});

const answers = async (run: (sql: string) => Promise<string>, sql: readonly string[]) => {
  let answer = '';
  for (const one of sql) answer = await run(one);
  return answer;
};

test.each([
  ['CREATE USER Carl', 'carl||{}'],
  ["CREATE USER carl WITH PASSWORD 'secret'", 'carl||{}'],
  ['CREATE ROLE carl', 'carl|NOLOGIN|{}'],
  ['CREATE ROLE carl LOGIN CREATEDB', 'carl|CREATEDB|{}'],
  ['CREATE USER carl NOCREATEDB CONTROLJOB', 'carl|CONTROLJOB|{}'],
  ["CREATE USER carl VALID UNTIL '2030-01-02'", 'carl|VALID UNTIL=2030-01-02 00:00:00+00:00|{}'],
  ['CREATE USER carl; ALTER USER carl WITH NOLOGIN CREATEROLE', 'carl|CREATEROLE, NOLOGIN|{}'],
  ['CREATE USER carl CREATEROLE; ALTER USER carl NOCREATEROLE', 'carl||{}'],
  ['CREATE USER carl; GRANT staff, ann TO carl', 'carl||{ann,staff}'],
])('%s', async (sql, row) => {
  await engine.run(sql);
  expect((await engine.run('SHOW USERS')).split('\n')).toContain(row);
});

test.each([
  ['CREATE USER ann', 'ERROR 42710 a role/user named ann already exists'],
  ['CREATE USER IF NOT EXISTS ann', 'CREATE ROLE'],
  ['CREATE USER public', 'ERROR 42939 role name "public" is reserved'],
  ['CREATE USER pg_x', 'ERROR 42939 role name "pg_x" is reserved'],
  ['CREATE USER "a b"', /^ERROR 42602 username is invalid/],
  [`CREATE USER ${'a'.repeat(64)}`, /^ERROR 42622 username is too long/],
  ['CREATE USER x CREATEDB NOCREATEDB', 'ERROR 42601 conflicting role options'],
  ['CREATE USER x CREATEDB CREATEDB', 'ERROR 42601 redundant role options'],
  ["CREATE USER x PASSWORD ''", 'ERROR 28P01 empty passwords are not permitted'],
  ['CREATE USER x SUPERUSER', /^ERROR 42601 at or near "superuser": syntax error/],
  ['ALTER USER x CREATEDB', 'ERROR 42704 role/user x does not exist'],
  ['ALTER USER IF EXISTS x CREATEDB', 'ALTER ROLE'],
  ['ALTER ROLE admin CREATEDB', 'ERROR 42501 cannot edit admin role'],
  ['DROP USER x', 'ERROR 42704 role/user x does not exist'],
  ['DROP USER IF EXISTS x', 'DROP ROLE'],
  ['DROP ROLE admin', 'ERROR 22023 cannot drop special role admin'],
  ['DROP USER root', 'ERROR 22023 cannot drop special user root'],
  ['GRANT staff TO staff', 'ERROR 0LP01 staff cannot be a member of itself'],
  ['GRANT staff TO x', 'ERROR 42704 role/user x does not exist'],
  [
    'REVOKE admin FROM root',
    'ERROR 55006 user root cannot be removed from role admin or lose the ADMIN OPTION',
  ],
])('%s is answered with %s', async (sql, answer) => {
  const given = await engine.run(sql);
  if (typeof answer === 'string') expect(given).toBe(answer);
  else expect(given).toMatch(answer);
});

test('memberships go through roles, and never in circles', async () => {
  await engine.run('GRANT staff TO ann; GRANT ann TO ben');
  expect(await engine.run('GRANT ben TO staff')).toBe(
    'ERROR 0LP01 making staff a member of ben would create a cycle',
  );
  await engine.run('CREATE TABLE t (a INT); GRANT SELECT ON t TO staff');
  const ben = await engine.connect('ben');
  expect(await ben('SELECT count(*) FROM t')).toBe('0');
  await engine.run('REVOKE staff FROM ann');
  expect(await ben('SELECT count(*) FROM t')).toBe(
    'ERROR 42501 user ben does not have SELECT privilege on relation t',
  );
});

test('the admin option lets a member grant the role', async () => {
  const ann = await engine.connect('ann');
  await engine.run('GRANT staff TO ann');
  const denied = 'ERROR 42501 ann is not a superuser or role admin for role staff';
  expect(await ann('GRANT staff TO ben')).toBe(denied);
  await engine.run('GRANT staff TO ann WITH ADMIN OPTION');
  expect(await ann('GRANT staff TO ben')).toBe('GRANT');
  expect(await ann('GRANT admin TO ben')).toBe(
    'ERROR 42501 ann is not a role admin for role admin',
  );
  await engine.run('REVOKE ADMIN OPTION FOR staff FROM ann');
  expect(await ann('REVOKE staff FROM ben')).toBe(denied);
  expect(await engine.run('SHOW GRANTS ON ROLE staff')).toBe('staff|ann|f\nstaff|ben|f');
});

test('CREATEROLE makes users, CREATELOGIN those that log in; admins are left alone', async () => {
  await engine.run('ALTER USER ann CREATEROLE; GRANT admin TO ben');
  const ann = await engine.connect('ann');
  expect(await ann('CREATE ROLE x')).toBe('CREATE ROLE');
  expect(await ann('CREATE USER y')).toBe(
    'ERROR 42501 user ann does not have CREATELOGIN privilege',
  );
  expect(await ann('ALTER USER ben CREATEDB')).toBe(
    'ERROR 42501 must be superuser to alter superusers',
  );
  expect(await ann('DROP USER ben')).toBe('ERROR 42501 must be superuser to drop superusers');
  await engine.run('ALTER USER ann CREATELOGIN');
  expect(await ann('CREATE USER y')).toBe('CREATE ROLE');
});

test('a role that owns or holds something is kept', async () => {
  await engine.run('CREATE TABLE t (a INT); GRANT SELECT ON t TO ann; CREATE SCHEMA s');
  expect(await engine.run('DROP USER ann')).toBe(
    'ERROR 2BP01 cannot drop role/user ann: grants still exist on defaultdb.public.t',
  );
  await engine.run('ALTER TABLE t OWNER TO ann; ALTER SCHEMA s OWNER TO ann');
  expect(await engine.run('DROP USER ann')).toBe(
    'ERROR 2BP01 role ann cannot be dropped because some objects depend on it\nowner of table defaultdb.public.t\nowner of schema defaultdb.s',
  );
  await engine.run('REASSIGN OWNED BY ann TO ben');
  expect(await engine.run('SHOW TABLES')).toBe('public|t|table|ben|NULL|NULL');
  expect(await answers(engine.run, ['DROP OWNED BY ann', 'DROP USER ann'])).toBe('DROP ROLE');
  await engine.run('ALTER DEFAULT PRIVILEGES FOR ROLE root GRANT SELECT ON TABLES TO staff');
  expect(await engine.run('DROP ROLE staff')).toBe(
    'ERROR 2BP01 role staff cannot be dropped because some objects depend on it\nprivileges for default privileges on new tables belonging to role root in database defaultdb',
  );
});

test('DROP OWNED BY drops and revokes', async () => {
  await engine.run(
    `CREATE TABLE t (a INT); CREATE TYPE e AS ENUM ('x'); CREATE SCHEMA s; CREATE TABLE u (a INT);
     ALTER TABLE t OWNER TO ann; ALTER TYPE e OWNER TO ann; ALTER SCHEMA s OWNER TO ann; GRANT SELECT ON u TO ann`,
  );
  expect(await engine.run('DROP OWNED BY ann')).toBe('DROP OWNED BY');
  expect(await engine.run('SHOW TABLES')).toBe('public|u|table|root|NULL|NULL');
  expect(await engine.run('SHOW TYPES')).toBe('');
  expect(await engine.run('SHOW GRANTS FOR ann')).toBe('');
  expect(await engine.run('DROP OWNED BY root')).toMatch(/^ERROR 2BP01 cannot drop objects owned/);
});

test('a password is kept as a SCRAM verifier', async () => {
  await engine.run("ALTER USER ann WITH PASSWORD 'secret'");
  const [[stored]] = engine.read("SELECT hashed_password FROM users WHERE username = 'ann'") as [
    [Buffer],
  ];
  expect(stored.toString()).toMatch(
    /^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/,
  );
  expect(await engine.run('SHOW USERS')).not.toContain('SCRAM');
  await engine.run('ALTER USER ann WITH PASSWORD NULL');
  expect(engine.read("SELECT hashed_password FROM users WHERE username = 'ann'")).toEqual([[null]]);
});

test('only users that may log in do', async () => {
  const denied = (user: string) => engine.connect(user).catch((error: Error) => error.message);
  expect(await denied('nobody')).toBe('password authentication failed for user nobody');
  expect(await denied('staff')).toBe('staff does not have login privilege');
  expect(await denied('admin')).toBe('admin does not have login privilege');
  const ann = await engine.connect('ANN');
  expect(await ann('SELECT current_user')).toBe('ann');
});

test('SET ROLE acts as another', async () => {
  await engine.run('CREATE TABLE t (a INT); GRANT staff TO ann');
  expect(await answers(engine.run, ['SET ROLE ben', 'SELECT current_user, session_user'])).toBe(
    'ben|root',
  );
  expect(await engine.run('SELECT * FROM t')).toMatch(/^ERROR 42501 user ben/);
  expect(await engine.run('SHOW is_superuser')).toBe('off');
  expect(await answers(engine.run, ['RESET ROLE', 'SELECT count(*) FROM t'])).toBe('0');
  const ann = await engine.connect('ann');
  expect(await ann('SET ROLE ben')).toBe('ERROR 42501 permission denied to set role "ben"');
  expect(await ann('SET ROLE root')).toBe('ERROR 42501 only root can become root');
  expect(await ann('SET ROLE nobody')).toBe('ERROR 22023 role "nobody" does not exist');
  expect(await answers(ann, ['SET ROLE staff', 'SHOW role'])).toBe('staff');
  expect(await answers(ann, ['SET ROLE none', 'SHOW role'])).toBe('none');
  expect(await ann('SET SESSION AUTHORIZATION ben')).toMatch(/^ERROR 0A000/);
});

test('sessions begin with what ALTER ROLE … SET says', async () => {
  const begin = async () => (await engine.connect('ann'))('SHOW application_name');
  await engine.run("ALTER ROLE ALL SET application_name = 'all'");
  expect(await begin()).toBe('all');
  await engine.run("ALTER ROLE ann SET application_name = 'one'");
  expect(await begin()).toBe('one');
  await engine.run("ALTER ROLE ann IN DATABASE defaultdb SET application_name = 'here'");
  expect(await begin()).toBe('here');
  await engine.run('ALTER ROLE ann RESET application_name');
  await engine.run('ALTER ROLE ann IN DATABASE defaultdb RESET ALL');
  expect(await begin()).toBe('all');
  expect(await engine.run('ALTER ROLE ann SET nonsense = 1')).toMatch(/^ERROR 42704/);
  expect(await engine.run("ALTER ROLE ann SET statement_timeout = 'x'")).toMatch(/^ERROR 22023/);
  expect(await engine.run('ALTER ROLE root SET application_name = x')).toBe(
    'ERROR 42501 cannot edit root user',
  );
});

test('roles are made and dropped inside a block', async () => {
  await engine.run('BEGIN; CREATE USER carl; GRANT staff TO carl; ROLLBACK');
  expect(await engine.run('SHOW USERS')).not.toContain('carl');
  await engine.run('BEGIN; CREATE USER carl; GRANT staff TO carl; COMMIT');
  expect(await engine.run('SHOW USERS')).toContain('carl||{staff}');
});
