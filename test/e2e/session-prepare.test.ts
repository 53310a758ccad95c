import type { Client, DatabaseError } from 'pg';
import type { OothecaProcess } from '../support/ootheca-process';
import { pgClient, startRestored } from '../support/restored-server';

/** PREPARE, EXECUTE and DEALLOCATE as statements. */

let server: OothecaProcess;
let client: Client;

beforeAll(async () => {
  server = await startRestored(['bank']);
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

const rows = async (sql: string): Promise<unknown[][]> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows as unknown[][];

const errorOf = async (sql: string): Promise<string> =>
  await client.query(sql).then(
    () => 'no error',
    (error: DatabaseError) => `${error.code} ${error.message}`,
  );

test('arguments take the types of the parameters', async () => {
  expect((await client.query('PREPARE a (DECIMAL, STRING) AS SELECT $1 * 2, $2')).command).toBe(
    'PREPARE',
  );
  expect(await rows("EXECUTE a(1.50, 'x' || 'y')")).toEqual([['3.00', 'xy']]);
  expect(await rows('EXECUTE a(1, NULL)')).toEqual([['2', null]]);
  const result = await client.query("EXECUTE a(1, 'z')");
  expect([result.command, result.rowCount]).toEqual(['SELECT', 1]);
});

test('types that are not given are learned', async () => {
  await client.query('PREPARE b AS SELECT count(*) FROM bank.accounts WHERE id <= $1');
  expect(await rows('EXECUTE b(7)')).toEqual([['7']]);
  await client.query('PREPARE f (FLOAT) AS SELECT $1 = 0.1 + 0.2');
  expect(await rows('EXECUTE f(0.1::FLOAT + 0.2::FLOAT)')).toEqual([[false]]);
  await client.query('PREPARE s AS SHOW client_encoding');
  expect(await rows('EXECUTE s')).toEqual([['UTF8']]);
});

test('names are the session’s own and go with DEALLOCATE', async () => {
  await client.query('PREPARE a AS SELECT 1');
  expect(await errorOf('PREPARE a AS SELECT 2')).toBe(
    '42P05 prepared statement "a" already exists',
  );
  const other = await pgClient(server);
  await expect(other.query('EXECUTE a')).rejects.toMatchObject({ code: '26000' });
  await other.end();
  await client.query('DEALLOCATE a');
  expect(await errorOf('EXECUTE a')).toBe('26000 prepared statement "a" does not exist');
  expect(await errorOf('DEALLOCATE a')).toBe('26000 prepared statement "a" does not exist');
  await client.query('PREPARE a AS SELECT 3');
  await client.query('DEALLOCATE ALL');
  expect(await errorOf('EXECUTE a')).toMatch(/^26000 /);
});

test('what is wrong with a statement shows when it is prepared, with arguments when it runs', async () => {
  expect(await errorOf('PREPARE a AS SELECT nosuch')).toBe('42703 column "nosuch" does not exist');
  await client.query('PREPARE a (INT) AS SELECT $1');
  expect(await errorOf('EXECUTE a')).toBe(
    '42601 wrong number of parameters for prepared statement "a": expected 1, got 0',
  );
  expect(await errorOf("EXECUTE a('x')")).toMatch(/^22P02 /);
  expect(await rows('EXECUTE a(4)')).toEqual([['4']]);
});
