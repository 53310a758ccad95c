// Incremental BACKUP of many changes: 200,000 rows with two indexes, all updated, as many inserted, half of them deleted, each with
// a layer of its own, in turns with a full BACKUP of the same table. Layer by full backup is the ratio; CPU is that of the server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSeconds, median, memoryMib, startOotheca } from '../servers.mjs';

const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 3);
const ROWS = 200_000;

const TABLE =
  'CREATE TABLE t (id INT8 PRIMARY KEY, a INT8, b TEXT, c DECIMAL, INDEX (a), INDEX (b) STORING (c))';
const rowsFrom = (first) =>
  `SELECT i, i * 7919 % ${ROWS}, 'name ' || (i * 31 % ${ROWS})::TEXT, i::DECIMAL FROM generate_series(${first}, ${first + ROWS - 1}) AS g(i)`;
const CHANGES = [
  ['all rows updated', "UPDATE t SET a = a + 1, b = b || 'x'"],
  ['as many inserted', `INSERT INTO t ${rowsFrom(ROWS + 1)}`],
  ['half of them deleted', 'DELETE FROM t WHERE id % 2 = 0'],
  ['nothing changed', 'SELECT 1'],
];

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'ootheca-bench-'));
  const server = await startOotheca([`--external-io-dir=${join(folder, 'io')}`], {
    store: join(folder, 'store'),
  });
  const times = new Map();
  try {
    const client = await server.connect();
    const timed = async (name, sql) => {
      const [startedAt, cpuBefore] = [performance.now(), cpuSeconds(server.pid)];
      await client.query(sql);
      const seconds = (performance.now() - startedAt) / 1000;
      const all = times.get(name) ?? [];
      times.set(name, [...all, { seconds, cpu: cpuSeconds(server.pid) - cpuBefore }]);
    };
    for (let i = 0; i < ROUNDS; i++) {
      await client.query(`DROP TABLE IF EXISTS t; ${TABLE}; INSERT INTO t ${rowsFrom(1)}`);
      await client.query(`BACKUP TABLE t INTO 'nodelocal://1/chain-${i}'`);
      for (const [name, sql] of CHANGES) {
        await client.query(sql);
        await timed(`${name}: layer`, `BACKUP TABLE t INTO LATEST IN 'nodelocal://1/chain-${i}'`);
        await timed(`${name}: full`, `BACKUP TABLE t INTO 'nodelocal://1/full-${i}'`);
      }
    }
    await client.end();
    for (const [name] of CHANGES) {
      const [layer, full] = ['layer', 'full'].map((kind) => {
        const all = times.get(`${name}: ${kind}`);
        return { s: median(all.map((t) => t.seconds)), cpu: median(all.map((t) => t.cpu)) };
      });
      console.log(
        `${name.padEnd(22)}layer ${layer.s.toFixed(2)} s (CPU ${layer.cpu.toFixed(2)}), full ${full.s.toFixed(2)} s ` +
          `(CPU ${full.cpu.toFixed(2)}): ${(layer.s / full.s).toFixed(2)}`,
      );
    }
    console.log(`server memory         ${memoryMib(server.pid, 'VmHWM')} MiB at the peak`);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
