// Short statements by key on one connection: the same client code (pg) against Ootheca and PostgreSQL 15, in turns; and the
// same work in bare better-sqlite3 without a server. Throughput of the median round.

import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { median, printRow, scratchFolder, startOotheca, startPostgres } from '../servers.mjs';

const require = createRequire(import.meta.url);
const Database = require('better-sqlite3');

const ROWS = 100_000;
const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 7);
const OPERATIONS = 400;

const SCHEMA =
  'CREATE TABLE account (id INT8 PRIMARY KEY, owner VARCHAR(40) NOT NULL, balance INT8 NOT NULL, changed TIMESTAMP)';
const FILL =
  "INSERT INTO account SELECT i, 'owner ' || i::TEXT, i * 10, '2024-01-02 03:04:05' FROM generate_series(1, 100000) AS g(i)";

let nextId = 1_000_000;
const someId = () => 1 + Math.floor(Math.random() * ROWS);

/** Name, and one operation. `name` makes a statement prepared: parsed once a connection. */
const CASES = [
  ['SELECT 1, simple', (client) => client.query('SELECT 1')],
  ['SELECT 1, prepared', (client) => client.query({ name: 'one', text: 'SELECT 1', values: [] })],
  [
    'point SELECT, prepared',
    (client) =>
      client.query({
        name: 'get',
        text: 'SELECT id, owner, balance, changed FROM account WHERE id = $1',
        values: [someId()],
      }),
  ],
  [
    'point SELECT, parsed each time',
    (client) => client.query('SELECT id, owner, balance FROM account WHERE id = $1', [someId()]),
  ],
  [
    'point SELECT, simple, new text',
    (client) => client.query(`SELECT id, owner, balance FROM account WHERE id = ${someId()}`),
  ],
  [
    'INSERT of a row, prepared',
    (client) =>
      client.query({
        name: 'add',
        text: 'INSERT INTO account (id, owner, balance, changed) VALUES ($1, $2, $3, $4)',
        values: [nextId++, 'somebody', 5, '2024-02-03 04:05:06'],
      }),
  ],
  [
    'INSERT of a row, simple, new text',
    (client) =>
      client.query(`INSERT INTO account (id, owner, balance) VALUES (${nextId++}, 'somebody', 5)`),
  ],
  [
    'UPDATE by key, prepared',
    (client) =>
      client.query({
        name: 'change',
        text: 'UPDATE account SET balance = balance + $2 WHERE id = $1',
        values: [someId(), 3],
      }),
  ],
  [
    'DELETE by key, prepared',
    (client) =>
      client.query({ name: 'drop', text: 'DELETE FROM account WHERE id = $1', values: [someId()] }),
  ],
  [
    'BEGIN, SELECT, UPDATE, COMMIT (one block)',
    async (client) => {
      const id = someId();
      await client.query('BEGIN');
      await client.query({
        name: 'b1',
        text: 'SELECT balance FROM account WHERE id = $1',
        values: [id],
      });
      await client.query({
        name: 'b2',
        text: 'UPDATE account SET balance = $2 WHERE id = $1',
        values: [id, 7],
      });
      await client.query('COMMIT');
    },
  ],
];

/** The same work without server, protocol and SQL layer. */
function openBare(folder) {
  const db = new Database(join(folder, 'bare.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(
    'CREATE TABLE account (id INTEGER, owner TEXT, balance INTEGER, changed TEXT, PRIMARY KEY (id)) WITHOUT ROWID',
  );
  const add = db.prepare('INSERT INTO account VALUES (?, ?, ?, ?)');
  db.transaction(() => {
    for (let i = 1; i <= ROWS; i++) add.run(i, `owner ${i}`, i * 10, '2024-01-02 03:04:05');
  })();
  const get = db.prepare('SELECT * FROM account WHERE id = ?');
  const change = db.prepare('UPDATE account SET balance = balance + ? WHERE id = ?');
  const drop = db.prepare('DELETE FROM account WHERE id = ?');
  const operations = new Map([
    ['point SELECT, prepared', () => get.get(someId())],
    ['INSERT of a row, prepared', () => add.run(nextId++, 'somebody', 5, '2024-02-03 04:05:06')],
    ['UPDATE by key, prepared', () => change.run(3, someId())],
    ['DELETE by key, prepared', () => drop.run(someId())],
  ]);
  return { operations, close: () => db.close() };
}

async function perSecond(operation) {
  const startedAt = performance.now();
  for (let i = 0; i < OPERATIONS; i++) await operation();
  return (OPERATIONS / (performance.now() - startedAt)) * 1000;
}

export async function run() {
  const only = new RegExp(process.env.OOTHECA_BENCH_CASE ?? '');
  const servers = [await startOotheca(), await startPostgres()].filter(Boolean);
  const folder = scratchFolder();
  const bare = openBare(folder);
  try {
    const clients = [];
    for (const server of servers) {
      const client = await server.connect();
      await client.query(SCHEMA);
      await client.query(FILL);
      clients.push(client);
    }
    printRow(['operations per second', ...servers.map(({ name }) => name), 'ratio', 'bare sqlite']);
    for (const [name, operation] of CASES.filter(([title]) => only.test(title))) {
      const rates = clients.map(() => []);
      const bareRates = [];
      const bareOperation = bare.operations.get(name);
      // The first round warms up.
      for (let round = 0; round <= ROUNDS; round++) {
        for (const [i, client] of clients.entries()) {
          const rate = await perSecond(() => operation(client));
          if (round > 0) rates[i].push(rate);
        }
        if (bareOperation !== undefined) {
          const rate = await perSecond(async () => bareOperation());
          if (round > 0) bareRates.push(rate);
        }
      }
      const [ours, theirs] = rates.map(median);
      printRow([
        name,
        ...rates.map((each) => Math.round(median(each))),
        theirs === undefined ? '-' : (ours / theirs).toFixed(2),
        bareOperation === undefined ? '-' : Math.round(median(bareRates)),
      ]);
    }
    for (const client of clients) await client.end();
  } finally {
    bare.close();
    rmSync(folder, { recursive: true, force: true });
    for (const server of servers) await server.stop();
  }
}
