import { type EventEmitter, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { wallNanos } from '../../base/clock';
import { type Connection, connectStore } from '../../storage/ranges/connection';
import { setWriteTime } from '../../storage/ranges/write-time';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** Schedules of backups as their users see them. When they run: test/jobs/schedules. */

const io = temporaryDirectory();
const store = temporaryDirectory();

let server: OothecaProcess;
let root: Client;

const start = async (): Promise<void> => {
  server = await OothecaProcess.start([`--store=${store.path}`, `--external-io-dir=${io.path}`]);
  root = await pgClient(server);
};

/** What is done to the store while the server is down. */
async function restart(change: (db: Connection) => void): Promise<void> {
  await root.end();
  await server.stop();
  const db = connectStore(store.path);
  setWriteTime(db, wallNanos());
  change(db);
  db.close();
  await start();
}

beforeAll(async () => {
  await start();
  await root.query('CREATE DATABASE bank');
  await root.query('CREATE TABLE bank.t (a INT PRIMARY KEY)');
  await root.query('INSERT INTO bank.t SELECT generate_series(1, 10)');
  await root.query('CREATE USER ann');
});
afterAll(async () => {
  await root?.end();
  await server?.stop();
  io.remove();
  store.remove();
});
afterEach(async () => {
  await root.query('DROP SCHEDULES SELECT id FROM [SHOW SCHEDULES]');
});

async function rows(sql: string, on = root): Promise<unknown[][]> {
  return (await on.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;
}

const one = async (sql: string): Promise<unknown> => (await rows(sql))[0]?.[0];

/** Asks until the answer is this one; the test's time limit ends it. */
async function until(sql: string, expected: unknown): Promise<void> {
  while ((await one(sql)) !== expected) await new Promise((resolve) => setTimeout(resolve, 20));
}

const stateOf = (label: string): string =>
  `SELECT schedule_status || ' ' || coalesce(state, '') FROM [SHOW SCHEDULES] WHERE label = '${label}'`;

/** Of a collection; what a trial has made of directories may stay. */
const filesIn = (collection: string): string[] =>
  readdirSync(io.path, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.parentPath.startsWith(join(io.path, collection)))
    .map(({ name }) => name);

/** Created by CREATE SCHEDULE; nothing of it is due for a year. */
const idle = (label: string, options = ''): Promise<unknown> =>
  root.query(
    `CREATE SCHEDULE ${label} FOR BACKUP DATABASE bank INTO 'nodelocal://1/${label}' RECURRING '@yearly'
     FULL BACKUP ALWAYS ${options}`,
  );

const OVERDUE = 'UPDATE scheduled_jobs SET next_run = 0';

test('a full and an incremental schedule; the incremental one begins when the first full backup is there', async () => {
  const made = await root.query(
    `CREATE SCHEDULE chain FOR BACKUP TABLE bank.* INTO 'nodelocal://1/chain' RECURRING '@hourly'
     WITH SCHEDULE OPTIONS on_previous_running = 'SKIP'`,
  );
  expect(made.fields.map(({ name }) => name)).toEqual([
    'schedule_id',
    'label',
    'status',
    'first_run',
    'schedule',
    'backup_stmt',
  ]);
  expect(made.rows).toEqual([
    {
      schedule_id: expect.stringMatching(/^\d+$/),
      label: 'chain',
      status: 'PAUSED: Waiting for initial backup to complete',
      first_run: null,
      schedule: '@hourly',
      backup_stmt: "BACKUP TABLE bank.* INTO LATEST IN 'nodelocal://1/chain' WITH detached",
    },
    {
      schedule_id: expect.stringMatching(/^\d+$/),
      label: 'chain',
      status: 'ACTIVE',
      first_run: expect.any(Date),
      schedule: '@daily',
      backup_stmt: "BACKUP TABLE bank.* INTO 'nodelocal://1/chain' WITH detached",
    },
  ]);
  const [incremental, full] = made.rows.map(({ schedule_id }) => String(schedule_id));
  const succeeded = (id?: string): string =>
    `SELECT count(*)::INT4 FROM [SHOW JOBS FOR SCHEDULE ${id}] WHERE status = 'succeeded'`;
  await until(succeeded(full), 1);
  await until(`SELECT schedule_status FROM [SHOW SCHEDULE ${incremental}]`, 'ACTIVE');
  expect(await rows(`SELECT state, jobsrunning FROM [SHOW SCHEDULE ${incremental}]`)).toEqual([
    [null, '0'],
  ]);

  await root.query('INSERT INTO bank.t VALUES (11)');
  await restart((db) => {
    db.prepare(`${OVERDUE} WHERE schedule_id = ?`).run(BigInt(incremental ?? 0));
  });
  await until(succeeded(incremental), 1);
  expect(await one(succeeded(full))).toBe(1);
  const layers = `SELECT backup_type FROM [SHOW BACKUP LATEST IN 'nodelocal://1/chain'] WHERE object_type = 'table'`;
  expect(await rows(layers)).toEqual([['full'], ['incremental']]);
  await root.query(
    `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/chain' WITH new_db_name = 'again'`,
  );
  expect(await one('SELECT count(*)::INT4 FROM again.t')).toBe(11);
});

test('SHOW SCHEDULES, its forms, and SHOW CREATE SCHEDULE', async () => {
  const first = `first_run = '2100-02-03 04:05:06.7+00:00'`;
  await root.query(
    `CREATE SCHEDULE 'it''s' FOR BACKUP DATABASE bank INTO 'nodelocal://1/shown' WITH encryption_passphrase = 'secret'
     RECURRING '0 0 * * *' FULL BACKUP '@weekly' WITH SCHEDULE OPTIONS ${first}, on_execution_failure = 'retry'`,
  );
  const [incremental, full] = (await rows('SELECT id FROM [SHOW SCHEDULES]')).flat();
  const options = `WITH encryption_passphrase = '*****', detached`;
  const { fields, rows: shown } = await root.query('SHOW RUNNING SCHEDULES');
  expect(fields.map(({ name }) => name).join()).toBe(
    'id,label,schedule_status,next_run,state,recurrence,jobsrunning,owner,created,command',
  );
  expect(shown).toEqual([
    {
      id: full,
      label: "it's",
      schedule_status: 'ACTIVE',
      next_run: new Date('2100-02-03T04:05:06.7Z'),
      state: null,
      recurrence: '@weekly',
      jobsrunning: '0',
      owner: 'root',
      created: expect.any(Date),
      command: {
        backup_statement: `BACKUP DATABASE bank INTO 'nodelocal://1/shown' ${options}`,
        dependent_schedule_id: Number(incremental),
        unpause_on_success: Number(incremental),
      },
    },
  ]);
  expect(await rows('SELECT id, command FROM [SHOW PAUSED SCHEDULES FOR BACKUP]')).toEqual([
    [incremental, `BACKUP DATABASE bank INTO LATEST IN 'nodelocal://1/shown' ${options}`],
  ]);
  expect(await rows('SHOW SCHEDULES FOR SQL STATISTICS')).toEqual([]);
  expect(await rows('SHOW SCHEDULE 5')).toEqual([]);
  const create =
    `CREATE SCHEDULE e'it\\'s' FOR BACKUP DATABASE bank INTO 'nodelocal://1/shown' ${options} RECURRING '0 0 * * *' ` +
    `FULL BACKUP '@weekly' WITH SCHEDULE OPTIONS ${first}, on_execution_failure = 'RETRY', on_previous_running = 'WAIT'`;
  expect(await rows('SHOW CREATE ALL SCHEDULES')).toEqual([
    [incremental, create],
    [full, create],
  ]);
  await root.query(`DROP SCHEDULE ${incremental}`);
  expect(await one(`SELECT create_statement FROM [SHOW CREATE SCHEDULE ${full}]`)).toBe(
    create.replace(`'0 0 * * *' FULL BACKUP '@weekly'`, `'@weekly' FULL BACKUP ALWAYS`),
  );
});

test('PAUSE, RESUME and DROP count the schedules that there are', async () => {
  await idle('a1', `WITH SCHEDULE OPTIONS first_run = '2100-01-01'`);
  const id = await one('SELECT id FROM [SHOW SCHEDULES]');
  const { connection } = root as unknown as { connection: EventEmitter };
  const tag = async (sql: string) => {
    const told = once(connection, 'commandComplete');
    await root.query(sql);
    return (await told)[0].text;
  };
  const next = `SELECT next_run::STRING FROM [SHOW SCHEDULES]`;
  await root.query(`RESUME SCHEDULE ${id}`);
  expect(await one(next)).toBe('2100-01-01 00:00:00+00:00');
  expect(await tag(`PAUSE SCHEDULE ${id}`)).toBe('PAUSE SCHEDULES 1');
  expect(await one(stateOf('a1'))).toBe('PAUSED ');
  expect(await tag(`RESUME SCHEDULES VALUES (${id}), (5)`)).toBe('RESUME SCHEDULES 1');
  expect(String(await one(next))).toMatch(/^\d{4}-01-01 00:00:00\+00:00$/);
  expect(await tag('DROP SCHEDULE 5')).toBe('DROP SCHEDULES 0');
  expect(await tag(`DROP SCHEDULE ${id}`)).toBe('DROP SCHEDULES 1');
  expect(await rows('SHOW SCHEDULES')).toEqual([]);
});

test('in a block: seen there, forgotten by ROLLBACK, run after COMMIT', async () => {
  const create = `CREATE SCHEDULE blk FOR BACKUP DATABASE bank INTO 'nodelocal://1/blk' RECURRING '@weekly'`;
  await root.query('BEGIN');
  expect(await rows(create)).toHaveLength(1);
  expect(await rows('SHOW SCHEDULES')).toHaveLength(1);
  await root.query('ROLLBACK');
  expect(await rows('SHOW SCHEDULES')).toEqual([]);
  await root.query('BEGIN');
  await root.query(create);
  await root.query('COMMIT');
  await until(
    `SELECT count(*)::INT4 FROM [SHOW JOBS FOR SCHEDULES SELECT id FROM [SHOW SCHEDULES]] WHERE status = 'succeeded'`,
    1,
  );
});

test('IF NOT EXISTS makes none of a label that there is', async () => {
  await idle('b1');
  const notices: string[] = [];
  root.on('notice', ({ message }) => notices.push(String(message)));
  const again = `CREATE SCHEDULE IF NOT EXISTS b1 FOR BACKUP INTO 'foo://' RECURRING '@daily'`;
  expect(await rows(again)).toEqual([]);
  expect(notices).toEqual(['schedule "b1" already exists, skipping']);
  expect(await rows('SHOW SCHEDULES')).toHaveLength(1);
});

test('a run that can not begin is told of, and its policy followed', async () => {
  await root.query('CREATE DATABASE gone');
  const target = (label: string, options: string) =>
    root.query(
      `CREATE SCHEDULE ${label} FOR BACKUP DATABASE gone INTO 'nodelocal://1/${label}' RECURRING '@yearly'
       FULL BACKUP ALWAYS WITH SCHEDULE OPTIONS ${options}`,
    );
  await target('c1', `on_execution_failure = 'pause'`);
  await target('c2', `on_execution_failure = 'reschedule'`);
  await root.query('DROP DATABASE gone');
  await restart((db) => db.exec(OVERDUE));
  const ids = new Map((await rows('SELECT label, id FROM [SHOW SCHEDULES]')) as [string, string][]);
  const why = (label: string): string =>
    `failed to create job for schedule ${ids.get(label)}: err=` +
    'failed to resolve targets specified in the BACKUP stmt: unknown database "gone"';
  await until(stateOf('c1'), `PAUSED schedule paused: ${why('c1')}`);
  await until(stateOf('c2'), `ACTIVE reschedule: ${why('c2')}`);
  expect(filesIn('c1')).toEqual([]);
});

test('what is asked for with parameters', async () => {
  const { rows: made } = await root.query(
    `CREATE SCHEDULE $1 FOR BACKUP DATABASE bank INTO $2 RECURRING $3 FULL BACKUP $4 WITH SCHEDULE OPTIONS first_run = $5`,
    ['p q', 'nodelocal://1/params', '@daily', '@monthly', '2100-01-01 00:00:00+02:00'],
  );
  expect(made[1]).toMatchObject({
    label: 'p q',
    schedule: '@monthly',
    first_run: new Date('2099-12-31T22:00:00Z'),
    backup_stmt: "BACKUP DATABASE bank INTO 'nodelocal://1/params' WITH detached",
  });
});

test.each([
  [`RECURRING 'daily'`, '22023', /^error parsing schedule expression: "daily"; it must be a valid/],
  [`RECURRING '@daily' FULL BACKUP '0 0 30 2 *'`, '22023', /names a time that never comes$/],
  [`RECURRING '@daily' WITH SCHEDULE OPTIONS x`, '22023', /^invalid option "x"$/],
  [
    `RECURRING '@daily' WITH SCHEDULE OPTIONS first_run`,
    '22023',
    /^option "first_run" requires a value$/,
  ],
  [
    `RECURRING '@daily' WITH SCHEDULE OPTIONS ignore_existing_backups = 'x'`,
    '22023',
    /^option "ignore_existing_backups" does not take a value$/,
  ],
  [`RECURRING '@daily' WITH SCHEDULE OPTIONS first_run = 'infinity'`, '22023', /out of range/],
  [`RECURRING '@daily' WITH SCHEDULE OPTIONS first_run = 'x'`, '22007', /could not parse "x"/],
  [
    `RECURRING '@daily' WITH SCHEDULE OPTIONS on_previous_running = 'x'`,
    '22023',
    /^"x" is not a valid on_previous_running; valid values are \[start\|skip\|wait\]$/,
  ],
  [
    `RECURRING '@daily' WITH SCHEDULE OPTIONS on_execution_failure = 'x'`,
    '22023',
    /^"x" is not a valid on_execution_error; valid values are \[retry\|reschedule\|pause\]$/,
  ],
])('CREATE SCHEDULE … %s is refused', async (rest, code, message) => {
  const sql = `CREATE SCHEDULE FOR BACKUP DATABASE bank INTO 'nodelocal://1/refused' ${rest}`;
  await expect(root.query(sql)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
  expect(await rows('SHOW SCHEDULES')).toEqual([]);
  expect(filesIn('refused')).toEqual([]);
});

test('what a BACKUP would refuse is refused before', async () => {
  await expect(
    root.query(
      `CREATE SCHEDULE FOR BACKUP DATABASE nope INTO 'nodelocal://1/x' RECURRING '@daily'`,
    ),
  ).rejects.toThrow(
    'failed to dry run backup: failed to resolve targets specified in the BACKUP stmt: unknown database "nope"',
  );
  await expect(
    root.query(`CREATE SCHEDULE FOR BACKUP TABLE nope INTO 'nodelocal://1/x' RECURRING '@daily'`),
  ).rejects.toThrow('qualifying backup target tables: target table nope could not be resolved');
  await root.query(`BACKUP DATABASE bank INTO 'nodelocal://1/taken'`);
  const taken = `CREATE SCHEDULE FOR BACKUP DATABASE bank INTO 'nodelocal://1/taken' RECURRING '@yearly' FULL BACKUP ALWAYS`;
  await expect(root.query(taken)).rejects.toThrow(
    "backups already created in nodelocal://1/taken; to ignore existing backups, the schedule can be created with the 'ignore_existing_backups' option",
  );
  expect(await rows(`${taken} WITH SCHEDULE OPTIONS ignore_existing_backups`)).toHaveLength(1);
});

test('schedules are the admins’', async () => {
  await idle('d1');
  const ann = await pgClient(server, 'defaultdb', { user: 'ann' });
  const only = (what: string): string => `only users with the admin role are allowed to ${what}`;
  await expect(
    ann.query(`CREATE SCHEDULE FOR BACKUP INTO 'nodelocal://1/x' RECURRING '@daily'`),
  ).rejects.toMatchObject({ code: '42501', message: only('CREATE SCHEDULE FOR BACKUP') });
  await expect(ann.query('PAUSE SCHEDULE 1')).rejects.toThrow(only('PAUSE SCHEDULES'));
  await expect(ann.query('DROP SCHEDULE 1')).rejects.toThrow(only('DROP SCHEDULES'));
  await expect(ann.query('SHOW CREATE ALL SCHEDULES')).rejects.toMatchObject({ code: '42501' });
  await expect(ann.query('SHOW SCHEDULES')).rejects.toThrow(
    'user ann does not have SELECT privilege on relation scheduled_jobs',
  );
  await ann.end();
});

test('who owns schedules can not be dropped', async () => {
  await root.query('CREATE USER eve');
  await root.query('GRANT admin TO eve');
  const eve = await pgClient(server, 'defaultdb', { user: 'eve' });
  await eve.query(
    `CREATE SCHEDULE e1 FOR BACKUP DATABASE bank INTO 'nodelocal://1/e1' RECURRING '@yearly' FULL BACKUP ALWAYS`,
  );
  await eve.end();
  await expect(root.query('DROP USER eve')).rejects.toMatchObject({
    code: '2BP01',
    message: 'cannot drop role/user eve; it owns 1 scheduled jobs.',
  });
  await restart((db) => db.exec(OVERDUE));
  await until(
    `SELECT user_name FROM [SHOW JOBS] WHERE description LIKE '%nodelocal://1/e1%'`,
    'eve',
  );
  await root.query(`DROP SCHEDULES SELECT id FROM [SHOW SCHEDULES] WHERE owner = 'eve'`);
  await root.query('DROP USER eve');
});
