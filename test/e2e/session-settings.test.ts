import type { Client } from 'pg';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** SET, SHOW and RESET as a client sends them. */

describePsql('settings of a session', () => {
  let server: OothecaProcess;
  let client: Client;
  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem']);
  });
  afterAll(async () => {
    await server?.stop();
  });
  beforeEach(async () => {
    client = await pgClient(server);
  });
  afterEach(async () => {
    await client.end();
  });

  const show = async (name: string): Promise<unknown> =>
    Object.values((await client.query(`SHOW ${name}`)).rows[0] as object)[0];
  const error = async (sql: string): Promise<string> => {
    const failed = await client.query(sql).catch((reason: unknown) => reason);
    const { code, message } = failed as { code: string; message: string };
    return `${code} ${message}`;
  };

  test.each([
    [`SET search_path = a, "B c", '$user'`, 'search_path', `a, "B c", "$user"`],
    [`SET search_path TO 'public'`, 'search_path', 'public'],
    [`SET SESSION application_name = 'a' || 'b'`, 'application_name', 'ab'],
    ['SET reorder_joins_limit = 2 + 2', 'reorder_joins_limit', '4'],
    [`SET TIME ZONE 'Asia/Tokyo'`, 'TIME ZONE', 'Asia/Tokyo'],
    ['SET TIME ZONE -3', 'timezone', '-03:00'],
    ['SET vectorize = DEFAULT', 'vectorize', 'on'],
    [`SET NAMES 'utf8'`, 'client_encoding', 'UTF8'],
    ['SET enable_zigzag_join = false', 'enable_zigzag_join', 'off'],
  ])('%s', async (sql, name, shown) => {
    await client.query(sql);
    expect(await show(name)).toBe(shown);
  });

  test.each([
    ['SET nosuch = 1', '42704 unrecognized configuration parameter "nosuch"'],
    [`SET myapp.user = 'x'`, '42704 unrecognized configuration parameter "myapp.user"'],
    ['SHOW nosuch', '42704 unrecognized configuration parameter "nosuch"'],
    [
      `SET search_path = 'a,b'`,
      '0A000 unimplemented: schema name "a,b" has commas so is not supported in search_path.',
    ],
    ['SET application_name = NULL', '22023 a setting cannot be set to NULL'],
    ['SET vectorize = on, off', '22023 SET vectorize takes only one argument'],
    ['SET server_version = 1', '55P02 parameter "server_version" cannot be changed'],
    ['RESET server_version', '55P02 parameter "server_version" cannot be changed'],
  ])('%s is refused', async (sql, message) => {
    expect(await error(sql)).toBe(message);
  });

  test('SET stays when its block is rolled back, SET LOCAL does not', async () => {
    await client.query('BEGIN');
    await client.query(`SET application_name = 'kept'`);
    await client.query(`SET LOCAL timezone = 'Asia/Tokyo'`);
    expect(await show('timezone')).toBe('Asia/Tokyo');
    await client.query('ROLLBACK');
    expect(await show('application_name')).toBe('kept');
    expect(await show('timezone')).toBe('UTC');
  });
});
