import { randomBytes } from 'node:crypto';
import { mockVerifier, SCRAM, SCRAM_PLUS, ScramExchange } from '../../../server/auth/scram';
import { parseStoredPassword, type ScramVerifier } from '../../../server/auth/stored-password';
import { ScramClient } from '../../../server/sql-client/scram-client';
import { scramVerifier } from '../../../sql/privileges/password';

function verifierOf(password: string): ScramVerifier {
  const stored = parseStoredPassword(Buffer.from(scramVerifier(password)));
  if (stored.kind !== 'scram') throw new Error('not a SCRAM verifier');
  return stored;
}

const BINDING = randomBytes(32);

async function exchange(
  server: ScramExchange,
  password: string,
  binding: Buffer | undefined,
): Promise<boolean> {
  const client = new ScramClient(server.mechanisms, binding);
  const final = await client.final(server.first(client.mechanism, client.first), password);
  const last = server.final(final);
  if (last === undefined) return false;
  client.check(last);
  return true;
}

test.each([
  ['neither side binds', undefined, undefined],
  ['both bind', BINDING, BINDING],
  ['only the server could', BINDING, undefined],
  ['only the client could', undefined, BINDING],
])('%s', async (_, ofServer, ofClient) => {
  const verifier = verifierOf('hatch');
  expect(await exchange(new ScramExchange(verifier, true, ofServer), 'hatch', ofClient)).toBe(true);
  expect(await exchange(new ScramExchange(verifier, true, ofServer), 'hatcH', ofClient)).toBe(
    false,
  );
});

test('somebody in between', async () => {
  const verifier = verifierOf('hatch');
  const server = () => new ScramExchange(verifier, true, BINDING);
  await expect(exchange(server(), 'hatch', randomBytes(32))).rejects.toThrow(
    'binding check failed',
  );
  // Who takes SCRAM-SHA-256-PLUS off the list.
  const client = new ScramClient([SCRAM], BINDING);
  expect(() => server().first(client.mechanism, client.first)).toThrow('negotiation error');
});

test('an exchange made up for nobody ends in failure, whatever the proof', async () => {
  const verifier = verifierOf('hatch');
  expect(await exchange(new ScramExchange(verifier, false, undefined), 'hatch', undefined)).toBe(
    false,
  );
  const mock = mockVerifier('nobody');
  expect(mock).toMatchObject({ iterations: 4096 });
  expect(mock.salt).toHaveLength(16);
  expect(mockVerifier('nobody').salt).toEqual(mock.salt);
  expect(mockVerifier('anybody').salt).not.toEqual(mock.salt);
});

test("RFC 7677's example", async () => {
  const b64 = (text: string): Buffer => Buffer.from(text, 'base64');
  const salt = b64('W22ZaJ0SNY7soEsUEjb6gQ==');
  const client = new ScramClient([SCRAM], undefined);
  Object.assign(client, { nonce: 'rOprNGfwEbeRWgbNEkqO', bare: 'n=user,r=rOprNGfwEbeRWgbNEkqO' });
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const first = `r=${nonce},s=${salt.toString('base64')},i=4096`;
  expect(await client.final(first, 'pencil')).toBe(
    `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  );
  client.check('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  expect(() => client.check('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl94G4=')).toThrow(
    'did not prove',
  );
});

test.each([
  [SCRAM, ''],
  [SCRAM, 'n,,n=,r='],
  [SCRAM, 'n,,n=,r=a b'],
  [SCRAM, 'x,,n=,r=abc'],
  [SCRAM, 'p=tls-server-end-point,,n=,r=abc'],
  [SCRAM_PLUS, 'n,,n=,r=abc'],
  [SCRAM_PLUS, 'p=tls-unique,,n=,r=abc'],
  ['PLAIN', 'n,,n=,r=abc'],
])('%s %j is refused', (mechanism, message) => {
  const server = new ScramExchange(verifierOf('x'), true, BINDING);
  expect(() => server.first(mechanism, message)).toThrow();
});

test.each(['', 'c=biws', 'c=biws,r=other,p=AAAA', 'c=biws,r=NONCE,p=AAAA', 'c=biws,r=NONCE'])(
  'the last message %j is refused',
  (message) => {
    const server = new ScramExchange(verifierOf('x'), true, undefined);
    const nonce = /r=([^,]*)/.exec(server.first(SCRAM, 'n,,n=,r=abc'))?.[1] ?? '';
    expect(() => server.final(message.replace('NONCE', nonce))).toThrow('malformed');
  },
);

test('a server that does not know the password is found out', async () => {
  const client = new ScramClient([SCRAM], undefined);
  const server = new ScramExchange(mockVerifier('x'), true, undefined);
  await client.final(server.first(client.mechanism, client.first), 'hatch');
  expect(() => client.check(`v=${randomBytes(32).toString('base64')}`)).toThrow('did not prove');
  expect(() => client.check('e=other-error')).toThrow('did not prove');
  expect(() => new ScramClient(['PLAIN'], undefined)).toThrow('offers no SCRAM');
});
