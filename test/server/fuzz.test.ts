import fc from 'fast-check';
import { serialize } from 'pg-protocol';
import {
  eventually,
  message,
  RawClient,
  startServer,
  startupPacket,
  type TestServer,
} from './harness';

// The whole server under bytes that nobody meant: it answers or closes, and serves the next client.

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.stop());

afterEach(async () => {
  await eventually(() => server.listener.connectionCount === 0);
  expect(server.engine.sessions.filter((session) => session.closed !== 1)).toEqual([]);
  expect(server.engine.sessions.filter((session) => session.openCursors !== 0)).toEqual([]);
  server.engine.sessions.length = 0;
  const healthy = await RawClient.started(server.port);
  healthy.send(serialize.query('select 1'));
  expect((await healthy.until('readyForQuery')).at(-1)).toMatchObject({ status: 'I' });
  healthy.end();
  await eventually(() => server.listener.connectionCount === 0);
  server.engine.sessions.length = 0;
});

/** Sends bytes, closes our half, and waits for the server to close its. */
async function throwAt(bytes: Uint8Array): Promise<void> {
  const client = await RawClient.connect(server.port);
  client.send(bytes);
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  client.socket.end();
  await client.closed;
}

test('random bytes before the startup', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) => throwAt(bytes)),
    { numRuns: 150 },
  );
});

test('random messages after the startup', async () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom('\0', 'rows 3\0', '\0rows 3\0\0\0', 'S\0', 'P\0', '\0\0\0\0\0\x05', 'begin\0'),
  );
  const framed = fc
    .tuple(fc.constantFrom(...'QPBEDCSHdcfpFX?'), body)
    .map(([code, content]) => message(code, content));
  await fc.assert(
    fc.asyncProperty(fc.array(framed, { maxLength: 8 }), async (messages) => {
      const client = await RawClient.connect(server.port);
      // Whole messages: the server gets to the Terminate, or closes before.
      client.send(startupPacket({ user: 'u' }), ...messages, serialize.sync(), serialize.end());
      const answers = await client.rest();
      const fatal = answers.find((each) => each.name === 'error' && each.severity === 'FATAL');
      if (fatal !== undefined) expect(fatal.code).toBe('08P01');
      for (const each of answers) expect(each).not.toMatchObject({ code: 'XX000' });
    }),
    { numRuns: 300 },
  );
});

test('a conversation cut off at every byte', async () => {
  const conversation = Buffer.concat([
    startupPacket({ user: 'u' }),
    serialize.query('rows 2'),
    serialize.parse({ text: 'echo $1' }),
    serialize.bind({ values: ['x'] }),
    serialize.execute(),
    serialize.sync(),
  ]);
  for (let length = 0; length < conversation.length; length++) {
    await throwAt(conversation.subarray(0, length));
  }
});

test('a conversation in every split answers alike', async () => {
  const conversation = Buffer.concat([
    startupPacket({ user: 'u' }),
    serialize.query('rows 2; error syntaxError oops'),
    serialize.parse({ text: 'rows 3' }),
    serialize.bind(),
    serialize.execute({ rows: 2 }),
    serialize.sync(),
    serialize.end(),
  ]);
  const answer = async (cut: number): Promise<string[]> => {
    const client = await RawClient.connect(server.port);
    client.send(conversation.subarray(0, cut));
    await new Promise((resolve) => setImmediate(resolve));
    client.send(conversation.subarray(cut));
    return (await client.rest()).map((each) => `${each.name} ${each.fields?.length ?? ''}`);
  };
  const whole = await answer(conversation.length);
  expect(whole).toHaveLength(8 + 6 + 6);
  for (let cut = 1; cut < conversation.length; cut += 3) expect(await answer(cut)).toEqual(whole);
});
