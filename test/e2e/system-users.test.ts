import { join } from 'node:path';

import { parseCsv } from '../support/csv';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { fixturesDir, hasShared, sharedDir } from '../support/shared';

/** Writes to system.users, role_options and role_members: how users come over from a backup of those tables. */
describePsql('system.users', () => {
  let server: OothecaProcess;
  const run = (...statements: string[]): string => server.psql('defaultdb', statements);
  const rows = (...statements: string[]): string[][] =>
    parseCsv(server.psql('defaultdb', statements, ['-t'])).map((row) => row.map(String));
  const users = (): string[][] =>
    rows('SELECT username, "hashedPassword", "isRole" FROM system.users ORDER BY 1');

  beforeAll(async () => {
    const io = hasShared ? join(sharedDir, 'backups', 'generated') : join(fixturesDir, 'backups');
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
  });
  beforeEach(() => {
    run(
      "DELETE FROM system.users WHERE username NOT IN ('root', 'admin')",
      'DELETE FROM system.role_options WHERE true',
      "DELETE FROM system.role_members WHERE member <> 'root'",
    );
  });
  afterAll(async () => {
    await server?.stop();
  });

  const SPECIAL = [
    ['admin', '\\x', 't'],
    ['root', '\\x', 'f'],
  ];

  test('the rows of another table come in beside root and admin', () => {
    run(
      'CREATE TABLE restored (username STRING PRIMARY KEY, "hashedPassword" BYTES, "isRole" BOOL)',
      "INSERT INTO restored VALUES ('admin', '', true), ('craig', 'abc', false), ('root', 'x', false)",
    );
    run('INSERT INTO system.users SELECT * FROM restored', 'DROP TABLE restored');
    expect(users()).toEqual([SPECIAL[0], ['craig', '\\x616263', 'f'], SPECIAL[1]]);
    run('SET ROLE craig; SELECT 1; RESET ROLE; GRANT admin TO craig');
  });

  const backup = hasShared ? test : test.skip;
  backup('the documented way from a backup', () => {
    const from = "FROM LATEST IN 'nodelocal://1/cluster' WITH into_db = 'newdb'";
    run(
      'CREATE DATABASE newdb',
      `RESTORE system.users ${from}`,
      'INSERT INTO system.users SELECT * FROM newdb.users',
      'DROP TABLE newdb.users',
    );
    expect(users().map(([name]) => name)).toEqual([
      'admin',
      'ann',
      'auditors',
      'craig',
      'expired',
      'root',
      'writers',
    ]);
  });

  test('constants have the types of the columns; what is not given is the default', () => {
    run(
      "INSERT INTO system.users VALUES ('a', '\\x2432', DEFAULT), ('b', NULL, true)",
      "INSERT INTO system.users (username) VALUES ('c')",
    );
    expect(users()).toEqual([
      ['a', '\\x2432', 'f'],
      SPECIAL[0],
      ['b', '\\x', 't'],
      ['c', '\\x', 'f'],
      SPECIAL[1],
    ]);
  });

  test('options and memberships take effect', () => {
    run(
      "INSERT INTO system.users VALUES ('a', NULL, false)",
      "INSERT INTO system.role_options VALUES ('a', 'CREATEDB', NULL)",
      'SET ROLE a',
      'CREATE DATABASE of_a',
    );
    run(
      "INSERT INTO system.role_members VALUES ('admin', 'a', false)",
      'SET ROLE a',
      'DROP DATABASE of_a',
    );
    run('UPDATE system.role_members SET "isAdmin" = true WHERE member = \'a\'');
    expect(rows("SELECT * FROM system.role_members WHERE member = 'a'")).toEqual([
      ['admin', 'a', 't'],
    ]);
    run(
      "DELETE FROM system.role_members m USING system.users u WHERE m.member = u.username AND u.username = 'a'",
    );
    expect(() => run('SET ROLE a', 'SELECT * FROM system.users')).toThrow(
      'does not have SELECT privilege',
    );
  });

  test('keys are unique, and may change', () => {
    run("INSERT INTO system.users VALUES ('a', 'x', false), ('b', 'y', false)");
    expect(() => run("INSERT INTO system.users VALUES ('a', 'z', false)")).toThrow(
      'duplicate key value violates unique constraint "primary"\nDETAIL:  Key (username)=(\'a\') already exists.',
    );
    expect(() => run("UPDATE system.users SET username = 'b' WHERE username = 'a'")).toThrow(
      'duplicate key',
    );
    run(
      "INSERT INTO system.users VALUES ('a', 'z', false), ('d', 'z', false) ON CONFLICT DO NOTHING",
      "UPSERT INTO system.users VALUES ('b', 'w', false)",
      "UPDATE system.users SET username = 'c' WHERE username = 'd'",
    );
    expect(users().map(([name, hash]) => `${name} ${hash}`)).toEqual([
      'a \\x78',
      'admin \\x',
      'b \\x77',
      'c \\x7a',
      'root \\x',
    ]);
  });

  test('a block sees its own rows, and takes them back', () => {
    const seen = rows(
      'BEGIN',
      "INSERT INTO system.users VALUES ('a', 'x', false)",
      "UPDATE system.users SET \"hashedPassword\" = 'y' WHERE username = 'a'",
      'SELECT "hashedPassword" FROM system.users WHERE username = \'a\'',
      'ROLLBACK',
    );
    expect(seen).toEqual([['\\x79']]);
    expect(users()).toEqual(SPECIAL);
  });

  test.each([
    ["INSERT INTO system.users VALUES (NULL, 'x', false)", 'null value in column "username"'],
    ["INSERT INTO system.users VALUES ('a', 'x', NULL)", 'null value in column "isRole"'],
    ["INSERT INTO system.users SELECT 'a', 'b'::STRING, false", "doesn't match type bytes"],
    ["DELETE FROM system.users WHERE username = 'root'", 'cannot drop special user root'],
    ["UPDATE system.users SET username = 'x' WHERE username = 'admin'", 'cannot drop special role'],
    ["INSERT INTO system.users VALUES ('a', 'b', false) RETURNING 1", 'RETURNING in a statement'],
    ["INSERT INTO system.settings VALUES ('a', 'b')", 'Use SET CLUSTER SETTING.'],
    ['INSERT INTO system.namespace VALUES (1)', 'does not have INSERT privilege'],
  ])('%s', (statement, message) => {
    expect(() => run(statement)).toThrow(message);
    expect(users()).toEqual(SPECIAL);
  });

  test('only admins write', () => {
    run("INSERT INTO system.users VALUES ('a', NULL, false)");
    const act = 'SET ROLE a';
    expect(() => run(act, "INSERT INTO system.role_members VALUES ('admin', 'a', true)")).toThrow(
      'user a does not have INSERT privilege on relation role_members',
    );
  });
});
