// RESTORE of tpcc-1 (599,354 rows, 60,000 index entries) end to end and durable, in turns with `pg_restore -j2` of the same tables
// into a scratch PostgreSQL 15 and with inserting the same rows, already decoded and in memory, into bare better-sqlite3. Neither has
// anything beside it. In rounds of their own, which are not timed, another connection reads one row by its key every few milliseconds
// while RESTORE runs. All in one run on one machine: the ratios are the result, the seconds are not.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { median, memoryMib, percentile, startOotheca, startPostgres } from '../servers.mjs';
import { backups, copyTables, hasTpcc, psql, ROWS, runProgram, TABLES } from '../tpcc.mjs';

const require = createRequire(import.meta.url);
const Database = require('better-sqlite3');

const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 3);
const RESTORE = `RESTORE DATABASE tpcc FROM LATEST IN 'nodelocal://1/tpcc-1'`;

const startServer = (store) => startOotheca([`--external-io-dir=${backups}`], { store });

/** Reads rows by key until `until` settles. @returns milliseconds each */
async function readByKey(client, until) {
  const times = [];
  let isOver = false;
  void until.finally(() => {
    isOver = true;
  });
  for (let i = 0; !isOver; i++) {
    const startedAt = performance.now();
    const values = [i % 1_000];
    await client.query({ name: 'by key', text: 'SELECT v FROM kv WHERE k = $1', values });
    times.push(performance.now() - startedAt);
    await sleep(2);
  }
  return times;
}

/** What was written before is on the disk: it is not to be waited for by what is timed next. */
const settle = () => spawnSync('sync');

/** @param reads whether another connection reads meanwhile */
async function restoreOnce(store, reads) {
  const server = await startServer(store);
  const client = await server.connect('defaultdb');
  const other = await server.connect('defaultdb');
  await client.query('CREATE TABLE kv (k INT PRIMARY KEY, v STRING)');
  await client.query(
    `INSERT INTO kv SELECT i, 'v' || i::STRING FROM generate_series(0, 999) AS g(i)`,
  );
  const idle = percentile(await readByKey(other, sleep(1_000)), 0.99);
  const idleMib = memoryMib(server.pid, 'VmRSS');
  settle();
  const startedAt = performance.now();
  const restored = client.query(RESTORE);
  const [times, { rows }] = await Promise.all([reads ? readByKey(other, restored) : [], restored]);
  const seconds = (performance.now() - startedAt) / 1000;
  const peakMib = memoryMib(server.pid, 'VmHWM');
  await sleep(1_000);
  await server.stop('SIGKILL');
  if (Number(rows[0].rows) !== ROWS) throw new Error(`${rows[0].rows} rows restored`);
  await checkAfterKill(store);
  return { seconds, idle, busy: percentile(times, 0.99), idleMib, peakMib };
}

/** The server was killed a second after the answer: all rows have to be there. */
async function checkAfterKill(store) {
  const server = await startServer(store);
  const client = await server.connect('tpcc');
  let sum = 0;
  for (const table of TABLES) {
    sum += Number((await client.query(`SELECT count(*) AS n FROM "${table}"`)).rows[0].n);
  }
  await client.end();
  await server.stop();
  if (sum !== ROWS) throw new Error(`${sum} rows after kill -9`);
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
  settle();
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

/** A scratch PostgreSQL and a dump of the restored tables; undefined where PostgreSQL 15 is missing. */
async function preparePostgres(store, folder) {
  const postgres = await startPostgres();
  if (postgres === undefined) return undefined;
  psql(postgres, 'postgres', ['-c', 'CREATE DATABASE source']);
  const server = await startServer(store);
  copyTables(server, postgres, 'source');
  await server.stop();
  const dump = join(folder, 'tpcc.dump');
  runProgram(postgres, 'pg_dump', ['-Fc', '-f', dump, '-d', 'source']);
  const restore = () => {
    const anew = ['-c', 'DROP DATABASE IF EXISTS target', '-c', 'CREATE DATABASE target'];
    psql(postgres, 'postgres', anew);
    psql(postgres, 'postgres', ['-c', 'CHECKPOINT']);
    settle();
    const startedAt = performance.now();
    runProgram(postgres, 'pg_restore', ['-j2', '-d', 'target', dump]);
    return (performance.now() - startedAt) / 1000;
  };
  return { restore, stop: () => postgres.stop() };
}

function print(restores, readRounds, bares, postgres) {
  const line = (name, text) => console.log(name.padEnd(27) + text);
  const seconds = median(restores.map((r) => r.seconds));
  const rate = (s) => `${s.toFixed(2)} s, ${Math.round(ROWS / s)} rows/s`;
  const each = (all) => all.map((s) => s.toFixed(2)).join(', ');
  line('rows', `${ROWS}, all there after kill -9`);
  line('RESTORE', `${rate(seconds)} (${each(restores.map((r) => r.seconds))})`);
  line('bare better-sqlite3', `${rate(median(bares))} (${each(bares)})`);
  line('time of RESTORE / bare', (seconds / median(bares)).toFixed(2));
  if (postgres.length > 0) {
    line('pg_restore -j2', `${rate(median(postgres))} (${each(postgres)})`);
    line('time of RESTORE / pg', (seconds / median(postgres)).toFixed(2));
  }
  const p99 = (which) => `${median(readRounds.map((r) => r[which])).toFixed(1)} ms`;
  line('row by key, p99', `${p99('idle')} idle, ${p99('busy')} during RESTORE`);
  const idleMib = median(restores.map((r) => r.idleMib));
  const peakMib = Math.max(...[...restores, ...readRounds].map((r) => r.peakMib));
  line('server memory', `${idleMib} MiB idle, ${peakMib} MiB at the peak of RESTORE`);
}

export async function run() {
  if (!hasTpcc()) return;
  const folder = mkdtempSync(join(tmpdir(), 'ootheca-bench-'));
  let postgres;
  try {
    const restores = [];
    const readRounds = [];
    const bares = [];
    const others = [];
    for (let i = 0; i < ROUNDS; i++) {
      const store = join(folder, `store-${i}`);
      restores.push(await restoreOnce(store, false));
      bares.push(insertBare(loadTables(store), folder));
      if (i === 0) postgres = await preparePostgres(store, folder);
      if (postgres !== undefined) others.push(postgres.restore());
      rmSync(store, { recursive: true });
      readRounds.push(await restoreOnce(store, true));
      rmSync(store, { recursive: true });
    }
    print(restores, readRounds, bares, others);
  } finally {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
