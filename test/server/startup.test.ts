import { serialize } from 'pg-protocol';
import { SqlError } from '../../base/errors';
import { message, names, RawClient, startServer, startupPacket, type TestServer } from './harness';

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

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const GSS_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 48]);

function nextBytes(): Promise<string> {
  return new Promise((resolve) => {
    client.socket.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
  });
}

test('the greeting', async () => {
  client.send(startupPacket({ user: 'root', database: 'bank' }));
  const messages = await client.until('readyForQuery');
  expect(names(messages)).toEqual([
    'authenticationOk',
    ...new Array<string>(5).fill('parameterStatus'),
    'backendKeyData',
    'readyForQuery',
  ]);
  expect(messages[1]).toMatchObject({ parameterName: 'server_version', parameterValue: '13.0.0' });
  expect(server.engine.sessions[0]?.options).toMatchObject({ user: 'root', database: 'bank' });
});

test('settings come from the packet and from its options', async () => {
  client.send(
    startupPacket({
      user: 'u',
      options: '-c a=b --c-d=e\\ f  -cG=h=i',
      Application_Name: 'app',
      replication: 'false',
    }),
  );
  await client.until('readyForQuery');
  const options = server.engine.sessions[0]?.options;
  expect(options?.database).toBe('defaultdb');
  expect(Object.fromEntries(options?.settings ?? [])).toEqual({
    a: 'b',
    c_d: 'e f',
    g: 'h=i',
    application_name: 'app',
  });
  expect(options?.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
});

test('SSLRequest and GSSENCRequest are answered N, then the startup goes on', async () => {
  client.send(GSS_REQUEST);
  // Not read by pg-protocol's parser: it is one byte and no message.
  client.socket.removeAllListeners('data');
  expect(await nextBytes()).toBe('N');
  client.send(SSL_REQUEST);
  expect(await nextBytes()).toBe('N');
  client.send(startupPacket({ user: 'root' }));
  expect(await nextBytes()).toMatch(/^R/);
});

test('a newer minor version and unknown protocol options are negotiated down', async () => {
  client.socket.removeAllListeners('data');
  client.send(startupPacket({ user: 'root', '_pq_.x': '1' }, 3, 2));
  const bytes = await nextBytes();
  expect(bytes.startsWith('v\0\0\0\x13\0\0\0\0\0\0\0\x01_pq_.x\0R')).toBe(true);
  expect(server.engine.sessions[0]?.options.settings.size).toBe(0);
});

test.each([
  ['protocol 2', startupPacket({}, 2, 0), '0A000', 'unsupported frontend protocol 2.0'],
  ['no user', startupPacket({ database: 'd' }), '28000', 'no user name'],
  ['replication', startupPacket({ user: 'u', replication: 'database' }), '0A000', 'replication'],
  ['bad options', startupPacket({ user: 'u', options: 'x' }), '08P01', 'option "x" is invalid'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), '08P01', 'invalid length of startup packet'],
  ['TLS', Buffer.from('160301020001000001fc03', 'hex'), '08P01', 'invalid length'],
  ['a short length', Buffer.from([0, 0, 0, 4]), '08P01', 'invalid length'],
  ['10001 bytes', Buffer.from([0, 0, 0x27, 0x11]), '08P01', 'invalid length'],
  [
    'no terminator',
    Buffer.from('\0\0\0\x0e\0\x03\0\0user\0r', 'latin1'),
    '08P01',
    'invalid string',
  ],
  [
    'bytes after the terminator',
    Buffer.from('\0\0\0\x0b\0\x03\0\0\0xx', 'latin1'),
    '08P01',
    'invalid message format',
  ],
])('%s is FATAL and closes', async (_name, bytes, code, text) => {
  client.send(bytes);
  const messages = await client.rest();
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatchObject({ name: 'error', severity: 'FATAL', code });
  expect(messages[0]?.message).toContain(text);
  expect(server.engine.openSessions).toBe(0);
});

test('what the engine refuses is FATAL', async () => {
  server.engine.refusal = new SqlError('invalidCatalogName', 'database "x" does not exist');
  client.send(startupPacket({ user: 'root', database: 'x' }));
  expect(await client.rest()).toMatchObject([{ severity: 'FATAL', code: '3D000' }]);
});

test('a client too many is told so; a place that is free again is given', async () => {
  const small = await startServer({ connectionsMax: 1 });
  const first = await RawClient.started(small.port);
  const second = await RawClient.connect(small.port);
  second.send(startupPacket({ user: 'root' }));
  expect(await second.rest()).toMatchObject([{ severity: 'FATAL', code: '53300' }]);
  first.send(serialize.end());
  await first.closed;
  const third = await RawClient.started(small.port);
  third.end();
  await small.stop();
});

test('who does not start up is closed', async () => {
  const hasty = await startServer({ startupTimeoutMs: 20 });
  const mute = await RawClient.connect(hasty.port);
  expect(await mute.rest()).toMatchObject([{ severity: 'FATAL', code: '08P01' }]);
  await hasty.stop();
});

test('a startup packet that comes byte by byte is read; one that never ends is not waited for', async () => {
  const packet = startupPacket({ user: 'root', application_name: 'slow' });
  for (const byte of packet) client.send(Uint8Array.of(byte));
  await client.until('readyForQuery');
  const hasty = await startServer({ startupTimeoutMs: 200 });
  const slow = await RawClient.connect(hasty.port);
  let at = 0;
  const drip = setInterval(() => slow.send(packet.subarray(at % 8, (at++ % 8) + 1)), 20);
  expect(await slow.rest()).toMatchObject([
    { severity: 'FATAL', code: '08P01', message: 'startup packet did not arrive in time' },
  ]);
  clearInterval(drip);
  await hasty.stop();
});

test('clients that do not log in make room for those who do', async () => {
  const small = await startServer({ connectionsMax: 2 });
  const kept = await RawClient.started(small.port);
  const mute: RawClient[] = [];
  for (let i = 0; i < 100; i++) mute.push(await RawClient.connect(small.port));
  const served = await RawClient.started(small.port);
  expect(small.listener.connectionCount).toBeLessThanOrEqual(2 + 64);
  // The oldest of them are gone, and nobody with a session is.
  await mute[0]?.closed;
  for (const client of [kept, served]) {
    client.send(message('Q', 'rows 1\0'));
    await client.until('readyForQuery');
  }
  for (const client of [...mute, kept, served]) client.end();
  await small.stop();
});

test('a password that nobody asked for breaks the protocol', async () => {
  client.send(startupPacket({ user: 'root' }), serialize.password('x'));
  const messages = await client.rest();
  expect(messages.at(-1)).toMatchObject({ severity: 'FATAL', code: '08P01' });
});
