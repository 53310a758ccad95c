import { Client, type DatabaseError, Pool } from 'pg';
import { eventually, startServer, type TestServer } from './harness';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await eventually(() => server.listener.connectionCount === 0);
  await server.stop();
});

function config() {
  return { host: '127.0.0.1', port: server.port, user: 'root', database: 'defaultdb' };
}

test('queries, parameters, prepared statements, errors', async () => {
  const client = new Client(config());
  await client.connect();
  const several = await client.query('rows 2; insert 3');
  expect(several).toMatchObject([{ rowCount: 2 }, { rowCount: 3, command: 'INSERT' }]);
  const echo = await client.query('echo $1 $2', ['grüße', Buffer.from('b')]);
  expect(echo.rows).toEqual([{ first: 'grüße', second: '0,1' }]);
  for (let i = 0; i < 3; i++) {
    const named = await client.query({ name: 'n', text: 'echo $1', values: [i] });
    expect(named.rows[0]).toMatchObject({ first: String(i) });
  }
  const error = await client
    .query('error uniqueViolation taken', [])
    .catch((reason: DatabaseError) => reason);
  expect(error).toMatchObject({
    code: '23505',
    message: 'taken',
    constraint: 'the_constraint',
    detail: 'the detail',
  });
  await client.query('begin');
  await expect(client.query('error syntaxError x')).rejects.toThrow('x');
  await expect(client.query('select 1')).rejects.toThrow('aborted');
  await client.query('rollback');
  expect((await client.query('select 1')).rowCount).toBe(1);
  await client.end();
});

test('a pool of clients at the same time', async () => {
  const pool = new Pool({ ...config(), max: 8 });
  const results = await Promise.all(
    Array.from({ length: 40 }, (_, i) => pool.query('echo $1', [i])),
  );
  expect(results.map((result) => result.rows[0].first)).toEqual(
    Array.from({ length: 40 }, (_, i) => String(i)),
  );
  await pool.end();
});
