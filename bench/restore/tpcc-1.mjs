// RESTORE of tpcc-1 (599,354 rows, 60,000 index entries) end to end, against inserting the same rows, already decoded and in
// memory, into bare better-sqlite3 with the same tables, indexes and durability. Both in one run on one machine: the ratio
// is the result, the seconds are not.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const Database = require('better-sqlite3');
const pg = require('pg');

const root = fileURLToPath(new URL('../..', import.meta.url));
const backups =
  process.env.OOTHECA_BENCH_BACKUPS ?? join(root, '..', 'shared', 'backups', 'generated');
const RUNS = 3;

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function startServer(store) {
  const child = spawn(
    process.execPath,
    [
      join(root, 'dist', 'server', 'main.js'),
      'start',
      `--store=${store}`,
      '--listen-addr=127.0.0.1:0',
      `--external-io-dir=${backups}`,
      '--insecure',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const port = await new Promise((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
      const found = /127\.0\.0\.1:(\d+)/.exec(out);
      if (found) resolve(Number(found[1]));
    });
    child.once('exit', (code) => reject(new Error(`server exited with ${code}`)));
  });
  return { child, port };
}

function memoryKib(pid, field) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
}

async function restoreOnce(store) {
  const { child, port } = await startServer(store);
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'root', database: 'defaultdb' });
  await client.connect();
  await client.query('SELECT 1');
  const idleKib = memoryKib(child.pid, 'VmRSS');
  const startedAt = performance.now();
  const { rows } = await client.query(
    `RESTORE DATABASE tpcc FROM LATEST IN 'nodelocal://1/tpcc-1'`,
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const peakKib = memoryKib(child.pid, 'VmHWM');
  await client.end();
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
  return { seconds, rows: Number(rows[0].rows), idleKib, peakKib };
}

/** The restored tables as a bare program would insert them: rows in memory, one statement a table, one transaction. */
function loadTables(store) {
  const db = new Database(join(store, 'store.db'), { readonly: true });
  db.defaultSafeIntegers(true);
  const schema = db
    .prepare(
      `SELECT type, name, sql FROM sqlite_schema WHERE name GLOB 't[0-9]*' AND sql IS NOT NULL`,
    )
    .all();
  const tables = schema
    .filter(({ type }) => type === 'table')
    .map(({ name, sql }) => ({
      name,
      sql,
      rows: db.prepare(`SELECT * FROM "${name}"`).raw().all(),
    }));
  const indexes = schema.filter(({ type }) => type === 'index').map(({ sql }) => sql);
  db.close();
  return { tables, indexes };
}

function insertBare({ tables, indexes }, folder) {
  const db = new Database(join(folder, 'bare.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -65536');
  const startedAt = performance.now();
  db.exec('BEGIN IMMEDIATE');
  for (const { name, sql, rows } of tables) {
    db.exec(sql);
    const marks = rows[0]?.map(() => '?').join(', ') ?? 'NULL';
    const insert = db.prepare(`INSERT INTO "${name}" VALUES (${marks})`);
    for (const row of rows) insert.run(row);
  }
  for (const sql of indexes) db.exec(sql);
  db.exec('COMMIT');
  const seconds = (performance.now() - startedAt) / 1000;
  db.close();
  rmSync(join(folder, 'bare.db'));
  return seconds;
}

export async function run() {
  if (!existsSync(join(backups, 'tpcc-1'))) {
    console.log(`skipped: no tpcc-1 in ${backups} (set OOTHECA_BENCH_BACKUPS)`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ootheca-bench-'));
  try {
    const restores = [];
    const bares = [];
    for (let i = 0; i < RUNS; i++) {
      const store = join(folder, `store-${i}`);
      restores.push(await restoreOnce(store));
      bares.push(insertBare(loadTables(store), folder));
      rmSync(store, { recursive: true });
    }
    const { rows } = restores[0];
    const restoreSeconds = median(restores.map((r) => r.seconds));
    const bareSeconds = median(bares);
    const peakMib = Math.max(...restores.map((r) => r.peakKib)) / 1024;
    const idleMib = median(restores.map((r) => r.idleKib)) / 1024;
    console.log(`rows                       ${rows}`);
    console.log(
      `RESTORE                    ${restoreSeconds.toFixed(2)} s, ${Math.round(rows / restoreSeconds)} rows/s`,
    );
    console.log(
      `bare better-sqlite3        ${bareSeconds.toFixed(2)} s, ${Math.round(rows / bareSeconds)} rows/s`,
    );
    console.log(`ratio of rows/s            ${(bareSeconds / restoreSeconds).toFixed(2)}`);
    console.log(
      `server memory              ${idleMib.toFixed(0)} MiB idle, ${peakMib.toFixed(0)} MiB at the peak of RESTORE`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
