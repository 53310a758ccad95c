import type { Client } from 'pg';
import { message, RawClient, startupPacket } from '../server/harness';
import type { OothecaProcess } from '../support/ootheca-process';
import {
  cpuTicks,
  eventually,
  memoryKiB,
  peakMemoryKiB,
  testWithProc,
} from '../support/process-state';
import { pgClient, startRestored } from '../support/restored-server';

/** Results larger than memory should hold, clients that read slowly or leave, portals, cancel, timeouts. */

let server: OothecaProcess;

beforeAll(async () => {
  server = await startRestored(['movr']);
});
afterAll(async () => {
  await server?.stop();
});

async function rawClient(): Promise<RawClient> {
  const client = await RawClient.connect(server.port);
  client.send(startupPacket({ user: 'root', database: 'movr' }));
  await client.until('readyForQuery');
  return client;
}

const query = (sql: string): Buffer => message('Q', `${sql}\0`);

/** 1,000,000 rows of some 500 bytes. */
const HUGE =
  "SELECT a.id, b.revenue, repeat('x', 400) FROM rides a, (SELECT * FROM rides LIMIT 500) b";
const MIB = 1_024;

testWithProc(
  'a million rows stream through bounded memory',
  async () => {
    const client = await rawClient();
    const before = peakMemoryKiB(server.pid);
    client.socket.removeAllListeners('data');
    let bytes = 0;
    let tail = Buffer.alloc(0);
    client.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-64);
    });
    client.send(query(HUGE));
    await eventually(() => tail.includes('SELECT 1000000\0'));
    client.end();
    expect(bytes).toBeGreaterThan(300 << 20);
    expect(peakMemoryKiB(server.pid) - before).toBeLessThan(150 * MIB);
  },
  120_000,
);

testWithProc('a client that does not read holds up its own query only', async () => {
  const client = await rawClient();
  const before = peakMemoryKiB(server.pid);
  client.send(query(HUGE));
  await eventually(() => client.receivedBytes > 0);
  client.socket.pause();
  await quiet();
  expect(peakMemoryKiB(server.pid) - before).toBeLessThan(64 * MIB);
  const other = await pgClient(server, 'movr');
  expect((await other.query('SELECT count(*) AS n FROM rides')).rows).toEqual([{ n: '2000' }]);
  await other.end();
  client.end();
});

testWithProc('a client that leaves ends its query', async () => {
  const client = await rawClient();
  client.send(query(HUGE));
  await eventually(() => client.receivedBytes > 1 << 20);
  client.end();
  await quiet();
});

/** Until the server has used next to no CPU for a while. */
async function quiet(): Promise<void> {
  await eventually(async () => {
    const before = cpuTicks(server.pid);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return cpuTicks(server.pid) - before <= 3;
  });
}

describe('portals', () => {
  const parse = (name: string, sql: string) => message('P', `${name}\0${sql}\0\0\0`);
  const bind = (portal: string, statement: string) =>
    message('B', `${portal}\0${statement}\0\0\0\0\0\0\0`);
  const execute = (portal: string, rows: number) => {
    const count = Buffer.alloc(4);
    count.writeInt32BE(rows);
    return message('E', Buffer.concat([Buffer.from(`${portal}\0`), count]));
  };
  const sync = message('S');
  const namesOf = async (client: RawClient, last: string) =>
    (await client.until(last)).map((each) => each.name);

  test('are read in pieces, several at a time, until the block ends', async () => {
    const client = await rawClient();
    client.send(query('BEGIN'));
    await client.until('readyForQuery');
    client.send(parse('s', 'SELECT id FROM rides ORDER BY id'));
    client.send(bind('a', 's'), bind('b', 's'), execute('a', 3), execute('b', 2), execute('a', 1));
    client.send(sync);
    expect(await namesOf(client, 'readyForQuery')).toEqual([
      'parseComplete',
      'bindComplete',
      'bindComplete',
      ...['dataRow', 'dataRow', 'dataRow', 'portalSuspended'],
      ...['dataRow', 'dataRow', 'portalSuspended'],
      ...['dataRow', 'portalSuspended'],
      'readyForQuery',
    ]);
    client.send(execute('a', 0), sync);
    const rest = await client.until('readyForQuery');
    expect(rest.filter((each) => each.name === 'dataRow')).toHaveLength(2000 - 4);
    expect(rest.at(-2)).toMatchObject({ name: 'commandComplete', text: 'SELECT 2000' });
    client.send(query('COMMIT'), execute('b', 1), sync);
    await client.until('readyForQuery');
    expect(await client.until('readyForQuery')).toMatchObject([
      { name: 'error', code: '34000' },
      { name: 'readyForQuery', status: 'I' },
    ]);
    client.end();
  });

  test('statement_timeout does not count while one is suspended', async () => {
    const client = await rawClient();
    client.send(query("SET statement_timeout = '200ms'; BEGIN"));
    await client.until('readyForQuery');
    client.send(parse('', 'SELECT id FROM rides'), bind('', ''), execute('', 1), sync);
    await client.until('readyForQuery');
    await new Promise((resolve) => setTimeout(resolve, 300));
    client.send(execute('', 2), sync);
    expect(await namesOf(client, 'readyForQuery')).toEqual([
      ...['dataRow', 'dataRow', 'portalSuspended'],
      'readyForQuery',
    ]);
    client.end();
  });
});

describe('what ends a statement', () => {
  test('a CancelRequest with the right key', async () => {
    const client = await RawClient.connect(server.port);
    client.send(startupPacket({ user: 'root', database: 'movr' }));
    const greeting = await client.until('readyForQuery');
    const key = greeting.find((each) => each.name === 'backendKeyData');
    client.send(query(HUGE));
    await eventually(() => client.receivedBytes > 1 << 16);
    const cancel = async (secret: number): Promise<void> => {
      const packet = Buffer.alloc(16);
      packet.writeInt32BE(16, 0);
      packet.writeInt32BE(80_877_102, 4);
      packet.writeInt32BE(key?.processID ?? 0, 8);
      packet.writeInt32BE(secret, 12);
      const other = await RawClient.connect(server.port);
      other.send(packet);
      await other.closed;
    };
    const secret = key?.secretKey ?? 0;
    await cancel(secret ^ 1);
    const had = client.receivedBytes;
    await eventually(() => client.receivedBytes > had);
    await cancel(secret);
    const answer = await client.until('readyForQuery');
    expect(answer.at(-2)).toMatchObject({ name: 'error', code: '57014' });
    expect(answer.at(-1)).toMatchObject({ status: 'I' });
    client.end();
  });

  test('statement_timeout, in the middle of a result and while a RESTORE is waited for', async () => {
    const client = await pgClient(server, 'movr');
    await client.query("SET statement_timeout = '50ms'");
    await expect(client.query(HUGE)).rejects.toMatchObject({
      code: '57014',
      message: 'query execution canceled due to statement timeout',
    });
    await client.query("SET statement_timeout = '10ms'");
    const restore = "RESTORE DATABASE alltypes FROM LATEST IN 'nodelocal://1/alltypes'";
    await expect(client.query(restore)).rejects.toMatchObject({ code: '57014' });
    await client.query('RESET statement_timeout');
    // If there is a job by then, it is not the statement's: it runs on.
    const { rows } = await client.query(
      "SHOW JOBS WHEN COMPLETE SELECT job_id FROM [SHOW JOBS] WHERE description LIKE '%alltypes%'",
    );
    expect(rows.filter((row) => row.status !== 'succeeded')).toEqual([]);
    await client.end();
  });
});

test('a long query does not stand before the statements of other sessions', async () => {
  const blocks = await Promise.all([1, 2, 3].map(() => pgClient(server, 'movr')));
  for (const client of blocks) await client.query('BEGIN; SELECT 1');
  const busy = await rawClient();
  busy.send(query('SELECT count(*) FROM rides a, rides b, users c'));
  const idle = await pgClient(server, 'movr');
  for (const client of [...blocks, idle]) {
    expect((await client.query('SELECT count(*) AS n FROM users')).rows).toEqual([{ n: '200' }]);
  }
  expect(busy.messages.map((each) => each.name)).not.toContain('dataRow');
  for (const client of [...blocks, idle]) await client.end();
  busy.end();
});

test('a large INSERT … SELECT does not stand before the queries of other sessions', async () => {
  const busy = await rawClient();
  busy.send(query('CREATE TABLE sink (a INT8 PRIMARY KEY)'));
  await busy.until('readyForQuery');
  busy.send(query('INSERT INTO sink SELECT unique_rowid() FROM rides a, rides b'));
  const other = await pgClient(server, 'movr');
  for (let i = 0; i < 20; i++) {
    const { rows } = await other.query('SELECT count(*) AS n FROM users WHERE id IS NOT NULL');
    expect(rows).toEqual([{ n: '200' }]);
  }
  expect(busy.messages).toEqual([]);
  busy.end();
  // What it wrote is gone, and so is its lock.
  await other.query('DROP TABLE sink');
  await other.end();
});

testWithProc('a session that does nothing costs little', async () => {
  const open = () => Promise.all(Array.from({ length: 40 }, () => pgClient(server, 'movr')));
  const use = (client: Client) => client.query('SELECT count(*) FROM users');
  const first = await open();
  for (const client of first) await use(client);
  const before = memoryKiB(server.pid);
  const more = [...(await open()), ...(await open())];
  for (const client of more) await use(client);
  expect((memoryKiB(server.pid) - before) / more.length).toBeLessThan(1 * MIB);
  for (const client of [...first, ...more]) await client.end();
});
