import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ServerCertificates } from '../../server/auth/certs-dir';
import { readServerCertificates } from '../../server/auth/certs-dir';
import { TlsUpgrader } from '../../server/auth/tls';
import { parseCertFlags } from '../../server/cert/cert-flags';
import { runCert } from '../../server/cert/run-cert';
import { scramVerifier } from '../../sql/privileges/password';
import { temporaryDirectory } from '../support/ootheca-process';
import { eventually } from '../support/process-state';
import { message, RawClient, startServer, startupPacket, type TestServer } from './harness';

/** The startup phase of a secure server, byte by byte. What clients make of it: e2e/authentication.test.ts. */

const directory = temporaryDirectory();
const dir = join(directory.path, 'certs');
let certificates: ServerCertificates;
let server: TestServer;

beforeAll(() => {
  for (const argv of [['create-ca'], ['create-node', 'localhost'], ['create-client', 'ann']]) {
    const flags = parseCertFlags([...argv, `--certs-dir=${dir}`]);
    if (flags.command === 'cert') runCert(flags, () => undefined);
  }
  certificates = readServerCertificates(dir);
});
afterAll(() => directory.remove());

async function start(acceptsPlain: boolean, startupTimeoutMs = 60_000): Promise<void> {
  const tls = new TlsUpgrader(certificates);
  const security = { kind: 'secure', tls, acceptsPlain } as const;
  server = await startServer({ security, startupTimeoutMs });
  server.engine.passwords.set('ann', Buffer.from(scramVerifier('hatch')));
}
afterEach(async () => {
  await server.stop();
});

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const GSS_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 48]);

const lastError = async (client: RawClient): Promise<string> => {
  const messages = await client.rest();
  const error = messages.at(-1);
  return `${error?.severity} ${error?.code} ${error?.message}`;
};

test('without TLS nobody comes in', async () => {
  await start(false);
  const client = await RawClient.connect(server.port);
  client.send(startupPacket({ user: 'ann' }));
  expect(await lastError(client)).toBe(
    'FATAL 08P01 node is running secure mode, SSL connection required',
  );
  expect(server.engine.sessions).toEqual([]);
});

test('what was sent in the clear with the request is not taken for what came over TLS', async () => {
  await start(false);
  const client = await RawClient.connect(server.port);
  client.send(Buffer.concat([SSL_REQUEST, startupPacket({ user: 'ann' })]));
  expect(await lastError(client)).toBe('FATAL 08P01 received unencrypted data after SSL request');
});

test('a client that answers S with something else than TLS is let go', async () => {
  await start(false);
  const client = await RawClient.connect(server.port);
  client.socket.removeAllListeners('data');
  const answer = new Promise<Buffer>((resolve) => client.socket.once('data', resolve));
  client.send(SSL_REQUEST);
  expect(String(await answer)).toBe('S');
  client.socket.resume();
  client.send(startupPacket({ user: 'ann' }));
  await client.closed;
  expect(server.engine.sessions).toEqual([]);
});

test.each([
  ['never begins', 0],
  ['comes byte by byte', 1],
])('a handshake that %s is not waited for', async (_, step) => {
  await start(false, 300);
  const client = await RawClient.connect(server.port);
  client.socket.removeAllListeners('data');
  const answer = new Promise<Buffer>((resolve) => client.socket.once('data', resolve));
  client.send(SSL_REQUEST);
  expect(String(await answer)).toBe('S');
  client.socket.resume();
  // A record of a handshake, of 512 bytes.
  const hello = Buffer.concat([Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252]), Buffer.alloc(508, 3)]);
  let at = 0;
  const drip = setInterval(() => {
    client.send(hello.subarray(at, at + step));
    at += step;
  }, 20);
  await client.closed;
  clearInterval(drip);
  await eventually(() => server.listener.connectionCount === 0);
});

test('a password that never comes is not waited for', async () => {
  await start(true, 300);
  for (const bytes of [message('X').subarray(0, 0), Buffer.from('p\0\0\x20\0SCRAM')]) {
    const client = await RawClient.connect(server.port);
    client.send(startupPacket({ user: 'ann' }), bytes);
    expect(await lastError(client)).toBe('FATAL 08P01 password did not arrive in time');
  }
  expect(server.engine.sessions).toEqual([]);
});

test('a password longer than any is refused before it is there', async () => {
  await start(true);
  const client = await RawClient.connect(server.port);
  client.send(startupPacket({ user: 'ann' }), Buffer.from('p\0\x20\0\0'));
  expect(await lastError(client)).toBe('FATAL 08P01 invalid message length');
});

async function tlsClient(): Promise<TLSSocket> {
  const client = await RawClient.connect(server.port);
  const { socket } = client;
  socket.removeAllListeners('data');
  const answers: string[] = [];
  for (const request of [GSS_REQUEST, SSL_REQUEST]) {
    const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.write(request);
    answers.push(String(await answer));
  }
  expect(answers).toEqual(['N', 'S']);
  const options = { socket, ca: certificates.ca, servername: 'localhost' };
  return await new Promise((resolve, reject) => {
    const secured = connectTls(options, () => resolve(secured));
    secured.once('error', reject);
  });
}

/** All that comes until the server hangs up. */
async function conversation(socket: TLSSocket, ...sent: Buffer[]): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  for (const bytes of sent) socket.write(bytes);
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

test('over TLS SCRAM is offered, with and without binding; the same for who is nobody', async () => {
  await start(false);
  for (const user of ['ann', 'nobody']) {
    const socket = await tlsClient();
    const said = await conversation(socket, startupPacket({ user }), message('X'));
    expect(said).toBe('R\0\0\0\x2a\0\0\0\nSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0');
  }
});

test.each([
  ['a query instead of a password', message('Q', 'SELECT 1\0'), 'expected a password'],
  ['half of a long message', message('Q', '').fill(255, 1, 5), 'expected a password'],
  ['an empty password', message('p'), 'malformed SASL initial response'],
  ['a length that is wrong', message('p', 'SCRAM-SHA-256\0\0\0\0\x0an,,n=,r=a'), 'malformed SASL'],
  ['a mechanism that is not there', message('p', 'PLAIN\0\0\0\0\x01x'), 'invalid SASL'],
])('%s', async (_, bytes, sentence) => {
  await start(false);
  const said = await conversation(await tlsClient(), startupPacket({ user: 'ann' }), bytes);
  expect(said).toContain('C08P01');
  expect(said).toContain(sentence);
  expect(server.engine.sessions).toEqual([]);
});

test('a wrong proof is a wrong password', async () => {
  await start(true);
  const client = await RawClient.connect(server.port);
  client.send(startupPacket({ user: 'ann' }));
  await client.until('authenticationSASL');
  client.send(message('p', 'SCRAM-SHA-256\0\0\0\0\x0bn,,n=,r=abc'));
  const [asked] = (await client.until('authenticationSASLContinue')).slice(-1);
  const nonce = /r=([^,]*)/.exec((asked as { data?: string } | undefined)?.data ?? '')?.[1];
  const proof = Buffer.alloc(32, 7).toString('base64');
  client.send(message('p', `c=biws,r=${nonce},p=${proof}`));
  expect(await lastError(client)).toBe('FATAL 28P01 password authentication failed for user ann');
});

test('rules of hosts', async () => {
  await start(true);
  server.engine.rules =
    'host all ann 10.0.0.0/8 trust\nhost all bob all reject\nhost all cat all trust';
  const said = async (user: string): Promise<string> => {
    const client = await RawClient.connect(server.port);
    client.send(startupPacket({ user }));
    return lastError(client);
  };
  expect(await said('ann')).toBe(
    'FATAL 28000 no server.host_based_authentication.configuration entry for host "127.0.0.1", user "ann"',
  );
  expect(await said('bob')).toBe('FATAL 28000 authentication rejected by configuration');
  const cat = await RawClient.connect(server.port);
  cat.send(startupPacket({ user: 'cat' }));
  await cat.until('readyForQuery');
  cat.end();
});

test('who fails too often is turned away', async () => {
  await start(true);
  server.engine.rules = 'host all all all password';
  const attempt = async (): Promise<string> => {
    const client = await RawClient.connect(server.port);
    client.send(startupPacket({ user: 'ann' }));
    client.send(message('p', 'SCRAM-SHA-256\0\0\0\0\x0bn,,n=,r=abc'));
    const asked = await client.until('authenticationSASLContinue').catch(() => []);
    const data = (asked.at(-1) as { data?: string } | undefined)?.data ?? '';
    const nonce = /r=([^,]*)/.exec(data)?.[1];
    client.send(message('p', `c=biws,r=${nonce},p=${Buffer.alloc(32).toString('base64')}`));
    return lastError(client);
  };
  const answers: string[] = [];
  for (let i = 0; i < 11; i++) answers.push(await attempt());
  expect(answers.slice(0, 10).every((answer) => answer.startsWith('FATAL 28P01'))).toBe(true);
  expect(answers[10]).toContain('too many failed logins');
});
