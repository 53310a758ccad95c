import type { Client } from 'pg';
import type { OothecaProcess } from '../support/ootheca-process';
import { pgClient, startRestored } from '../support/restored-server';

/** SHOW STATISTICS: what the backup knew of a table's columns. */

let server: OothecaProcess;
let client: Client;

beforeAll(async () => {
  server = await startRestored(['bank']);
  client = await pgClient(server);
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

const statistics = async (table: string): Promise<unknown[]> => {
  const text = `SELECT column_names, row_count, distinct_count, null_count, histogram_id > 0
    FROM [SHOW STATISTICS FOR TABLE ${table}]`;
  return (await client.query({ text, rowMode: 'array' })).rows;
};

test('of a restored table; those of a dropped column go', async () => {
  const rows = await statistics('bank.accounts');
  expect(rows).toContainEqual([['id'], '200', '200', '0', true]);
  expect(rows).toContainEqual([['customer_id'], '200', '50', '0', true]);
  await client.query('ALTER TABLE bank.accounts DROP COLUMN opened');
  expect((await statistics('bank.accounts')).length).toBe(rows.length - 1);
});

test('there are none of a new table; of none, and for those who may not read it, there is an error', async () => {
  await client.query('CREATE TABLE fresh (i INT)');
  expect(await statistics('fresh')).toEqual([]);
  await expect(statistics('nosuch')).rejects.toMatchObject({ code: '42P01' });
  await client.query('CREATE USER curious');
  await client.query('SET ROLE curious');
  await expect(statistics('fresh')).rejects.toMatchObject({ code: '42501' });
  await client.query('RESET ROLE');
});
