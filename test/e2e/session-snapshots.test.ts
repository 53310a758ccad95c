import type { Client, DatabaseError } from 'pg';
import type { OothecaProcess } from '../support/ootheca-process';
import { pgClient, restoreOf, startRestored } from '../support/restored-server';

/** What open blocks and prepared statements see of databases that others drop and restore meanwhile. */

let server: OothecaProcess;
let reader: Client;
let writer: Client;

beforeAll(async () => {
  server = await startRestored(['bank', 'alltypes']);
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(async () => {
  reader = await pgClient(server);
  writer = await pgClient(server);
});
afterEach(async () => {
  await reader.end();
  await writer.end();
});

const count = async (client: Client, table: string): Promise<string> =>
  (await client.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n;

const codeOf = async (query: Promise<unknown>): Promise<string | undefined> =>
  await query.then(
    () => undefined,
    (error: DatabaseError) => error.code,
  );

test('a block goes on seeing a database that was dropped and restored after its first query', async () => {
  await reader.query('BEGIN');
  expect(await count(reader, 'bank.accounts')).toBe('200');
  const shown = async () => (await reader.query('SHOW DATABASES')).rows;
  const before = await shown();
  await writer.query('DROP DATABASE bank');
  expect(await count(reader, 'bank.accounts')).toBe('200');
  expect(await count(reader, 'bank.customers')).toBe(await count(reader, 'bank.customers'));
  await writer.query(restoreOf('bank'));
  expect(await count(reader, 'bank.accounts')).toBe('200');
  expect(await shown()).toEqual(before);
  await reader.query('COMMIT');
  expect(await count(reader, 'bank.accounts')).toBe('200');
});

test('a block does not see what was restored after its first query', async () => {
  await writer.query('CREATE DATABASE copy');
  await reader.query('BEGIN; SAVEPOINT start');
  await reader.query('SELECT 1');
  await writer.query(
    "RESTORE TABLE bank.customers, bank.accounts FROM LATEST IN 'nodelocal://1/bank' WITH into_db = 'copy'",
  );
  expect(await codeOf(count(reader, 'copy.accounts'))).toBe('42P01');
  // Also not after a failure that a savepoint undoes.
  await reader.query('ROLLBACK TO SAVEPOINT start');
  expect(await codeOf(count(reader, 'copy.accounts'))).toBe('42P01');
  await reader.query('ROLLBACK');
  expect(await count(reader, 'copy.accounts')).toBe('200');
});

test('a prepared statement of a dropped table fails by its name, and works again when it is back', async () => {
  const statement = { name: 's', text: 'SELECT count(*) AS n FROM bank.accounts WHERE id > $1' };
  const run = async () => (await reader.query({ ...statement, values: [0] })).rows;
  const before = await run();
  await writer.query('DROP DATABASE bank');
  expect(await codeOf(run())).toBe('42P01');
  expect(await count(reader, 'alltypes.k_int')).toBe('266');
  await writer.query(restoreOf('bank'));
  expect(await run()).toEqual(before);
});

test('a prepared statement follows the current database', async () => {
  const statement = { name: 's', text: 'SELECT count(*) AS n FROM accounts' };
  await reader.query('USE bank');
  expect((await reader.query(statement)).rows).toEqual([{ n: '200' }]);
  await reader.query('USE alltypes');
  expect(await codeOf(reader.query(statement))).toBe('42P01');
  await reader.query('USE bank');
  expect((await reader.query(statement)).rows).toEqual([{ n: '200' }]);
});

test('readers in a loop never see a half of a drop or a restore', async () => {
  let stop = false;
  const seen = new Set<string>();
  const reading = (async () => {
    while (!stop) {
      const sql =
        'SELECT count(*) AS n FROM bank.transfers t JOIN bank.accounts a ON a.id = t.from_id';
      const result = await reader.query(sql).then(
        ({ rows }) => `rows ${rows[0].n}`,
        (error: DatabaseError) => `error ${error.code}`,
      );
      seen.add(result);
    }
  })();
  for (let i = 0; i < 3; i++) {
    await writer.query('DROP DATABASE bank');
    await writer.query(restoreOf('bank'));
  }
  stop = true;
  await reading;
  const counts = [...seen].filter((each) => each.startsWith('rows'));
  expect(counts).toHaveLength(1);
  // 40001: the table went between binding and running; clients run the statement again.
  for (const each of seen) expect(['error 42P01', 'error 40001', counts[0]]).toContain(each);
});

describe('sequences', () => {
  test('currval and lastval are the session’s own, values are everybody’s', async () => {
    await reader.query('USE alltypes');
    await writer.query('USE alltypes');
    expect(await codeOf(reader.query("SELECT currval('seq')"))).toBe('55000');
    expect(await codeOf(reader.query('SELECT lastval()'))).toBe('55000');
    const next = async (client: Client): Promise<bigint> =>
      BigInt((await client.query("SELECT nextval('seq') AS v")).rows[0].v);
    const first = await next(reader);
    const second = await next(writer);
    const third = await next(reader);
    expect(second - first).toBe(third - second);
    expect(second).not.toBe(first);
    const { rows } = await reader.query("SELECT currval('seq') AS c, lastval() AS l");
    expect(rows).toEqual([{ c: String(third), l: String(third) }]);
    expect((await writer.query('SELECT lastval() AS l')).rows).toEqual([{ l: String(second) }]);
  });

  test('a rolled back block keeps what it was handed', async () => {
    await reader.query('USE alltypes');
    await reader.query('BEGIN');
    const { rows } = await reader.query("SELECT nextval('seq') AS v");
    await reader.query('ROLLBACK');
    expect((await reader.query("SELECT currval('seq') AS v")).rows).toEqual(rows);
    await reader.query("SELECT setval('seq', 1000)");
    expect((await reader.query("SELECT currval('seq') AS v")).rows).toEqual([{ v: '1000' }]);
    await reader.query("SELECT setval('seq', 2000, false)");
    expect((await reader.query("SELECT currval('seq') AS v")).rows).toEqual([{ v: '1000' }]);
    expect((await reader.query("SELECT nextval('seq') AS v")).rows).toEqual([{ v: '2000' }]);
  });

  test('a read-only block hands out none', async () => {
    await reader.query('USE alltypes; BEGIN READ ONLY');
    expect(await codeOf(reader.query("SELECT nextval('seq')"))).toBe('25006');
    await reader.query('ROLLBACK; SET default_transaction_read_only = on');
    expect(await codeOf(reader.query("SELECT setval('seq', 1)"))).toBe('25006');
  });
});
