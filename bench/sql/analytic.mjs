// Aggregates and joins over 300,000 rows on one connection, Ootheca and PostgreSQL 15 in turns. Median seconds; the ratio is
// PostgreSQL's time by ours: above 1 we are faster. PostgreSQL may use parallel workers, as it does by default.
import { median, printRow, startOotheca, startPostgres } from '../servers.mjs';

const ROWS = 300_000;
const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 5);

const SETUP = [
  'CREATE TABLE customer (id INT8 PRIMARY KEY, city VARCHAR(20) NOT NULL, since DATE)',
  "INSERT INTO customer SELECT i, 'city ' || (i % 50)::TEXT, DATE '2020-01-01' + (i % 1000)::INT4 FROM generate_series(1, 10000) AS g(i)",
  'CREATE TABLE sale (id INT8 PRIMARY KEY, customer INT8 NOT NULL, amount DECIMAL(12,2) NOT NULL, weight FLOAT8 NOT NULL, label VARCHAR(40) NOT NULL, pieces INT8)',
  `INSERT INTO sale SELECT i, 1 + (i::INT8 * 7919) % 10000, (i % 10007)::DECIMAL / 100, (i % 997)::FLOAT8 / 7, 'label ' || (i % 1000)::TEXT, i % 13 FROM generate_series(1, ${ROWS}) AS g(i)`,
  'CREATE INDEX sale_customer ON sale (customer)',
  'CREATE INDEX sale_label ON sale (label)',
];

const CASES = [
  ['count(*)', 'SELECT count(*) FROM sale'],
  [
    'count, sum, avg, min, max of INT8',
    'SELECT count(pieces), sum(pieces), avg(pieces), min(pieces), max(pieces) FROM sale',
  ],
  ['sum of an expression', 'SELECT sum(pieces * 3 + 1) FROM sale'],
  ['sum, avg of DECIMAL', 'SELECT sum(amount), avg(amount) FROM sale'],
  ['sum, avg of FLOAT8', 'SELECT sum(weight), avg(weight) FROM sale'],
  ['min, max of STRING', 'SELECT min(label || label), max(label || label) FROM sale'],
  [
    'GROUP BY INT8 (13 groups)',
    'SELECT pieces, count(*), sum(pieces) FROM sale GROUP BY pieces ORDER BY pieces',
  ],
  [
    'GROUP BY STRING (1,000 groups)',
    'SELECT label, count(*), sum(amount) FROM sale GROUP BY label ORDER BY label',
  ],
  [
    'GROUP BY INT8 (10,000 groups)',
    'SELECT customer, sum(pieces) FROM sale GROUP BY customer ORDER BY 2 DESC, 1 LIMIT 10',
  ],
  ['filter of DECIMAL', 'SELECT count(*) FROM sale WHERE amount > 50.00'],
  [
    'filter of FLOAT8 and STRING',
    "SELECT count(*) FROM sale WHERE weight < 20.5 AND label <> 'label 7'",
  ],
  [
    'ORDER BY without an index, LIMIT 10',
    'SELECT id, amount FROM sale ORDER BY amount DESC, id LIMIT 10',
  ],
  [
    'join by key, grouped',
    'SELECT c.city, count(*), sum(s.pieces) FROM sale s JOIN customer c ON c.id = s.customer GROUP BY c.city ORDER BY 1',
  ],
  [
    'join by index, one city',
    "SELECT count(*), sum(s.amount) FROM customer c JOIN sale s ON s.customer = c.id WHERE c.city = 'city 7'",
  ],
  [
    'join without an index',
    'SELECT count(*) FROM customer a JOIN customer b ON a.city = b.city AND a.since = b.since',
  ],
  ["LIKE 'label 99%'", "SELECT count(*) FROM sale WHERE label LIKE 'label 99%'"],
  [
    'IN a subquery',
    "SELECT count(*) FROM sale WHERE customer IN (SELECT id FROM customer WHERE city = 'city 3')",
  ],
  ['DISTINCT', 'SELECT count(DISTINCT customer) FROM sale'],
];

export async function run() {
  const only = new RegExp(process.env.OOTHECA_BENCH_CASE ?? '');
  const servers = [await startOotheca(), await startPostgres()].filter(Boolean);
  try {
    const clients = [];
    for (const server of servers) {
      const client = await server.connect();
      const startedAt = performance.now();
      for (const sql of SETUP) await client.query(sql);
      console.log(
        `${server.name}: filled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
      );
      if (server.name === 'postgres') await client.query('VACUUM ANALYZE');
      clients.push(client);
    }
    printRow(['milliseconds', ...servers.map(({ name }) => name), 'ratio']);
    for (const [name, sql] of CASES.filter(([title]) => only.test(title))) {
      const times = clients.map(() => []);
      for (let round = 0; round <= ROUNDS; round++) {
        for (const [i, client] of clients.entries()) {
          const startedAt = performance.now();
          await client.query(sql);
          if (round > 0) times[i].push(performance.now() - startedAt);
        }
      }
      const [ours, theirs] = times.map(median);
      printRow([
        name,
        ...times.map((each) => median(each).toFixed(1)),
        theirs === undefined ? '-' : (theirs / ours).toFixed(2),
      ]);
    }
    for (const client of clients) await client.end();
  } finally {
    for (const server of servers) await server.stop();
  }
}
