import { join } from 'node:path';
import { OothecaProcess } from '../support/ootheca-process';
import { cstring, frame, WireClient } from '../support/wire-client';
import { describePostgres, ScratchPostgres } from './support/scratch-postgres';

/** What COPY TO writes, and what COPY FROM makes of it, is what PostgreSQL 15 does. */

const SCHEMA = `CREATE TABLE t (i INT8 PRIMARY KEY, b BOOL, f FLOAT8, n NUMERIC, s TEXT, y BYTEA, d DATE,
  ts TIMESTAMP, tz TIMESTAMPTZ, iv INTERVAL, u UUID, a INT8[], x TEXT[])`;

const ROWS = `INSERT INTO t VALUES
  (1, true, 1.5, 1.50, 'plain', '\\x0001', '2021-02-03', '2021-02-03 04:05:06.7', '2021-02-03 04:05:06+00',
   '1 day 02:00:00', '00112233-4455-6677-8899-aabbccddeeff', '{1,NULL,3}', '{"a,b","c\\"d",NULL}'),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, false, 'NaN', -0.001, E'tab\\tback\\\\slash\\nnew\\rret,"quote" \\\\N \\\\.', '', 'infinity', '1999-12-31',
   '1999-12-31 23:59:59.999999+00', '-3 mons', '00000000-0000-0000-0000-000000000000', '{}', '{}'),
  (4, true, 1e300, 12345678901234567890, '', 'abc', '0001-01-01 BC', '4714-11-24 00:00:00 BC',
   '2000-01-01 00:00+00', '00:00:00.000001', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '{9223372036854775807}', '{""}')`;

const FORMATS = [
  '',
  'CSV',
  'CSV HEADER',
  "(FORMAT csv, FORCE_QUOTE *, NULL 'nil')",
  "(FORMAT csv, QUOTE '''', DELIMITER ';')",
  "(DELIMITER '|', NULL '-')",
  '(FORMAT text, HEADER)',
  'BINARY',
];

describePostgres('COPY as PostgreSQL 15', () => {
  let servers: readonly [OothecaProcess, ScratchPostgres];
  let clients: readonly [WireClient, WireClient];

  beforeAll(async () => {
    servers = [await OothecaProcess.start(['--store=type=mem']), await ScratchPostgres.start()];
    clients = [
      await WireClient.connect(servers[0].port, 'defaultdb'),
      await WireClient.connect(join(servers[1].directory, '.s.PGSQL.5432'), 'postgres'),
    ];
    for (const client of clients) for (const sql of [SCHEMA, ROWS]) await run(client, sql);
  }, 300_000);
  afterAll(async () => {
    for (const client of clients ?? []) client.end();
    for (const server of servers ?? []) await server.stop();
  });

  async function run(client: WireClient, sql: string, data?: Buffer): Promise<Buffer> {
    client.send(frame('Q', cstring(sql)));
    if (data !== undefined) client.send(frame('d', data), frame('c'));
    const messages = await client.untilReady();
    return Buffer.concat(messages.filter(({ type }) => type === 'd').map(({ body }) => body));
  }

  test.each(FORMATS)('%s', async (format) => {
    const [ours, theirs] = clients;
    const out = 'COPY (SELECT * FROM t ORDER BY i) TO STDOUT';
    const expected = await run(theirs, `${out} ${format}`);
    const written = await run(ours, `${out} ${format}`);
    // CockroachDB's time zones have minutes.
    const plain = written.toString('latin1').replaceAll('+00:00', '+00');
    expect(plain).toBe(expected.toString('latin1'));

    // And in again: the same rows.
    const before = await run(ours, out);
    await run(ours, 'BEGIN');
    await run(ours, 'DELETE FROM t');
    await run(ours, `COPY t FROM STDIN ${format}`, expected);
    expect((await run(ours, out)).toString()).toBe(before.toString());
    await run(ours, 'ROLLBACK');
  });
});
