// The first minute with Ootheca: starts a server on a private temporary store, restores the sample backup `bank` (written by a
// real CockroachDB cluster), prints rows, and keeps the server open for psql until Ctrl-C. `--once` stops it instead.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const backups = join(root, 'test', 'fixtures', 'backups');
const once = process.argv.includes('--once');
const main = join(root, 'dist', 'server', 'main.js');
const portWanted = once ? 0 : 26257;

function start(port) {
  const args = [
    main,
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
      const found = /postgresql:\/\/root@127\.0\.0\.1:\d+\/\S*/.exec(out);
      if (found) resolve({ child, url: found[0] });
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

/** With the program's own client: no other is needed. */
function run(url, sql) {
  const args = [main, 'sql', `--url=${url}`, '--format=table', '-e', sql];
  const client = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    client.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`failed: ${sql}`))));
  });
}

let server;
try {
  server = await start(portWanted);
} catch (error) {
  if (portWanted === 0) throw error;
  server = await start(0); // 26257 is taken
}
const { child, url } = server;
try {
  for (const sql of QUERIES) {
    console.log(`\n> ${sql}`);
    await run(url, sql);
  }
} catch (error) {
  child.kill('SIGTERM');
  throw error;
}

if (once) child.kill('SIGTERM');
else {
  console.log(
    `\nThe server is running. Connect with:\n\n  psql '${url.replace('/defaultdb', '/bank')}'\n`,
  );
  console.log(
    `or, without psql:\n\n  node dist/server/main.js sql --url='${url.replace('/defaultdb', '/bank')}'\n`,
  );
  console.log('Ctrl-C stops it; its store was temporary and goes with it.');
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill('SIGTERM'));
}
