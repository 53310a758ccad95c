// pgbench's statements by key over the wire: Ootheca and PostgreSQL 15 in turns.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, postgresPrograms, printRow, startOotheca, startPostgres } from '../servers.mjs';

const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 3);
const SECONDS = 4;
const WARM_SECONDS = 3;
const CASES = new RegExp(process.env.OOTHECA_BENCH_CASE ?? '');

const UPDATE = `\\set aid random(1, 100000)
UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;
`;

const BLOCK = `\\set aid random(1, 100000)
BEGIN;
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;
COMMIT;
`;

/** @returns what it printed; rejects when it did not run to its end */
function pgbench(programs, { host, port, user, database }, flags) {
  const where = ['-h', host, '-p', String(port), '-U', user, '-n'];
  const child = spawn(join(programs, 'pgbench'), [...where, ...flags, database]);
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(errors))));
  });
}

const rateOf = (out) => Number(/^tps = ([\d.]+)/m.exec(out)?.[1] ?? Number.NaN);

export async function run() {
  const programs = postgresPrograms();
  if (programs === undefined) {
    console.log('pgbench and PostgreSQL 15 are not installed');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ootheca-bench-pgbench-'));
  const [update, block] = ['update.sql', 'block.sql'].map((name) => join(folder, name));
  writeFileSync(update, UPDATE);
  writeFileSync(block, BLOCK);
  const servers = [await startOotheca(), await startPostgres()];
  try {
    for (const { options } of servers) await pgbench(programs, options, ['-i', '-q']);
    // JavaScript is compiled as it is used: what is measured is a server that has been at work.
    for (const { options } of servers)
      for (const script of [['-S'], ['-f', update], ['-f', block]])
        await pgbench(programs, options, [...script, '-M', 'prepared', '-T', String(WARM_SECONDS)]);
    printRow(['transactions per second', 'ootheca', 'postgres', 'ratio']);
    for (const [name, script, counts] of [
      ['select', ['-S'], [1, 8]],
      ['update', ['-f', update], [1, 8]],
      ['block', ['-f', block], [1, 8]],
    ])
      for (const mode of ['prepared', 'simple'])
        for (const clients of counts) {
          const label = `${name}, ${mode}, ${clients} clients`;
          if (!CASES.test(label)) continue;
          const flags = [...script, '-M', mode, '-c', String(clients), '-T', String(SECONDS)];
          const rates = servers.map(() => []);
          for (let round = 0; round < ROUNDS; round++)
            for (const [i, { options }] of servers.entries())
              rates[i].push(rateOf(await pgbench(programs, options, flags)));
          const [ours, theirs] = rates.map(median);
          printRow([label, ours.toFixed(0), theirs.toFixed(0), (ours / theirs).toFixed(2)]);
        }
  } finally {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
