import { serialize } from 'pg-protocol';
import { SqlError } from '../../base/errors';
import { names, RawClient, startServer, type TestServer } from './harness';

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

async function query(sql: string) {
  client.send(serialize.query(sql));
  return client.until('readyForQuery');
}

test('a query with rows: description, rows, tag, status', async () => {
  const messages = await query('rows 2 3');
  expect(names(messages)).toEqual([
    'rowDescription',
    'dataRow',
    'dataRow',
    'commandComplete',
    'readyForQuery',
  ]);
  expect(messages[0]).toMatchObject({
    fields: [
      { name: 'n', dataTypeID: 20, dataTypeSize: 8, dataTypeModifier: -1, format: 'text' },
      { name: 't', dataTypeID: 25, dataTypeSize: -1 },
    ],
  });
  expect(messages[2]).toMatchObject({ fields: ['2', 'äää'] });
  expect(messages[3]).toMatchObject({ text: 'SELECT 2' });
  expect(messages[4]).toMatchObject({ status: 'I' });
});

test('several statements run in one implicit transaction', async () => {
  const messages = await query('select 1; insert 3; rows 0');
  expect(names(messages)).toEqual([
    'rowDescription',
    'dataRow',
    'commandComplete',
    'commandComplete',
    'rowDescription',
    'commandComplete',
    'readyForQuery',
  ]);
  expect(messages[3]).toMatchObject({ text: 'INSERT 0 3' });
  expect(server.engine.sessions[0]?.calls).toEqual([
    'beginImplicit',
    'execute select 1',
    'execute insert 3',
    'execute rows 0',
    'endImplicit',
  ]);
});

test('an empty text is answered with EmptyQueryResponse', async () => {
  expect(names(await query(' '))).toEqual(['emptyQuery', 'readyForQuery']);
});

test('an error stops the batch; its position counts from the start of the text', async () => {
  const messages = await query('insert 1;  error undefinedColumn no such column @7; insert 2');
  expect(names(messages)).toEqual(['commandComplete', 'error', 'readyForQuery']);
  expect(messages[1]).toMatchObject({
    severity: 'ERROR',
    code: '42703',
    message: 'no such column',
    detail: 'the detail',
    hint: 'the hint',
    constraint: 'the_constraint',
    position: String(7 + 'insert 1;  '.length),
  });
  expect(server.engine.sessions[0]?.calls).toEqual([
    'beginImplicit',
    'execute insert 1',
    'execute error undefinedColumn no such column @7',
    'fail',
  ]);
});

test('an error of splitting has its position as it is', async () => {
  const [error] = await query('select 1; unterminated');
  expect(error).toMatchObject({ code: '42601', position: '11' });
});

test('an error after rows were sent', async () => {
  const messages = await query('failrows 2');
  expect(names(messages)).toEqual([
    'rowDescription',
    'dataRow',
    'dataRow',
    'error',
    'readyForQuery',
  ]);
  expect(server.engine.sessions[0]?.openCursors).toBe(0);
});

test('the status byte follows the transaction', async () => {
  const statuses: unknown[] = [];
  const texts = ['begin', 'select 1', 'error syntaxError bad', 'select 1', 'rollback', 'select 1'];
  for (const text of texts) statuses.push((await query(text)).at(-1)?.status);
  expect(statuses).toEqual(['T', 'T', 'E', 'E', 'I', 'I']);
});

test('the implicit transaction that fails to end is an error', async () => {
  const session = server.engine.sessions[0];
  if (session !== undefined) {
    session.implicitEndError = new SqlError('serializationFailure', 'restart transaction');
  }
  const messages = await query('insert 1');
  expect(names(messages)).toEqual(['commandComplete', 'error', 'readyForQuery']);
  expect(messages[1]).toMatchObject({ code: '40001' });
});

test('a bug is XX000, without the secrets in its message', async () => {
  const [error] = await query('crash');
  expect(error).toMatchObject({ code: 'XX000', severity: 'ERROR' });
  expect(error?.message).toMatch(/^internal error: .*SECRET_ACCESS_KEY=redacted&x=1/);
  expect(names(await query('select 1'))).toContain('commandComplete');
});

test('notices and parameter changes come between the answers', async () => {
  const messages = await query('notice hello there; set TimeZone UTC');
  expect(names(messages)).toEqual([
    'notice',
    'commandComplete',
    'parameterStatus',
    'commandComplete',
    'readyForQuery',
  ]);
  expect(messages[0]).toMatchObject({ message: 'hello there', severity: 'NOTICE' });
  expect(messages[2]).toMatchObject({ parameterName: 'TimeZone', parameterValue: 'UTC' });
});

test('a parameter placeholder has no value in a simple query', async () => {
  const [error] = await query('echo $1');
  expect(error).toMatchObject({
    code: '42P02',
    message: 'no value provided for placeholder: $1',
  });
});

test('the whole answer to a small query is one write', async () => {
  const before = client.chunks;
  await query('rows 50');
  expect(client.chunks - before).toBe(1);
});
