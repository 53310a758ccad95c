import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { validateLayer } from '../support/validate-backup';

/** BACKUP of tables of the system database by name, and RESTORE of them into another database. */

const PLAIN = ['--no-align', '--tuples-only'];

/** All that can be named. */
const TABLES = [
  'comments',
  'database_role_settings',
  'locations',
  'role_members',
  'role_options',
  'scheduled_jobs',
  'settings',
  'ui',
  'users',
];

describePsql('BACKUP of system tables', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
    server.psql('defaultdb', [
      'CREATE DATABASE d',
      'CREATE TABLE d.t (a INT PRIMARY KEY)',
      `CREATE USER ann WITH PASSWORD 'secret'`,
      'CREATE ROLE staff WITH CREATEDB',
      'GRANT staff TO ann WITH ADMIN OPTION',
      `ALTER ROLE ann SET application_name = 'x'`,
      'SET CLUSTER SETTING sql.defaults.default_int_size = 8',
      `COMMENT ON DATABASE d IS 'a comment'`,
      `CREATE SCHEDULE daily FOR BACKUP d.t INTO 'nodelocal://1/daily' RECURRING '@daily' FULL BACKUP ALWAYS`,
    ]);
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
  });

  const run = (...statements: string[]) => server.psql('defaultdb', statements, PLAIN);
  const rowsOf = (name: string) => run(`SELECT * FROM ${name} ORDER BY 1, 2, 3`).split('\n');
  const layerOf = (collection: string) =>
    join(io.path, collection, readFileSync(join(io.path, collection, 'LATEST'), 'utf8'));

  test('all of them come back with INTO_DB, and nothing over those that are there', async () => {
    const targets = TABLES.map((name) => `system.${name}`).join(', ');
    run(`BACKUP TABLE ${targets}, d.t, system.public.zones INTO 'nodelocal://1/all'`);
    const { manifest } = await validateLayer(layerOf('all'));
    expect(manifest.descriptorCoverage).toBe(0);
    expect(manifest.completeDbs).toEqual([]);
    run(
      'CREATE DATABASE x',
      `RESTORE TABLE ${targets}, system.zones FROM LATEST IN 'nodelocal://1/all' WITH into_db = 'x'`,
    );
    for (const name of TABLES) {
      const restored = rowsOf(`x.${name}`);
      expect([name, ...restored]).toEqual([name, ...rowsOf(`system.${name}`)]);
      expect([name, restored.length > 1]).toEqual([name, name !== 'ui']);
    }
    expect(Number(run('SELECT count(*) FROM x.zones'))).toBeGreaterThan(4);
    expect(() => run(`RESTORE system.users FROM LATEST IN 'nodelocal://1/all'`)).toThrow(
      'relation "users" already exists',
    );
  });

  test('users of another cluster are taken over by INSERT', () => {
    run(
      `BACKUP system.users INTO 'nodelocal://1/users'`,
      'CREATE DATABASE y',
      'DROP USER IF EXISTS ben',
    );
    run(
      'CREATE USER ben',
      `BACKUP TABLE system.users INTO LATEST IN 'nodelocal://1/users'`,
      'DROP USER ben',
    );
    run(
      `RESTORE system.users FROM LATEST IN 'nodelocal://1/users' WITH into_db = 'y'`,
      `INSERT INTO system.users SELECT * FROM y.users WHERE username = 'ben'`,
    );
    expect(run(`SELECT username FROM [SHOW USERS] WHERE username = 'ben'`)).toBe('ben\n');
  });

  test('of the past', () => {
    const options = 'revision_history';
    run(`BACKUP system.comments INTO 'nodelocal://1/past' WITH ${options}`);
    const time = run('SELECT now()').trim();
    const later = `COMMENT ON DATABASE d IS 'another comment'`;
    run(later, `BACKUP system.comments INTO LATEST IN 'nodelocal://1/past' WITH ${options}`);
    run(`BACKUP system.comments INTO 'nodelocal://1/then' AS OF SYSTEM TIME '${time}'`);
    run('CREATE DATABASE now', 'CREATE DATABASE past', 'CREATE DATABASE before');
    run(`RESTORE system.comments FROM LATEST IN 'nodelocal://1/past' WITH into_db = 'now'`);
    run(
      `RESTORE system.comments FROM LATEST IN 'nodelocal://1/past' AS OF SYSTEM TIME '${time}' WITH into_db = 'before'`,
      `RESTORE system.comments FROM LATEST IN 'nodelocal://1/then' WITH into_db = 'past'`,
    );
    const comment = (database: string) => run(`SELECT comment FROM ${database}.comments`);
    expect(['now', 'past', 'before'].map(comment)).toEqual([
      'another comment\n',
      'a comment\n',
      'a comment\n',
    ]);
  });

  test('schedules name them in full', () => {
    const made = server.psql(
      'system',
      [
        `CREATE SCHEDULE FOR BACKUP users INTO 'nodelocal://1/s' RECURRING '@daily' FULL BACKUP ALWAYS`,
      ],
      PLAIN,
    );
    expect(made).toContain('BACKUP TABLE system.public.users INTO');
  });

  test('a schema of that name comes first', () => {
    run('CREATE DATABASE z');
    server.psql('z', ['CREATE SCHEMA system', 'CREATE TABLE system.users (a INT)']);
    const shown = `SELECT database_name, parent_schema_name FROM [SHOW BACKUP LATEST IN 'nodelocal://1/schema'] WHERE object_type = 'table'`;
    for (const targets of ['system.users', 'system.*']) {
      server.psql('z', [`BACKUP TABLE ${targets} INTO 'nodelocal://1/schema'`]);
      expect(run(shown)).toBe('z|system\n');
    }
  });

  test('what can not be named', () => {
    const refused = (targets: string) =>
      expect(() => server.psql('system', [`BACKUP ${targets} INTO 'nodelocal://1/no'`]));
    refused('system.jobs').toThrow(/BACKUP of system\.jobs is not supported/);
    refused('TABLE eventlog').toThrow(/BACKUP of system\.eventlog is not supported/);
    refused('TABLE public.descriptor').toThrow(/BACKUP of system\.descriptor is not supported/);
    refused('system.nothing').toThrow('table "system.nothing" does not exist');
    for (const whole of ['DATABASE system', 'DATABASE d, system', 'system.*', 'TABLE *'])
      refused(whole).toThrow(/whole system database is not supported/);
  });

  test('a layer onto a backup that lacks the table; users without SELECT', () => {
    run(`BACKUP system.ui INTO 'nodelocal://1/ui'`);
    expect(() => run(`BACKUP system.ui, system.users INTO LATEST IN 'nodelocal://1/ui'`)).toThrow(
      'previous backup does not contain table "users"',
    );
    // The location is hers.
    run('GRANT CREATE ON DATABASE defaultdb TO ann');
    expect(() => run('SET ROLE ann', `BACKUP system.users INTO 'userfile:///no'`)).toThrow(
      /user ann does not have (SELECT|CONNECT) privilege on/,
    );
  });
});
