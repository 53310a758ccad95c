import type { Client } from 'pg';
import { openStore } from '../../storage/ranges/store';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { cstring, frame, int16s, int32s, WireClient } from '../support/wire-client';

/** A DELETE of all rows of a large table sets them aside as they are, for those who read the past. */

const ROWS = 25_000;

let store: ReturnType<typeof temporaryDirectory>;
let server: OothecaProcess;
let client: Client;

const start = async (): Promise<void> => {
  server = await OothecaProcess.start([
    `--store=${store.path}/store`,
    `--external-io-dir=${store.path}/extern`,
  ]);
  client = await pgClient(server);
};

// Each has a store of its own: where tables are many, larger ones are copied still.
beforeEach(async () => {
  store = temporaryDirectory();
  await start();
});
afterEach(async () => {
  await client.end();
  await server.stop();
  store.remove();
});

const rows = async (sql: string): Promise<unknown[][]> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows;

const now = async (): Promise<string> =>
  String((await rows('SELECT cluster_logical_timestamp()'))[0]?.[0]);

const fill = async (table: string, v: string, count = ROWS): Promise<unknown> =>
  await client.query(
    `INSERT INTO ${table} SELECT i, '${v}' || i::STRING, i % 10 FROM generate_series(1, ${count}) AS g(i)`,
  );

/** What a query of the table would give away: its rows, and those of its index. */
const shown = async (table: string, asOf = ''): Promise<unknown[][]> => [
  ...(await rows(`SELECT count(*), min(v), max(id), sum(n) FROM ${table} ${asOf}`)),
  ...(await rows(`SELECT count(*), sum(id) FROM ${table} ${asOf} WHERE n = 3`)),
];

/** How many tables hold what was set aside; the server is ended for it. */
async function setAside(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<unknown> {
  client.on('error', () => undefined);
  await server.stop(signal);
  const opened = openStore(`${store.path}/store`);
  try {
    const sql = "SELECT count(*) FROM retired_tables WHERE name GLOB 'r*'";
    return Number(opened.connect().prepare(sql).pluck().get());
  } finally {
    opened.close();
  }
}

test.each([
  ['kept by an INT8 key', 'id INT8 PRIMARY KEY, v STRING UNIQUE, n INT8, INDEX (n)'],
  ['kept by another key', 'id INT8, v STRING, n INT8, PRIMARY KEY (v, id DESC), INDEX (n)'],
])('all of its times are read and restored: %s', async (_, columns) => {
  await client.query('CREATE DATABASE d; SET database = d');
  await client.query(`CREATE TABLE t (x STRING DEFAULT 'gone', ${columns})`);
  await client.query(
    `INSERT INTO t (id, v, n) SELECT i, 'a' || i::STRING, i % 10 FROM generate_series(1, ${ROWS}) AS g(i)`,
  );
  const moments: [time: string, shown: unknown[][]][] = [];
  const note = async (): Promise<void> => {
    moments.push([await now(), await shown('t')]);
  };
  await note();
  await client.query('ALTER TABLE t DROP COLUMN x');
  await client.query('UPDATE t SET n = 3 WHERE id = 5');
  await client.query('DELETE FROM t WHERE id = 7');
  await note();
  expect((await client.query('DELETE FROM t')).rowCount).toBe(ROWS - 1);
  await note();
  await client.query("BACKUP DATABASE d INTO 'nodelocal://1/d' WITH revision_history");
  await fill('t', 'b');
  await client.query('UPDATE t SET n = 4 WHERE id = 3');
  await note();
  await client.query('BEGIN');
  await client.query('DELETE FROM t');
  await client.query("INSERT INTO t VALUES (3, 'c', 3)");
  await client.query('DELETE FROM t WHERE id = 3');
  await client.query("INSERT INTO t VALUES (4, 'c', 3)");
  await client.query('COMMIT');
  await note();
  await client.query('TRUNCATE t');
  await note();
  await client.query("BACKUP DATABASE d INTO LATEST IN 'nodelocal://1/d' WITH revision_history");
  await client.query('SET database = defaultdb');
  for (const [i, [time, expected]] of moments.entries()) {
    expect(await shown('d.t', `AS OF SYSTEM TIME ${time}`)).toEqual(expected);
    // After a DELETE of all rows, too.
    if (i === 0 || i === 4) continue;
    await client.query(
      `RESTORE DATABASE d FROM LATEST IN 'nodelocal://1/d' AS OF SYSTEM TIME ${time} WITH new_db_name = 'e'`,
    );
    expect(await shown('e.t')).toEqual(expected);
    await client.query('DROP DATABASE e CASCADE');
  }
  await client.query(
    `BACKUP DATABASE d INTO 'nodelocal://1/past' AS OF SYSTEM TIME ${moments[1]?.[0]}`,
  );
  await client.query(
    "RESTORE DATABASE d FROM LATEST IN 'nodelocal://1/past' WITH new_db_name = 'e'",
  );
  expect(await shown('e.t')).toEqual(moments[1]?.[1]);
  expect(await setAside()).toBe(2);
});

test('rolled back, to a savepoint and as a whole', async () => {
  await client.query('CREATE TABLE t (id INT8 PRIMARY KEY, v STRING UNIQUE, n INT8, INDEX (n))');
  await fill('t', 'a');
  const before = await shown('t');
  await client.query('BEGIN');
  await client.query("UPDATE t SET v = 'z' WHERE id = 1");
  const changed = await shown('t');
  await client.query('SAVEPOINT s');
  expect((await client.query('DELETE FROM t')).rowCount).toBe(ROWS);
  await fill('t', 'b', 10);
  await client.query('ROLLBACK TO SAVEPOINT s');
  expect(await shown('t')).toEqual(changed);
  expect((await client.query('DELETE FROM t')).rowCount).toBe(ROWS);
  expect(await shown('t')).toEqual([
    ['0', null, null, null],
    ['0', null],
  ]);
  await client.query('ROLLBACK');
  expect(await shown('t')).toEqual(before);
  expect(await setAside()).toBe(0);
});

test('while a portal of the same block is open', async () => {
  await client.query('CREATE TABLE t (id INT8 PRIMARY KEY, v STRING UNIQUE, n INT8, INDEX (n))');
  await fill('t', 'a');
  const before = await shown('t');
  const time = await now();
  const wire = await WireClient.connect(server.port, 'defaultdb');
  const types = async (): Promise<string> => {
    let seen = '';
    for (;;) {
      const message = await wire.read();
      seen += message?.type ?? '!';
      if (message === undefined || message.type === 'Z') return seen;
    }
  };
  const run = async (sql: string): Promise<string> => {
    wire.send(frame('Q', cstring(sql)));
    return await types();
  };
  await run('BEGIN');
  await run("UPDATE t SET v = 'z' WHERE id = 1");
  const sql = "SELECT id, repeat('x', 1000) FROM t WHERE n >= 0 ORDER BY id";
  const [parse, sync] = [frame('P', cstring('s'), cstring(sql), int16s(0)), frame('S')];
  const bind = frame('B', cstring('p'), cstring('s'), int16s(0, 0, 0));
  wire.send(parse, bind, frame('E', cstring('p'), int32s(3)), sync);
  expect(await types()).toBe('12DDDsZ');
  expect(await run('DELETE FROM t')).toBe('CZ');
  expect(await run('SELECT * FROM t')).toBe('TCZ');
  wire.send(frame('E', cstring('p'), int32s(0)), sync);
  expect(await types()).toBe(`${'D'.repeat(ROWS - 3)}CZ`);
  expect(await run('COMMIT')).toBe('CZ');
  expect((await shown('t'))[0]?.[0]).toBe('0');
  expect(await shown('t', `AS OF SYSTEM TIME ${time}`)).toEqual(before);
  wire.end();
});

test('a block that has done so makes way, and comes back to it', async () => {
  const other = await pgClient(server);
  await client.query('CREATE TABLE t (id INT8 PRIMARY KEY, v STRING UNIQUE, n INT8, INDEX (n))');
  await client.query('CREATE TABLE u (id INT8 PRIMARY KEY)');
  await fill('t', 'a');
  const before = await shown('t');
  const time = await now();
  await client.query('BEGIN');
  // By their keys, which are looked up in the history of the table when it is done again.
  await client.query('DELETE FROM t WHERE n % 10 = 3');
  expect((await client.query('DELETE FROM t')).rowCount).toBe(ROWS * 0.9);
  await fill('t', 'b', 10);
  const within = await shown('t');
  await other.query("SET lock_timeout = '5s'");
  await other.query('INSERT INTO u VALUES (1)');
  expect(await shown('t')).toEqual(within);
  expect((await client.query('DELETE FROM t WHERE n < 5')).rowCount).toBe(5);
  await client.query('COMMIT');
  expect(await shown('t')).toEqual([
    ['5', 'b5', '9', '35'],
    ['0', null],
  ]);
  expect(await shown('t', `AS OF SYSTEM TIME ${time}`)).toEqual(before);
  await other.end();
  expect(await setAside()).toBe(1);
});

test('it is there after kill -9, and what was set aside with it', async () => {
  await client.query('CREATE TABLE t (id INT8 PRIMARY KEY, v STRING UNIQUE, n INT8, INDEX (n))');
  await fill('t', 'a');
  const before = await shown('t');
  const time = await now();
  await client.query('DELETE FROM t');
  await fill('t', 'b', 20);
  await client.query('BEGIN');
  await client.query('DELETE FROM t');
  expect(await setAside('SIGKILL')).toBe(1);
  await start();
  expect((await shown('t'))[0]).toEqual(['20', 'b1', '20', '90']);
  expect(await shown('t', `AS OF SYSTEM TIME ${time}`)).toEqual(before);
});
