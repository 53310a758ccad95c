// The first minute with Ootheca: starts a server on a private temporary store, restores the sample backup `bank` (written by a
// real CockroachDB cluster), prints rows, and keeps the server open for psql until Ctrl-C. `--once` stops it instead.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const pg = require('pg');
const root = fileURLToPath(new URL('..', import.meta.url));
const backups = join(root, 'test', 'fixtures', 'backups');
const once = process.argv.includes('--once');
const portWanted = once ? 0 : 26257;

function start(port) {
  const args = [
    join(root, 'dist', 'server', 'main.js'),
    'start',
    '--store=type=mem',
    `--listen-addr=127.0.0.1:${port}`,
    `--external-io-dir=${backups}`,
    '--insecure',
    '--log-level=error',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let out = '';
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout.on('data', (chunk) => {
      out += chunk;
      const found = /postgresql:\/\/root@127\.0\.0\.1:(\d+)\/\S*/.exec(out);
      if (found) resolve({ child, port: Number(found[1]), url: found[0] });
    });
    child.once('exit', () => reject(new Error(err.trim() || 'the server did not start')));
  });
}

const QUERIES = [
  `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank'`,
  `SELECT job_id, status, fraction_completed FROM [SHOW JOBS]`,
  `SELECT c.name, a.balance, a.opened, a.st FROM bank.accounts AS a JOIN bank.customers AS c ON c.id = a.customer_id ORDER BY a.balance DESC LIMIT 5`,
  `SELECT st, count(*), sum(balance), avg(balance)::DECIMAL(12,2) AS average FROM bank.accounts GROUP BY st`,
];

function printTable({ fields, rows }) {
  const names = fields.map((field) => field.name);
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? 'NULL'))];
  const widths = names.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const text = lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i])).join(' | '));
  text.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('-+-'));
  console.log(text.map((line) => `  ${line}`).join('\n'));
}

let server;
try {
  server = await start(portWanted);
} catch (error) {
  if (portWanted === 0) throw error;
  server = await start(0); // 26257 is taken
}
const { child, port, url } = server;
const client = new pg.Client({
  host: '127.0.0.1',
  port,
  user: 'root',
  database: 'defaultdb',
  types: { getTypeParser: () => (text) => text }, // as the server sends them
});
await client.connect();
for (const sql of QUERIES) {
  console.log(`\n> ${sql}`);
  printTable(await client.query(sql));
}
await client.end();

if (once) child.kill('SIGTERM');
else {
  console.log(
    `\nThe server is running. Connect with:\n\n  psql '${url.replace('/defaultdb', '/bank')}'\n`,
  );
  console.log('Ctrl-C stops it; its store was temporary and goes with it.');
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill('SIGTERM'));
}
