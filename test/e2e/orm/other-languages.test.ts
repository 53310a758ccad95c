import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { OothecaProcess } from '../../support/ootheca-process';

/** ORMs of other languages with their own back ends for PostgreSQL; `../drivers/install.sh` installs them on Debian. */

const python = '/usr/bin/python3';
const programs = join(__dirname, 'programs');

let server: OothecaProcess;
beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem']);
});
afterAll(async () => {
  await server?.stop();
});

function run(program: string, file: string, environment: NodeJS.ProcessEnv = {}): unknown {
  const where = ['127.0.0.1', String(server.port), 'defaultdb'];
  const done = spawnSync(program, [join(programs, file), ...where], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (done.status !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout);
}

const testWith = (name: string, program: string, args: readonly string[]) =>
  spawnSync(program, args).status === 0
    ? (body: () => void) => test(name, body, 120_000)
    : (body: () => void) => test.skip(`${name} (not installed)`, body);

const version = expect.stringMatching(/^\d+\.\d+/);

testWith('Django', python, ['-c', 'import django, psycopg2'])(() => {
  expect(run(python, 'django-suite.py')).toEqual({
    version,
    joined: ['ann'],
    duplicate: true,
    updated: 'Ann',
    counted: [['staff', 1]],
    locked: 'ann',
    bulk: 6,
    left: 0,
    tables: true,
  });
});

testWith('SQLAlchemy', python, ['-c', 'import sqlalchemy, psycopg2'])(() => {
  expect(run(python, 'sqlalchemy-suite.py')).toEqual({
    version,
    read: [{ k: [1] }, ['a', 'b'], '1.50', true],
    duplicate: '23505',
    locked: 'bea',
    left: 0,
    columns: ['id', 'person_id', 'kind'],
    references: 'sa_person',
    key: ['id'],
    tables: ['sa_person', 'sa_pet'],
  });
});

testWith('ActiveRecord', 'ruby', ['-e', 'require "active_record"; require "pg"'])(() => {
  // It sets IntervalStyle, which v21.2 allows when asked to.
  const environment = { PGOPTIONS: '-c intervalstyle_enabled=on' };
  expect(run('ruby', 'activerecord-suite.rb', environment)).toEqual({
    version,
    read: [{ k: [1] }, ['a', 'b'], '1.5'],
    duplicate: true,
    kept: 'ann',
    locked: 'ann',
    count: 2,
    columns: ['id', 'ar_person_id', 'age', 'tags'],
    left: [],
  });
});
