// BACKUP of the restored tpcc-1 (599,354 rows, 60,000 index entries), also WITH revision_history, of the database and of the
// cluster, in turns with `pg_dump -Fd -j2` of the same tables in a scratch PostgreSQL 15. All in one run on one machine: the ratio
// is the result, the seconds are not.
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { median, memoryMib, startOotheca, startPostgres } from '../servers.mjs';
import { backups, copyTables, hasTpcc, ROWS, runProgram } from '../tpcc.mjs';

const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 3);

async function timed(work) {
  const startedAt = performance.now();
  const result = await work();
  return { seconds: (performance.now() - startedAt) / 1000, result };
}

/** The same tables in PostgreSQL; undefined where it is missing. */
async function preparePostgres(server, folder) {
  const postgres = await startPostgres();
  if (postgres === undefined) return undefined;
  copyTables(server, postgres, 'postgres');
  const dump = (i) => {
    const to = join(folder, `dump-${i}`);
    runProgram(postgres, 'pg_dump', ['-Fd', '-j2', '-f', to, '-d', 'postgres']);
  };
  return { dump, stop: () => postgres.stop() };
}

const sizeMib = (folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, { size }) => sum + size, 0) /
  2 ** 20;

function print({ fulls, incrementals, histories, clusters, dumps, idleMib, peakMib, folder }) {
  const line = (name, text) => console.log(name.padEnd(27) + text);
  const rate = (all) => {
    const seconds = median(all);
    const each = all.map((s) => s.toFixed(2)).join(', ');
    return `${seconds.toFixed(2)} s, ${Math.round(ROWS / seconds)} rows/s (${each})`;
  };
  line('BACKUP', rate(fulls));
  line('… onto it, nothing changed', rate(incrementals));
  line('… WITH revision_history', rate(histories));
  line('… the whole cluster', rate(clusters));
  line('time WITH / without', (median(histories) / median(fulls)).toFixed(2));
  if (dumps.length > 0) {
    line('pg_dump -Fd -j2', rate(dumps));
    line('time of BACKUP / pg_dump', (median(fulls) / median(dumps)).toFixed(2));
    line('size', `pg_dump ${sizeMib(join(folder, 'dump-0')).toFixed(1)} MiB`);
  }
  line('server memory', `${idleMib} MiB idle, ${peakMib} MiB at the peak of BACKUP`);
}

export async function run() {
  if (!hasTpcc()) return;
  const folder = mkdtempSync(join(tmpdir(), 'ootheca-bench-'));
  cpSync(join(backups, 'tpcc-1'), join(folder, 'io', 'real'), { recursive: true });
  const start = () =>
    startOotheca([`--external-io-dir=${join(folder, 'io')}`], { store: join(folder, 'store') });
  let postgres;
  let server = await start();
  try {
    let client = await server.connect();
    await client.query(`RESTORE DATABASE tpcc FROM LATEST IN 'nodelocal://1/real'`);
    await client.end();
    postgres = await preparePostgres(server, folder);
    await server.stop();
    server = await start();
    client = await server.connect();
    const idleMib = memoryMib(server.pid, 'VmRSS');
    const [fulls, incrementals, histories, clusters, dumps] = [[], [], [], [], []];
    for (let i = 0; i < ROUNDS; i++) {
      const backup = (into, of = 'DATABASE tpcc') =>
        timed(() => client.query(`BACKUP ${of} INTO ${into}`));
      const { seconds, result } = await backup(`'nodelocal://1/own'`);
      if (Number(result.rows[0].rows) !== ROWS) throw new Error(`${result.rows[0].rows} rows`);
      fulls.push(seconds);
      incrementals.push((await backup(`LATEST IN 'nodelocal://1/own'`)).seconds);
      const history = `'nodelocal://1/history' WITH revision_history`;
      histories.push((await backup(history)).seconds);
      clusters.push((await backup(history, '')).seconds);
      if (postgres !== undefined) dumps.push((await timed(async () => postgres.dump(i))).seconds);
    }
    const peakMib = memoryMib(server.pid, 'VmHWM');
    await client.end();
    print({ fulls, incrementals, histories, clusters, dumps, idleMib, peakMib, folder });
  } finally {
    await server.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
