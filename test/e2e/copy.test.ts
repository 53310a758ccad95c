import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { cstring, frame, int32s, WireClient } from '../support/wire-client';

/** COPY over the real program: what the client sends and when, what is kept of it, psql's own commands. */

let server: OothecaProcess;
let client: WireClient;
let other: Client;

beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem']);
  other = await pgClient(server);
});
afterAll(async () => {
  await other?.end();
  await server?.stop();
});
beforeEach(async () => {
  await other.query('DROP TABLE IF EXISTS t');
  await other.query(
    'CREATE TABLE t (a INT8 PRIMARY KEY, b STRING, c DECIMAL(6,2) DEFAULT 1.5 CHECK (c > 0), d INT8 AS (a * 2) STORED)',
  );
  client = await WireClient.connect(server.port, 'defaultdb');
});
afterEach(() => client.end());

const query = (sql: string): void => client.send(frame('Q', cstring(sql)));
const data = (text: string): Buffer => frame('d', Buffer.from(text));
const done = frame('c');
const rows = async (): Promise<unknown> =>
  (await other.query({ text: 'SELECT a, b, c, d FROM t ORDER BY a', rowMode: 'array' })).rows;

/** Message types up to ReadyForQuery, and its status. */
async function answer(): Promise<{ types: string; error: Record<string, string>; tag: string }> {
  let types = '';
  let tag = '';
  const error: Record<string, string> = {};
  for (;;) {
    const message = await client.read();
    if (message === undefined) throw new Error(`closed after ${types}`);
    const { type, body } = message;
    types += type;
    if (type === 'C') tag = body.toString('utf8', 0, body.length - 1);
    if (type === 'E') {
      for (const field of body.toString().split('\0')) error[field.charAt(0)] = field.slice(1);
    }
    if (type === 'Z') return { types: types + body.toString(), error, tag };
  }
}

test('rows cut anywhere, defaults, computed columns', async () => {
  query('COPY t (a, b) FROM STDIN');
  client.send(data('1\tx\n2'), data('\t\\'), data('N\n'), data(''), data('3\tlast'), done);
  expect(await answer()).toMatchObject({ types: 'GCZI', tag: 'COPY 3' });
  expect(await rows()).toEqual([
    ['1', 'x', '1.50', '2'],
    ['2', null, '1.50', '4'],
    ['3', 'last', '1.50', '6'],
  ]);
});

test('without a list: what a client sees and may write', async () => {
  query('COPY t FROM STDIN');
  client.send(data('1\tx\t2\n'), done);
  expect((await answer()).tag).toBe('COPY 1');
  query('COPY t TO STDOUT');
  expect(await answer()).toMatchObject({ types: 'HdcCZI', tag: 'COPY 1' });
});

test.each([
  ['a check', '4\tx\t-1', '23514', 'failed to satisfy CHECK constraint (c > 0:::DECIMAL)'],
  ['a key', '1\tx\t1', '23505', 'duplicate key value violates unique constraint "primary"'],
  ['NOT NULL', '\\N\tx\t1', '23502', 'null value in column "a" violates not-null constraint'],
  ['a width', '4\tx\t12345.6', '22003', /precision 6/],
  ['a field too few', '4\tx', '22P04', 'missing data for column "c"'],
  ['a field too many', '4\tx\t1\t2', '22P04', 'extra data after last expected column'],
  ['text that is no value', '4\tx\ty', '22P02', /could not parse "y" as type decimal/],
  ['bytes that are no text', '4\t\\303\t1', '22021', /UTF8/],
])('%s: the line is named, and nothing is kept', async (_, line, sqlstate, message) => {
  query('COPY t (a, b, c) FROM STDIN');
  client.send(data(`1\tx\t1\n2\ty\t1\n${line}\n5\tz\t1\n`), done);
  const { types, error } = await answer();
  expect(types).toBe('GEZI');
  expect(error['C']).toBe(sqlstate);
  expect(error['M']).toMatch(message);
  if (sqlstate !== '22021') expect(error['W']).toMatch(/^COPY t, line 3/);
  expect(await rows()).toEqual([]);
});

test('a foreign key that another batch satisfies, one that none does', async () => {
  await other.query('CREATE TABLE r (a INT8 REFERENCES t)');
  query('COPY r FROM STDIN');
  client.send(data('1\n'), done);
  expect((await answer()).error['C']).toBe('23503');
  await other.query('INSERT INTO t VALUES (1)');
  query('COPY r FROM STDIN');
  client.send(data('1\n'), done);
  expect((await answer()).tag).toBe('COPY 1');
  await other.query('DROP TABLE r');
});

test('rows refer to later ones of the same COPY, in whatever batch', async () => {
  await other.query('CREATE TABLE tree (a INT8 PRIMARY KEY, up INT8 REFERENCES tree, b STRING)');
  const padding = 'x'.repeat(100);
  const tree = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, i) => `${from + i}\t${from + i + 1}\t${padding}\n`).join(
      '',
    );
  const copy = async (...texts: string[]) => {
    query('COPY tree FROM STDIN');
    client.send(...texts.map(data), done);
    return await answer();
  };
  const failed = await copy(tree(0, 6_000));
  expect(failed.error).toMatchObject({ C: '23503', n: 'fk_up_ref_tree' });
  expect(failed.error['D']).toBe('Key (up)=(6000) is not present in table "tree".');
  expect((await copy(tree(0, 3_000), tree(3_000, 6_000), '6000\t\\N\t\n')).tag).toBe('COPY 6001');
  const counted = await other.query('SELECT count(*) FROM tree a JOIN tree b ON a.up = b.a');
  expect(counted.rows[0]).toEqual({ count: '6000' });
  await other.query('DROP TABLE tree');
});

test('many batches are one statement: an error in the last keeps nothing of the first', async () => {
  const many = (from: number): string =>
    Array.from({ length: 20_000 }, (_, i) => `${from + i}\t${'x'.repeat(30)}\n`).join('');
  query('COPY t (a, b) FROM STDIN');
  client.send(data(many(0)), data(many(20_000)), data('5\tagain\n'), done);
  const { error } = await answer();
  expect([error['C'], error['W']]).toEqual(['23505', 'COPY t, line 40001']);
  expect(await rows()).toEqual([]);
  query('COPY t (a, b) FROM STDIN');
  client.send(data(many(0)), data(many(20_000)), done);
  expect((await answer()).tag).toBe('COPY 40000');
  const counted = await other.query('SELECT count(*) FROM t');
  expect(counted.rows[0]).toEqual({ count: '40000' });
});

test('all of it in one message: others are served meanwhile', async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => `${i}\t${'x'.repeat(60)}\n`).join('');
  query('COPY t (a, b) FROM STDIN');
  client.send(data(rows), done);
  let isDone = false;
  const copied = answer().then(({ tag }) => {
    isDone = true;
    return tag;
  });
  let served = 0;
  while (!isDone) {
    await other.query('SELECT 1');
    served++;
  }
  expect(await copied).toBe('COPY 60000');
  // Were it read at once, all of these would wait for its end.
  expect(served).toBeGreaterThan(3);
});

test('in a block: its own rows are seen, rolled back, and its savepoints hold', async () => {
  for (const sql of ['BEGIN', 'SAVEPOINT s']) {
    query(sql);
    await answer();
  }
  query('COPY t (a) FROM STDIN');
  client.send(data('1\n1\n'), done);
  expect((await answer()).types).toBe('GEZE');
  query('ROLLBACK TO s');
  await answer();
  query('COPY t (a) FROM STDIN');
  client.send(data('7\n'), done);
  expect((await answer()).types).toBe('GCZT');
  query('COPY t (a) TO STDOUT');
  expect((await answer()).tag).toBe('COPY 1');
  expect(await rows()).toEqual([]);
  query('COMMIT');
  await answer();
  expect(await rows()).toEqual([['7', null, '1.50', '14']]);
});

test('the client gives up', async () => {
  query('COPY t (a) FROM STDIN');
  client.send(data('1\n'), frame('f', cstring('changed my mind')));
  const { types, error } = await answer();
  expect(types).toBe('GEZI');
  expect(error).toMatchObject({
    C: '57014',
    M: 'COPY from stdin failed: changed my mind',
  });
  expect(await rows()).toEqual([]);
});

test('the client goes away: what it sent is gone, and others can write', async () => {
  query('COPY t (a) FROM STDIN');
  client.send(data(`${Array.from({ length: 60_000 }, (_, i) => i).join('\n')}\n`));
  expect((await client.read())?.type).toBe('G');
  client.end();
  await other.query('INSERT INTO t VALUES (1)');
  expect(await rows()).toEqual([['1', null, '1.50', '2']]);
});

test('messages that do not belong in between are an error, and are forgotten', async () => {
  query('COPY t (a) FROM STDIN');
  client.send(data('1\n'), frame('H'), frame('S'), frame('Q', cstring('SELECT 1')));
  const { types, error } = await answer();
  expect(types).toBe('GEZI');
  expect(error['C']).toBe('08P01');
  // What a client still sends of a COPY that has failed says nothing.
  client.send(data('2\n'), done);
  query('SELECT 1');
  expect((await answer()).types).toBe('TDCZI');
});

test('statement_timeout and cancel end one that waits for its client', async () => {
  query("SET statement_timeout = '200ms'");
  await answer();
  query('COPY t (a) FROM STDIN');
  client.send(data('1\n'));
  expect((await answer()).error['C']).toBe('57014');
  query('RESET statement_timeout');
  await answer();
  query('COPY t (a) FROM STDIN');
  expect((await client.read())?.type).toBe('G');
  await other.query(
    "CANCEL QUERY (SELECT query_id FROM [SHOW QUERIES] WHERE query LIKE 'COPY%' LIMIT 1)",
  );
  expect((await answer()).error['C']).toBe('57014');
  expect(await rows()).toEqual([]);
});

test('by the extended protocol', async () => {
  const bound = (sql: string): Buffer =>
    Buffer.concat([
      frame('P', cstring(''), cstring(sql), Buffer.alloc(2)),
      frame('B', cstring(''), cstring(''), Buffer.alloc(6)),
      frame('D', Buffer.from('P\0')),
      frame('E', cstring(''), int32s(0)),
    ]);
  client.send(bound('COPY t (a) FROM STDIN'), data('1\n2\n'), done, frame('S'));
  expect(await answer()).toMatchObject({ types: '12nGCZI', tag: 'COPY 2' });
  client.send(bound('COPY t (a) TO STDOUT'), frame('S'));
  expect(await answer()).toMatchObject({ types: '12nHddcCZI', tag: 'COPY 2' });
  client.send(bound('COPY t (a) FROM STDIN'), data('x\n'), done, frame('S'));
  expect((await answer()).types).toBe('12nGEZI');
});

test.each([
  ['COPY nowhere FROM STDIN', '42P01'],
  ['COPY t (z) FROM STDIN', '42703'],
  ['COPY t (a, a) FROM STDIN', '42701'],
  ['COPY t (d) FROM STDIN', '55000'],
  ["COPY t FROM '/etc/passwd'", '0A000'],
  ["COPY t TO PROGRAM 'cat'", '0A000'],
  ['COPY t FROM STDIN WHERE a > 1', '0A000'],
  ['COPY (SELECT 1) FROM STDIN', '42601'],
  ['COPY t (a) FROM STDIN (FORMAT csv, FORCE_NULL (b))', '42P10'],
  ['COPY (INSERT INTO t VALUES (9)) TO STDOUT', '0A000'],
])('%s is refused', async (sql, sqlstate) => {
  query(sql);
  const { types, error } = await answer();
  expect(types).toBe('EZI');
  expect(error['C']).toBe(sqlstate);
});

test('privileges are asked for', async () => {
  await other.query('CREATE USER IF NOT EXISTS bob');
  const bob = await pgClient(server, 'defaultdb', { user: 'bob' });
  for (const sql of ['COPY t FROM STDIN', 'COPY t TO STDOUT']) {
    await expect(bob.query(sql)).rejects.toMatchObject({ code: '42501' });
  }
  await bob.end();
});

test('a query and what RETURNING gives go out, with a header', async () => {
  query("COPY (INSERT INTO t VALUES (1, 'x,y') RETURNING a, b) TO STDOUT CSV HEADER");
  let sent = '';
  for (;;) {
    const message = await client.read();
    if (message?.type === 'd') sent += message.body.toString();
    if (message?.type === 'Z') break;
  }
  expect(sent).toBe('a,b\n1,"x,y"\n');
});

describePsql('psql', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  const psql = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', server.url(), ...args], {
      encoding: 'utf8',
    });

  test.each(['', 'csv header', 'binary'])('\\copy out and in again %s', (format) => {
    const file = join(directory.path, 'rows');
    const made = psql(
      ...[
        '-c',
        "INSERT INTO t SELECT g, 'é' || E'\\t\\n\\\\' || g FROM generate_series(1, 5000) g",
      ],
      ...['-c', `\\copy t to '${file}' ${format}`],
      ...['-c', 'CREATE TABLE u (LIKE t INCLUDING ALL)'],
      ...['-c', `\\copy u from '${file}' ${format}`],
      ...['-At', '-c', 'SELECT count(*) FROM (TABLE t EXCEPT TABLE u) AS x'],
      ...['-c', 'SELECT count(*) FROM u', '-c', 'DROP TABLE u'],
    );
    expect(made.stderr).toBe('');
    expect(made.stdout).toBe('0\n5000\n');
  });

  test('a script as pg_dump --data-only writes it', () => {
    const script = join(directory.path, 'dump.sql');
    const settings = ['statement_timeout = 0', 'lock_timeout = 0', "client_encoding = 'UTF8'"];
    writeFileSync(
      script,
      [
        ...[...settings, 'standard_conforming_strings = on', 'client_min_messages = warning'].map(
          (setting) => `SET ${setting};`,
        ),
        "SELECT pg_catalog.set_config('search_path', '', false);",
        'SET row_security = off;',
        'COPY public.t (a, b) FROM stdin;',
        '1\tone\\ttab',
        '2\t\\N',
        '\\.',
        '',
      ].join('\n'),
    );
    expect(psql('-f', script).stderr).toBe('');
    const out = join(directory.path, 'out');
    expect(psql('-c', `\\copy (TABLE t) to '${out}'`).stderr).toBe('');
    expect(readFileSync(out, 'utf8')).toBe('1\tone\\ttab\t1.50\t2\n2\t\\N\t1.50\t4\n');
  });
});
