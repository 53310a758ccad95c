// TPC-C with one warehouse: the backup that benchmarks restore and write again, and the same tables in a scratch PostgreSQL.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { postgresPrograms } from './servers.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The directory that has `tpcc-1`. */
export const backups =
  process.env.OOTHECA_BENCH_BACKUPS ?? join(here, '..', '..', 'shared', 'backups', 'generated');

export const ROWS = 599_354;
export const TABLES = [
  ...['customer', 'district', 'history', 'item', 'new_order', 'order', 'order_line', 'stock'],
  'warehouse',
];

/** @returns whether the backup is there; where it is not that is said */
export function hasTpcc() {
  const isThere = existsSync(join(backups, 'tpcc-1'));
  if (!isThere) console.log(`skipped: no tpcc-1 in ${backups} (set OOTHECA_BENCH_BACKUPS)`);
  return isThere;
}

const at = ({ port }) => ['-h', '127.0.0.1', '-p', `${port}`, '-U', 'root'];
const MOST_OUTPUT = { maxBuffer: 1 << 30 };

/** Runs one of PostgreSQL's programs. @param server of `servers.mjs` */
export function runProgram(server, program, args, options = {}) {
  const command = join(postgresPrograms(), program);
  const done = spawnSync(command, [...at(server.options), ...args], { ...MOST_OUTPUT, ...options });
  if (done.status !== 0) throw new Error(`${program}: ${done.stderr}`);
  return done.stdout;
}

export function psql(server, database, args, options) {
  const flags = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', database];
  return runProgram(server, 'psql', [...flags, ...args], options);
}

/** Copies the tables. @param ootheca a server that has restored them */
export function copyTables(ootheca, postgres, database) {
  psql(postgres, database, ['-f', join(here, 'tpcc-tables.sql')]);
  for (const table of TABLES) {
    const csv = psql(ootheca, 'tpcc', ['--csv', '-c', `SELECT * FROM "${table}"`]);
    psql(postgres, database, ['-c', `COPY "${table}" FROM STDIN CSV HEADER`], { input: csv });
  }
  psql(postgres, database, ['-f', join(here, 'tpcc-foreign-keys.sql')]);
}
