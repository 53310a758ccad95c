import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client, DatabaseError } from 'pg';
import { CatalogManager } from '../../catalog/catalog-manager';
import { HistorySweeper } from '../../catalog/history-sweeper';
import { WriteClock } from '../../storage/ranges/clock';
import { connectStore } from '../../storage/ranges/connection';
import { WriteLock } from '../../storage/ranges/write-lock';
import { Random } from '../support/fuzz/random';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { validateLayer } from '../support/validate-backup';
import { rowsOf, WriteHistory } from '../support/write-history';

/** BACKUP … WITH revision_history, and RESTORE … AS OF any time in it. */

const store = temporaryDirectory();
const io = temporaryDirectory();
let server: OothecaProcess;
let client: Client;

async function start(): Promise<void> {
  server = await OothecaProcess.start([`--store=${store.path}`, `--external-io-dir=${io.path}`]);
  client = await pgClient(server);
}

beforeAll(start);
afterAll(async () => {
  await client?.end();
  await server?.stop();
  store.remove();
  io.remove();
});

const rows = async (sql: string): Promise<unknown[][]> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows;

const now = async (): Promise<string> =>
  String((await rows('SELECT cluster_logical_timestamp()'))[0]?.[0]);

const errorOf = async (query: Promise<unknown>): Promise<string> =>
  await query.then(
    () => 'no error',
    (error: DatabaseError) => `${error.code} ${error.message}`,
  );

const files = (directory: string): string[] =>
  readdirSync(join(io.path, directory), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort();

let restored = 0;

/** Restores a database as of a time under another name. */
async function restore(database: string, collection: string, time: string): Promise<string> {
  const name = `restored${restored++}`;
  await client.query(
    `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${collection}' AS OF SYSTEM TIME ${time} WITH new_db_name = '${name}'`,
  );
  return name;
}

test('random writes in several layers', async () => {
  const [database, collection] = ['random', 'random'];
  await client.query(`CREATE DATABASE ${database}`);
  const table = `${database}.t`;
  await client.query(
    `CREATE TABLE ${table} (k INT PRIMARY KEY, v STRING, n INT, FAMILY (k, n), FAMILY (v), INDEX (n) STORING (v), UNIQUE INDEX (v) WHERE n > 0)`,
  );
  const history = new WriteHistory('t', new Random(7));
  await client.query(`SET database = ${database}`);
  for (let layer = 0; layer < 3; layer++) {
    for (let i = 0; i < 6; i++) await history.step(client);
    const into = layer === 0 ? 'INTO' : 'INTO LATEST IN';
    await client.query(
      `BACKUP DATABASE ${database} ${into} 'nodelocal://1/${collection}' WITH revision_history`,
    );
  }
  await client.query('SET database = defaultdb');
  const { moments } = history;
  for (let i = 0; i < moments.length - 1; i += 5) {
    const { time, rows: model } = moments[i] as (typeof moments)[number];
    const name = await restore(database, collection, time);
    expect(await rows(`SELECT k, v, n FROM ${name}.t ORDER BY k`)).toEqual(rowsOf(model));
    expect(await rows(`SELECT n FROM ${name}.t@t_n_idx ORDER BY n`)).toEqual(
      await rows(`SELECT n FROM ${name}.t ORDER BY n`),
    );
    await client.query(`DROP DATABASE ${name}`);
  }
});

test('schema changes in between', async () => {
  await client.query('CREATE DATABASE s');
  await client.query("CREATE TYPE s.public.mood AS ENUM ('ok', 'sad')");
  await client.query('CREATE TABLE s.t (a INT PRIMARY KEY, b STRING, m s.public.mood)');
  await client.query("INSERT INTO s.t VALUES (1, 'x', 'ok'), (2, 'y', 'sad')");
  const steps: [string, unknown[][], unknown[][]][] = [];
  const names = `SELECT table_name FROM [SHOW TABLES FROM s] ORDER BY 1`;
  const step = async (sql: string): Promise<void> => {
    steps.push([await now(), await rows('SELECT * FROM s.t ORDER BY 1'), await rows(names)]);
    await client.query(sql);
  };
  await step('ALTER TABLE s.t ADD COLUMN d INT DEFAULT 7');
  await step('CREATE INDEX ON s.t (b) STORING (d)');
  await step('UPDATE s.t SET d = 8 WHERE a = 1');
  await client.query("BACKUP DATABASE s INTO 'nodelocal://1/s' WITH revision_history");
  await step('ALTER TABLE s.t DROP COLUMN b');
  await step('CREATE TABLE s.u (x INT PRIMARY KEY)');
  await client.query('INSERT INTO s.u VALUES (1)');
  await step('TRUNCATE s.t');
  await step("INSERT INTO s.t VALUES (5, 'ok', 7), (6, 'sad', 9)");
  await step('ALTER TABLE s.t ALTER COLUMN d SET NOT NULL');
  await step('ALTER TABLE s.t ALTER PRIMARY KEY USING COLUMNS (d)');
  await client.query("BACKUP DATABASE s INTO LATEST IN 'nodelocal://1/s' WITH revision_history");
  await step('DROP TABLE s.u');
  await step("INSERT INTO s.t VALUES (9, 'ok', 8)");
  await step('ALTER TABLE s.t RENAME TO s.w');
  await client.query('CREATE TABLE s.t (z INT PRIMARY KEY)');
  await client.query('INSERT INTO s.t VALUES (42)');
  await step('DROP TABLE s.t');
  await client.query("BACKUP DATABASE s INTO LATEST IN 'nodelocal://1/s' WITH revision_history");
  for (const [time, expected, tables] of steps) {
    const name = await restore('s', 's', time);
    expect(await rows(`SELECT * FROM ${name}.t ORDER BY 1`)).toEqual(expected);
    expect(await rows(`SELECT table_name FROM [SHOW TABLES FROM ${name}] ORDER BY 1`)).toEqual(
      tables,
    );
    await client.query(`DROP DATABASE ${name}`);
  }
});

test('what a transaction has made and taken back was never there', async () => {
  await client.query('CREATE DATABASE gone');
  await client.query('CREATE TABLE gone.t (a INT PRIMARY KEY, b STRING)');
  const before = await now();
  // A statement that reads what another part of it writes has a time of its own.
  await client.query(`BEGIN;
    INSERT INTO gone.t VALUES (1, 'kept');
    WITH made AS (INSERT INTO gone.t VALUES (2, 'gone'), (3, 'old') RETURNING a) SELECT made.a, t.a FROM made, gone.t;
    DELETE FROM gone.t WHERE a = 2;
    WITH made AS (UPDATE gone.t SET b = 'new' WHERE a = 3 RETURNING a) SELECT made.a, t.a FROM made, gone.t;
    COMMIT`);
  const after = await now();
  await client.query('DELETE FROM gone.t WHERE a = 3');
  await client.query("BACKUP DATABASE gone INTO 'nodelocal://1/gone' WITH revision_history");
  const committed = [
    ['1', 'kept'],
    ['3', 'new'],
  ];
  for (const [time, expected] of [
    [before, []],
    [after, committed],
  ] as const) {
    expect(await rows(`SELECT * FROM gone.t AS OF SYSTEM TIME ${time} ORDER BY a`)).toEqual(
      expected,
    );
    const name = await restore('gone', 'gone', time);
    expect(await rows(`SELECT * FROM ${name}.t ORDER BY a`)).toEqual(expected);
  }
  await client.query(
    "RESTORE DATABASE gone FROM LATEST IN 'nodelocal://1/gone' WITH new_db_name = 'gone2'",
  );
  expect(await rows('SELECT * FROM gone2.t')).toEqual([['1', 'kept']]);
});

test('views name types as they were called', async () => {
  await client.query('CREATE DATABASE y');
  await client.query('CREATE SCHEMA y.s');
  await client.query("CREATE TYPE y.s.mood AS ENUM ('ok', 'sad')");
  await client.query("CREATE VIEW y.public.v AS SELECT 'sad'::y.s.mood AS m");
  await client.query("BACKUP DATABASE y INTO 'nodelocal://1/y' WITH revision_history");
  const times = [await now()];
  for (const sql of ['ALTER TYPE y.s.mood RENAME TO feeling', 'ALTER SCHEMA y.s RENAME TO t']) {
    await client.query(sql);
    times.push(await now());
  }
  await client.query("BACKUP DATABASE y INTO LATEST IN 'nodelocal://1/y' WITH revision_history");
  const types = ['s.mood', 's.feeling', 't.feeling'];
  for (const [i, time] of times.entries()) {
    const name = await restore('y', 'y', time);
    expect(await rows(`SELECT m FROM ${name}.public.v`)).toEqual([['sad']]);
    const [[, shown] = []] = await rows(`SHOW CREATE VIEW ${name}.public.v`);
    expect(shown).toContain(types[i]);
    await client.query(`DROP DATABASE ${name} CASCADE`);
  }
});

test('BACKUP AS OF SYSTEM TIME is of then, also onto a chain', async () => {
  await client.query('CREATE DATABASE p');
  await client.query('CREATE TABLE p.t (a INT PRIMARY KEY, b STRING)');
  await client.query("INSERT INTO p.t VALUES (1, 'x')");
  const one = await now();
  await client.query("UPDATE p.t SET b = 'y'");
  await client.query("INSERT INTO p.t VALUES (2, 'z')");
  const two = await now();
  await client.query('DELETE FROM p.t');
  await client.query('ALTER TABLE p.t DROP COLUMN b');
  await client.query(`BACKUP DATABASE p INTO 'nodelocal://1/p' AS OF SYSTEM TIME ${one}`);
  await client.query(`BACKUP DATABASE p INTO LATEST IN 'nodelocal://1/p' AS OF SYSTEM TIME ${two}`);
  await client.query("BACKUP DATABASE p INTO LATEST IN 'nodelocal://1/p'");
  const times: [string, unknown[][]][] = [
    [one, [['1', 'x']]],
    [
      two,
      [
        ['1', 'y'],
        ['2', 'z'],
      ],
    ],
  ];
  for (const [time, expected] of times) {
    const name = await restore('p', 'p', time);
    expect(await rows(`SELECT * FROM ${name}.t ORDER BY 1`)).toEqual(expected);
  }
  expect(
    await errorOf(
      client.query(`BACKUP DATABASE p INTO LATEST IN 'nodelocal://1/p' AS OF SYSTEM TIME ${two}`),
    ),
  ).toMatch(/^22023 AS OF SYSTEM TIME \S+ must be greater than the end of the previous backup/);
});

test('AS OF SYSTEM TIME, tables that are still so are written as those that are not', async () => {
  await client.query('CREATE DATABASE m');
  const tables = ['still', 'updated', 'deleted', 'inserted', 'emptied'];
  for (const table of tables)
    await client.query(
      `CREATE TABLE m.${table} (k INT PRIMARY KEY, v STRING, n INT AS (k * 2) VIRTUAL, INDEX (n) STORING (v), INDEX (v) WHERE k > 3);
       INSERT INTO m.${table} (k, v) SELECT i, 'v' || (i % 3)::STRING FROM generate_series(1, 9) AS g (i)`,
    );
  await client.query('CREATE SEQUENCE m.s; CREATE VIEW m.w AS SELECT k FROM m.still');
  const back = async (options: string): Promise<unknown> =>
    (await rows(`BACKUP DATABASE m ${options}`)).map(([, ...rest]) => rest);
  const first = await now();
  const plain = await back("INTO 'nodelocal://1/m1'");
  await client.query(`UPDATE m.updated SET v = 'other' WHERE k = 4; DELETE FROM m.deleted WHERE k > 6;
    INSERT INTO m.inserted (k, v) VALUES (100, 'x'); TRUNCATE m.emptied; SELECT nextval('m.s')`);
  const second = await now();
  await client.query(
    `UPDATE m.updated SET v = 'yet another'; INSERT INTO m.emptied (k) VALUES (1)`,
  );
  await client.query(`BACKUP DATABASE m INTO 'nodelocal://1/m3' AS OF SYSTEM TIME ${second}`);
  expect(await back(`INTO 'nodelocal://1/m2' AS OF SYSTEM TIME ${first}`)).toEqual(plain);
  await back(`INTO LATEST IN 'nodelocal://1/m2' AS OF SYSTEM TIME ${second}`);
  for (const [time, collection] of [
    [first, 'm2'],
    [second, 'm2'],
    [second, 'm3'],
  ] as const) {
    const name = await restore('m', collection, time);
    for (const table of tables) {
      const then = `SELECT * FROM m.${table} AS OF SYSTEM TIME ${time} ORDER BY 1`;
      expect(await rows(`SELECT * FROM ${name}.${table} ORDER BY 1`)).toEqual(await rows(then));
    }
  }
  for (const collection of ['m2', 'm3'])
    for (const file of files(collection).filter((path) => path.endsWith('BACKUP_MANIFEST')))
      await validateLayer(dirname(file));
});

/** Versions that are old enough are removed while the server is down. */
async function collect(): Promise<void> {
  await client.end();
  await server.stop();
  const db = connectStore(store.path);
  const sweeper = new HistorySweeper({
    db,
    lock: new WriteLock(),
    clock: new WriteClock(),
    catalog: new CatalogManager(db),
    onError: (error) => {
      throw error;
    },
  });
  await sweeper.sweep();
  await sweeper.stop();
  db.close();
  await start();
}

test('an incremental layer that comes too late is none', async () => {
  await client.query('CREATE DATABASE late');
  await client.query('CREATE TABLE late.t (a INT PRIMARY KEY, b STRING)');
  await client.query("INSERT INTO late.t VALUES (1, 'x'), (2, 'y'), (3, 'z')");
  await client.query('ALTER DATABASE late CONFIGURE ZONE USING gc.ttlseconds = 1');
  await client.query("BACKUP DATABASE late INTO 'nodelocal://1/late' WITH revision_history");
  const before = files('late');
  await client.query("UPDATE late.t SET b = 'later'");
  await client.query("UPDATE late.t SET b = 'again'");
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await collect();
  const layer = "BACKUP DATABASE late INTO LATEST IN 'nodelocal://1/late'";
  expect(await errorOf(client.query(`${layer} WITH revision_history`))).toMatch(
    /^72000 batch timestamp \S+ must be after replica GC threshold \S+$/,
  );
  expect(files('late')).toEqual(before);
  const jobs = `SELECT status FROM [SHOW JOBS] WHERE description LIKE '%late%' ORDER BY created DESC LIMIT 1`;
  expect(await rows(jobs)).toEqual([['failed']]);
  // Without the versions in between it can be made, and others WITH them after it.
  await client.query(layer);
  await client.query('DELETE FROM late.t WHERE a = 2');
  const time = await now();
  await client.query('DELETE FROM late.t');
  await client.query(`${layer} WITH revision_history`);
  const name = await restore('late', 'late', time);
  expect(await rows(`SELECT * FROM ${name}.t ORDER BY 1`)).toEqual([
    ['1', 'again'],
    ['3', 'again'],
  ]);
});

test('sequences have their values of then', async () => {
  await client.query('CREATE DATABASE q');
  const moments: [time: string, value: unknown][] = [];
  const step = async (sql: string): Promise<void> => {
    await client.query(sql);
    const [[value] = []] = await rows('SELECT last_value FROM q.s');
    moments.push([await now(), value]);
  };
  await step('CREATE SEQUENCE q.s START 10');
  await step("SELECT nextval('q.s'), nextval('q.s')");
  await client.query("BACKUP DATABASE q INTO 'nodelocal://1/q' WITH revision_history");
  await step("SELECT nextval('q.s')");
  await step("SELECT setval('q.s', 5, false)");
  await client.query("BACKUP DATABASE q INTO LATEST IN 'nodelocal://1/q'");
  await step("SELECT nextval('q.s')");
  await step('SELECT 1');
  await step('ALTER SEQUENCE q.s RESTART 77');
  await client.query("BACKUP DATABASE q INTO LATEST IN 'nodelocal://1/q' WITH revision_history");
  for (const i of [0, 1, 4, 5, 6]) {
    const [time, value] = moments[i] as (typeof moments)[number];
    const name = await restore('q', 'q', time);
    expect(await rows(`SELECT last_value FROM ${name}.s`)).toEqual([[value]]);
  }
  const [time, value] = moments[2] as (typeof moments)[number];
  await client.query(`BACKUP DATABASE q INTO 'nodelocal://1/q2' AS OF SYSTEM TIME ${time}`);
  const name = await restore('q', 'q2', time);
  expect(await rows(`SELECT last_value FROM ${name}.s`)).toEqual([[value]]);
});

test('what is refused', async () => {
  await client.query('CREATE DATABASE g');
  await client.query('CREATE TABLE g.t (a INT PRIMARY KEY)');
  await client.query('INSERT INTO g.t VALUES (1)');
  const time = await now();
  await client.query('ALTER DATABASE g CONFIGURE ZONE USING gc.ttlseconds = 1');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect(
    await errorOf(
      client.query(`BACKUP DATABASE g INTO 'nodelocal://1/g' AS OF SYSTEM TIME ${time}`),
    ),
  ).toMatch(/^72000 batch timestamp \S+ must be after replica GC threshold /);
});

test('at a write, just before it, and where layers end', async () => {
  await client.query('CREATE DATABASE b');
  await client.query('CREATE TABLE b.t (k INT PRIMARY KEY, v INT, UNIQUE INDEX (v))');
  await client.query('INSERT INTO b.t VALUES (0, 0)');
  /** As the newest table's row carries it. */
  const writtenAt = (key: number): bigint => {
    const db = connectStore(store.path, { readonly: true });
    const newest = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 't[0-9]*' ORDER BY length(name) DESC, name DESC`;
    const table = db.prepare(newest).pluck().get() as string;
    const time = db
      .prepare(`SELECT _ts FROM ${table} WHERE c1 = ?`)
      .safeIntegers()
      .pluck()
      .get(key);
    db.close();
    return time as bigint;
  };
  const times: [bigint, unknown[][]][] = [];
  const step = async (key: number, sql: string): Promise<void> => {
    const before = await rows('SELECT * FROM b.t ORDER BY 1');
    await client.query(sql);
    const time = writtenAt(key);
    times.push([time - 1n, before], [time, await rows('SELECT * FROM b.t ORDER BY 1')]);
  };
  const ends: bigint[] = [];
  for (let layer = 0; layer < 2; layer++) {
    await step(1, `UPSERT INTO b.t VALUES (1, ${10 + layer})`);
    // What one row gives up another has at the same time.
    await step(
      2,
      `BEGIN; DELETE FROM b.t WHERE k = 1; UPSERT INTO b.t VALUES (2, ${10 + layer}); COMMIT`,
    );
    await step(
      3,
      `BEGIN; UPSERT INTO b.t VALUES (3, -1); UPDATE b.t SET v = ${30 + layer} WHERE k = 3; COMMIT`,
    );
    await client.query(
      `BACKUP DATABASE b INTO ${layer === 0 ? '' : 'LATEST IN'} 'nodelocal://1/b' WITH revision_history`,
    );
    const shown = `SELECT DISTINCT end_time FROM [SHOW BACKUP FROM LATEST IN 'nodelocal://1/b'] ORDER BY 1`;
    expect(await rows(shown)).toHaveLength(layer + 1);
    const manifests = files('b').filter((path) => path.endsWith('BACKUP_MANIFEST'));
    // Layers lie below the full backup.
    const [newest = ''] = manifests.sort((one, other) => other.length - one.length);
    const { manifest } = await validateLayer(dirname(newest));
    ends.push(manifest.endTime?.wallTime ?? 0n);
    times.push([ends[layer] ?? 0n, await rows('SELECT * FROM b.t ORDER BY 1')]);
    if (layer > 0) expect(manifest.revisionStartTime?.wallTime).toBe(ends[layer - 1]);
  }
  times.push([(ends[0] ?? 0n) + 1n, times.find(([time]) => time === ends[0])?.[1] ?? []]);
  for (const [time, expected] of times) {
    const name = await restore('b', 'b', `'${time}'`);
    expect(await rows(`SELECT * FROM ${name}.t ORDER BY 1`)).toEqual(expected);
    expect(await rows(`SELECT v FROM ${name}.t@t_v_key ORDER BY 1`)).toHaveLength(expected.length);
    await client.query(`DROP DATABASE ${name}`);
  }
  const last = (ends[1] ?? 0n) + 1n;
  expect(await errorOf(restore('b', 'b', `'${last}'`))).toMatch(/^22023 |^55000 |^0A000 /);
});

test('a chain that another store has gone on with meanwhile', async () => {
  await client.query('CREATE DATABASE o');
  await client.query('CREATE TABLE o.t (k INT PRIMARY KEY)');
  await client.query("BACKUP DATABASE o INTO 'nodelocal://1/o' WITH revision_history");
  // As in a store that was copied aside before that backup.
  await client.end();
  await server.stop();
  const db = connectStore(store.path);
  db.exec("DELETE FROM store_info WHERE name LIKE 'layer_end_%'");
  db.close();
  await start();
  const layer = "BACKUP DATABASE o INTO LATEST IN 'nodelocal://1/o'";
  expect(await errorOf(client.query(`${layer} WITH revision_history`))).toMatch(
    /^55000 the last layer of the backup was not written by this store/,
  );
  await client.query(layer);
  await client.query(`${layer} WITH revision_history`);
});

test('a type names a table that is being restored when that is there', async () => {
  await client.query(`CREATE DATABASE uses; CREATE TYPE uses.e AS ENUM ('a', 'b')`);
  await client.query(`CREATE TABLE uses.t (a INT PRIMARY KEY, e uses.e)`);
  await client.query(`INSERT INTO uses.t SELECT i, 'b' FROM generate_series(1, 9) AS g (i)`);
  await client.query(`BACKUP TABLE uses.t INTO 'nodelocal://1/uses-table'`);
  await client.query('DROP TABLE uses.t');
  const full = `BACKUP DATABASE uses INTO 'nodelocal://1/uses' WITH revision_history`;
  await client.query(full);
  await client.query(`RESTORE TABLE uses.t FROM LATEST IN 'nodelocal://1/uses-table'`);
  const time = await now();
  await client.query(full.replace('INTO', 'INTO LATEST IN'));
  const layers = files('uses')
    .filter((path) => path.endsWith('BACKUP_MANIFEST'))
    .map(dirname);
  expect(layers).toHaveLength(2);
  for (const layer of layers) await validateLayer(layer);
  const restored = await restore('uses', 'uses', time);
  expect(await rows(`SELECT count(*), max(e) FROM ${restored}.t`)).toEqual([['9', 'b']]);
});
