import type { Client, DatabaseError } from 'pg';
import { OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** Many clients move money between the same few accounts: none is lost, and who locks or begins again gets on. */

const ACCOUNTS = 6;

let server: OothecaProcess;
let admin: Client;
beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem']);
  admin = await pgClient(server);
  await admin.query('CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL)');
  await admin.query(`INSERT INTO accounts SELECT i, 100 FROM generate_series(1, ${ACCOUNTS}) AS i`);
});
afterAll(async () => {
  await admin?.end();
  await server?.stop();
});

const codeOf = async (query: Promise<unknown>): Promise<string | undefined> =>
  await query.then(
    () => undefined,
    (error: DatabaseError) => error.code,
  );

async function move(client: Client, from: number, to: number, lock: string): Promise<void> {
  const sql = `SELECT balance FROM accounts WHERE id = $1${lock}`;
  const { rows } = await client.query(sql, [from]);
  await client.query('UPDATE accounts SET balance = $2 WHERE id = $1', [from, rows[0].balance - 7]);
  await client.query('SAVEPOINT inner_one');
  await client.query('UPDATE accounts SET balance = balance + 1000');
  await client.query('ROLLBACK TO SAVEPOINT inner_one');
  await client.query('UPDATE accounts SET balance = balance + 7 WHERE id = $1', [to]);
}

const places = (client: number, turn: number): [from: number, to: number] => [
  1 + ((client * 5 + turn) % ACCOUNTS),
  1 + ((client + turn * 5 + 1) % ACCOUNTS),
];

async function checkMoney(): Promise<void> {
  const { rows } = await admin.query('SELECT sum(balance) AS sum FROM accounts');
  expect(rows).toEqual([{ sum: String(ACCOUNTS * 100) }]);
}

test('200 clients with FOR UPDATE: they queue, and nobody is told to run again', async () => {
  const clients = await Promise.all(Array.from({ length: 200 }, () => pgClient(server)));
  await Promise.all(
    clients.map(async (client, i) => {
      for (let turn = 0; turn < 2; turn++) {
        await client.query('BEGIN');
        await move(client, ...places(i, turn), ' FOR UPDATE');
        await client.query('COMMIT');
      }
      await client.end();
    }),
  );
  await checkMoney();
});

test('clients that begin again at cockroach_restart come through at the second try', async () => {
  const clients = await Promise.all(Array.from({ length: 20 }, () => pgClient(server)));
  let most = 0;
  await Promise.all(
    clients.map(async (client, i) => {
      for (let turn = 0; turn < 3; turn++) {
        await client.query('BEGIN');
        await client.query('SAVEPOINT cockroach_restart');
        for (let tries = 1; ; tries++) {
          most = Math.max(most, tries);
          try {
            await move(client, ...places(i, turn), '');
            await client.query('RELEASE SAVEPOINT cockroach_restart');
            break;
          } catch (error) {
            if ((error as DatabaseError).code !== '40001') throw error;
            await client.query('ROLLBACK TO SAVEPOINT cockroach_restart');
          }
        }
        await client.query('COMMIT');
      }
      await client.end();
    }),
  );
  expect(most).toBe(2);
  await checkMoney();
});

test('a locked row is not overtaken; NOWAIT and lock_timeout do not wait; a block that reads locks nothing', async () => {
  const other = await pgClient(server);
  await admin.query('BEGIN');
  await admin.query('SELECT * FROM accounts WHERE id = 1 FOR UPDATE');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await other.query("SET lock_timeout = '200ms'");
  expect(await codeOf(other.query('UPDATE accounts SET balance = 0'))).toBe('55P03');
  await other.query('BEGIN');
  const nowait = 'SELECT * FROM accounts WHERE id = 1 FOR UPDATE NOWAIT';
  expect(await codeOf(other.query(nowait))).toBe('55P03');
  await other.query('ROLLBACK');
  expect(await codeOf(other.query('SELECT * FROM accounts WHERE id = 1 FOR SHARE'))).toBe(
    undefined,
  );
  await admin.query('UPDATE accounts SET balance = balance WHERE id = 1');
  await admin.query('COMMIT');
  await other.query('BEGIN');
  expect(await codeOf(other.query(nowait))).toBe(undefined);
  await other.query('COMMIT');
  await other.query('BEGIN READ ONLY');
  expect(await codeOf(other.query(nowait))).toBe('25006');
  await other.end();
  await checkMoney();
});
