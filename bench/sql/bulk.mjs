// Statements over many rows: INSERT of 1,000 rows in one text (and how much of it is parsing), INSERT … SELECT, UPDATE and
// DELETE of 300,000 rows; Ootheca and PostgreSQL 15 in turns, milliseconds of the median round.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, memoryMib, printRow, startOotheca, startPostgres } from '../servers.mjs';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));

const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 5);

function insertText(from) {
  const rows = Array.from(
    { length: 1000 },
    (_, i) => `(${from + i}, 'owner ${i}', ${i * 10}, '2024-01-02 03:04:05')`,
  );
  return `INSERT INTO account (id, owner, balance, changed) VALUES ${rows.join(', ')}`;
}

let next = 1;
const thousand = () => {
  next += 1000;
  return insertText(next);
};

const LARGE =
  'INSERT INTO large SELECT i, i % 1000, (i * 2)::TEXT FROM generate_series(1, 300000) AS g(i)';

/** Name, statement before (not measured), statement. */
const CASES = [
  ['INSERT of 1,000 rows, one text', undefined, thousand],
  ['INSERT … SELECT, 300,000 rows', () => 'TRUNCATE large', () => LARGE],
  ['UPDATE of 300,000 rows', undefined, () => 'UPDATE large SET b = b + 1'],
  ['UPDATE of 300 rows by index', undefined, () => 'UPDATE large SET c = c || $$x$$ WHERE b = 77'],
  ['DELETE of 300,000 rows', () => `TRUNCATE large; ${LARGE}`, () => 'DELETE FROM large'],
];

async function parseShare() {
  const { loadParser } = require(join(root, 'dist/sql/parse/postgres.js'));
  const { parseStatement } = require(join(root, 'dist/sql/parse/parse.js'));
  const { splitStatements } = require(join(root, 'dist/sql/parse/split.js'));
  await loadParser();
  const times = [];
  for (let i = 0; i < 20; i++) {
    const text = thousand();
    const startedAt = performance.now();
    for (const { sql } of splitStatements(text)) parseStatement(sql);
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

export async function run() {
  const servers = [await startOotheca(), await startPostgres()].filter(Boolean);
  try {
    const clients = [];
    for (const server of servers) {
      const client = await server.connect();
      await client.query(
        'CREATE TABLE account (id INT8 PRIMARY KEY, owner VARCHAR(40) NOT NULL, balance INT8 NOT NULL, changed TIMESTAMP)',
      );
      await client.query('CREATE TABLE large (a INT8 PRIMARY KEY, b INT8 NOT NULL, c VARCHAR(20))');
      await client.query('CREATE INDEX large_b ON large (b)');
      clients.push(client);
    }
    printRow(['milliseconds', ...servers.map(({ name }) => name), 'ratio']);
    for (const [name, before, statement] of CASES) {
      const times = clients.map(() => []);
      const rounds = name.includes('1,000') ? ROUNDS * 4 : ROUNDS;
      for (let round = 0; round <= rounds; round++) {
        for (const [i, client] of clients.entries()) {
          if (before !== undefined) await client.query(before());
          const sql = statement();
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
    console.log(`parsing 1,000 rows of VALUES: ${(await parseShare()).toFixed(1)} ms`);
    console.log(`server memory at the peak: ${memoryMib(servers[0].pid, 'VmHWM')} MiB`);
    for (const client of clients) await client.end();
  } finally {
    for (const server of servers) await server.stop();
  }
}
