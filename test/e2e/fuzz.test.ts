import type { Client } from 'pg';
import { corpus } from '../support/fuzz/corpus';
import { fuzz } from '../support/fuzz/fuzzer';
import { OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/**
 * Statements of all tests and documents, mutated, and statements of a grammar, on several sessions at once: no answer speaks
 * of the inside, none is missing, and the catalog is whole afterwards. As many on every machine; `FUZZ_SECONDS` and `FUZZ_SEED` make it longer and other.
 */

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 0);
const SESSIONS = 4;
const STATEMENTS = 500;
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

let server: OothecaProcess;
let client: Client;

async function start(): Promise<void> {
  server = await OothecaProcess.start(['--store=type=mem']);
  client = await pgClient(server);
  await client.query('CREATE TABLE f (a INT, b STRING)');
  await client.query("INSERT INTO f VALUES (1, 'x'), (2, 'y')");
}

async function restart(): Promise<void> {
  await client.end();
  await server.stop();
  await start();
}

beforeAll(start);
afterAll(async () => {
  await client?.end();
  await server?.stop();
});

const names = async (sql: string): Promise<string[]> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows.map((row) => String(row[0]));

/** Each table is described by a statement that makes it again. */
async function checkCatalog(database: string): Promise<void> {
  const tables = await names(
    `SELECT table_name FROM ${database}.information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  for (const table of tables) {
    const shown = await client.query(`SHOW CREATE TABLE ${database}.public."${table}"`);
    expect(shown.rows).toHaveLength(1);
    const columns = await names(`SHOW COLUMNS FROM ${database}.public."${table}"`);
    expect(columns.length).toBeGreaterThan(0);
    const all = `SELECT count(*) FROM ${database}.public."${table}"`;
    const [count] = await names(`${all}@"primary"`).catch(() => names(all));
    for (const index of await names(
      `SELECT DISTINCT index_name FROM [SHOW INDEXES FROM ${database}.public."${table}"]`,
    )) {
      const [same] = await names(`${all}@"${index}"`).catch(() => [count]);
      expect(same).toBe(count);
    }
  }
}

test(
  'mutated and random statements',
  async () => {
    await client.query('CREATE DATABASE fuzz');
    const { findings, statements } = await fuzz(server, 'fuzz', {
      seed: SEED,
      sessions: SESSIONS,
      untilMs: SECONDS === 0 ? Number.POSITIVE_INFINITY : Date.now() + SECONDS * 1000,
      statementsMax: SECONDS === 0 ? STATEMENTS : Number.POSITIVE_INFINITY,
      corpus: corpus(),
      slowMs: 20_000,
    });
    expect(findings).toEqual([]);
    expect(statements).toBeGreaterThanOrEqual(SESSIONS * STATEMENTS);
    expect(server.isRunning).toBe(true);
    await checkCatalog('fuzz');
    // What follows is about statements, not about what those before have left of the database.
    await restart();
  },
  SECONDS * 1000 + 300_000,
);

/** What it has found. */
test.each([
  ['SELECT array_append(ARRAY[1.5], 2)', '1.5,2'],
  ['SELECT array_append(NULL, 2)', '2'],
  ["SELECT array_append(ARRAY[b'a'], 2)", '42883'],
  ["SELECT array_length('abc', 1)", '42883'],
  ["SELECT 'NaN'::FLOAT || 'abc'", 'NaNabc'],
  ['SELECT 1::INT || ARRAY[2]', '1,2'],
  ["SELECT a FROM f WHERE EXISTS (VALUES (a, 'ok')) ORDER BY 1", '1 2'],
  ['SELECT a FROM f WHERE 2 IN (VALUES (a), (7))', '2'],
  ['SELECT (SELECT max(x) FROM (VALUES (a), (a + 1)) AS v (x)) FROM f ORDER BY 1', '2 3'],
  ['SELECT x = x FROM (VALUES (random())) AS v (x)', 'true'],
  ['SELECT count(*) FROM (SELECT UNION SELECT) AS u', '1'],
  ['SELECT EXCEPT ALL SELECT', '0A000'],
  ["SELECT 5 FROM f ORDER BY bit_and(B'11') DESC", '5'],
  ['SELECT 5 FROM f ORDER BY count(*)', '5'],
  ['SELECT DISTINCT ON (1) 5 FROM f HAVING true', '5'],
  ['CREATE UNIQUE INDEX ON f ((-1) DESC)', '23505'],
  ["SELECT length(replace(repeat('a', 1000000), 'a', repeat('b', 1000)))", '54000'],
  ['SELECT 1::BIT(2000000000)', '54000'],
  [
    `CREATE TABLE wide (${Array.from({ length: 3000 }, (_, i) => `c${i} INT`).join(', ')})`,
    '54000',
  ],
  [
    `WITH c0 AS (SELECT 1 AS x), ${Array.from({ length: 60 }, (_, i) => `c${i + 1} AS (SELECT a.x FROM c${i} AS a, c${i} AS b)`).join(', ')} SELECT x FROM c60`,
    '54001',
  ],
  [
    `WITH c0 AS (SELECT 1 AS x), ${Array.from({ length: 1000 }, (_, i) => `c${i + 1} AS (SELECT x FROM c${i})`).join(', ')} SELECT x FROM c1000`,
    '1',
  ],
])('%s', async (sql, wanted) => {
  const answer = await names(sql).then(
    (rows) => rows.join(' '),
    (error: { code: string }) => error.code,
  );
  expect(answer).toBe(wanted);
});
