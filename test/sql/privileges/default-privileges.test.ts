import { type DdlEngine, openDdlEngine } from '../ddl/engine';

/** ALTER DEFAULT PRIVILEGES and what follows from it. */

let engine: DdlEngine;
beforeAll(async () => {
  engine = await openDdlEngine();
  await engine.run('CREATE USER ann; CREATE USER ben; CREATE ROLE staff');
});
afterAll(async () => {
  await engine?.close();
});

const SHOWN = [
  'root|f|schemas|root|ALL',
  'root|f|sequences|root|ALL',
  'root|f|tables|root|ALL',
  'root|f|types|public|USAGE',
  'root|f|types|root|ALL',
];

test('new objects grant what was set for their creator, and for all roles', async () => {
  await engine.run(
    `CREATE DATABASE one; USE one; CREATE SCHEMA s;
     ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ann;
     ALTER DEFAULT PRIVILEGES FOR ROLE ben GRANT DELETE ON TABLES TO ann;
     ALTER DEFAULT PRIVILEGES FOR ALL ROLES GRANT INSERT ON TABLES TO staff;
     ALTER DEFAULT PRIVILEGES FOR ALL ROLES GRANT USAGE ON SCHEMAS TO ann;
     ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT UPDATE ON TABLES TO ben;
     CREATE TABLE t (a INT); CREATE TABLE s.t (a INT); CREATE SCHEMA u`,
  );
  const grants = (on: string) =>
    engine.run(
      `SELECT grantee, privilege_type FROM [SHOW GRANTS ON ${on}] WHERE grantee NOT IN ('admin', 'root')`,
    );
  expect(await grants('t')).toBe('ann|SELECT\nstaff|INSERT');
  expect(await grants('s.t')).toBe('ann|SELECT\nben|UPDATE\nstaff|INSERT');
  expect(await grants('SCHEMA u')).toBe('ann|USAGE');
  expect(await engine.run('SHOW DEFAULT PRIVILEGES')).toBe(
    [...SHOWN.slice(0, 2), 'root|f|tables|ann|SELECT', ...SHOWN.slice(2)].join('\n'),
  );
  expect(await engine.run('SHOW DEFAULT PRIVILEGES FOR ALL ROLES')).toBe(
    'NULL|t|schemas|ann|USAGE\nNULL|t|tables|staff|INSERT\nNULL|t|types|public|USAGE',
  );
});

test('what holds without them can be revoked, and is back with the grant', async () => {
  await engine.run(
    `CREATE DATABASE two; USE two;
     ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM root;
     ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM public; CREATE TYPE e AS ENUM ('x')`,
  );
  expect(await engine.run('SHOW DEFAULT PRIVILEGES')).toBe(
    [
      ...SHOWN.slice(0, 2),
      ...['CREATE', 'DELETE', 'DROP', 'GRANT', 'INSERT', 'UPDATE', 'ZONECONFIG'].map(
        (privilege) => `root|f|tables|root|${privilege}`,
      ),
      SHOWN[4],
    ].join('\n'),
  );
  const publicOn = `SELECT privilege_type FROM [SHOW GRANTS ON TYPE e] WHERE grantee = 'public'`;
  expect(await engine.run(publicOn)).toBe('');
  await engine.run(
    `ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO root;
     ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO public; CREATE TYPE f AS ENUM ('x')`,
  );
  expect(await engine.run('SHOW DEFAULT PRIVILEGES')).toBe(SHOWN.join('\n'));
  expect(await engine.run(publicOn.replace('TYPE e', 'TYPE f'))).toBe('USAGE');
});

test('roles that they name are kept, until DROP OWNED BY', async () => {
  await engine.run(
    `CREATE DATABASE three; USE three; CREATE SCHEMA s; CREATE USER cy; CREATE USER dan;
     ALTER DEFAULT PRIVILEGES FOR ROLE cy GRANT SELECT ON TABLES TO staff;
     ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON SEQUENCES TO dan`,
  );
  expect(await engine.run('DROP USER cy')).toBe(
    'ERROR 2BP01 role cy cannot be dropped because some objects depend on it\nprivileges for default privileges on new tables belonging to role cy in database three',
  );
  expect(await engine.run('DROP USER dan')).toBe(
    'ERROR 2BP01 role dan cannot be dropped because some objects depend on it\nprivileges for default privileges on new sequences belonging to role root in database three in schema s',
  );
  expect(await engine.run('DROP OWNED BY cy, dan')).toBe('DROP OWNED BY');
  expect(await engine.run('DROP USER cy, dan')).toBe('DROP ROLE');
});

test('public, which has no descriptor, has none of its own', async () => {
  expect(
    await engine.run('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ann'),
  ).toMatch(/^ERROR 0A000 ALTER DEFAULT PRIVILEGES IN SCHEMA public is not supported/);
});

test('what sessions begin with is shown as CockroachDB keeps it', async () => {
  await engine.run(
    `ALTER ROLE ann SET application_name = 'a=b'; ALTER ROLE ann SET timezone = 'UTC';
     ALTER ROLE ALL IN DATABASE defaultdb SET statement_timeout = '10s'`,
  );
  const rows = ['50||{statement_timeout=10000}', '0|ann|{application_name=a=b,timezone=UTC}'];
  await engine.run(
    `CREATE DATABASE gone; ALTER ROLE ann IN DATABASE gone SET timezone = 'UTC'; DROP DATABASE gone`,
  );
  expect(await engine.run('SELECT * FROM system.database_role_settings ORDER BY 2')).toBe(
    rows.join('\n'),
  );
  expect(
    await engine.run(
      `SELECT setdatabase, r.rolname, setconfig FROM pg_catalog.pg_db_role_setting
       LEFT JOIN pg_catalog.pg_roles r ON r.oid = setrole ORDER BY 1`,
    ),
  ).toBe('0|ann|{application_name=a=b,timezone=UTC}\n50|NULL|{statement_timeout=10000}');
});

test('pg_default_acl shows what was changed', async () => {
  await engine.run(
    `CREATE DATABASE acl; USE acl; CREATE SCHEMA s;
     ALTER DEFAULT PRIVILEGES GRANT SELECT, DROP ON TABLES TO ann;
     ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO public;
     ALTER DEFAULT PRIVILEGES FOR ROLE ben REVOKE USAGE ON TYPES FROM public;
     ALTER DEFAULT PRIVILEGES FOR ROLE staff REVOKE ALL ON SEQUENCES FROM staff;
     ALTER DEFAULT PRIVILEGES FOR ALL ROLES GRANT USAGE ON SCHEMAS TO ann;
     ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT UPDATE ON TABLES TO ben`,
  );
  const shown = `SELECT coalesce(rolname, '-'), coalesce(nspname, '-'), defaclobjtype, defaclacl
    FROM pg_default_acl LEFT JOIN pg_roles r ON r.oid = defaclrole LEFT JOIN pg_namespace n ON n.oid = defaclnamespace ORDER BY 1, 2, 3`;
  expect(await engine.run(shown)).toBe(
    [
      '-|-|n|{ann=U/}',
      'ben|-|T|{ben=U/}',
      'root|-|r|{ann=r/,=Cadrw/}',
      'root|s|r|{ben=w/}',
      'staff|-|S|{}',
    ].join('\n'),
  );
  expect(await engine.run('SELECT count(DISTINCT oid) FROM pg_default_acl')).toBe('5');
  await engine.run('USE defaultdb');
  expect(await engine.run('SELECT count(*) FROM pg_default_acl')).toBe('0');
});
