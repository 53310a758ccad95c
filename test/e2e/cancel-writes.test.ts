import type { Client, DatabaseError } from 'pg';
import { OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/**
 * A statement that writes ends soon after a cancel, also where SQLite alone would loop for hours; what it held is free then. A
 * statement that does not end fails its test by the test's own timeout.
 */

let server: OothecaProcess;
let client: Client;
let other: Client;

beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem']);
  client = await pgClient(server);
  other = await pgClient(server);
  await client.query(`
    CREATE TABLE large (a INT8 PRIMARY KEY, b INT8, c STRING);
    CREATE TABLE named (a STRING PRIMARY KEY, b INT8);
    CREATE TABLE target (a INT8 PRIMARY KEY, b INT8);
    INSERT INTO large SELECT g, g % 1000, 'text' FROM generate_series(1, 20000) AS g;
    INSERT INTO named SELECT g::STRING, g FROM generate_series(1, 5000) AS g`);
}, 60_000);
afterAll(async () => {
  await client?.end();
  await other?.end();
  await server?.stop();
});

test.each([
  'INSERT INTO target SELECT count(*), 1 FROM large a, large b, large c WHERE a.b < b.b AND c.b < b.b',
  'INSERT INTO target SELECT a.a, 1 FROM large a, named b, named c WHERE a.b + b.b + c.b < 0',
  'INSERT INTO target SELECT a.a, 1 FROM large a CROSS JOIN large b LEFT JOIN named c ON c.b = -a.b WHERE c.b > a.b + b.b',
  'INSERT INTO target SELECT count(*), 1 FROM (SELECT DISTINCT b FROM large) a, large b, large c WHERE a.b + b.a + c.a < 0',
  'INSERT INTO target WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT sum(n)::INT8, 1 FROM r',
  'UPDATE large SET b = 0 FROM large x, named y WHERE large.b + x.b + y.b < 0',
  'DELETE FROM large WHERE b > (SELECT count(*) FROM large x WHERE x.b < large.a + 1000000) + 1000',
  'DELETE FROM named WHERE EXISTS (SELECT 1 FROM large x, large y WHERE x.b + y.b < -named.b)',
  'UPSERT INTO target SELECT a.a, 1 FROM large a, large b WHERE a.b + b.b < 0',
  'CREATE TABLE made AS SELECT a.a FROM large a, large b WHERE a.b + b.b < 0',
])(
  '%s',
  async (sql) => {
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    const result = client.query(sql).then(
      () => 'it ended by itself',
      (error: DatabaseError) => error.code,
    );
    const running = `SELECT 1 FROM [SHOW QUERIES] WHERE query = $1`;
    while ((await other.query(running, [sql])).rows.length === 0);
    // It is inside of SQLite by then.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await other.query('SELECT pg_cancel_backend($1)', [rows[0].pid]);
    expect(await result).toBe('57014');
    await other.query('INSERT INTO target VALUES (1, 1)');
    await other.query('DELETE FROM target');
  },
  20_000,
);
