import { join } from 'node:path';
import { OothecaProcess } from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';
import { cstring, frame, int16s, int32s, WireClient } from '../support/wire-client';

/** The extended protocol's corners over the real program, message by message. */

let server: OothecaProcess;
let client: WireClient;

beforeAll(async () => {
  server = await OothecaProcess.start([
    '--store=type=mem',
    `--external-io-dir=${join(fixturesDir, 'backups')}`,
  ]);
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(async () => {
  client = await WireClient.connect(server.port, 'defaultdb');
});
afterEach(() => client.end());

const run = async (sql: string): Promise<void> => {
  client.send(frame('Q', cstring(sql)));
  await client.untilReady();
};
const text = (value: string): Buffer => Buffer.from(value);

const parse = (name: string, sql: string): Buffer =>
  frame('P', cstring(name), cstring(sql), int16s(0));
const bind = (portal: string, statement: string, formats: readonly number[] = []): Buffer =>
  frame('B', cstring(portal), cstring(statement), int16s(0, 0, formats.length, ...formats));
const execute = (portal: string, rows = 0): Buffer => frame('E', cstring(portal), int32s(rows));
const describeOf = (kind: 'S' | 'P', name: string): Buffer => frame('D', text(kind), cstring(name));
const sync = frame('S');

/** The types of the messages up to ReadyForQuery, and the SQLSTATE of an error among them. */
async function answer(): Promise<string> {
  let types = '';
  for (;;) {
    const message = await client.read();
    if (message === undefined) return `${types}!`;
    types += message.type;
    if (message.type === 'E') types += `(${/\0C(\w{5})\0/.exec(message.body.toString())?.[1]})`;
    if (message.type === 'Z') return types + message.body.toString();
  }
}

test('an enum and its array by their own OIDs, both ways', async () => {
  await run("CREATE TYPE mood AS ENUM ('sad', 'ok')");
  await run('CREATE TABLE m (a INT8 PRIMARY KEY, b mood, c mood[])');
  const { columnOids } = await client.query({ sql: 'SELECT b, c FROM m' });
  const [one = 0, many = 0] = columnOids;
  const known = await client.query({
    sql: 'SELECT oid::INT8, typarray::INT8 FROM pg_catalog.pg_type WHERE typname = $1',
    parameters: [text('mood')],
  });
  expect(known.rows[0]?.map(String)).toEqual([String(one), String(many)]);

  const list = Buffer.concat([int32s(1, 0, one, 1, 1, 3), text('sad')]);
  const written = await client.query({
    sql: 'INSERT INTO m VALUES (1, $1, $2) RETURNING b, c',
    parameterOids: [one, many],
    parameters: [text('ok'), list],
    parameterFormats: [1],
    resultFormats: [1],
  });
  expect(written.parameterOids).toEqual([one, many]);
  expect(written.rows).toEqual([[text('ok'), list]]);
  await run('DROP TABLE m');
  await run('DROP TYPE mood');
});

test('formats are given for each parameter and column', async () => {
  const { rows, parameterOids } = await client.query({
    sql: 'SELECT $1::INT8, $2::INT4, $1::INT8 + 1, NULL::INT8',
    parameters: [text('41'), int32s(7)],
    parameterFormats: [0, 1],
    resultFormats: [0, 1, 1, 1],
  });
  expect(parameterOids).toEqual([20, 23]);
  expect(rows).toEqual([[text('41'), int32s(7), int32s(0, 42), null]]);
});

test('JSON is taken for JSONB, in both of its binary forms', async () => {
  for (const value of [text('{"a": 1}'), Buffer.concat([Buffer.of(1), text('{"a": 1}')])]) {
    const { rows } = await client.query({
      sql: "SELECT $1->'a'",
      parameterOids: [114],
      parameters: [value],
      parameterFormats: [1],
    });
    expect(rows).toEqual([[text('1')]]);
  }
});

test('a parameter that can’t be read is named', async () => {
  const bad = client.query({
    sql: 'SELECT $1::INT8, $2::INT8',
    parameters: [text('1'), text('x')],
  });
  await expect(bad).rejects.toMatchObject({
    sqlstate: '22P02',
    message: expect.stringMatching(/^error in argument for \$2: could not parse "x" as type int/),
  });
  const unknown = client.query({ sql: 'SELECT $1', parameterOids: [4_000_000] });
  await expect(unknown).rejects.toMatchObject({
    sqlstate: '42704',
    message: 'unknown oid type: 4000000',
  });
});

test('a statement described before, a portal described after it is bound', async () => {
  client.send(
    parse('s', 'SELECT g FROM generate_series(1, 5) AS g'),
    describeOf('S', 's'),
    bind('p', 's', [1]),
    describeOf('P', 'p'),
    execute('p', 2),
    execute('p', 2),
    execute('p', 2),
    sync,
  );
  expect(await answer()).toBe('1tT2TDDsDDsDCZI');
});

test('Flush sends what there is; the portal goes on in the same transaction', async () => {
  client.send(parse('', 'SELECT g FROM generate_series(1, 3) AS g'), bind('', ''), frame('H'));
  expect((await client.read())?.type).toBe('1');
  expect((await client.read())?.type).toBe('2');
  client.send(execute('', 1), frame('H'));
  expect((await client.read())?.body.subarray(-1).toString()).toBe('1');
  expect((await client.read())?.type).toBe('s');
  client.send(execute('', 0), sync);
  expect(await answer()).toBe('DDCZI');
});

test('an error drops everything up to the next Sync, and nothing after it', async () => {
  await run('CREATE TABLE k (a INT8 PRIMARY KEY)');
  const statement = (sql: string): Buffer =>
    Buffer.concat([parse('', sql), bind('', ''), execute('')]);
  client.send(
    statement('INSERT INTO k VALUES (1)'),
    statement('INSERT INTO k VALUES (1)'),
    statement('INSERT INTO k VALUES (2)'),
    sync,
    statement('INSERT INTO k VALUES (3)'),
    sync,
    statement('BEGIN'),
    statement('INSERT INTO k VALUES (4)'),
    statement('SELECT 1/0'),
    sync,
    statement('ROLLBACK'),
    sync,
  );
  expect(await answer()).toBe('12C12E(23505)ZI');
  expect(await answer()).toBe('12CZI');
  expect(await answer()).toBe('12C12C12E(22012)ZE');
  expect(await answer()).toBe('12CZI');
  // Each statement outside of a block commits alone, as in v21.2.
  const { rows } = await client.query({ sql: 'SELECT a FROM k ORDER BY a' });
  expect(rows.flat().map(String)).toEqual(['1', '3']);
  await run('DROP TABLE k');
});

test.each([['SELECT * FROM c'], ['INSERT INTO c VALUES (9) RETURNING *']])(
  'its rows came to look different: %s',
  async (sql) => {
    await run('CREATE TABLE c (a INT8 PRIMARY KEY)');
    client.send(parse('kept', sql), bind('', 'kept'), execute(''), sync);
    expect(await answer()).toMatch(/^12D?CZI$/);
    await run('ALTER TABLE c ADD COLUMN b INT8 DEFAULT 1');
    client.send(bind('', 'kept'), execute(''), sync);
    expect(await answer()).toBe('E(0A000)ZI');
    client.send(frame('C', text('S'), cstring('kept')), parse('kept', sql), sync);
    expect(await answer()).toBe('31ZI');
    await run('DROP TABLE c');
  },
);

test('statements of CockroachDB’s own take texts as parameters', async () => {
  const { rows, parameterOids } = await client.query({
    sql: 'SHOW BACKUPS IN $1',
    parameters: [text('nodelocal://1/bank')],
  });
  expect(parameterOids).toEqual([25]);
  expect(rows.length).toBeGreaterThan(0);
  await client.query({
    sql: 'RESTORE DATABASE bank FROM LATEST IN $1 WITH new_db_name = $2',
    parameters: [text('nodelocal://1/bank'), text('copied')],
  });
  const restored = await client.query({ sql: 'SELECT count(*) > 0 FROM copied.accounts' });
  expect(restored.rows).toEqual([[text('t')]]);
});

test('a portal of a block sees the rows of its time, and counts by its table when the block writes before it has run', async () => {
  const other = await WireClient.connect(server.port, 'defaultdb');
  await run('CREATE TABLE portals (id INT8 PRIMARY KEY, v INT8)');
  await run('INSERT INTO portals VALUES (1, 1), (2, 2)');
  const open = async (): Promise<void> => {
    await run('BEGIN');
    client.send(parse('', 'SELECT v FROM portals WHERE id = 1'), bind('late', ''), sync);
    expect(await answer()).toBe('12ZT');
  };
  await open();
  await other.query({ sql: 'UPDATE portals SET v = 9 WHERE id = 2' });
  client.send(frame('Q', cstring('UPDATE portals SET v = 3 WHERE id = 2')));
  expect(await answer()).toBe('E(40001)ZE');
  await run('ROLLBACK');

  await open();
  await run('UPDATE portals SET v = 5 WHERE id = 1');
  client.send(execute('late'), sync);
  const row = await client.read();
  expect([row?.type, row?.body.subarray(6).toString()]).toEqual(['D', '1']);
  expect(await answer()).toBe('CZT');
  await run('COMMIT');
  await other.end();
});
