import type { Client } from 'pg';
import type { OothecaProcess } from '../support/ootheca-process';
import { pgClient, startRestored } from '../support/restored-server';

/** EXPLAIN: a readable plan in CockroachDB's style. */

let server: OothecaProcess;
let client: Client;

beforeAll(async () => {
  server = await startRestored(['bank', 'movr']);
  client = await pgClient(server, 'bank');
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

async function plan(sql: string): Promise<string[]> {
  const { rows } = await client.query(`EXPLAIN ${sql}`);
  const lines = (rows as { info: string }[]).map(({ info }) => info);
  expect(lines.slice(0, 3)).toEqual(['distribution: local', 'vectorized: true', '']);
  return lines.slice(3);
}

test('values, as the transcript shows them', async () => {
  expect(await plan('SELECT 1')).toEqual(['• values', '  size: 1 column, 1 row']);
  expect(await plan("VALUES (1, 'x'), (2, 'y')")).toEqual([
    '• values',
    '  size: 2 columns, 2 rows',
  ]);
});

test('joins, groups, order, limit', async () => {
  const lines = await plan(`SELECT from_id, sum(amount) FROM transfers t JOIN accounts a
    ON a.id = t.from_id WHERE a.balance > 3 GROUP BY from_id ORDER BY from_id DESC LIMIT 3`);
  expect(lines).toEqual([
    '• limit',
    '│ count: 3',
    '│',
    '└── • sort',
    '    │ order: -from_id',
    '    │',
    '    └── • group',
    '        │ group by: from_id',
    '        │',
    '        └── • filter',
    '            │',
    '            └── • join',
    '                │',
    '                ├── • scan',
    '                │     missing stats',
    '                │     table: transfers@transfers_from_id_at_idx',
    '                │     spans: FULL SCAN',
    '                │',
    '                └── • scan',
    '                      missing stats',
    '                      table: accounts@primary',
    '                      spans: [id=?]',
  ]);
});

test('an index that SQLite uses is named as the user named it', async () => {
  await client.query('SET database = movr');
  const lines = await plan("SELECT * FROM rides WHERE vehicle_city = 'rome'");
  await client.query('SET database = bank');
  expect(lines.slice(-2)).toEqual([
    '      table: rides@rides_auto_index_fk_vehicle_city_ref_vehicles',
    '      spans: [vehicle_city=?]',
  ]);
});

test('windows, distinct, subqueries, set operations', async () => {
  expect(
    await plan(
      'WITH x AS (SELECT 1 AS a) SELECT DISTINCT st FROM accounts, x UNION ALL VALUES (NULL)',
    ),
  ).toEqual(
    expect.arrayContaining([
      '├── • union all',
      '│   ├── • distinct',
      '    │ id: w1',
      '└── • subquery',
    ]),
  );
  expect(await plan('SELECT rank() OVER (ORDER BY id) FROM accounts')).toEqual(
    expect.arrayContaining(['• window', '└── • scan']),
  );
});

test.each([
  ['EXPLAIN (OPT) SELECT 1', '0A000', 'EXPLAIN (OPT) is not supported'],
  ['EXPLAIN ANALYZE (DEBUG) SELECT 1', '0A000', 'EXPLAIN (DEBUG) is not supported'],
  ['EXPLAIN SELECT nosuch', '42703', 'column "nosuch" does not exist'],
])('%s', async (sql, code, message) => {
  await expect(client.query(sql)).rejects.toMatchObject({ code, message });
});

test('writes are shown, and not run', async () => {
  const before = await client.query('SELECT count(*) FROM accounts');
  expect(await plan('DELETE FROM accounts WHERE id = 3')).toEqual([
    '• delete',
    '│ from: accounts',
    '│ auto commit',
    '│',
    '└── • filter',
    '    │',
    '    └── • scan',
    '          missing stats',
    '          table: accounts@primary',
    '          spans: [id=?]',
  ]);
  expect((await plan('UPSERT INTO accounts (id) VALUES (1), (2)')).slice(0, 4)).toEqual([
    '• upsert',
    '│ into: accounts(id, balance, st)',
    '│ auto commit',
    '│ arbiter indexes: primary',
  ]);
  expect(await plan('(VERBOSE) SELECT 1 AS one')).toContain('  columns: (one)');
  expect(await plan('(TYPES) SELECT 1 AS one')).toContain('  columns: (one int)');
  expect(await plan('CREATE TABLE never (a INT)')).toEqual(['• create table']);
  expect((await client.query('SELECT count(*) FROM accounts')).rows).toEqual(before.rows);
});

test('ANALYZE runs the statement and says how many rows there were', async () => {
  await client.query('CREATE TABLE analyzed (a INT)');
  const analyze = async (sql: string): Promise<string[]> => {
    const { rows } = await client.query(`EXPLAIN ANALYZE ${sql}`);
    return (rows as { info: string }[]).map(({ info }) => info);
  };
  const lines = await analyze('INSERT INTO analyzed VALUES (1), (2)');
  expect(lines[0]).toMatch(/^planning time: \d+(µs|ms)$/);
  expect(lines[1]).toMatch(/^execution time: \d+(µs|ms)$/);
  expect(lines).toContain('│ actual row count: 2');
  expect(await analyze('SELECT * FROM analyzed')).toContain('  actual row count: 2');
});

test('AS OF SYSTEM TIME takes what v21.2 takes', async () => {
  const count = 'SELECT count(*) FROM analyzed AS OF SYSTEM TIME';
  const { rows } = await client.query('SELECT now()::STRING AS t, pg_sleep(0.01)');
  for (const when of [
    "'-1us'",
    "'-1 microsecond'::INTERVAL",
    `'${rows[0].t}'`,
    "with_max_staleness('1h')",
    "with_min_timestamp('2020-01-01')",
  ])
    expect((await client.query(`${count} ${when}`)).rows).toEqual([{ count: '2' }]);
  await expect(client.query(`${count} '-1h'`)).rejects.toMatchObject({ code: '72000' });
  await expect(client.query(`${count} '2020-01-01'`)).rejects.toMatchObject({ code: '72000' });
  await expect(client.query(`${count} '1h'`)).rejects.toMatchObject({ code: '22023' });
  await expect(client.query(`${count} 'x'`)).rejects.toMatchObject({
    code: '22023',
    message: 'AS OF SYSTEM TIME: value is neither timestamp, decimal, nor interval',
  });
  await client.query("BEGIN AS OF SYSTEM TIME '-1us'");
  await expect(client.query('DELETE FROM analyzed')).rejects.toMatchObject({ code: '25006' });
  await client.query('ROLLBACK');
});
