import type { Client } from 'pg';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** SHOW … WITH COMMENT, and SHOW CREATE ALL of what is no table. */

describePsql('SHOW', () => {
  let server: OothecaProcess;
  let client: Client;
  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem']);
    client = await pgClient(server);
    for (const sql of [
      'CREATE TABLE t (id INT8 PRIMARY KEY, a STRING, INDEX by_a (a))',
      'CREATE SCHEMA "Other"',
      `CREATE TYPE mood AS ENUM ('good', 'it''s bad')`,
      `COMMENT ON DATABASE defaultdb IS 'of the database'`,
      `COMMENT ON TABLE t IS 'of the table'`,
      `COMMENT ON COLUMN t.a IS 'of the column'`,
      `COMMENT ON INDEX t@by_a IS 'of the index'`,
    ])
      await client.query(sql);
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  const rows = async (sql: string): Promise<unknown> =>
    (await client.query({ text: sql, rowMode: 'array' })).rows;

  test.each([
    [`INSERT INTO system.descriptor VALUES (1, 'x')`, 'INSERT', 'descriptor'],
    [`UPDATE pg_catalog.pg_class SET relname = 'x'`, 'UPDATE', 'pg_class'],
  ])('%s is not for users', async (sql, privilege, table) => {
    await expect(client.query(sql)).rejects.toMatchObject({
      code: '42501',
      message: `user root does not have ${privilege} privilege on relation ${table}`,
    });
  });

  test('settings are changed by a statement of their own', async () => {
    await expect(client.query('DELETE FROM system.settings')).rejects.toMatchObject({
      code: '0A000',
      hint: 'Use SET CLUSTER SETTING.',
    });
  });

  test.each([
    [
      `SELECT database_name, comment FROM [SHOW DATABASES WITH COMMENT] WHERE database_name <> 'system'`,
      [
        ['defaultdb', 'of the database'],
        ['postgres', null],
      ],
    ],
    ['SELECT table_name, comment FROM [SHOW TABLES WITH COMMENT]', [['t', 'of the table']]],
    [
      'SELECT column_name, comment FROM [SHOW COLUMNS FROM t WITH COMMENT]',
      [
        ['id', null],
        ['a', 'of the column'],
      ],
    ],
    [
      'SELECT DISTINCT index_name, comment FROM [SHOW INDEXES FROM t WITH COMMENT] ORDER BY 1',
      [
        ['by_a', 'of the index'],
        ['primary', null],
      ],
    ],
    [
      'SELECT column_name, data_type FROM [SHOW COLUMNS FROM system.settings]',
      [
        ['name', 'STRING'],
        ['value', 'STRING'],
        ['lastUpdated', 'TIMESTAMP'],
        ['valueType', 'STRING'],
      ],
    ],
    ['SHOW session_user', [['root']]],
    ['SHOW CREATE ALL SCHEMAS', [['CREATE SCHEMA public;'], ['CREATE SCHEMA "Other";']]],
    ['SHOW CREATE ALL TYPES', [[`CREATE TYPE public.mood AS ENUM ('good', 'it''s bad');`]]],
  ])('%s', async (sql, expected) => {
    expect(await rows(sql)).toEqual(expected);
  });
});
