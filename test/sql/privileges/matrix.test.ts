import { type DdlEngine, openDdlEngine } from '../ddl/engine';

/** Every kind of statement against every privilege it takes: refused without it, not refused with it. */

let engine: DdlEngine;
let ann: (sql: string) => Promise<string>;
beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run(
    `CREATE USER ann; CREATE USER ben; CREATE DATABASE d;
     CREATE TABLE t (a INT PRIMARY KEY, b INT, INDEX i (b)); CREATE TABLE u (a INT); CREATE SEQUENCE q;
     CREATE VIEW v AS SELECT a FROM t; CREATE SCHEMA s; CREATE TABLE s.w (a INT); CREATE TYPE e AS ENUM ('x');
     CREATE TABLE n (a INT DEFAULT nextval('q'))`,
  );
  ann = await engine.connect('ann');
});
afterEach(async () => {
  await engine?.close();
});

const on =
  (object: string, kind = 'relation') =>
  (privilege: string) =>
    `user ann does not have ${privilege} privilege on ${kind} ${object}`;
const t = on('t');
const d = on('defaultdb', 'database');

/** Statement, what it is refused with, and what root has to grant for it: in this order. */
const MATRIX: ReadonlyArray<
  readonly [statement: string, ...needs: (readonly [denied: string, grant: string])[]]
> = [
  ['SELECT * FROM t', [t('SELECT'), 'GRANT SELECT ON t TO ann']],
  ['SELECT (SELECT count(*) FROM t)', [t('SELECT'), 'GRANT SELECT ON t TO ann']],
  ['WITH x AS (SELECT * FROM t) SELECT 1', [t('SELECT'), 'GRANT SELECT ON t TO ann']],
  ['EXPLAIN SELECT * FROM t', [t('SELECT'), 'GRANT SELECT ON t TO ann']],
  ['SELECT * FROM v', [on('v')('SELECT'), 'GRANT SELECT ON v TO ann']],
  [
    'SELECT * FROM s.w',
    [on('s', 'schema')('USAGE'), 'GRANT USAGE ON SCHEMA s TO ann'],
    [on('w')('SELECT'), 'GRANT SELECT ON s.w TO ann'],
  ],
  ['INSERT INTO t VALUES (1)', [t('INSERT'), 'GRANT INSERT ON t TO ann']],
  ['INSERT INTO t VALUES (1) RETURNING a', [t('INSERT'), 'GRANT INSERT ON t TO ann']],
  [
    'INSERT INTO t SELECT a, a FROM u',
    [t('INSERT'), 'GRANT INSERT ON t TO ann'],
    [on('u')('SELECT'), 'GRANT SELECT ON u TO ann'],
  ],
  [
    'INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING',
    [t('INSERT'), 'GRANT INSERT ON t TO ann'],
    [t('SELECT'), 'GRANT SELECT ON t TO ann'],
  ],
  [
    'UPSERT INTO t VALUES (1)',
    [t('INSERT'), 'GRANT INSERT ON t TO ann'],
    [t('SELECT'), 'GRANT SELECT ON t TO ann'],
    [t('UPDATE'), 'GRANT UPDATE ON t TO ann'],
  ],
  [
    'UPDATE t SET b = 1',
    [t('UPDATE'), 'GRANT UPDATE ON t TO ann'],
    [t('SELECT'), 'GRANT SELECT ON t TO ann'],
  ],
  [
    'DELETE FROM t',
    [t('DELETE'), 'GRANT DELETE ON t TO ann'],
    [t('SELECT'), 'GRANT SELECT ON t TO ann'],
  ],
  [
    'INSERT INTO n DEFAULT VALUES',
    [on('n')('INSERT'), 'GRANT INSERT ON n TO ann'],
    [on('q')('UPDATE or USAGE'), 'GRANT USAGE ON SEQUENCE q TO ann'],
  ],
  ["SELECT nextval('q')", [on('q')('UPDATE or USAGE'), 'GRANT UPDATE ON SEQUENCE q TO ann']],
  ["SELECT setval('q', 3)", [on('q')('UPDATE'), 'GRANT UPDATE ON SEQUENCE q TO ann']],
  ['TRUNCATE t', [t('DROP'), 'GRANT DROP ON t TO ann']],
  ['CREATE TABLE x (a INT)', [d('CREATE'), 'GRANT CREATE ON DATABASE defaultdb TO ann']],
  ['CREATE TABLE s.x (a INT)', [on('s', 'schema')('CREATE'), 'GRANT CREATE ON SCHEMA s TO ann']],
  [
    'CREATE TABLE x AS SELECT * FROM t',
    [d('CREATE'), 'GRANT CREATE ON DATABASE defaultdb TO ann'],
    [t('SELECT'), 'GRANT SELECT ON t TO ann'],
  ],
  [
    'CREATE VIEW x AS SELECT a FROM t',
    [d('CREATE'), 'GRANT CREATE ON DATABASE defaultdb TO ann'],
    [t('SELECT'), 'GRANT SELECT ON t TO ann'],
  ],
  ['CREATE SEQUENCE x', [d('CREATE'), 'GRANT CREATE ON DATABASE defaultdb TO ann']],
  ["CREATE TYPE x AS ENUM ('a')", [d('CREATE'), 'GRANT CREATE ON DATABASE defaultdb TO ann']],
  ['CREATE SCHEMA x', [d('CREATE'), 'GRANT CREATE ON DATABASE defaultdb TO ann']],
  ['CREATE INDEX x ON t (b)', [t('CREATE'), 'GRANT CREATE ON t TO ann']],
  ['DROP INDEX t@i', [t('CREATE'), 'GRANT CREATE ON t TO ann']],
  ['ALTER TABLE t ADD COLUMN c INT', [t('CREATE'), 'GRANT CREATE ON t TO ann']],
  [
    'ALTER TABLE u RENAME TO x',
    [on('u')('DROP'), 'GRANT DROP ON u TO ann'],
    [d('CREATE'), 'GRANT CREATE ON DATABASE defaultdb TO ann'],
  ],
  [
    'ALTER TABLE u SET SCHEMA s',
    [on('u')('DROP'), 'GRANT DROP ON u TO ann'],
    [on('s', 'schema')('CREATE'), 'GRANT CREATE ON SCHEMA s TO ann'],
  ],
  ['ALTER TABLE t OWNER TO ann', ['must be owner of table t', 'ALTER TABLE t OWNER TO ann']],
  ["ALTER TYPE e ADD VALUE 'y'", ['must be owner of type e', 'ALTER TYPE e OWNER TO ann']],
  ['DROP TABLE u', [on('u')('DROP'), 'GRANT DROP ON u TO ann']],
  ['DROP VIEW v', [on('v')('DROP'), 'GRANT DROP ON v TO ann']],
  ['DROP SEQUENCE q CASCADE', [on('q')('DROP'), 'GRANT DROP ON SEQUENCE q TO ann']],
  ['DROP TYPE e', ['must be owner of type e', 'ALTER TYPE e OWNER TO ann']],
  ['DROP SCHEMA s CASCADE', ['must be owner of schema s', 'ALTER SCHEMA s OWNER TO ann']],
  ['DROP DATABASE d', [on('d', 'database')('DROP'), 'GRANT DROP ON DATABASE d TO ann']],
  ['CREATE DATABASE x', ['permission denied to create database', 'ALTER USER ann CREATEDB']],
  [
    'ALTER DATABASE d RENAME TO x',
    ['must be owner of database d', 'ALTER DATABASE d OWNER TO ann'],
    ['permission denied to rename database', 'ALTER USER ann CREATEDB'],
  ],
  ["COMMENT ON TABLE t IS 'x'", [t('CREATE'), 'GRANT CREATE ON t TO ann']],
  [
    'GRANT SELECT ON t TO ben',
    [t('GRANT'), 'GRANT GRANT ON t TO ann'],
    [t('SELECT'), 'GRANT SELECT ON t TO ann'],
  ],
  ['SHOW CREATE TABLE t', ['user ann has no privileges on relation t', 'GRANT DROP ON t TO ann']],
  ['SHOW COLUMNS FROM t', ['user ann has no privileges on relation t', 'GRANT DROP ON t TO ann']],
  ['CREATE ROLE x', ['user ann does not have CREATEROLE privilege', 'ALTER USER ann CREATEROLE']],
  [
    'PAUSE JOBS SELECT 1 WHERE false',
    ['user ann does not have CONTROLJOB privilege', 'ALTER USER ann CONTROLJOB'],
  ],
  [
    'SELECT * FROM crdb_internal.gossip_nodes',
    [
      'only users with the admin role are allowed to read crdb_internal.gossip_nodes',
      'GRANT admin TO ann',
    ],
  ],
  [
    'SELECT * FROM system.users',
    ['user ann does not have SELECT privilege on relation users', 'GRANT admin TO ann'],
  ],
];

test.each(MATRIX.map((row) => [row[0], row] as const))('%s', async (_, [statement, ...needs]) => {
  for (const [denied, grant] of needs) {
    expect(await ann(statement)).toBe(`ERROR 42501 ${denied}`);
    expect(await engine.run(grant)).not.toMatch(/ERROR/);
  }
  expect(await ann(statement)).not.toMatch(/ERROR/);
});

test.each(MATRIX.map((row) => [row[0]] as const))('an admin may: %s', async (statement) => {
  await engine.run('GRANT admin TO ann');
  expect(await ann(statement)).not.toMatch(/ERROR/);
});

test('who makes something owns it', async () => {
  await engine.run('GRANT CREATE ON DATABASE defaultdb TO ann');
  await ann('CREATE TABLE mine (a INT)');
  expect(await ann('INSERT INTO mine VALUES (1)')).toBe('INSERT 0 1');
  expect(await ann('GRANT SELECT ON mine TO ben')).toBe('GRANT');
  expect(await ann('SHOW TABLES')).toBe('public|mine|table|ann|NULL|NULL');
  const ben = await engine.connect('ben');
  expect(await ben('SELECT * FROM mine')).toBe('1');
  expect(await ben('DROP TABLE mine')).toMatch(/^ERROR 42501/);
  expect(await ann('DROP TABLE mine')).toBe('DROP TABLE');
});

test('a statement that was prepared is refused once its privilege is gone', async () => {
  await engine.run('GRANT SELECT ON t TO ann');
  await ann('PREPARE p AS SELECT count(*) FROM t');
  expect(await ann('EXECUTE p')).toBe('0');
  await engine.run('REVOKE SELECT ON t FROM ann');
  expect(await ann('EXECUTE p')).toBe(`ERROR 42501 ${t('SELECT')}`);
});
