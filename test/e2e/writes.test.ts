import type { Client, DatabaseError } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient, startRestored } from '../support/restored-server';

/** Writes through the program: restored tables, blocks, the queue of writers, clients and servers that go away. */

let server: OothecaProcess;
let one: Client;
let two: Client;

beforeAll(async () => {
  server = await startRestored(['bank', 'alltypes']);
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(async () => {
  one = await pgClient(server, 'bank');
  two = await pgClient(server, 'bank');
});
afterEach(async () => {
  await one.end();
  await two.end();
});

const errorOf = async (query: Promise<unknown>): Promise<DatabaseError> =>
  await query.then(
    () => {
      throw new Error('no error');
    },
    (error: DatabaseError) => error,
  );

const name = async (client: Client, id: number): Promise<string | undefined> =>
  (await client.query('SELECT name FROM customers WHERE id = $1', [id])).rows[0]?.name;

/** Answers before `query` does, as long as that waits. */
const pending = async (query: Promise<unknown>): Promise<boolean> =>
  await Promise.race([query.then(() => false), two.query('SELECT 1').then(() => true)]);

const add = (client: Client, id: number, text: string) =>
  client.query('INSERT INTO customers (id, name) VALUES ($1, $2)', [id, text]);

test('command tags, RETURNING and its types, prepared statements run again', async () => {
  const insert = {
    name: 'i',
    text: 'INSERT INTO customers (id, name) VALUES ($1, $2) RETURNING id, name',
  };
  for (const id of [1001, 1002]) {
    const { command, rowCount, rows, fields } = await one.query({ ...insert, values: [id, 'x'] });
    expect([command, rowCount, rows]).toEqual(['INSERT', 1, [{ id: String(id), name: 'x' }]]);
    expect(fields.map((field) => field.dataTypeID)).toEqual([20, 25]);
  }
  const updated = await one.query("UPDATE customers SET name = 'y' WHERE id > 1000");
  expect([updated.command, updated.rowCount]).toEqual(['UPDATE', 2]);
  const deleted = await one.query('DELETE FROM customers WHERE id > 1000 RETURNING *');
  expect([deleted.command, deleted.rowCount]).toEqual(['DELETE', 2]);
});

test('constraints of restored tables', async () => {
  const duplicate = await errorOf(add(one, 1, 'again'));
  expect([duplicate.code, duplicate.constraint, duplicate.detail]).toEqual([
    '23505',
    'primary',
    'Key (id)=(1) already exists.',
  ]);
  const missing = await errorOf(
    one.query('INSERT INTO accounts (id, customer_id) VALUES (9000, 9000)'),
  );
  expect([missing.code, missing.constraint]).toEqual(['23503', 'fk_customer_id_ref_customers']);
  const check = await errorOf(one.query('UPDATE accounts SET balance = -1 WHERE id = 1'));
  expect(check.message).toBe('failed to satisfy CHECK constraint (balance >= 0:::DECIMAL)');
  const view = await errorOf(one.query('INSERT INTO rich VALUES (1)'));
  expect(view.code).toBe('42809');
});

test('sequences, computed columns, partial and hash-sharded indexes', async () => {
  const { rows } = await one.query(`INSERT INTO alltypes.serials (v) VALUES ('a'), (DEFAULT)
    RETURNING id, v, r IS NOT NULL AS r`);
  const first = Number(rows[0].id);
  expect(rows).toEqual([
    { id: String(first), v: 'a', r: true },
    { id: String(first + 1), v: 'dflt', r: true },
  ]);
  expect((await one.query('SELECT lastval() AS v')).rows[0].v).toBe(String(first + 1));
  await one.query('BEGIN; INSERT INTO alltypes.serials DEFAULT VALUES; ROLLBACK');
  const after = await one.query('INSERT INTO alltypes.serials DEFAULT VALUES RETURNING id');
  expect(after.rows[0].id).toBe(String(first + 3));
  const insert = `INSERT INTO alltypes.idx_kinds (n, s, created) VALUES (11, 'Part', now())
    RETURNING lower_s, virt, crdb_internal_n_shard_4 AS shard`;
  expect((await one.query(insert)).rows).toEqual([{ lower_s: 'part', virt: '22', shard: 3 }]);
  expect((await errorOf(one.query(insert))).constraint).toBe('part');
});

test('1,000 rows in one statement, and all of them or none', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => `(${20_000 + i}, 'n${i}')`);
  const sql = `INSERT INTO customers (id, name) VALUES ${rows.join(', ')}`;
  expect((await one.query(sql)).rowCount).toBe(1000);
  expect((await errorOf(one.query(`${sql}, (30000, 'x')`))).code).toBe('23505');
  expect(await name(one, 30_000)).toBeUndefined();
  expect((await one.query('DELETE FROM customers WHERE id >= 20000')).rowCount).toBe(1000);
});

test('a block sees its own rows, others see them after COMMIT', async () => {
  await one.query('BEGIN');
  await add(one, 2000, 'mine');
  expect(await name(one, 2000)).toBe('mine');
  expect(await name(two, 2000)).toBeUndefined();
  await one.query('COMMIT');
  expect(await name(two, 2000)).toBe('mine');
  await one.query('BEGIN');
  await one.query('DELETE FROM customers WHERE id = 2000');
  await one.query('ROLLBACK');
  expect(await name(one, 2000)).toBe('mine');
});

test('savepoints, also those from before the first write', async () => {
  await one.query('BEGIN; SAVEPOINT a');
  await add(one, 2100, 'a');
  await one.query('SAVEPOINT b');
  await one.query("UPDATE customers SET name = 'b' WHERE id = 2100");
  expect((await errorOf(add(one, 2100, 'c'))).code).toBe('23505');
  expect((await errorOf(one.query('SELECT 1'))).code).toBe('25P02');
  await one.query('ROLLBACK TO SAVEPOINT b');
  expect(await name(one, 2100)).toBe('a');
  await one.query('RELEASE SAVEPOINT b; ROLLBACK TO SAVEPOINT a');
  expect(await name(one, 2100)).toBeUndefined();
  await add(one, 2101, 'kept');
  await one.query('COMMIT');
  expect(await name(two, 2101)).toBe('kept');
  expect(await name(two, 2100)).toBeUndefined();
});

test('writers queue; who waits can be canceled by statement_timeout', async () => {
  await one.query('BEGIN');
  await add(one, 2200, 'one');
  const other = await pgClient(server, 'bank');
  const waiting = add(other, 2201, 'other');
  expect(await pending(waiting)).toBe(true);
  await two.query("SET statement_timeout = '50ms'");
  expect((await errorOf(add(two, 2202, 'two'))).code).toBe('57014');
  await one.query('COMMIT');
  await waiting;
  expect(await name(one, 2201)).toBe('other');
  expect(await name(one, 2202)).toBeUndefined();
  await other.end();
});

test('a block whose reads were overtaken is told to start again', async () => {
  await add(one, 2300, 'x');
  await one.query('BEGIN');
  await name(one, 2300);
  await two.query("UPDATE customers SET name = 'overtaken' WHERE id = 2300");
  expect(await name(one, 2300)).toBe('x');
  const error = await errorOf(one.query("UPDATE customers SET name = 'y' WHERE id = 2300"));
  expect(error.code).toBe('40001');
  expect(error.message).toMatch(/^restart transaction: TransactionRetryWithProtoRefreshError: /);
  await one.query('ROLLBACK');
  // What it had read is as it was: it goes on.
  await one.query('BEGIN');
  await one.query('SELECT count(*) FROM accounts');
  await two.query("UPDATE customers SET name = 'z' WHERE id = 2300");
  await one.query("UPDATE customers SET name = name || '!' WHERE id = 2300");
  await one.query('COMMIT');
  expect(await name(two, 2300)).toBe('z!');
});

test('a failed block without savepoints keeps nobody waiting', async () => {
  await one.query('BEGIN');
  await add(one, 2400, 'x');
  expect((await errorOf(add(one, 2400, 'x'))).code).toBe('23505');
  await add(two, 2400, 'two');
  expect((await one.query('COMMIT')).command).toBe('ROLLBACK');
  expect(await name(one, 2400)).toBe('two');
});

test('a client that goes away in a block leaves nothing behind', async () => {
  const gone = await pgClient(server, 'bank');
  await gone.query('BEGIN');
  await add(gone, 2500, 'gone');
  (gone as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  await add(two, 2500, 'two');
  expect(await name(one, 2500)).toBe('two');
});

test('a client that goes away while its statement writes leaves nothing behind', async () => {
  const gone = await pgClient(server, 'bank');
  const sql = `INSERT INTO customers (id, name)
    SELECT 100000 + a * 1000 + b, pg_sleep(0.001)::STRING
    FROM generate_series(1, 900) AS x(a), generate_series(1, 900) AS y(b)`;
  const running = gone.query(sql).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  (gone as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  await add(two, 2600, 'two');
  await running;
  expect((await two.query('SELECT count(*) AS n FROM customers WHERE id > 100000')).rows[0].n).toBe(
    '0',
  );
});

test('a block that writes does not wait for itself', async () => {
  await one.query('BEGIN');
  await add(one, 2800, 'x');
  expect((await errorOf(one.query('PAUSE JOB 1'))).code).toBe('42704');
  await one.query('ROLLBACK');
});

test('read-only transactions write nothing', async () => {
  await one.query('BEGIN READ ONLY');
  expect((await errorOf(add(one, 2700, 'x'))).message).toBe(
    'cannot execute INSERT in a read-only transaction',
  );
  await one.query('ROLLBACK; SET default_transaction_read_only = on');
  expect((await errorOf(one.query('DELETE FROM customers'))).code).toBe('25006');
});

test('what was acknowledged survives kill -9, and nothing else does', async () => {
  const directory = temporaryDirectory();
  try {
    const killed = await startRestored(['bank'], directory.path);
    const client = await pgClient(killed, 'bank');
    await add(client, 1, 'dropped').catch(() => undefined);
    for (let id = 3000; id < 3020; id++) await add(client, id, 'acknowledged');
    await client.query('BEGIN');
    await client.query('DELETE FROM customers WHERE id >= 3000');
    await killed.stop('SIGKILL');
    const again = await OothecaProcess.start([`--store=${directory.path}`]);
    const reader = await pgClient(again, 'bank');
    const { rows } = await reader.query('SELECT count(*) AS n FROM customers WHERE id >= 3000');
    expect(rows[0].n).toBe('20');
    await add(reader, 3020, 'goes on');
    await reader.end();
    await again.stop();
  } finally {
    directory.remove();
  }
});
