// RESTORE of tpcc-1 (599,354 rows, 21 MB of files) from an S3 emulator, in turns with the same from nodelocal. The emulator
// (s3rver) runs on the same machine and takes its share of it. The ratio of the medians is the result: it should stay above 0.7.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cpuSeconds, median, startOotheca, startProgram } from '../servers.mjs';
import { backups, hasTpcc } from '../tpcc.mjs';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const { openStorage } = require(join(root, 'dist', 'storage', 'external', 'open-storage.js'));

const ROUNDS = Number(process.env.OOTHECA_BENCH_ROUNDS ?? 3);

async function upload(directory, uri) {
  const storage = await openStorage(uri, { externalIoDir: undefined, nodeId: 1 });
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await storage.write(relative(directory, path), readFileSync(path));
  }
  await storage.close();
}

async function measureRestore(uri) {
  const server = await startOotheca([`--external-io-dir=${backups}`]);
  const client = await server.connect();
  const [startedAt, cpuBefore] = [performance.now(), cpuSeconds(server.pid)];
  await client.query(`RESTORE DATABASE tpcc FROM LATEST IN '${uri}'`);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = cpuSeconds(server.pid) - cpuBefore;
  await client.end();
  await server.stop();
  return { seconds, cpu };
}

export async function run() {
  if (!hasTpcc()) return;
  const files = mkdtempSync(join(tmpdir(), 'ootheca-bench-s3-'));
  const emulator = join(root, 'node_modules', 's3rver', 'bin', 's3rver.js');
  const s3 = await startProgram(
    [emulator, '-d', files, '-a', '127.0.0.1', '-p', '0', '--configure-bucket', 'bucket'],
    /listening on 127\.0\.0\.1:(\d+)/,
  );
  const keys = 'AWS_ACCESS_KEY_ID=S3RVER&AWS_SECRET_ACCESS_KEY=S3RVER';
  const uri = `s3://bucket/tpcc-1?${keys}&AWS_ENDPOINT=http://127.0.0.1:${s3.port}`;
  const runs = { nodelocal: [], s3: [], emulatorCpu: [] };
  try {
    await upload(join(backups, 'tpcc-1'), uri);
    for (let round = 0; round < ROUNDS; round++) {
      runs.nodelocal.push(await measureRestore('nodelocal://1/tpcc-1'));
      const before = cpuSeconds(s3.pid);
      runs.s3.push(await measureRestore(uri));
      runs.emulatorCpu.push(cpuSeconds(s3.pid) - before);
    }
  } finally {
    await s3.stop();
    rmSync(files, { recursive: true, force: true });
  }
  const [local, remote] = [runs.nodelocal, runs.s3].map((each) => ({
    seconds: median(each.map(({ seconds }) => seconds)),
    cpu: median(each.map(({ cpu }) => cpu)),
  }));
  const shown = ({ seconds, cpu }) => `${seconds.toFixed(2)} s (CPU ${cpu.toFixed(2)} s)`;
  console.log(`nodelocal ${shown(local)}, s3 ${shown(remote)}, medians of ${ROUNDS} rounds`);
  console.log(`the emulator took ${median(runs.emulatorCpu).toFixed(2)} s of CPU meanwhile`);
  const ratio = local.seconds / remote.seconds;
  console.log(`throughput from s3 is ${ratio.toFixed(2)} of that from nodelocal`);
}
