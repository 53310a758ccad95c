// RESTORE of tpcc-1 (599,354 rows, 21 MB of files) from an S3 emulator, in turns with the same from nodelocal. The emulator
// (s3rver) runs on the same machine and takes its share of it. The ratio of the medians is the result: it should stay above 0.7.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { median } from '../servers.mjs';

const require = createRequire(import.meta.url);
const pg = require('pg');
const root = fileURLToPath(new URL('../..', import.meta.url));
const { openStorage } = require(join(root, 'dist', 'storage', 'external', 'open-storage.js'));

const backups =
  process.env.OOTHECA_BENCH_BACKUPS ?? join(root, '..', 'shared', 'backups', 'generated');
const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 3);

/** Starts a program and waits for its port. */
async function startProgram(args, ready) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const port = await new Promise((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
      const found = ready.exec(out);
      if (found) resolve(Number(found[1]));
    });
    child.once('exit', (code) => reject(new Error(`${args[0]} exited with ${code}`)));
  });
  const stop = async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  };
  return { port, stop };
}

async function upload(directory, uri) {
  const storage = await openStorage(uri, { externalIoDir: undefined, nodeId: 1 });
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await storage.write(relative(directory, path), readFileSync(path));
  }
  await storage.close();
}

async function restoreSeconds(uri) {
  const store = mkdtempSync(join(tmpdir(), 'ootheca-bench-'));
  const main = join(root, 'dist', 'server', 'main.js');
  const flags = [`--store=${store}`, '--listen-addr=127.0.0.1:0', '--insecure'];
  const server = await startProgram(
    [main, 'start', ...flags, `--external-io-dir=${backups}`],
    /127\.0\.0\.1:(\d+)/,
  );
  const where = { host: '127.0.0.1', port: server.port, user: 'root', database: 'defaultdb' };
  const client = new pg.Client(where);
  await client.connect();
  const startedAt = performance.now();
  await client.query(`RESTORE DATABASE tpcc FROM LATEST IN '${uri}'`);
  const seconds = (performance.now() - startedAt) / 1000;
  await client.end();
  await server.stop();
  rmSync(store, { recursive: true, force: true });
  return seconds;
}

export async function run() {
  if (!existsSync(join(backups, 'tpcc-1'))) {
    console.log(`skipped: no tpcc-1 in ${backups} (set OOTHECA_BENCH_BACKUPS)`);
    return;
  }
  const files = mkdtempSync(join(tmpdir(), 'ootheca-bench-s3-'));
  const emulator = join(root, 'node_modules', 's3rver', 'bin', 's3rver.js');
  const s3 = await startProgram(
    [emulator, '-d', files, '-a', '127.0.0.1', '-p', '0', '--configure-bucket', 'bucket'],
    /listening on 127\.0\.0\.1:(\d+)/,
  );
  const keys = 'AWS_ACCESS_KEY_ID=S3RVER&AWS_SECRET_ACCESS_KEY=S3RVER';
  const uri = `s3://bucket/tpcc-1?${keys}&AWS_ENDPOINT=http://127.0.0.1:${s3.port}`;
  const seconds = { nodelocal: [], s3: [] };
  try {
    await upload(join(backups, 'tpcc-1'), uri);
    for (let round = 0; round < ROUNDS; round++) {
      seconds.nodelocal.push(await restoreSeconds('nodelocal://1/tpcc-1'));
      seconds.s3.push(await restoreSeconds(uri));
    }
  } finally {
    await s3.stop();
    rmSync(files, { recursive: true, force: true });
  }
  const [local, remote] = [median(seconds.nodelocal), median(seconds.s3)];
  console.log(`nodelocal ${local.toFixed(1)} s, s3 ${remote.toFixed(1)} s of ${ROUNDS} rounds`);
  console.log(`throughput from s3 is ${(local / remote).toFixed(2)} of that from nodelocal`);
}
