import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Client } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { fixturesDir } from '../support/shared';

/** SHOW JOBS and its kin, PAUSE, RESUME, CANCEL, as their users see them. */

const io = temporaryDirectory();
const store = temporaryDirectory();
const away = join(io.path, 'away');
const backup = join(io.path, 'bank');
const RESTORE = `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank'`;
const FILE = '2026/11/22-171336.11/1229773917932322817.sst';

let server: OothecaProcess;
let root: Client;

const start = async (): Promise<void> => {
  server = await OothecaProcess.start([`--store=${store.path}`, `--external-io-dir=${io.path}`]);
  root = await pgClient(server);
};

beforeAll(async () => {
  cpSync(join(fixturesDir, 'backups', 'bank'), backup, { recursive: true });
  await start();
});
afterAll(async () => {
  await root?.end();
  await server?.stop();
  io.remove();
  store.remove();
});
afterEach(async () => {
  await root.query('DROP DATABASE IF EXISTS bank CASCADE');
});

const as = (user: string): Promise<Client> => pgClient(server, 'defaultdb', { user });

async function rows(sql: string, on = root): Promise<unknown[][]> {
  return (await on.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;
}

const one = async (sql: string, on = root): Promise<unknown> => (await rows(sql, on))[0]?.[0];
const statusOf = (id: unknown): Promise<unknown> => one(`SELECT status FROM [SHOW JOB ${id}]`);

/** A job that has paused because of an error that can be mended. */
async function pausedJob(): Promise<string> {
  renameSync(join(backup, FILE), away);
  const id = String(await one(`${RESTORE} WITH debug_pause_on = 'error', detached`));
  while ((await statusOf(id)) !== 'paused') await new Promise((resolve) => setTimeout(resolve, 10));
  renameSync(away, join(backup, FILE));
  return id;
}

test('a job that pauses at an error goes on when the cause is gone', async () => {
  const id = await pausedJob();
  expect(String(await one(`SELECT running_status FROM [SHOW JOB ${id}]`))).toMatch(
    /^pausing due to error; use RESUME JOB to try to proceed once the issue is resolved, or CANCEL JOB to rollback: nodelocal storage file does not exist/,
  );
  await root.query(`RESUME JOB ${id}`);
  const [job] = await rows(`SHOW JOB WHEN COMPLETE ${id}`);
  expect(job?.[5]).toBe('succeeded');
  expect(await one(`SELECT count(*) FROM bank.transfers`)).toBe('3000');
});

test('WHEN COMPLETE waits through a pause, for one that is canceled, and can be given up', async () => {
  const id = await pausedJob();
  const waiting = rows(`SHOW JOB WHEN COMPLETE ${id}`);
  const second = await as('root');
  await second.query(`SET statement_timeout = '100ms'`);
  await expect(second.query(`SHOW JOB WHEN COMPLETE ${id}`)).rejects.toMatchObject({
    code: '57014',
  });
  await second.query(`RESET statement_timeout`);
  await second.query(`CANCEL JOB ${id}`);
  expect((await waiting)[0]?.[5]).toBe('canceled');
  await second.end();
});

test('one that is canceled while it is paused leaves nothing', async () => {
  const before = await rows('SELECT * FROM system.namespace');
  const id = await pausedJob();
  await root.query(`CANCEL JOB ${id}`);
  expect((await rows(`SHOW JOB WHEN COMPLETE ${id}`))[0]?.[5]).toBe('canceled');
  expect(await rows('SELECT * FROM system.namespace')).toEqual(before);
  expect(await one(RESTORE)).toMatch(/^\d+$/);
});

test('SHOW JOBS, crdb_internal.jobs and system.jobs agree', async () => {
  await root.query(RESTORE);
  const shown = await rows(
    'SELECT job_id, status, created, num_runs, last_run, coordinator_id FROM [SHOW JOBS] ORDER BY 1',
  );
  expect(shown.length).toBeGreaterThan(0);
  expect(
    await rows(
      'SELECT job_id, status, created, num_runs, last_run, coordinator_id FROM crdb_internal.jobs ORDER BY 1',
    ),
  ).toEqual(shown);
  expect(
    await rows(
      'SELECT id, status, created, num_runs, last_run, claim_instance_id FROM system.jobs ORDER BY 1',
    ),
  ).toEqual(shown);
  const [job] = await rows('SELECT * FROM [SHOW JOBS] ORDER BY created DESC LIMIT 1');
  const { fields } = await root.query('SHOW JOBS');
  const named = Object.fromEntries(fields.map(({ name }, i) => [name, job?.[i]]));
  expect(named).toMatchObject({
    job_type: 'RESTORE',
    description: `RESTORE DATABASE bank FROM 'nodelocal://1/bank/2026/11/22-171336.11'`,
    user_name: 'root',
    status: 'succeeded',
    running_status: null,
    fraction_completed: 1,
    error: '',
    coordinator_id: null,
    trace_id: expect.stringMatching(/^[1-9]\d*$/),
    last_run: expect.any(Date),
    next_run: null,
    num_runs: '1',
    execution_errors: [],
  });
  const tables = await one(
    `SELECT count(*) FROM crdb_internal.jobs j, bank.crdb_internal.tables t WHERE t.database_name = 'bank' AND t.table_id = ANY (j.descriptor_ids) AND j.job_id = ${String(named['job_id'])}`,
  );
  expect(tables).toBe('5');
});

test('a passphrase and keys in URLs are not told', async () => {
  const url = `s3://b/p?AWS_ACCESS_KEY_ID=me&AWS_SECRET_ACCESS_KEY=hush`;
  const secret = `RESTORE DATABASE bank FROM '${url}' WITH encryption_passphrase = 'hush'`;
  await expect(root.query(secret)).rejects.not.toThrow(/hush/);
  const with_ = `${RESTORE} WITH encryption_passphrase = 'hush', detached`;
  await expect(root.query(with_)).rejects.not.toThrow(/hush/);
  expect(JSON.stringify(await rows('SELECT * FROM crdb_internal.jobs'))).not.toContain('hush');
});

test('FOR SCHEDULE: the jobs that a schedule made', async () => {
  const paused = await pausedJob();
  const finished = (
    await rows(`SELECT job_id FROM [SHOW JOBS] WHERE status = 'succeeded'`)
  )[0]?.[0];
  await stopAndEdit((db) => {
    const made = db.prepare(
      `UPDATE jobs SET created_by_type = 'crdb_schedule', created_by_id = 77 WHERE id = ?`,
    );
    for (const id of [paused, finished]) made.run(BigInt(String(id)));
  });
  const shown = async (which: string): Promise<string[]> =>
    (await rows(`SELECT job_id FROM [SHOW JOBS FOR ${which}]`)).map(([id]) => String(id)).sort();
  const both = [String(paused), String(finished)].sort();
  expect(await shown('SCHEDULE 77')).toEqual(both);
  expect(await shown('SCHEDULES SELECT 77')).toEqual(both);
  expect(await shown('SCHEDULE 78')).toEqual([]);
  const system = `SELECT count(*) FROM system.jobs WHERE created_by_type = 'crdb_schedule' AND created_by_id = 77`;
  expect(await one(system)).toBe('2');
  // What has finished is passed over; by its id it would be an error.
  await root.query('PAUSE JOBS FOR SCHEDULE 77');
  await root.query('RESUME JOBS FOR SCHEDULES SELECT 77');
  expect((await rows(`SHOW JOB WHEN COMPLETE ${paused}`))[0]?.[5]).toBe('succeeded');
  await root.query('CANCEL JOBS FOR SCHEDULE 77');
});

test('jobs of long ago are only in the tables, those before jobs.retention_time nowhere', async () => {
  await root.query(RESTORE);
  const [id] =
    (await rows('SELECT job_id FROM [SHOW JOBS] ORDER BY created DESC LIMIT 1'))[0] ?? [];
  const setAge = (hours: number): Promise<void> =>
    stopAndEdit((db) => {
      const finished = BigInt(Date.now() - hours * 3_600_000) * 1000n;
      db.prepare('UPDATE jobs SET finished = ? WHERE id = ?').run(finished, BigInt(String(id)));
    });
  await setAge(13);
  const inTables = `SELECT count(*) FROM crdb_internal.jobs j, system.jobs s WHERE s.id = j.job_id AND j.job_id = ${String(id)}`;
  expect(await one(`SELECT count(*) FROM [SHOW JOBS] WHERE job_id = ${String(id)}`)).toBe('0');
  expect(await one(`SELECT count(*) FROM [SHOW JOB ${String(id)}]`)).toBe('1');
  expect(await one(inTables)).toBe('1');
  await setAge(400);
  while ((await one(inTables)) !== '0') await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await one(`SELECT count(*) FROM [SHOW JOB ${String(id)}]`)).toBe('0');
});

/** Changes the records while no server runs. */
async function stopAndEdit(edit: (db: Database.Database) => void): Promise<void> {
  await root.end();
  await server.stop();
  const db = new Database(join(store.path, 'store.db'));
  edit(db);
  db.close();
  await start();
}

describe('other users', () => {
  let pat: Client;
  let control: Client;
  let job: string;

  beforeAll(async () => {
    for (const sql of [
      'CREATE USER pat WITH CREATEDB',
      'CREATE USER control WITH CONTROLJOB',
      'CREATE USER ada',
      'GRANT admin TO ada',
    ])
      await root.query(sql);
  });
  beforeEach(async () => {
    job = await pausedJob();
    pat = await as('pat');
    control = await as('control');
  });
  afterEach(async () => {
    if ((await statusOf(job)) === 'paused') await root.query(`CANCEL JOB ${job}`);
    await root.query(`SHOW JOB WHEN COMPLETE ${job}`);
    await pat.end();
    await control.end();
  });

  test(`see none of an admin's jobs and control none`, async () => {
    for (const client of [pat, control]) {
      expect(await rows('SHOW JOBS', client)).toEqual([]);
      expect(await rows(`SHOW JOB ${job}`, client)).toEqual([]);
      expect(await rows(`SHOW JOB WHEN COMPLETE ${job}`, client)).toEqual([]);
      expect(await rows('SELECT job_id FROM crdb_internal.jobs', client)).toEqual([]);
      await expect(rows('SELECT id FROM system.jobs', client)).rejects.toMatchObject({
        code: '42501',
      });
    }
    for (const command of ['PAUSE', 'RESUME', 'CANCEL']) {
      await expect(pat.query(`${command} JOB ${job}`)).rejects.toMatchObject({
        code: '42501',
        message: 'user pat does not have CONTROLJOB privilege',
      });
      await expect(control.query(`${command} JOB ${job}`)).rejects.toMatchObject({
        code: '42501',
        message: 'only admins can control jobs owned by other admins',
      });
    }
    expect(await statusOf(job)).toBe('paused');
  });

  test('with CONTROLJOB see and control jobs of users; users see their own', async () => {
    await stopAndEdit((db) =>
      db.prepare(`UPDATE jobs SET user_name = 'pat' WHERE id = ?`).run(BigInt(job)),
    );
    pat = await as('pat');
    control = await as('control');
    const ada = await as('ada');
    for (const client of [pat, control, ada])
      expect(await one(`SELECT user_name FROM [SHOW JOB ${job}]`, client)).toBe('pat');
    await expect(pat.query(`CANCEL JOB ${job}`)).rejects.toMatchObject({ code: '42501' });
    await control.query(`RESUME JOB ${job}`);
    expect((await rows(`SHOW JOB WHEN COMPLETE ${job}`, control))[0]?.[5]).toBe('succeeded');
    await ada.end();
  });
});

test('nothing is paused when one of several ids is wrong', async () => {
  const id = await pausedJob();
  await root.query(`RESUME JOB ${id}`);
  await root.query(`SHOW JOB WHEN COMPLETE ${id}`);
  const second = await (async () => {
    await root.query('DROP DATABASE bank CASCADE');
    return await pausedJob();
  })();
  await expect(root.query(`CANCEL JOBS VALUES (${second}), (123)`)).rejects.toThrow(
    'job with ID 123 does not exist',
  );
  expect(await statusOf(second)).toBe('paused');
  await expect(root.query(`CANCEL JOBS VALUES (${second}), (${id})`)).rejects.toThrow(
    'job with status succeeded cannot be requested to be canceled',
  );
  expect(await statusOf(second)).toBe('paused');
  await root.query(`CANCEL JOBS VALUES (${second}), (NULL)`);
  expect((await rows(`SHOW JOB WHEN COMPLETE ${second}`))[0]?.[5]).toBe('canceled');
});

test('RESTORE and BACKUP can be switched off', async () => {
  for (const [feature, sql] of [
    ['restore', RESTORE],
    ['backup', `BACKUP INTO 'nodelocal://1/x'`],
  ] as const) {
    await root.query(`SET CLUSTER SETTING feature.${feature}.enabled = false`);
    await expect(root.query(sql)).rejects.toMatchObject({
      code: '57000',
      message: `feature ${feature.toUpperCase()} was disabled by the database administrator`,
    });
    await root.query(`RESET CLUSTER SETTING feature.${feature}.enabled`);
  }
  expect(await one(RESTORE)).toMatch(/^\d+$/);
});
