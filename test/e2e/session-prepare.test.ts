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

test('ids of jobs, schedules, queries and sessions as arguments', async () => {
  const [job] = (await client.query('SELECT job_id FROM [SHOW JOBS] ORDER BY created LIMIT 1'))
    .rows;
  const id = job.job_id as string;
  await client.query('PREPARE show_job AS SHOW JOB $1');
  const shown = async (given: string): Promise<unknown> =>
    (await rows(`EXECUTE show_job(${given})`))[0]?.[0];
  expect(await shown(id)).toBe(id);
  expect(await shown('1')).toBeUndefined();
  // Not the rows of the values before.
  expect(await shown(id)).toBe(id);
  const text = 'SHOW JOBS WHEN COMPLETE SELECT job_id FROM [SHOW JOBS] WHERE job_id = $1';
  expect((await client.query(text, [id])).rows).toMatchObject([{ job_id: id }]);
  for (const [sql, error] of [
    ['CANCEL JOB $1', /job with ID 12 does not exist/],
    ['CANCEL QUERY $1', /^42704 could not cancel query 12: query ID 12 not found/],
    ['CANCEL SESSION $1', /^42704 could not cancel session 12: session ID 12 not found/],
  ] as const) {
    const failed = client.query(sql, ['12']).then(
      () => 'no error',
      (reason: DatabaseError) => `${reason.code} ${reason.message}`,
    );
    expect(await failed).toMatch(error);
  }
  for (const sql of [
    'CANCEL SESSION IF EXISTS $1',
    'SHOW SCHEDULE $1',
    'SHOW JOBS FOR SCHEDULE $1',
  ])
    await client.query(sql, ['12']);
  await expect(client.query('SHOW JOB $1', ['x'])).rejects.toMatchObject({ code: '22P02' });
  await expect(client.query('SHOW JOB $1')).rejects.toMatchObject({ code: '42P02' });
});
