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
  ['EXPLAIN ANALYZE SELECT 1', '0A000', 'EXPLAIN ANALYZE is not supported'],
  ['EXPLAIN (VERBOSE) SELECT 1', '0A000', 'EXPLAIN (VERBOSE) is not supported'],
  ['EXPLAIN SELECT nosuch', '42703', 'column "nosuch" does not exist'],
  ['EXPLAIN DELETE FROM accounts', '0A000', 'EXPLAIN of DELETE is not supported'],
])('%s', async (sql, code, message) => {
  await expect(client.query(sql)).rejects.toMatchObject({ code, message });
});
