import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { repoRoot } from '../support/shared';

interface Run {
  readonly process: ChildProcess;
  readonly exit: Promise<number | null>;
  stdout: string;
  stderr: string;
  /** Resolves with the connection URL when the server is ready. */
  readonly ready: Promise<string>;
}

let temporaryDir: string;
const runs: Run[] = [];

beforeAll(() => {
  temporaryDir = mkdtempSync(join(tmpdir(), 'ootheca-test-'));
});

afterEach(() => {
  for (const run of runs.splice(0)) run.process.kill('SIGKILL');
});

afterAll(() => rmSync(temporaryDir, { recursive: true, force: true }));

function ootheca(...args: string[]): Run {
  const child = spawn(
    process.execPath,
    [
      '-r',
      join(repoRoot, 'test/support/swc-require.cjs'),
      join(__dirname, 'fake-main.ts'),
      ...args,
    ],
    { env: { ...process.env, TMPDIR: temporaryDir }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let becomeReady: (url: string) => void;
  const run: Run = {
    process: child,
    exit: new Promise((resolve) => {
      child.once('close', (code) => resolve(code));
    }),
    stdout: '',
    stderr: '',
    ready: new Promise((resolve) => {
      becomeReady = resolve;
    }),
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    run.stdout += chunk;
    const url = /postgresql:\S+/.exec(run.stdout);
    if (url !== null) becomeReady(url[0]);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    run.stderr += chunk;
  });
  runs.push(run);
  return run;
}

const START = ['start', '--listen-addr=127.0.0.1:0'];

test('starts, says where, serves, and ends with 0 on SIGTERM', async () => {
  const run = ootheca(...START, '--store=type=mem', '--insecure');
  const url = await run.ready;
  expect(url).toMatch(/^postgresql:\/\/root@127\.0\.0\.1:[1-9]\d*\/defaultdb\?sslmode=disable$/);
  expect(run.stdout).toContain('ootheca is ready\n');
  expect(run.stdout).toContain(`psql '${url}'`);
  const [store = ''] = readdirSync(temporaryDir).filter((name) => name.startsWith('ootheca-mem-'));
  const storePath = join(temporaryDir, store);
  expect(statSync(storePath).mode & 0o777).toBe(0o700);
  const client = new Client(url);
  client.on('error', () => undefined);
  await client.connect();
  expect((await client.query('select 7')).rows).toEqual([{ '?column?': '7' }]);
  run.process.kill('SIGTERM');
  expect(await run.exit).toBe(0);
  expect(run.stderr).toContain('engine closed');
  expect(existsSync(storePath)).toBe(false);
});

test('a second signal ends at once with 1, and still leaves no temporary store', async () => {
  const run = ootheca(...START, '--store=type=mem');
  const client = new Client(await run.ready);
  client.on('error', () => undefined);
  await client.connect();
  const statementRuns = new Promise((resolve) => client.once('notice', resolve));
  const running = client.query('notice running; wait').catch((error: Error) => error);
  await statementRuns;
  const seen = new Promise<void>((resolve) => {
    run.process.stderr?.on('data', () => {
      if (run.stderr.includes('shutting down')) resolve();
    });
  });
  run.process.kill('SIGINT');
  await seen;
  run.process.kill('SIGINT');
  expect(await run.exit).toBe(1);
  await running;
  expect(readdirSync(temporaryDir).filter((name) => name.startsWith('ootheca-mem-'))).toEqual([]);
});

test('a store that a killed process left is removed at the next start', async () => {
  const first = ootheca(...START, '--store=type=mem');
  await first.ready;
  const left = readdirSync(temporaryDir).filter((name) => name.startsWith('ootheca-mem-'));
  first.process.kill('SIGKILL');
  await first.exit;
  // Somebody else's names stay.
  mkdirSync(join(temporaryDir, 'ootheca-mem-ffffffff-1-abc'));
  expect(left).toHaveLength(1);
  const second = ootheca(...START, '--store=type=mem');
  await second.ready;
  const now = readdirSync(temporaryDir);
  expect(now).not.toContain(left[0]);
  expect(now).toContain('ootheca-mem-ffffffff-1-abc');
  rmSync(join(temporaryDir, 'ootheca-mem-ffffffff-1-abc'), { recursive: true });
  second.process.kill('SIGTERM');
  expect(await second.exit).toBe(0);
});

test('what keeps it from starting is one sentence and exit code 1', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const busy = ootheca('start', `--listen-addr=127.0.0.1:${port}`, '--log-level=fatal');
  expect(await busy.exit).toBe(1);
  expect(busy.stderr).toContain(
    `ootheca: cannot listen on 127.0.0.1:${port}: the port is in use, perhaps by another server\n`,
  );
  expect(busy.stderr).toContain('engine closed');
  holder.close();
  const locked = ootheca(...START, `--store=${join(temporaryDir, 'locked')}`);
  expect(await locked.exit).toBe(1);
  expect(locked.stderr).toBe(
    `ootheca: cannot open the store ${join(temporaryDir, 'locked')}: ` +
      'another server has it open (Stop it first.)\n',
  );
});

test('a flag that is not known is exit code 2', async () => {
  const run = ootheca('start', '--cache=1GB');
  expect(await run.exit).toBe(2);
  expect(run.stderr).toBe("ootheca: Unknown option '--cache'; see ootheca help\n");
  expect(run.stdout).toBe('');
});

test('version and help need no engine', async () => {
  const version = ootheca('version');
  expect(await version.exit).toBe(0);
  expect(version.stdout).toMatch(/^ootheca \d+\.\d+\.\d+\n$/);
  const help = ootheca('help');
  expect(await help.exit).toBe(0);
  expect(help.stdout).toContain('--external-io-dir');
});

function psql(url: string, input: string): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile('psql', ['-X', '-d', url], (error, out, err) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: Number(error?.code ?? 0), out, err });
    });
    child.stdin?.end(input);
  });
}

const { PATH = '' } = process.env;
const hasPsql = PATH.split(':').some((dir) => existsSync(join(dir, 'psql')));

(hasPsql ? test : test.skip)('psql connects, queries and shows where an error is', async () => {
  const run = ootheca(...START, '--store=type=mem');
  const url = await run.ready;
  const script = [
    '\\set VERBOSITY verbose',
    'rows 2 3;',
    'begin;',
    '\\echo :SERVER_VERSION_NAME',
    'notice good morning;',
    'error undefinedColumn no such column @7',
    ';',
    'rollback;',
    '',
  ].join('\n');
  const { code, out, err } = await psql(url, script);
  expect(code).toBe(0);
  expect(out).toBe(
    [
      ' n |  t  ',
      '---+-----',
      ' 1 | äää',
      ' 2 | äää',
      '(2 rows)',
      '',
      'BEGIN',
      '13.0.0',
      'NOTICE',
      'ROLLBACK',
      '',
    ].join('\n'),
  );
  expect(err).toContain('NOTICE:  00000: good morning');
  expect(err).toContain('ERROR:  42703: no such column');
  expect(err).toContain('LINE 1: error undefinedColumn no such column @7\n              ^');
  expect(err).toContain('DETAIL:  the detail');
  expect(err).toContain('HINT:  the hint');
  expect(err).toContain('CONSTRAINT NAME:  the_constraint');
});
