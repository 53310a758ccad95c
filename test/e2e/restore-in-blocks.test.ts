import { join } from 'node:path';
import type { Client } from 'pg';
import { OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { fixturesDir } from '../support/shared';

/** RESTORE … WITH DETACHED inside BEGIN … COMMIT: the job is part of the transaction. */

const DETACHED = `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank' WITH detached`;

let server: OothecaProcess;
let client: Client;
let other: Client;

beforeAll(async () => {
  const io = join(fixturesDir, 'backups');
  server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
  client = await pgClient(server);
  other = await pgClient(server);
});
afterEach(async () => {
  await client.query('ROLLBACK').catch(() => undefined);
  await other.query('DROP DATABASE IF EXISTS bank CASCADE');
});
afterAll(async () => {
  await client?.end();
  await other?.end();
  await server?.stop();
});

async function value(on: Client, sql: string, parameters: unknown[] = []): Promise<string> {
  const { rows } = await on.query<unknown[]>({ text: sql, values: parameters, rowMode: 'array' });
  expect(rows).toHaveLength(1);
  return String(rows[0]?.[0]);
}

const jobs = async (): Promise<number> =>
  Number(await value(other, 'SELECT count(*) FROM crdb_internal.jobs'));
const statusWhenComplete = async (id: string): Promise<string> => {
  const { rows } = await other.query(`SHOW JOB WHEN COMPLETE ${id}`);
  return (rows[0] as { status: string }).status;
};

test('starts at COMMIT', async () => {
  const before = await jobs();
  await client.query('BEGIN');
  const id = await value(client, DETACHED);
  // The name is taken for this transaction, nobody else knows of it.
  await expect(client.query('CREATE DATABASE bank')).rejects.toMatchObject({ code: '42P04' });
  await client.query('ROLLBACK');
  expect(await jobs()).toBe(before);

  await client.query('BEGIN');
  const kept = await value(client, DETACHED);
  expect(kept).not.toBe(id);
  expect(await jobs()).toBe(before);
  await client.query('COMMIT');
  expect(await statusWhenComplete(kept)).toBe('succeeded');
  expect(await value(other, 'SELECT count(*) FROM bank.transfers')).toBe('3000');
});

test('is forgotten at ROLLBACK, and at ROLLBACK TO SAVEPOINT', async () => {
  const before = await jobs();
  await client.query('BEGIN');
  await value(client, DETACHED);
  await client.query('ROLLBACK');

  await client.query('BEGIN');
  await client.query('CREATE TABLE kept (a INT PRIMARY KEY)');
  await client.query('SAVEPOINT s');
  await value(client, DETACHED);
  await client.query('ROLLBACK TO SAVEPOINT s');
  await client.query('COMMIT');
  expect(await jobs()).toBe(before);
  expect(await value(other, 'SELECT count(*) FROM kept')).toBe('0');
  const { rows } = await other.query(`SELECT 1 FROM [SHOW DATABASES] WHERE database_name = 'bank'`);
  expect(rows).toEqual([]);
});

test('is forgotten when the client goes away before COMMIT', async () => {
  const before = await jobs();
  const leaving = await pgClient(server);
  await leaving.query('BEGIN');
  await value(leaving, DETACHED);
  await leaving.end();
  // The write lock is free again once the block is gone.
  await other.query('CREATE TABLE IF NOT EXISTS later (a INT)');
  expect(await jobs()).toBe(before);
});

test('two in one transaction, with parameters, beside rows', async () => {
  await client.query('BEGIN');
  const table = 'RESTORE TABLE bank.customers FROM LATEST IN $1 WITH into_db = $2, detached';
  await client.query('CREATE DATABASE one');
  await client.query('CREATE DATABASE two');
  const ids = [
    await value(client, table, ['nodelocal://1/bank', 'one']),
    await value(client, table, ['nodelocal://1/bank', 'two']),
  ];
  await client.query('CREATE TABLE beside (a INT PRIMARY KEY)');
  await client.query('INSERT INTO beside VALUES (1)');
  await client.query('COMMIT');
  for (const id of ids) expect(await statusWhenComplete(id)).toBe('succeeded');
  for (const database of ['one', 'two']) {
    expect(await value(other, `SELECT count(*) FROM ${database}.customers`)).toBe('50');
  }
});

test('an error of its own leaves the block failed and nothing else', async () => {
  const before = await jobs();
  await client.query('BEGIN');
  const missing = `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/nosuch' WITH detached`;
  await expect(client.query(missing)).rejects.toThrow(/does not contain a completed latest backup/);
  await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
  await client.query('ROLLBACK');
  expect(await jobs()).toBe(before);
});

test('without DETACHED it is refused as CockroachDB does', async () => {
  await client.query('BEGIN');
  await expect(
    client.query(`RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank'`),
  ).rejects.toThrow('RESTORE cannot be used inside a transaction without DETACHED option');
});
