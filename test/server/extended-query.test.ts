import { serialize } from 'pg-protocol';
import { limits } from '../../base/limits';
import { message, names, RawClient, startServer, type TestServer } from './harness';

let server: TestServer;
let client: RawClient;

beforeEach(async () => {
  server = await startServer();
  client = await RawClient.started(server.port);
});

afterEach(async () => {
  client.end();
  await server.stop();
});

const { parse, bind, describe: describeMessage, execute, close, sync, flush } = serialize;

async function pipeline(...parts: Buffer[]) {
  client.send(...parts, sync());
  return client.until('readyForQuery');
}

function calls(): readonly string[] {
  return server.engine.sessions[0]?.calls ?? [];
}

test('parse, describe, bind, describe, execute, sync', async () => {
  const messages = await pipeline(
    parse({ name: 's', text: 'echo $1 $2', types: [20] }),
    describeMessage({ type: 'S', name: 's' }),
    bind({ portal: 'p', statement: 's', values: ['ä', null] }),
    describeMessage({ type: 'P', name: 'p' }),
    execute({ portal: 'p' }),
    close({ type: 'P', name: 'p' }),
    close({ type: 'S', name: 'never made' }),
  );
  expect(names(messages)).toEqual([
    'parseComplete',
    'parameterDescription',
    'rowDescription',
    'bindComplete',
    'rowDescription',
    'dataRow',
    'commandComplete',
    'closeComplete',
    'closeComplete',
    'readyForQuery',
  ]);
  expect(messages[1]).toMatchObject({ dataTypeIDs: [20, 25] });
  expect(messages[5]).toMatchObject({ fields: ['ä', '0,0'] });
  expect(calls()).toEqual(['beginImplicit', 'execute echo $1 $2', 'endImplicit']);
  expect(server.engine.sessions[0]?.openCursors).toBe(0);
});

test('binary parameters arrive as they were sent, NULL among them', async () => {
  const messages = await pipeline(
    parse({ text: 'echo $1 $2' }),
    bind({ values: [Buffer.from([0x61, 0x62]), null] }),
    execute(),
    bind({ values: [null, Buffer.from('x')] }),
    execute(),
  );
  const rows = messages.filter((each) => each.name === 'dataRow');
  expect(rows.map((row) => row.fields)).toEqual([
    ['ab', '1,0'],
    [null, '0,1'],
  ]);
});

test('statements without rows, and the empty one', async () => {
  const messages = await pipeline(
    parse({ text: 'insert 4' }),
    describeMessage({ type: 'S' }),
    bind(),
    describeMessage({ type: 'P' }),
    execute({ rows: 1 }),
    parse({ text: '' }),
    bind(),
    execute(),
  );
  expect(names(messages)).toEqual([
    'parseComplete',
    'parameterDescription',
    'noData',
    'bindComplete',
    'noData',
    'commandComplete',
    'parseComplete',
    'bindComplete',
    'emptyQuery',
    'readyForQuery',
  ]);
});

test('a row limit suspends the portal; the next Execute goes on', async () => {
  client.send(
    serialize.query('begin'),
    parse({ text: 'rows 250' }),
    bind({ portal: 'p' }),
    execute({ portal: 'p', rows: 120 }),
    execute({ portal: 'p', rows: 130 }),
    sync(),
  );
  await client.until('readyForQuery');
  const first = await client.until('readyForQuery');
  expect(first.filter((each) => each.name === 'dataRow')).toHaveLength(250);
  expect(first.filter((each) => each.name === 'portalSuspended')).toHaveLength(2);
  const last = await pipeline(
    execute({ portal: 'p', rows: 10 }),
    execute({ portal: 'p', rows: 10 }),
  );
  expect(names(last)).toEqual(['commandComplete', 'commandComplete', 'readyForQuery']);
  expect(last[0]).toMatchObject({ text: 'SELECT 250' });
  expect(server.engine.sessions[0]?.openCursors).toBe(0);
});

test('a statement without rows runs once a portal', async () => {
  const messages = await pipeline(parse({ text: 'insert 1' }), bind(), execute(), execute());
  expect(messages.find((each) => each.name === 'error')).toMatchObject({ code: '55000' });
});

test('portals end with their transaction', async () => {
  await pipeline(
    parse({ text: 'rows 250' }),
    bind({ portal: 'p' }),
    execute({ portal: 'p', rows: 1 }),
  );
  expect(server.engine.sessions[0]?.openCursors).toBe(0);
  const [error] = await pipeline(execute({ portal: 'p' }));
  expect(error).toMatchObject({ code: '34000', message: 'unknown portal "p"' });
  // COMMIT in the middle of a pipeline.
  client.send(serialize.query('begin'));
  await client.until('readyForQuery');
  const messages = await pipeline(
    parse({ name: 'r', text: 'rows 250' }),
    bind({ portal: 'p', statement: 'r' }),
    execute({ portal: 'p', rows: 1 }),
    parse({ text: 'commit' }),
    bind(),
    execute(),
    execute({ portal: 'p' }),
  );
  expect(messages.at(-2)).toMatchObject({ name: 'error', code: '34000' });
  expect(messages.at(-1)).toMatchObject({ status: 'I' });
  expect(server.engine.sessions[0]?.openCursors).toBe(0);
});

test('after an error everything up to Sync is dropped unread', async () => {
  client.send(
    parse({ text: 'insert 1' }),
    bind(),
    execute(),
    parse({ text: 'misprepare' }),
    // Not even decoded: this Bind is no Bind.
    message('B', 'x'),
    serialize.query('select 1'),
    execute(),
    sync(),
    parse({ text: 'insert 2' }),
    bind(),
    execute(),
    sync(),
  );
  const first = await client.until('readyForQuery');
  expect(names(first)).toEqual([
    'parseComplete',
    'bindComplete',
    'commandComplete',
    'error',
    'readyForQuery',
  ]);
  expect(names(await client.until('readyForQuery'))).toEqual([
    'parseComplete',
    'bindComplete',
    'commandComplete',
    'readyForQuery',
  ]);
  expect(calls()).toEqual([
    'beginImplicit',
    'execute insert 1',
    'fail',
    'beginImplicit',
    'execute insert 2',
    'endImplicit',
  ]);
});

test.each([
  ['a statement that does not exist', [bind({ statement: 'no' })], '26000'],
  ['a portal that does not exist', [describeMessage({ type: 'P', name: 'no' })], '34000'],
  ['a name twice', [parse({ name: 'a', text: '' }), parse({ name: 'a', text: '' })], '42P05'],
  [
    'a portal twice',
    [parse({ text: 'rows 1' }), bind({ portal: 'p' }), bind({ portal: 'p' })],
    '42P03',
  ],
  ['two statements in one', [parse({ text: 'insert 1; insert 2' })], '42P14'],
  ['too few arguments', [parse({ text: 'echo $1 $2' }), bind({ values: ['a'] })], '08P01'],
  [
    'result formats that do not fit',
    [parse({ text: 'rows 1' }), message('B', Buffer.from('\0\0\0\0\0\0\0\x03\0\0\0\0\0\0'))],
    '08P01',
  ],
  ['formats that we cannot', [parse({ text: 'rows 1' }), bind({ binary: true })], '0A000'],
])('%s', async (_name, parts, code) => {
  const messages = await pipeline(...parts);
  expect(messages.at(-2)).toMatchObject({ name: 'error', severity: 'ERROR', code });
  expect(names(await pipeline(parse({ text: 'insert 1' }), bind(), execute()))).toContain(
    'commandComplete',
  );
});

test('the unnamed statement is replaced, by Parse and by a simple query', async () => {
  await pipeline(parse({ text: 'insert 1' }));
  await pipeline(parse({ text: 'insert 2' }));
  const messages = await pipeline(bind(), execute());
  expect(messages[1]).toMatchObject({ text: 'INSERT 0 2' });
  client.send(serialize.query('select 1'));
  await client.until('readyForQuery');
  expect((await pipeline(bind()))[0]).toMatchObject({ code: '26000' });
});

test('Flush sends answers without a Sync', async () => {
  client.send(parse({ text: 'insert 1' }), flush());
  await client.until('parseComplete');
  client.send(bind(), execute(), flush());
  await client.until('commandComplete');
  expect(calls()).not.toContain('endImplicit');
  client.send(sync());
  await client.until('readyForQuery');
});

test('there is a limit to prepared statements', async () => {
  const parts: Buffer[] = [];
  for (let i = 0; i < limits.preparedStatementsPerSessionMax; i++) {
    parts.push(parse({ name: `s${i}`, text: '' }));
  }
  expect(names(await pipeline(...parts))).not.toContain('error');
  expect((await pipeline(parse({ name: 'more', text: '' })))[0]).toMatchObject({ code: '54000' });
  await pipeline(close({ type: 'S', name: 's7' }));
  expect(names(await pipeline(parse({ name: 'more', text: '' })))[0]).toBe('parseComplete');
});

test('there is a limit to portals', async () => {
  const parts = [parse({ text: 'rows 1' })];
  for (let i = 0; i < limits.portalsPerSessionMax; i++) parts.push(bind({ portal: `p${i}` }));
  expect(names(await pipeline(...parts, bind({ portal: 'more' }))).at(-2)).toBe('error');
});

test('more than 32767 parameters', async () => {
  const text = `echo ${Array.from({ length: 40_000 }, (_, i) => `$${i + 1}`).join(' ')}`;
  const types = new Array<number>(40_000).fill(20);
  // No Describe: pg-protocol itself reads at most 32767 parameters.
  const values = new Array<string>(40_000).fill('v');
  const messages = await pipeline(parse({ text, types }), bind({ values }), execute());
  const fields = messages.find((each) => each.name === 'dataRow')?.fields ?? [];
  expect(String(fields[1]).split(',')).toHaveLength(40_000);
});

test('the function call protocol is refused', async () => {
  client.send(message('F', Buffer.alloc(12)));
  const messages = await client.until('readyForQuery');
  expect(messages[0]).toMatchObject({ name: 'error', code: '0A000' });
});

test('text that is not UTF-8 is refused, and the connection lives on', async () => {
  client.send(message('Q', Buffer.from([0x73, 0xff, 0])));
  expect((await client.until('readyForQuery'))[0]).toMatchObject({ code: '22021' });
  const messages = await pipeline(message('P', Buffer.from([0, 0xc3, 0, 0, 0])), bind(), execute());
  expect(names(messages)).toEqual(['error', 'readyForQuery']);
  expect(messages[0]).toMatchObject({ code: '22021' });
});

test('a client that has sent much ahead does not keep the others waiting for all of it', async () => {
  await pipeline(parse({ name: 's', text: 'select 1' }));
  const session = server.engine.sessions[0];
  const executed = jest.spyOn(session as NonNullable<typeof session>, 'execute');
  let othersTurn = 0;
  executed.mockImplementationOnce(async (...given) => {
    setImmediate(() => {
      othersTurn = executed.mock.calls.length;
    });
    return (await session?.execute(...given)) as never;
  });
  const binds = Array.from({ length: 1_000 }, () => bind({ statement: 's' }));
  await pipeline(Buffer.concat(binds));
  expect(executed.mock.calls.length).toBeGreaterThanOrEqual(1_000);
  expect(othersTurn).toBeGreaterThan(0);
  expect(othersTurn).toBeLessThan(500);
});
