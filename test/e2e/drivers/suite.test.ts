import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Client } from 'pg';
import { OothecaProcess } from '../../support/ootheca-process';
import { pgClient } from '../../support/restored-server';

/**
 * The same things through every driver: values of all types both ways, prepared statements, transactions, errors, COPY, cancel, large
 * results, pipelining. What a machine lacks is skipped by name; `install.sh` installs all of it on Debian.
 */

const programs = join(__dirname, 'programs');
const goEnvironment = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };
/** Go compiles the driver first. */
const TIMEOUT_MS = 300_000;

interface Driver {
  readonly name: string;
  /** Succeeds where the driver is installed. */
  readonly probe: readonly string[];
  readonly command: readonly string[];
  /** After host, port and database. */
  readonly flags?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly has: Partial<Record<'copy' | 'cancel' | 'pipeline', boolean>>;
}

const go = (program: string): readonly string[] => ['go', 'run', join(programs, program)];
const jar = '/usr/share/java/postgresql.jar';
const java = ['java', '-cp', jar, join(programs, 'Suite.java')];
const python = '/usr/bin/python3';

const ALL = { copy: true, cancel: true, pipeline: true };

const DRIVERS: readonly Driver[] = [
  {
    name: 'psql',
    probe: ['sh', '-c', `psql --version && ${python} --version`],
    command: [python, join(programs, 'psql-suite.py')],
    has: ALL,
  },
  {
    name: 'psycopg2',
    probe: [python, '-c', 'import psycopg2'],
    command: [python, join(programs, 'psycopg2-suite.py')],
    has: { copy: true, cancel: true },
  },
  {
    name: 'psycopg3',
    probe: [python, '-c', 'import psycopg'],
    command: [python, join(programs, 'psycopg3-suite.py')],
    has: ALL,
  },
  {
    name: 'psycopg3, binary',
    probe: [python, '-c', 'import psycopg'],
    command: [python, join(programs, 'psycopg3-suite.py')],
    flags: ['binary'],
    has: ALL,
  },
  {
    name: 'ODBC',
    probe: [python, '-c', 'import pyodbc; assert any("PostgreSQL" in d for d in pyodbc.drivers())'],
    command: [python, join(programs, 'odbc-suite.py')],
    has: {},
  },
  {
    name: 'pgjdbc',
    probe: ['sh', '-c', `java -version && test -f ${jar}`],
    command: java,
    has: ALL,
  },
  {
    name: 'pgjdbc, binary',
    probe: ['sh', '-c', `java -version && test -f ${jar}`],
    command: java,
    flags: ['-1'],
    has: ALL,
  },
  {
    name: 'lib/pq',
    probe: ['sh', '-c', 'go version && test -d /usr/share/gocode/src/github.com/lib/pq'],
    command: go('libpq-go-suite.go'),
    environment: goEnvironment,
    has: { copy: true, cancel: true },
  },
  {
    name: 'lib/pq, binary parameters',
    probe: ['sh', '-c', 'go version && test -d /usr/share/gocode/src/github.com/lib/pq'],
    command: go('libpq-go-suite.go'),
    flags: ['binary'],
    environment: goEnvironment,
    has: { copy: true, cancel: true },
  },
  {
    name: 'pgx',
    probe: ['sh', '-c', 'go version && test -d /usr/share/gocode/src/github.com/jackc/pgx/v4'],
    command: go('pgx-suite.go'),
    environment: goEnvironment,
    has: ALL,
  },
  {
    name: 'ruby-pg',
    probe: ['ruby', '-e', 'require "pg"'],
    command: ['ruby', join(programs, 'ruby-pg-suite.rb')],
    has: ALL,
  },
  {
    name: 'PHP PDO',
    probe: ['php', '-r', 'exit(extension_loaded("pdo_pgsql") ? 0 : 1);'],
    command: ['php', join(programs, 'pdo-suite.php')],
    has: { copy: true },
  },
  {
    name: 'DBD::Pg',
    probe: ['perl', '-MDBD::Pg', '-e', '1'],
    command: ['perl', join(programs, 'dbd-pg-suite.pl')],
    has: { copy: true, cancel: true },
  },
  {
    name: 'node-postgres and pg-cursor',
    probe: [process.execPath, '--version'],
    command: [process.execPath, join(programs, 'node-pg-suite.mjs')],
    has: { cancel: true },
  },
  {
    name: 'postgres.js',
    probe: [process.execPath, '--version'],
    command: [process.execPath, join(programs, 'postgres-js-suite.mjs')],
    has: ALL,
  },
];

const VALUES = `
  id INT8 PRIMARY KEY, b BOOL, i2 INT2, i4 INT4, i8 INT8, f4 FLOAT4, f8 FLOAT8, n DECIMAL(20, 5), s STRING, y BYTES,
  d DATE, t TIME, ts TIMESTAMP, tz TIMESTAMPTZ, u UUID, j JSONB, a INT8[], sa STRING[], c CHAR(3), vc VARCHAR(9)`;

const ROW = `
  1, true, -32768, 2147483647, 9007199254740993, 1.5, 0.1, 12345678901234.50000, 'grüße 🥚 "\\''', b'\\x00\\x01\\xff\\\\',
  '2021-10-11', '12:13:14.015016', '1999-12-31 23:59:59.000001', '2021-10-11 12:13:14.015+02', gen_random_uuid(),
  '{"a": [1, null, "x"]}', ARRAY[1, NULL, 3], ARRAY['a', NULL, 'b "c"'], 'ab', 'vc'`;

let server: OothecaProcess;
let client: Client;

beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem']);
  client = await pgClient(server);
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
});
beforeEach(async () => {
  await client.query('DROP TABLE IF EXISTS v, w');
  await client.query(`CREATE TABLE v (${VALUES})`);
  await client.query('CREATE TABLE w (a INT8 PRIMARY KEY)');
  await client.query(`INSERT INTO v VALUES (${ROW})`);
  await client.query('INSERT INTO v (id) VALUES (2)');
});

async function run(driver: Driver): Promise<unknown> {
  const [program = '', ...args] = driver.command;
  const where = ['127.0.0.1', String(server.port), 'defaultdb'];
  const child = spawn(program, [...args, ...where, ...(driver.flags ?? [])], {
    env: { ...process.env, ...driver.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${driver.name} ended with ${code}: ${err}${out}`);
  return JSON.parse(out);
}

/** Columns of which a copied row has another value than its original. */
async function changedColumns(): Promise<unknown[]> {
  const { fields } = await client.query('SELECT * FROM v LIMIT 0');
  const names = fields.slice(1).map(({ name }) => name);
  const tests = names.map((name) => `SELECT id, '${name}' AS name FROM p WHERE NOT ${name}_same`);
  const same = names.map((name) => `(x.${name} IS NOT DISTINCT FROM y.${name}) AS ${name}_same`);
  const { rows } = await client.query(
    `WITH p AS (SELECT x.id, ${same.join(', ')} FROM v AS x JOIN v AS y ON y.id = x.id + 10)
     SELECT id, name FROM (${tests.join(' UNION ALL ')}) AS q`,
  );
  return rows;
}

describe.each(DRIVERS.map((driver) => [driver.name, driver] as const))('%s', (_, driver) => {
  const [program = '', ...args] = driver.probe;
  const isThere = spawnSync(program, args).status === 0;
  const testHere = isThere ? test : test.skip;

  testHere(
    isThere ? 'does it all' : 'is not installed',
    async () => {
      const { has } = driver;
      expect(await run(driver)).toEqual({
        version: expect.stringMatching(/^\d+\.\d+/),
        values: true,
        prepared: 110,
        transaction: [0, 1],
        errors: ['23505', '25P02'],
        copy: has.copy ? [1000, 1000] : null,
        cancel: has.cancel ? '57014' : null,
        large: [50_000, 1_250_025_000],
        pipeline: has.pipeline ? 100 : null,
      });
      const { rows } = await client.query('SELECT count(*) FROM v');
      expect(rows).toEqual([{ count: '4' }]);
      expect(await changedColumns()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
