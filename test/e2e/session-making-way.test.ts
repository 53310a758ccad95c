import type { Client, DatabaseError } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** An open block that has written makes way for statements that have nothing to do with it: nothing of it is lost or done twice. */

const directory = temporaryDirectory();
let server: OothecaProcess;
let block: Client;
let other: Client;

beforeAll(async () => {
  server = await OothecaProcess.start([`--store=${directory.path}`]);
  const client = await pgClient(server);
  for (const table of ['a', 'b', 'c']) {
    await client.query(
      `CREATE TABLE ${table} (id INT PRIMARY KEY, n INT NOT NULL, u UUID DEFAULT gen_random_uuid())`,
    );
  }
  await client.query('CREATE SEQUENCE s');
  await client.query('CREATE TABLE child (id INT PRIMARY KEY, a INT REFERENCES a (id))');
  await client.end();
});
afterAll(async () => {
  await server?.stop();
  directory.remove();
});
beforeEach(async () => {
  block = await pgClient(server);
  other = await pgClient(server);
  await other.query('TRUNCATE child, a, b, c');
  await other.query("SET lock_timeout = '1s'");
});
afterEach(async () => {
  await block.end();
  await other.end();
});

const rows = async (client: Client, sql: string): Promise<unknown[]> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows;

const codeOf = async (query: Promise<unknown>): Promise<string | undefined> =>
  await query.then(
    () => undefined,
    (error: DatabaseError) => error.code,
  );

test('rows, defaults, savepoints, schema and sequences of the block stay as they were', async () => {
  await block.query('BEGIN');
  await block.query('INSERT INTO a SELECT i, i FROM generate_series(1, 50) AS i');
  await block.query('SAVEPOINT one');
  await block.query('DELETE FROM a WHERE id > 40');
  await block.query('SAVEPOINT two');
  await block.query('UPDATE a SET n = -n');
  await block.query('ROLLBACK TO SAVEPOINT two');
  await block.query("CREATE TABLE made (id INT PRIMARY KEY DEFAULT nextval('s'), v STRING)");
  await block.query('CREATE SEQUENCE own');
  await block.query("INSERT INTO made (v) VALUES ('x'), ('y')");
  await block.query("SELECT nextval('own'), nextval('own')");
  await block.query('ALTER TABLE made ADD COLUMN k INT DEFAULT 7');
  await block.query("INSERT INTO made (v) VALUES ('z')");
  const before = await rows(block, 'SELECT * FROM a ORDER BY id');
  const made = await rows(block, 'SELECT * FROM made ORDER BY id');
  for (let i = 0; i < 3; i++) await other.query(`INSERT INTO b VALUES (${i}, 0)`);
  expect(await rows(other, 'SELECT count(*) FROM b')).toEqual([['3']]);
  expect(await rows(other, 'SELECT count(*) FROM a')).toEqual([['0']]);
  expect(await rows(block, 'SELECT * FROM a ORDER BY id')).toEqual(before);
  expect(await rows(block, 'SELECT * FROM made ORDER BY id')).toEqual(made);
  expect(await rows(block, "SELECT nextval('own')")).toEqual([['3']]);
  await block.query('ROLLBACK TO SAVEPOINT one');
  expect(await rows(block, 'SELECT count(*) FROM a')).toEqual([['50']]);
  await block.query('COMMIT');
  expect(await rows(other, 'SELECT count(*), sum(n) FROM a')).toEqual([['50', '1275']]);
  expect(await codeOf(other.query('SELECT * FROM made'))).toBe('42P01');
  expect(await rows(other, "SELECT nextval('s') > 2")).toEqual([[true]]);
});

test('a sequence that the block has restarted is as before when the block is rolled back', async () => {
  await other.query("SELECT setval('s', 500)");
  await block.query('BEGIN');
  await block.query('INSERT INTO a VALUES (1, 1)');
  await block.query('ALTER SEQUENCE s RESTART WITH 1');
  expect(await rows(block, "SELECT nextval('s')")).toEqual([['1']]);
  await other.query('INSERT INTO b VALUES (1, 1)');
  expect(await rows(block, "SELECT nextval('s')")).toEqual([['2']]);
  await block.query('ROLLBACK');
  expect(await rows(other, "SELECT nextval('s')")).toEqual([['501']]);
});

test('whoever would meet what the block has written waits for it', async () => {
  await block.query('BEGIN');
  await block.query('INSERT INTO a VALUES (1, 1)');
  expect(await codeOf(other.query('INSERT INTO a VALUES (2, 2)'))).toBe('55P03');
  expect(await codeOf(other.query('INSERT INTO b SELECT id, n FROM a'))).toBe('55P03');
  // Its foreign key looks at the table.
  expect(await codeOf(other.query('INSERT INTO child VALUES (1, 1)'))).toBe('55P03');
  expect(await codeOf(other.query('CREATE TABLE unrelated (id INT)'))).toBe('55P03');
  await block.query('COMMIT');
  await other.query('INSERT INTO child VALUES (1, 1)');
});

test('a block comes before those who write what it has read; what would contradict that is 40001', async () => {
  await other.query('INSERT INTO b VALUES (1, 1)');
  await block.query('BEGIN');
  expect(await rows(block, 'SELECT n FROM b')).toEqual([['1']]);
  await block.query('INSERT INTO a VALUES (1, 1)');
  await other.query('UPDATE b SET n = 2');
  await block.query('INSERT INTO a VALUES (2, 2)');
  expect(await codeOf(block.query('SELECT n FROM b'))).toBe('40001');
  await block.query('ROLLBACK');

  await block.query('BEGIN');
  await rows(block, 'SELECT n FROM b');
  await block.query('INSERT INTO a VALUES (3, 3)');
  await other.query('INSERT INTO b SELECT id + 10, n FROM c');
  expect(await codeOf(block.query('INSERT INTO c VALUES (1, 1)'))).toBe('40001');
  await block.query('ROLLBACK');
  expect(await rows(other, 'SELECT count(*) FROM a')).toEqual([['0']]);

  await block.query('BEGIN');
  await rows(block, 'SELECT n FROM b');
  await block.query('INSERT INTO a VALUES (4, 4)');
  await other.query('UPDATE b SET n = 5');
  await block.query('COMMIT');
  expect(await rows(other, 'SELECT id FROM a')).toEqual([['4']]);
});

test('whoever sees what comes after a block, and not the block, ends it: also queries alone and blocks that only read', async () => {
  const reader = await pgClient(server);
  const look = 'SELECT (SELECT count(*) FROM a) AS a, (SELECT max(n) FROM b) AS b';
  await other.query('INSERT INTO b VALUES (1, 1)');
  const makeWay = async (): Promise<void> => {
    await block.query('BEGIN');
    await rows(block, 'SELECT n FROM b');
    await block.query('INSERT INTO c VALUES (1, 1)');
    await other.query('UPDATE b SET n = n + 1');
  };

  // Seen before it is written.
  await makeWay();
  expect(await rows(reader, look)).toEqual([['0', '2']]);
  expect(await codeOf(block.query('INSERT INTO a VALUES (1, 1)'))).toBe('40001');
  await block.query('ROLLBACK');

  // Written before it is seen.
  await makeWay();
  await block.query('INSERT INTO a VALUES (1, 1)');
  expect(await rows(reader, look)).toEqual([['0', '3']]);
  expect(await codeOf(block.query('COMMIT'))).toBe('40001');
  expect(await rows(reader, 'SELECT count(*) FROM a')).toEqual([['0']]);

  // A block that reads saw the one, and asks for the other when it is too late.
  await makeWay();
  await block.query('INSERT INTO a VALUES (1, 1)');
  await reader.query('BEGIN');
  expect(await rows(reader, 'SELECT max(n) FROM b')).toEqual([['4']]);
  await block.query('COMMIT');
  expect(await codeOf(reader.query('SELECT count(*) FROM a'))).toBe('40001');
  await reader.query('ROLLBACK');
  expect(await rows(reader, look)).toEqual([['1', '4']]);

  // A block that saw neither is no contradiction.
  await reader.query('BEGIN');
  expect(await rows(reader, look)).toEqual([['1', '4']]);
  await block.query('TRUNCATE c');
  await makeWay();
  await block.query('INSERT INTO a VALUES (2, 1)');
  expect(await rows(reader, look)).toEqual([['1', '4']]);
  await block.query('COMMIT');
  expect(await rows(reader, look)).toEqual([['1', '4']]);
  await reader.end();
});

test('a block that has written much keeps its place', async () => {
  await block.query('BEGIN');
  await block.query('INSERT INTO a SELECT i, i FROM generate_series(1, 70000) AS i');
  expect(await codeOf(other.query('INSERT INTO b VALUES (1, 1)'))).toBe('55P03');
  await block.query('COMMIT');
  await other.query('INSERT INTO b VALUES (1, 1)');
});

test('the client of a block that has made way is gone: nothing is left of the block', async () => {
  await block.query('BEGIN');
  await block.query('INSERT INTO a VALUES (1, 1)');
  await other.query('INSERT INTO b VALUES (1, 1)');
  await block.end();
  block = await pgClient(server);
  await other.query('INSERT INTO a VALUES (1, 2)');
  expect(await rows(other, 'SELECT n FROM a')).toEqual([['2']]);
});

test('many others at once, while the block goes on', async () => {
  const clients = await Promise.all(Array.from({ length: 6 }, () => pgClient(server)));
  await block.query('BEGIN');
  const writes = clients.map(async (client, i) => {
    for (let k = 0; k < 15; k++) await client.query(`INSERT INTO b VALUES (${i * 100 + k}, ${k})`);
  });
  for (let i = 0; i < 40; i++) {
    await block.query(`INSERT INTO a VALUES (${i}, ${i})`);
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await rows(block, 'SELECT count(*) FROM a')).toEqual([[String(i + 1)]]);
  }
  await block.query('COMMIT');
  await Promise.all(writes);
  for (const client of clients) await client.end();
  expect(await rows(other, 'SELECT count(*), sum(n) FROM a')).toEqual([['40', '780']]);
  expect(await rows(other, 'SELECT count(*) FROM b')).toEqual([['90']]);
});

test('kill -9 while a block has made way: what the others committed is there, the block is not', async () => {
  await block.query('BEGIN');
  await block.query('INSERT INTO a VALUES (1, 1)');
  await other.query('INSERT INTO b VALUES (1, 1)');
  for (const client of [block, other]) client.on('error', () => undefined);
  await server.stop('SIGKILL');
  server = await OothecaProcess.start([`--store=${directory.path}`]);
  block = await pgClient(server);
  other = await pgClient(server);
  expect(await rows(other, 'SELECT count(*) FROM a')).toEqual([['0']]);
  expect(await rows(other, 'SELECT count(*) FROM b')).toEqual([['1']]);
});
