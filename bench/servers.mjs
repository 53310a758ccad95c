// The servers that the benchmarks of sql/ compare: Ootheca, and a scratch PostgreSQL with its default, durable settings.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const pg = require('pg');
const root = fileURLToPath(new URL('..', import.meta.url));

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

export const percentile = (numbers, share) =>
  [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) * share)] ?? 0;

/** A field of /proc/<pid>/status in MiB. */
export function memoryMib(pid, field) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
}

/** User and system time of a process, in clock ticks of 10 ms. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Starts a program of Node and waits until it says its port. @param ready matches that @param stderr as `spawn` has it */
export async function startProgram(args, ready, stderr = 'ignore') {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', stderr] });
  const port = await new Promise((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
      const found = ready.exec(out);
      if (found) resolve(Number(found[1]));
    });
    child.once('exit', (code) => reject(new Error(`${args[0]} exited with ${code}`)));
  });
  const stop = async (signal = 'SIGKILL') => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  };
  return { port, pid: child.pid, stop };
}

/**
 * `ootheca start` with more flags than those of every server here.
 * @param options.store stays when the server stops; without it there is a new one, which goes
 */
export async function startOotheca(flags = [], { store } = {}) {
  const directory = store ?? mkdtempSync(join(tmpdir(), 'ootheca-bench-'));
  const main = join(root, 'dist', 'server', 'main.js');
  const address = ['--listen-addr=127.0.0.1:0', '--insecure', '--log-level=warn'];
  const profiling = (process.env.OOTHECA_BENCH_NODE_FLAGS ?? '').split(' ').filter(Boolean);
  const place = flags.some((flag) => flag.startsWith('--store=')) ? [] : [`--store=${directory}`];
  const args = [...profiling, main, 'start', ...place, ...address, ...flags];
  const { port, pid, stop } = await startProgram(args, /127\.0\.0\.1:(\d+)/, 'inherit');
  const options = { host: '127.0.0.1', port, user: 'root', database: 'defaultdb' };
  return {
    name: 'ootheca',
    pid,
    options,
    connect: (database = 'defaultdb') => connect({ ...options, database }),
    async stop(signal = 'SIGTERM') {
      await stop(signal);
      if (store === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function connect(options) {
  const client = new pg.Client(options);
  client.on('error', () => undefined); // an idle one, when its server stops first
  await client.connect();
  return client;
}

const PROGRAMS = '/usr/lib/postgresql';

/** The directory of PostgreSQL 15's programs; undefined when it is not installed. */
export function postgresPrograms() {
  if (!existsSync(PROGRAMS)) return undefined;
  const version = readdirSync(PROGRAMS).find((name) => name === '15');
  return version === undefined ? undefined : join(PROGRAMS, version, 'bin');
}

/** PostgreSQL refuses to run as root. */
const asPostgres = (command, args) =>
  process.getuid?.() === 0
    ? ['runuser', ['-u', 'postgres', '--', command, ...args]]
    : [command, args];

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A new cluster with default settings (fsync on), locale C as Ootheca has; undefined when PostgreSQL 15 is missing. */
export async function startPostgres() {
  const programs = postgresPrograms();
  if (programs === undefined) {
    console.log('PostgreSQL 15 is not installed: its part is skipped');
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ootheca-bench-postgres-'));
  if (process.getuid?.() === 0) spawnSync('chown', ['postgres', folder]);
  const data = join(folder, 'data');
  const init = ['-D', data, '-A', 'trust', '-U', 'root', '--locale=C', '-E', 'UTF8'];
  const made = spawnSync(...asPostgres(join(programs, 'initdb'), init), { cwd: folder });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const settings = ['-D', data, '-p', `${port}`, '-k', folder, '-h', '127.0.0.1'];
  const child = spawn(...asPostgres(join(programs, 'postgres'), settings), {
    cwd: folder,
    stdio: 'ignore',
  });
  const options = { host: '127.0.0.1', port, user: 'root', database: 'postgres' };
  for (let attempt = 0; ; attempt++) {
    try {
      await (await connect(options)).end();
      break;
    } catch (error) {
      if (attempt > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    name: 'postgres',
    pid: child.pid,
    options,
    connect: () => connect(options),
    async stop() {
      const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
      const exited = new Promise((resolve) => child.once('exit', resolve));
      process.kill(pid, 'SIGINT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function scratchFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'ootheca-bench-sqlite-'));
  mkdirSync(folder, { recursive: true });
  return folder;
}

const left = (text, width) => String(text).padEnd(width);
const right = (text, width) => String(text).padStart(width);

/** A line of a table: names to the left, numbers to the right. */
export function printRow(cells) {
  const [name, ...numbers] = cells;
  console.log(left(name, 44) + numbers.map((cell) => right(cell, 15)).join(''));
}
