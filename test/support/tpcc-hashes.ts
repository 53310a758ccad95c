import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncPsql } from './async-psql';
import type { OothecaProcess } from './ootheca-process';
import { sharedDir } from './shared';

interface TpccTable {
  readonly rows: number;
  readonly order_by: string;
  readonly sha256_of_psql_csv: string;
}

/** Of each table of `generated/tpcc-1`: the hash of all its rows, as CockroachDB answered. */
export function expectedTpccHashes(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tpccTables()).map(([table, { sha256_of_psql_csv }]) => [
      table,
      sha256_of_psql_csv,
    ]),
  );
}

/** The same, of a database of the server. */
export async function tpccHashes(
  server: OothecaProcess,
  database: string,
): Promise<Readonly<Record<string, string>>> {
  const hashes: Record<string, string> = {};
  for (const [table, { order_by }] of Object.entries(tpccTables())) {
    const csv = await asyncPsql(server, database, [
      `SELECT * FROM "${table}" ORDER BY ${order_by}`,
    ]);
    const body = csv.slice(csv.indexOf('\n') + 1);
    hashes[table] = createHash('sha256').update(body).digest('hex');
  }
  return hashes;
}

function tpccTables(): Readonly<Record<string, TpccTable>> {
  const file = join(sharedDir, 'backups', 'expected', 'tpcc-1.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, TpccTable>;
}
