import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import { OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { rowsOf, TestServer } from '../support/test-server';
import { validateLayer } from '../support/validate-backup';

/** BACKUP of a full cluster WITH revision_history and AS OF SYSTEM TIME, restored as of times inside: system tables too. */

const server = new TestServer();
const flags = ['--store=type=mem', `--external-io-dir=${server.io}`];

const rows = (sql: string, on = server.client): Promise<unknown[][]> => rowsOf(on, sql);

const now = async (): Promise<string> =>
  String((await rows('SELECT cluster_logical_timestamp()'))[0]?.[0]);

/** What of two clusters is to be the same. */
const QUERIES: readonly string[] = [
  'SELECT * FROM system.users ORDER BY 1',
  'SELECT * FROM system.role_members ORDER BY 1, 2',
  'SELECT * FROM system.role_options ORDER BY 1, 2',
  `SELECT name, value, "valueType" FROM system.settings WHERE name <> 'version' ORDER BY 1`,
  'SELECT * FROM system.comments ORDER BY 1, 2, 3',
  // Of replication reports: this program has no zones of its own for them.
  `SELECT * FROM [SHOW ZONE CONFIGURATIONS] WHERE target NOT LIKE '%replication%'`,
  `SELECT schedule_id, schedule_name, created, owner, next_run, schedule_state, schedule_expr, execution_args
     FROM system.scheduled_jobs ORDER BY 1`,
  `SELECT database_name, owner FROM [SHOW DATABASES] ORDER BY 1`,
  `SELECT database_name, schema_name, name, table_id FROM crdb_internal.tables
     WHERE database_name <> 'system' AND table_id > 50 ORDER BY 1, 2, 3, 4`,
  `SELECT sequencename, last_value FROM a.pg_catalog.pg_sequences ORDER BY 1`,
];

const answers = async (on: Client): Promise<unknown[]> => {
  const found: unknown[] = [];
  for (const sql of QUERIES) found.push(await rows(sql, on).catch(String));
  for (const [table] of await rows(
    'SELECT table_name FROM [SHOW TABLES FROM a] ORDER BY 1',
    on,
  ).catch(() => []))
    found.push(table, await rows(`SELECT * FROM a."${table}" ORDER BY 1`, on));
  return found;
};

interface Moment {
  readonly time: string;
  readonly answers: unknown[];
  /** The step that follows. */
  readonly before: string;
}

/** The answers of an empty cluster into which a backup was restored. */
async function restored(restore: string): Promise<{ answers: unknown[]; jobs: unknown[][] }> {
  const other = await OothecaProcess.start(flags);
  try {
    const on = await pgClient(other);
    await on.query(restore);
    const jobs = await rows(
      `SELECT description, status FROM [SHOW JOBS] WHERE description LIKE 'adding index%' ORDER BY 1`,
      on,
    );
    const found = { answers: await answers(on), jobs };
    await on.end();
    return found;
  } finally {
    await other.stop();
  }
}

const STEPS: readonly string[] = [
  'CREATE DATABASE a',
  'CREATE TABLE a.t (k INT PRIMARY KEY, v STRING)',
  `CREATE USER ann WITH PASSWORD 'x'`,
  'CREATE SEQUENCE a.s',
  "CREATE TABLE a.n (k INT PRIMARY KEY DEFAULT nextval('a.s'), v STRING)",
  `INSERT INTO a.n (v) VALUES ('one'), ('two')`,
  `BACKUP INTO 'nodelocal://1/c' WITH revision_history`,
  'CREATE ROLE r; GRANT r TO ann WITH ADMIN OPTION',
  `SET CLUSTER SETTING sql.defaults.vectorize = 'off'`,
  `COMMENT ON TABLE a.t IS 'first'`,
  `INSERT INTO a.n (v) VALUES ('three'); UPDATE a.n SET v = 'zwei' WHERE k = 2`,
  `COMMENT ON TABLE a.t IS 'second'`,
  'ALTER DATABASE a CONFIGURE ZONE USING gc.ttlseconds = 7200',
  `BACKUP INTO LATEST IN 'nodelocal://1/c' WITH revision_history`,
  'REVOKE r FROM ann; DROP ROLE r',
  "CREATE SCHEDULE sched FOR BACKUP DATABASE a INTO 'nodelocal://1/scheduled' RECURRING '@daily' FULL BACKUP ALWAYS",
  'PAUSE SCHEDULES SELECT id FROM [SHOW SCHEDULES]',
  `ALTER USER ann VALID UNTIL '2040-01-01' CREATEDB`,
  'RESET CLUSTER SETTING sql.defaults.vectorize',
  `CREATE TABLE a.c (k INT PRIMARY KEY, v STRING COLLATE de, INDEX (v)); INSERT INTO a.c VALUES (1, 'x' COLLATE de)`,
  `SELECT nextval('a.s'); SELECT nextval('a.s')`,
  `SELECT setval('a.s', 100)`,
  "BEGIN; CREATE USER bob; INSERT INTO a.n (v) VALUES ('block'); COMMENT ON DATABASE a IS 'block'; COMMIT",
  "BEGIN; CREATE USER eve; SELECT nextval('a.s'); ROLLBACK",
  'ALTER TABLE a.c ADD COLUMN d INT DEFAULT 5',
  `BACKUP INTO LATEST IN 'nodelocal://1/c' WITH revision_history`,
  'DROP TABLE a.n; DROP SEQUENCE a.s',
  'DROP SCHEDULES SELECT id FROM [SHOW SCHEDULES]',
  'DROP USER ann',
  'ALTER DATABASE a CONFIGURE ZONE DISCARD',
  'DROP DATABASE a CASCADE; CREATE DATABASE a; CREATE TABLE a.t (x INT PRIMARY KEY)',
  `BACKUP INTO LATEST IN 'nodelocal://1/c' WITH revision_history`,
];

/** Steps whose moment before them is restored; each restore is into a cluster of its own. */
const RESTORED: readonly number[] = [2, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31];

/** Of them, those that are backed up by themselves. */
const BACKED_UP: readonly number[] = [5, 15, 23];

describe('a cluster through the steps of its life', () => {
  const moments: Moment[] = [];

  beforeAll(async () => {
    for (const step of STEPS) {
      moments.push({ time: await now(), answers: await answers(server.client), before: step });
      await server.client.query(step);
    }
  });

  const momentOf = (i: number): Moment => moments[i] as Moment;

  test.each(RESTORED)('before step %d, from layers WITH revision_history', async (i) => {
    const { time, before, answers: expected } = momentOf(i);
    const found = await restored(
      `RESTORE FROM LATEST IN 'nodelocal://1/c' AS OF SYSTEM TIME ${time}`,
    );
    expect({ before, answers: found.answers }).toEqual({ before, answers: expected });
  });

  test.each(BACKED_UP)('before step %d, AS OF SYSTEM TIME', async (i) => {
    const { time, answers: expected } = momentOf(i);
    await server.client.query(`BACKUP INTO 'nodelocal://1/then${i}' AS OF SYSTEM TIME ${time}`);
    const found = await restored(`RESTORE FROM LATEST IN 'nodelocal://1/then${i}'`);
    expect(found.answers).toEqual(expected);
    expect(found.jobs).toEqual(i > 20 ? [['adding index c_v_idx of c', 'canceled']] : []);
  });

  test('at the end of the layers', async () => {
    const { answers: found } = await restored(`RESTORE FROM LATEST IN 'nodelocal://1/c'`);
    expect(found).toEqual(await answers(server.client));
  });

  test('layers have the format of some', async () => {
    const found = readdirSync(join(server.io, 'c'), { recursive: true, encoding: 'utf8' });
    const layers = found.filter((name) => name.endsWith('BACKUP_MANIFEST')).sort();
    expect(layers.length).toBe(4);
    for (const name of layers) {
      const { manifest } = await validateLayer(join(server.io, 'c', dirname(name)));
      expect(manifest.descriptorCoverage).toBe(1);
      // The system database with ten of its tables, as of the layer's start.
      expect(manifest.descriptorChanges.filter(({ id }) => id < 50).length).toBe(11);
    }
  });
});

test('layers with and without versions in between, in one chain', async () => {
  const layer = async (options = ''): Promise<void> => {
    await server.client.query(`BACKUP INTO LATEST IN 'nodelocal://1/mixed' ${options}`);
  };
  await server.client.query(`CREATE TABLE a.m (k STRING COLLATE de, INDEX (k))`);
  await server.client.query(`BACKUP INTO 'nodelocal://1/mixed'`);
  await server.client.query('CREATE USER joe; GRANT admin TO joe');
  const joe = { time: await now(), answers: await answers(server.client) };
  await server.client.query('DROP USER joe; CREATE USER jim; ALTER TABLE a.m RENAME TO a.m2');
  await layer('WITH revision_history');
  await server.client.query(`COMMENT ON TABLE a.m2 IS 'm2'`);
  await layer();
  const found = await restored(
    `RESTORE FROM LATEST IN 'nodelocal://1/mixed' AS OF SYSTEM TIME ${joe.time}`,
  );
  expect(found.answers).toEqual(joe.answers);
  const then = { time: await now(), answers: await answers(server.client) };
  await server.client.query('DROP USER jim; ALTER TABLE a.m2 RENAME TO a.m3');
  await layer(`AS OF SYSTEM TIME ${then.time}`);
  const last = await restored(`RESTORE FROM LATEST IN 'nodelocal://1/mixed'`);
  expect(last.answers).toEqual(then.answers);
  expect(last.jobs).toEqual([['adding index m_k_idx of m2', 'canceled']]);
});

test('by schedule', async () => {
  await server.client.query(
    `CREATE SCHEDULE whole FOR BACKUP INTO 'nodelocal://1/by-schedule' WITH revision_history
     RECURRING '@daily' FULL BACKUP ALWAYS WITH SCHEDULE OPTIONS first_run = 'now'`,
  );
  const done = `SELECT status FROM [SHOW JOBS] WHERE description LIKE '%by-schedule%' AND job_type = 'BACKUP'`;
  while ((await rows(done))[0]?.[0] !== 'succeeded')
    await new Promise((resolve) => setTimeout(resolve, 100));
  const shown = `SELECT DISTINCT is_full_cluster FROM [SHOW BACKUP LATEST IN 'nodelocal://1/by-schedule']`;
  expect(await rows(shown)).toEqual([[true]]);
  await server.client.query('DROP SCHEDULES SELECT id FROM [SHOW SCHEDULES]');
});
