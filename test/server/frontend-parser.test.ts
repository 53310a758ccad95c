import fc from 'fast-check';
import { serialize } from 'pg-protocol';
import { CommandCode } from 'pg-server/protocol/commands';
import { SqlError } from '../../base/errors';
import { FrontendParser } from '../../server/wire/frontend-parser';
import { ProtocolError } from '../../server/wire/protocol-error';
import { message, startupPacket } from './harness';

/** Everything a stream gives, errors included, fed in the pieces given. */
function parseAll(pieces: readonly Uint8Array[]): unknown[] {
  const parser = new FrontendParser();
  const results: unknown[] = [];
  for (const piece of pieces) {
    // A copy that is overwritten afterwards: nothing may keep a view of the receive buffer.
    const chunk = Buffer.from(piece);
    parser.parse(chunk);
    for (;;) {
      try {
        const next = parser.next();
        if (next === undefined) break;
        results.push(structuredClone(next));
      } catch (error) {
        if (error instanceof ProtocolError) return [...results, `fatal ${error.message}`];
        if (!(error instanceof SqlError)) throw error;
        results.push(error.sqlstate);
        if (parser.lastType === 0) return results;
      }
    }
  }
  return results;
}

const conversation = Buffer.concat([
  Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]),
  startupPacket({ user: 'root', database: 'bänk', options: '-c a=b' }),
  serialize.query('select äöü'),
  serialize.parse({ name: 's', text: 'echo $1', types: [20, 0xfffffffe] }),
  serialize.bind({
    portal: 'p',
    statement: 's',
    values: ['text', null, Buffer.from([0, 255])],
    binary: true,
  }),
  serialize.describe({ type: 'S', name: 's' }),
  serialize.execute({ portal: 'p', rows: 7 }),
  serialize.close({ type: 'P' }),
  message('Q', Buffer.from([0xff, 0])),
  serialize.flush(),
  serialize.sync(),
  serialize.copyData(Buffer.from('data')),
  serialize.copyFail('why'),
  serialize.copyDone(),
  serialize.end(),
]);

test('what pg-protocol serializes is read as it was meant', () => {
  expect(parseAll([conversation])).toEqual([
    { type: 'encryptionRequest', kind: 'ssl' },
    {
      type: 'startup',
      minorVersion: 0,
      parameters: new Map([
        ['user', 'root'],
        ['database', 'bänk'],
        ['options', '-c a=b'],
      ]),
    },
    { type: CommandCode.query, query: 'select äöü' },
    {
      type: CommandCode.parse,
      queryName: 's',
      query: 'echo $1',
      parameters: [20, 0xfffffffe],
    },
    {
      type: 'bind',
      portal: 'p',
      statement: 's',
      parameterFormats: [0, 0, 1],
      parameters: [new Uint8Array(Buffer.from('text')), null, new Uint8Array([0, 255])],
      resultFormats: [1],
    },
    { type: CommandCode.describe, portalType: 'S', name: 's' },
    { type: CommandCode.execute, portal: 'p', rows: 7 },
    { type: CommandCode.close, portalType: 'P', name: undefined },
    '22021',
    { type: CommandCode.flush },
    { type: CommandCode.sync },
    { type: CommandCode.copyFromChunk, buffer: expect.anything() },
    { type: CommandCode.copyFail, message: 'why' },
    { type: CommandCode.copyDone },
    { type: CommandCode.end },
  ]);
});

test('a cancel request', () => {
  expect(parseAll([serialize.cancel(7, -8)])).toEqual([
    { type: 'cancelRequest', processId: 7, secretKey: -8 },
  ]);
});

test('every cut of the stream in two parses alike', () => {
  const whole = parseAll([conversation]);
  for (let cut = 0; cut <= conversation.length; cut++) {
    expect(parseAll([conversation.subarray(0, cut), conversation.subarray(cut)])).toEqual(whole);
  }
});

test('any split of the stream parses alike', () => {
  const whole = parseAll([conversation]);
  const cuts = fc.array(fc.nat(conversation.length), { maxLength: 40 });
  fc.assert(
    fc.property(cuts, (positions) => {
      const sorted = [0, ...positions.sort((a, b) => a - b), conversation.length];
      const pieces = sorted.slice(1).map((end, i) => conversation.subarray(sorted[i], end));
      expect(parseAll(pieces)).toEqual(whole);
    }),
  );
});

test('a truncated stream gives a prefix of its messages and no error', () => {
  const whole = parseAll([conversation]);
  for (let length = 0; length < conversation.length; length++) {
    const part = parseAll([conversation.subarray(0, length)]);
    expect(part).toEqual(whole.slice(0, part.length));
    expect(part.length).toBeLessThan(whole.length);
  }
});

test('a parameter keeps its bytes when the receive buffer is reused', () => {
  const parser = new FrontendParser();
  parser.parse(startupPacket({ user: 'u' }));
  parser.next();
  const chunk = Buffer.from(serialize.bind({ values: ['kept'] }));
  parser.parse(chunk);
  const bind = parser.next();
  chunk.fill(0x78);
  expect(bind).toMatchObject({ parameters: [new Uint8Array(Buffer.from('kept'))] });
});

test('a length field makes nothing be allocated before its bytes came', () => {
  const parser = new FrontendParser();
  parser.parse(startupPacket({ user: 'u' }));
  parser.next();
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 50; i++) {
    const each = new FrontendParser();
    each.parse(startupPacket({ user: 'u' }));
    each.next();
    each.parse(Buffer.from([0x51, 3, 255, 255, 255, 0x61]));
    expect(each.next()).toBeUndefined();
    expect(each.bufferedBytes).toBe(6);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 << 20);
});

test('random bytes give messages or one of the two errors, never anything else', () => {
  const started = startupPacket({ user: 'u' });
  const type = fc.constantFrom(...'QPBEDCSHXdcfpF');
  const framed = fc
    .tuple(type, fc.uint8Array({ maxLength: 60 }))
    .map(([code, body]) => message(code, body));
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), framed);
  fc.assert(
    fc.property(fc.boolean(), fc.array(bytes, { maxLength: 5 }), (withStartup, parts) => {
      parseAll(withStartup ? [started, ...parts] : parts);
    }),
    { numRuns: 2_000 },
  );
});

test('a flipped byte anywhere gives messages or one of the two errors', () => {
  for (let at = 0; at < conversation.length; at++) {
    for (const mask of [0x01, 0x80, 0xff]) {
      const flipped = Buffer.from(conversation);
      flipped[at] = (flipped[at] ?? 0) ^ mask;
      parseAll([flipped]);
    }
  }
});
