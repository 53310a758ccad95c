// What keeping earlier versions of rows costs those who write: the same statements on a server that keeps them and on one with
// --no-history, in turns. Median wall seconds and mean CPU seconds of the
// server's process (its clock ticks in hundredths); the ratio is with history by without.
import { readFileSync } from 'node:fs';
import { median, printRow, startOotheca } from '../servers.mjs';

const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 5);
const ROWS = 5_000;
const POINTS = 500;

const SETUP = [
  'CREATE TABLE account (id INT8 PRIMARY KEY, owner VARCHAR(40) NOT NULL, balance DECIMAL(12,2) NOT NULL, note TEXT, pieces INT8, INDEX (owner))',
];
const FILL = `INSERT INTO account SELECT i, 'owner ' || (i % 997)::TEXT, (i % 10007)::DECIMAL / 100, 'a note of some length ' || i::TEXT, i FROM generate_series(1, ${ROWS}) AS g(i)`;

const CASES = [
  ['INSERT of 5,000 rows', (client) => client.query(FILL)],
  ['UPDATE of 5,000 rows', (client) => client.query('UPDATE account SET balance = balance + 1')],
  [
    'UPDATE of 5,000 indexed values',
    (client) => client.query("UPDATE account SET owner = owner || 'x'"),
  ],
  [
    '500 UPDATEs of one row',
    (client) => points(client, 'UPDATE account SET balance = balance + 1 WHERE id = $1'),
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
  ['DELETE of 4,500 rows', (client) => client.query('DELETE FROM account')],
];

async function points(client, text) {
  for (let i = 1; i <= POINTS; i++) await client.query({ name: text, text, values: [i] });
}

const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** User and system time of a process so far, in seconds. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export async function run() {
  const memory = '--store=type=mem'; // without syncs: the work is compared, not the disk
  const servers = [await startOotheca([memory]), await startOotheca([memory, '--no-history'])];
  try {
    const clients = [];
    for (const server of servers) {
      const client = await server.connect();
      for (const sql of SETUP) await client.query(sql);
      clients.push(client);
    }
    const measured = CASES.map(() => servers.map(() => ({ cpu: [], wall: [] })));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, [, work]] of CASES.entries()) {
        for (const s of round % 2 === 0 ? [0, 1] : [1, 0]) {
          const cpu = cpuSeconds(servers[s].pid);
          const started = performance.now();
          await work(clients[s]);
          if (round === 0) continue;
          measured[i][s].wall.push((performance.now() - started) / 1000);
          measured[i][s].cpu.push(cpuSeconds(servers[s].pid) - cpu);
        }
      }
    }
    printRow(['', 'with: wall', 'cpu', 'without: wall', 'cpu', 'wall ratio', 'cpu ratio']);
    for (const [i, [name]] of CASES.entries()) {
      const [kept, none] = measured[i].map(({ cpu, wall }) => [median(wall), mean(cpu)]);
      const cells = [...kept, ...none].map((seconds) => seconds.toFixed(3));
      printRow([name, ...cells, (kept[0] / none[0]).toFixed(2), (kept[1] / none[1]).toFixed(2)]);
    }
    for (const client of clients) await client.end();
  } finally {
    for (const server of servers) await server.stop();
  }
}
