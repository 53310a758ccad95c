import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { OothecaProcess } from '../support/ootheca-process';
import { eventually, memoryKiB } from '../support/process-state';
import { pgClient } from '../support/restored-server';
import { cstring, frame, int16s, int32s } from '../support/wire-client';

/** Clients that break the protocol, or mean harm: the server stays up, and others are served. */

let server: OothecaProcess;
beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem']);
});
afterAll(async () => {
  await server?.stop();
});
afterEach(async () => {
  expect(server.isRunning).toBe(true);
  const client = await pgClient(server);
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
  await client.end();
});

const STARTUP_BODY = Buffer.from('\0\x03\0\0user\0root\0database\0defaultdb\0\0', 'latin1');
const STARTUP = Buffer.concat([int32s(STARTUP_BODY.length + 4), STARTUP_BODY]);

const READY = 'Z\0\0\0\x05I';

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

/** Sends bytes and the connection's end, and waits until the server has closed. */
async function exchange(bytes: Uint8Array): Promise<void> {
  const socket = await open();
  socket.on('error', () => undefined).resume();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(bytes);
  await closed;
}

/** After the greeting; gives what comes then, up to where the server closes. */
async function started(bytes: Uint8Array, ends: boolean): Promise<string> {
  const socket = await open();
  let received = '';
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (received.endsWith(READY)) resolve();
    });
    socket.write(STARTUP);
  });
  received = '';
  if (ends) socket.end(bytes);
  else socket.write(bytes);
  await closed;
  return received;
}

const bind = frame('B', cstring(''), cstring(''), int16s(0, 0, 1, 1));
const MESSAGES = [
  frame('Q', cstring('SELECT 1')),
  frame('P', cstring(''), cstring('SELECT $1::INT8, now()'), int16s(0)),
  bind,
  frame('D', Buffer.from('S\0')),
  frame('E', cstring(''), int32s(1)),
  frame('S'),
  frame('H'),
  frame('Q', cstring('COPY (SELECT 1) TO STDOUT')),
  frame('Q', cstring('CREATE TABLE IF NOT EXISTS t (a INT8); COPY t FROM STDIN')),
  frame('d', Buffer.from('1\n')),
  frame('c'),
  frame('f', cstring('no')),
  frame('F', int32s(1), int16s(0, 0, 0)),
  frame('p', cstring('secret')),
];

test('any bytes instead of a startup packet', async () => {
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
    await exchange(bytes);
  });
  await fc.assert(property, { seed: 3, numRuns: 60 });
});

test('any bytes after the greeting', async () => {
  const property = fc.asyncProperty(
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
    async (bytes) => {
      await started(bytes, true);
    },
  );
  await fc.assert(property, { seed: 3, numRuns: 60 });
});

test('messages in any order, one of them changed', async () => {
  const order = fc.array(fc.constantFrom(...MESSAGES), { minLength: 1, maxLength: 12 });
  const property = fc.asyncProperty(order, fc.nat(), fc.nat(255), async (messages, at, byte) => {
    const bytes = Buffer.concat(messages);
    await started(bytes, true);
    const changed = Buffer.from(bytes);
    changed[at % changed.length] = byte;
    await started(changed, true);
    await started(bytes.subarray(0, at % bytes.length), true);
  });
  await fc.assert(property, { seed: 4, numRuns: 60 });
}, 300_000);

test.each([
  ['a Query', 'Q', 0x7fffffff],
  ['CopyData', 'd', 0x7fffffff],
  ['a Bind', 'B', 0x40000001],
  ['a negative length', 'Q', -5],
  ['a Sync with a body', 'S', 400],
])('%s of a length that is not allowed is 08P01 at once', async (_, type, length) => {
  const answer = await started(Buffer.concat([Buffer.from(type), int32s(length)]), false);
  expect(answer).toContain('C08P01');
});

test('half messages that never end hold next to no memory, and do not stand in the way', async () => {
  const sockets = await openMany(100);
  // They have their sessions, whatever those take.
  for (const socket of sockets) socket.write(STARTUP);
  await served();
  const before = memoryMib();
  for (const socket of sockets) {
    // The length of 60 MiB is allowed; its bytes do not come.
    socket.write(Buffer.concat([Buffer.from('Q'), int32s(60 << 20), Buffer.alloc(1000)]));
  }
  await served();
  expect(memoryMib() - before).toBeLessThan(64);
  for (const socket of sockets) socket.destroy();
});

describe('floods, while they last', () => {
  /** More than the server takes at once, session or not. */
  const COUNT = 700;

  test.each<[string, Uint8Array]>([
    ['say nothing', new Uint8Array(0)],
    ['begin a startup packet', STARTUP.subarray(0, 9)],
    ['begin one of the greatest length', Buffer.concat([int32s(10_000), Buffer.alloc(9_000, 1)])],
  ])('clients that %s are cut off, the oldest first; others are served', async (_, bytes) => {
    const before = memoryMib();
    const sockets = await openMany(COUNT);
    for (const socket of sockets) if (bytes.length > 0) socket.write(bytes);
    for (let i = 0; i < 5; i++) await served();
    expect(memoryMib() - before).toBeLessThan(64);
    await eventually(() => sockets.filter((socket) => socket.destroyed).length >= COUNT - 564);
    expect(sockets.at(-1)?.destroyed).toBe(false);
    for (const socket of sockets) socket.destroy();
  });

  test('a client that drips its startup packet is one among others', async () => {
    const sockets = await openMany(50);
    let at = 0;
    const drip = setInterval(() => {
      for (const socket of sockets) socket.write(STARTUP.subarray(at, at + 1));
      at++;
    }, 5);
    for (let i = 0; i < 10; i++) await served();
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  });

  test('sessions beyond the limit are told so', async () => {
    const sockets = await openMany(540);
    const answers = sockets.map((socket) => {
      let said = '';
      socket.on('data', (chunk: Buffer) => {
        said += chunk.toString('latin1');
      });
      socket.write(STARTUP);
      return () => said;
    });
    const all = (): string[] => answers.map((answer) => answer());
    await eventually(() => all().every((said) => said.endsWith(READY) || said.includes('C53300')));
    const refused = all().filter((said) => said.includes('C53300'));
    expect(refused.length).toBe(40);
    for (const socket of sockets) socket.destroy();
    await eventually(
      async () =>
        await served().then(
          () => true,
          () => false,
        ),
    );
  });
});

test('clients that come, break the protocol and go leave nothing behind', async () => {
  const broken = [
    Buffer.alloc(8, 0xff),
    Buffer.concat([STARTUP, Buffer.from('Q'), int32s(-1)]),
    Buffer.concat([STARTUP, frame('Q', cstring('SELECT 1')), frame('!')]),
    Buffer.concat([STARTUP, frame('P', cstring('a'), cstring('SELECT 1'), int16s(0))]),
  ];
  const round = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await Promise.all(broken.map(exchange));
  };
  await round();
  const before = memoryMib();
  for (let i = 0; i < 5; i++) await round();
  expect(memoryMib() - before).toBeLessThan(48);
}, 120_000);

/** A client that does as it should. */
async function served(): Promise<void> {
  const client = await pgClient(server);
  await client.query('SELECT 1');
  await client.end();
}

async function openMany(count: number): Promise<Socket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, open));
  for (const socket of sockets) socket.on('error', () => undefined).resume();
  return sockets;
}

const memoryMib = (): number => memoryKiB(server.pid) / 1024;
