// What keeping earlier versions of rows costs those who write: the same statements on a server that keeps them and on one with
// --no-history, in turns. Median wall seconds and mean CPU seconds of the server's process; the ratio is with history by without.
// On a machine that others use, too, `taskset -c 1 npm run bench -- sql/history` has both servers on one processor.
import { readdirSync, readFileSync } from 'node:fs';
import { median, printRow, startOotheca } from '../servers.mjs';

const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 5);
const ROWS = 5_000;
const POINTS = 500;
const CONNECTIONS = 8;

const LARGE = 30_000;

const COLUMNS =
  '(id INT8 PRIMARY KEY, owner VARCHAR(40) NOT NULL, balance DECIMAL(12,2) NOT NULL, note TEXT, pieces INT8, INDEX (owner))';
const SETUP = [
  ...['account', 'large'].map((name) => `CREATE TABLE ${name} ${COLUMNS}`),
  'CREATE TABLE pages (note TEXT)',
  `CREATE TABLE indexed ${COLUMNS.replace('INDEX (owner)', 'INDEX (owner), INDEX (note), INDEX (balance, pieces)')}`,
];
const fill = (table, count) =>
  `INSERT INTO ${table} SELECT i, 'owner ' || (i % 997)::TEXT, (i % 10007)::DECIMAL / 100, 'a note of some length ' || i::TEXT, i FROM generate_series(1, ${count}) AS g(i)`;
const writePages = (count) =>
  `INSERT INTO pages SELECT repeat('x', 3500) FROM generate_series(1, ${count % 1_000})`;
const FILL = fill('account', ROWS);
const UPDATE = 'UPDATE account SET balance = balance + 1 WHERE id = $1';

/** What is measured, and what is done before it. The first inserts the rows that the others change and delete. */
const CASES = [
  [`INSERT of 5,000 rows`, (client) => client.query(FILL)],
  ['UPDATE of 5,000 rows', (client) => client.query('UPDATE account SET balance = balance + 1')],
  [
    'UPDATE of 5,000 indexed values',
    (client) => client.query("UPDATE account SET owner = owner || 'x'"),
  ],
  ['500 UPDATEs of one row', (client) => points(client, UPDATE)],
  [
    '500 UPDATEs, 8 connections',
    (_, clients) => Promise.all(clients.map((c) => points(c, UPDATE))),
  ],
  [
    '500 UPSERTs of one row',
    (client) => points(client, "UPSERT INTO account VALUES ($1, 'o', 1, 'n', 2)"),
  ],
  [
    '500 UPDATEs in one block',
    async (client) => {
      await client.query('BEGIN');
      await points(client, 'UPDATE account SET pieces = pieces + 1 WHERE id = $1');
      await client.query('COMMIT');
    },
  ],
  ['500 DELETEs of one row', (client) => points(client, 'DELETE FROM account WHERE id = $1')],
  [
    'DELETE of 2,000 of 4,500 rows',
    (client) => client.query('DELETE FROM account WHERE id <= 2500'),
  ],
  ['DELETE of all 2,500 rows', (client) => client.query('DELETE FROM account')],
  [
    'UPSERT of 5,000 rows, half of them there',
    (client) =>
      client.query(
        `UPSERT INTO account SELECT i * 2, 'o', 1, 'n', i FROM generate_series(1, ${ROWS}) AS g(i)`,
      ),
    (client) => client.query(FILL),
  ],
  ['DELETE of all 7,500 rows', (client) => client.query('DELETE FROM account')],
  [
    'UPDATE of 15,000 of 30,000 rows',
    (client) => client.query('UPDATE large SET balance = balance + 1 WHERE pieces % 2 = 0'),
    (client) => client.query(fill('large', LARGE)),
  ],
  [
    'UPDATE of 300 of 30,000 rows',
    (client) => client.query("UPDATE large SET balance = balance + 1 WHERE owner LIKE '%er 4_0'"),
  ],
  [
    'DELETE of 300 of 30,000 rows',
    (client) => client.query("DELETE FROM large WHERE owner LIKE '%er 4_0'"),
  ],
  [
    'DELETE of 300, by arithmetic',
    (client) => client.query('DELETE FROM large WHERE pieces % 100 = 1'),
  ],
  [
    'DELETE of 15,000 of 29,400 rows',
    (client) => client.query('DELETE FROM large WHERE pieces % 2 = 0'),
  ],
  [
    'DELETE of the rest, by condition',
    (client) => client.query('DELETE FROM large WHERE balance >= 0'),
  ],
  [
    'DELETE of 15,000 of 30,000, three indexes',
    (client) => client.query('DELETE FROM indexed WHERE pieces <= 15000'),
    (client) => client.query(fill('indexed', LARGE)),
  ],
  ['DELETE of the other 15,000', (client) => client.query('DELETE FROM indexed')],
  [
    'DELETE of all 30,000 rows',
    (client) => client.query('DELETE FROM large'),
    (client) => client.query(fill('large', LARGE)),
  ],
  [
    'TRUNCATE of 30,000 rows',
    (client) => client.query('TRUNCATE large'),
    (client) => client.query(fill('large', LARGE)),
  ],
];

async function points(client, text) {
  for (let i = 1; i <= POINTS; i++) await client.query({ name: text, text, values: [i] });
}

const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** User and system time of a process's threads so far, in seconds. */
function cpuSeconds(pid) {
  const nanos = readdirSync(`/proc/${pid}/task`).map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanos.reduce((a, b) => a + b, 0) / 1e9;
}

export async function run() {
  const memory = '--store=type=mem'; // without syncs: the work is compared, not the disk
  const servers = [await startOotheca([memory]), await startOotheca([memory, '--no-history'])];
  try {
    const clients = [];
    for (const server of servers) {
      const own = await Promise.all(Array.from({ length: CONNECTIONS }, () => server.connect()));
      for (const sql of SETUP) await own[0].query(sql);
      clients.push(own);
    }
    const measured = CASES.map(() => servers.map(() => ({ cpu: [], wall: [] })));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [client] of clients) await client.query('TRUNCATE pages');
      for (const [i, [, work, before]] of CASES.entries()) {
        for (const s of round % 2 === 0 ? [0, 1] : [1, 0]) {
          await before?.(clients[s][0]);
          // SQLite's checkpoints come every 1,000 pages: as likely in any statement as it writes pages.
          await clients[s][0].query(writePages((round * CASES.length + i) * 619));
          const cpu = cpuSeconds(servers[s].pid);
          const started = performance.now();
          await work(clients[s][0], clients[s]);
          if (round === 0) continue;
          measured[i][s].wall.push((performance.now() - started) / 1000);
          measured[i][s].cpu.push(cpuSeconds(servers[s].pid) - cpu);
        }
      }
    }
    printRow(['', 'with: wall', 'cpu', 'without: wall', 'cpu', 'wall ratio', 'cpu ratio']);
    for (const [i, [name]] of CASES.entries()) {
      const [kept, none] = measured[i].map(({ cpu, wall }) => [median(wall), mean(cpu)]);
      const cells = [...kept, ...none].map((seconds) => seconds.toFixed(4));
      printRow([name, ...cells, (kept[0] / none[0]).toFixed(2), (kept[1] / none[1]).toFixed(2)]);
    }
    for (const client of clients.flat()) await client.end();
  } finally {
    for (const server of servers) await server.stop();
  }
}
