import { serialize } from 'pg-protocol';
import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import { eventually, message, names, RawClient, startServer, type TestServer } from './harness';

let server: TestServer;
let client: RawClient;

beforeEach(async () => {
  server = await startServer();
  client = await RawClient.connect(server.port);
});

afterEach(async () => {
  client.end();
  await server.stop();
});

async function start(): Promise<{ processID: number; secretKey: number }> {
  client.send(serialize.startup({ user: 'root' }));
  const messages = await client.until('readyForQuery');
  const key = messages.find((each) => each.name === 'backendKeyData');
  return { processID: key?.processID ?? 0, secretKey: key?.secretKey ?? 0 };
}

function calls(): readonly string[] {
  return server.engine.sessions[0]?.calls ?? [];
}

async function cancel(processID: number, secretKey: number): Promise<void> {
  const canceller = await RawClient.connect(server.port);
  canceller.send(serialize.cancel(processID, secretKey));
  expect(await canceller.rest()).toEqual([]);
}

test('a cancel request ends the running statement, and only with the right key', async () => {
  const key = await start();
  client.send(serialize.query('wait'));
  await eventually(() => calls().includes('execute wait'));
  await cancel(key.processID, key.secretKey ^ 1);
  await cancel(key.processID + 1, key.secretKey);
  expect(calls()).not.toContain('cancel');
  await cancel(key.processID, key.secretKey);
  const messages = await client.until('readyForQuery');
  expect(messages[0]).toMatchObject({ code: '57014', severity: 'ERROR' });
});

test('a cancel request between statements has nothing to cancel', async () => {
  const key = await start();
  await cancel(key.processID, key.secretKey);
  expect(calls()).not.toContain('cancel');
});

test('Terminate closes the session once', async () => {
  await start();
  client.send(serialize.end());
  await client.closed;
  await eventually(() => server.listener.connectionCount === 0);
  expect(server.engine.sessions[0]?.closed).toBe(1);
});

test('a client that goes away stops its statement', async () => {
  await start();
  client.send(serialize.query('wait'));
  await eventually(() => calls().includes('execute wait'));
  client.end();
  await eventually(() => server.listener.connectionCount === 0);
  expect(calls()).toContain('cancel');
  expect(server.engine.sessions[0]).toMatchObject({ closed: 1, openCursors: 0 });
});

test('a client that resets the connection in the middle of a result', async () => {
  await start();
  client.send(serialize.query('rows 1000000 100'));
  await client.until('dataRow');
  client.socket.resetAndDestroy();
  await eventually(() => server.listener.connectionCount === 0);
  expect(server.engine.sessions[0]).toMatchObject({ closed: 1, openCursors: 0 });
});

test('a client that closes its half ends the connection', async () => {
  await start();
  client.socket.end();
  await client.closed;
  await eventually(() => server.listener.connectionCount === 0);
  expect(server.engine.sessions[0]?.closed).toBe(1);
});

test('who does not read does not make the server gather rows', async () => {
  await start();
  client.socket.pause();
  client.send(serialize.query('rows 100000 1000'));
  const session = server.engine.sessions[0];
  // 200 MB of rows in 1,000 batches; what fits into socket buffers is a small part of them.
  let seen = -1;
  let still = 0;
  while (still < 20) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    still = session?.batches === seen && seen > 0 ? still + 1 : 0;
    seen = session?.batches ?? 0;
  }
  expect(seen).toBeLessThan(200);
  client.end();
  await eventually(() => server.listener.connectionCount === 0);
  expect(session?.openCursors).toBe(0);
});

test('a slow reader gets all of it', async () => {
  await start();
  client.send(serialize.query('rows 3000 1000'));
  const messages = await client.until('readyForQuery');
  expect(messages.at(-2)).toMatchObject({ text: 'SELECT 3000' });
  expect(messages.filter((each) => each.name === 'dataRow')).toHaveLength(3000);
});

test('a pipeline whose answers nobody reads does not grow the server', async () => {
  await start();
  client.socket.pause();
  const query = serialize.query('rows 100 1000');
  const flood = Buffer.concat(new Array<Buffer>(1000).fill(query));
  for (let i = 0; i < 20; i++) client.send(flood);
  const session = server.engine.sessions[0];
  await eventually(() => (session?.batches ?? 0) > 5);
  let seen = -1;
  while (seen !== session?.batches) {
    seen = session?.batches ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(seen).toBeLessThan(200);
});

test('draining tells idle clients and lets a statement end', async () => {
  await start();
  const idle = await RawClient.started(server.port);
  const begun = await RawClient.started(server.port);
  begun.send(serialize.query('rows 100000 10'));
  await begun.until('dataRow');
  const drained = server.listener.drain(60_000);
  expect(await idle.rest()).toMatchObject([
    { severity: 'FATAL', code: '57P01', message: 'server is shutting down' },
  ]);
  const messages = await begun.rest();
  expect(messages.at(-3)).toMatchObject({ text: 'SELECT 100000' });
  expect(messages.at(-1)).toMatchObject({ severity: 'FATAL', code: '57P01' });
  await drained;
  expect(server.listener.connectionCount).toBe(0);
  await expect(RawClient.connect(server.port)).rejects.toThrow('ECONNREFUSED');
});

test('draining cuts off what does not end in time', async () => {
  await start();
  client.send(serialize.query('wait'));
  await eventually(() => calls().includes('execute wait'));
  await server.listener.drain(10);
  expect(calls()).toContain('cancel');
  expect(server.engine.sessions[0]?.closed).toBe(1);
});

test.each([
  ['an unknown type', message('~', '')],
  ['a length below 4', Buffer.from([0x51, 0, 0, 0, 3])],
  ['a length beyond the limit', Buffer.from([0x51, 0x7f, 0xff, 0xff, 0xff])],
  ['a Sync with a body', message('S', 'x')],
  ['a Query without its terminator', message('Q', 'select 1')],
  ['a Query with two texts', message('Q', 'a\0b\0')],
  ['a Bind cut short', message('B', '\0\0\0\0\0\x02')],
  [
    'a Bind with a value length of -2',
    message('B', Buffer.from('\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0', 'latin1')),
  ],
  ['a Bind with format 2', message('B', '\0\0\0\x01\0\x02\0\0\0\0')],
  ['a Describe of nothing', message('D', '')],
  ['a Describe of X', message('D', 'Xa\0')],
])('%s is FATAL 08P01 and closes', async (_name, bytes) => {
  await start();
  client.send(Buffer.from(bytes));
  const messages = await client.rest();
  expect(messages).toMatchObject([{ severity: 'FATAL', code: '08P01' }]);
  await eventually(() => server.listener.connectionCount === 0);
  expect(server.engine.sessions[0]?.closed).toBe(1);
});

test('a reply larger than any buffer in both directions', async () => {
  await start();
  const big = 'x'.repeat(3 << 20);
  client.send(
    serialize.parse({ text: 'echo $1' }),
    serialize.bind({ values: [big] }),
    serialize.execute(),
    serialize.sync(),
  );
  const messages = await client.until('readyForQuery');
  expect(names(messages)).toContain('dataRow');
  expect(messages.find((each) => each.name === 'dataRow')?.fields?.[0] === big).toBe(true);
});

test('a text beyond the limit of a statement is an error and no more', async () => {
  await start();
  client.send(serialize.query('x'.repeat(limits.sqlTextBytesMax + 1)));
  expect((await client.until('readyForQuery'))[0]).toMatchObject({ code: '54000' });
  client.send(serialize.query('select 1'));
  expect(names(await client.until('readyForQuery'))).toContain('dataRow');
});

test('a client that is silent for longer than its session allows is sent away', async () => {
  await start();
  const [session] = server.engine.sessions;
  if (session === undefined) throw new Error('no session');
  const error = new SqlError('idleSessionTimeout', 'terminating connection due to idle-session');
  session.idle = { ms: 20, error };
  // The limit holds from the next answer on; a batch that waits for its Sync is not idle.
  client.send(serialize.parse({ text: 'select 1' }));
  client.send(serialize.flush());
  await client.until('parseComplete');
  client.send(serialize.sync());
  await client.until('readyForQuery');
  expect(await client.rest()).toMatchObject([{ code: '57P05', severity: 'FATAL' }]);
  await eventually(() => session.closed === 1);
});

test('what is left of a COPY that failed is dropped', async () => {
  await start();
  client.send(message('d', '1\n'), message('c'), message('f', 'x\0'), message('Q', 'select 1\0'));
  expect(names(await client.until('readyForQuery'))).toEqual([
    'rowDescription',
    'dataRow',
    'commandComplete',
    'readyForQuery',
  ]);
});
