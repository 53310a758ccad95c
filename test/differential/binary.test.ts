import { join } from 'node:path';
import { OothecaProcess } from '../support/ootheca-process';
import { WireClient } from '../support/wire-client';
import { describePostgres, ScratchPostgres } from './support/scratch-postgres';

/** The bytes of every type that both know, out of a query and back into one as a parameter. */

const VALUES: readonly (readonly [type: string, ...texts: string[]])[] = [
  ['bool', 't', 'f'],
  ['int2', '0', '-32768', '32767'],
  ['int4', '0', '-2147483648', '2147483647'],
  ['int8', '0', '-9223372036854775808', '9223372036854775807', '9007199254740993'],
  ['float4', '0', '-0', '1.5', 'NaN', 'Infinity', '-Infinity', '1e-40', '3.4028235e38'],
  ['float8', '0', '-0', '0.1', 'NaN', 'Infinity', '-Infinity', '5e-324', '1.7976931348623157e308'],
  [
    'numeric',
    '0',
    '0.000',
    '1',
    '-1',
    '10000',
    '9999',
    '12345678901234567890.0987654321',
    '0.0001',
  ],
  [
    'numeric',
    '0.00001',
    '1.50',
    '100',
    '-0.00000000123',
    `1${'0'.repeat(99)}`,
    '1e-100',
    'NaN',
    'Infinity',
  ],
  ['numeric', '-Infinity', '99990000', '0.99990000', '10.00', '123456.7', '00012.3400'],
  ['text', '', 'a', 'Zoë 🦋', 'x'.repeat(3000), '\t"\\'],
  ['varchar', '', 'abc'],
  ['char(3)', '', 'a', 'abc', 'ü'],
  ['"char"', 'a'],
  ['name', 'someone'],
  ['bytea', '\\x', '\\x00ff5c', `\\x${'00'.repeat(300)}`],
  ['date', '2000-01-01', '1999-12-31', '4714-11-24 BC', '5874897-12-31', 'infinity', '-infinity'],
  ['time', '00:00', '24:00', '23:59:59.999999'],
  ['timetz', '00:00+00', '12:34:56.789-08:30', '24:00+15:59'],
  ['timestamp', '2000-01-01', '1969-12-31 23:59:59.999999', '4714-11-24 BC', '294276-12-31'],
  ['timestamptz', '2021-06-01 12:00+02', '1999-12-31 23:59:59.5+00'],
  ['interval', '0', '1 mon', '-1 year 2 days -3:04:05.000006', '100000 hours'],
  ['uuid', '00112233-4455-6677-8899-aabbccddeeff'],
  ['inet', '1.2.3.4', '10.0.0.0/8', '::1', '2001:db8::/32', '::ffff:1.2.3.4'],
  ['jsonb', 'null', '{"a": [1, 2.50, "x"]}', '[]', '"Zoë"'],
  ['bit(5)', '10101', '00000'],
  ['varbit', '', '1', '101010101', '1111111100000000'],
  ['oid', '0', '4294967295'],
  ['int8[]', '{}', '{1,NULL,-3}'],
  ['int4[]', '{1,2}'],
  ['text[]', '{}', '{NULL}', '{"",a,"b,c"}'],
  ['numeric[]', '{1.50,NULL,-2}'],
  ['bool[]', '{t,f,NULL}'],
  ['uuid[]', '{00112233-4455-6677-8899-aabbccddeeff}'],
  ['timestamptz[]', '{2021-01-01 00:00+00}'],
  ['interval[]', '{1 day,NULL}'],
  ['inet[]', '{1.2.3.4,::1}'],
  ['varbit[]', '{101,0}'],
  ['float8[]', '{NaN,-0,1}'],
  ['bytea[]', '{"\\\\x00","\\\\x"}'],
  ['date[]', '{2000-01-02,infinity}'],
];

const CASES = VALUES.flatMap(([type, ...texts]) => texts.map((text) => [type, text] as const));

describePostgres('binary values are PostgreSQL 15’s', () => {
  let servers: readonly [OothecaProcess, ScratchPostgres];
  let ours: WireClient;
  let theirs: WireClient;
  beforeAll(async () => {
    servers = [await OothecaProcess.start(['--store=type=mem']), await ScratchPostgres.start()];
    ours = await WireClient.connect(servers[0].port, 'defaultdb');
    theirs = await WireClient.connect(join(servers[1].directory, '.s.PGSQL.5432'), 'postgres');
  }, 300_000);
  afterAll(async () => {
    ours?.end();
    theirs?.end();
    for (const server of servers ?? []) await server.stop();
  });

  test.each(CASES)('%s %s', async (type, text) => {
    const literal = `'${text.replaceAll("'", "''")}'::${type}`;
    const query = { sql: `SELECT ${literal}`, resultFormats: [1] };
    const [mine, other] = [await ours.query(query), await theirs.query(query)];
    const hex = (result: typeof mine): string | undefined => result.rows[0]?.[0]?.toString('hex');
    expect(hex(mine)).toBe(hex(other));
    expect(mine.columnOids).toEqual(other.columnOids);
    // And back: the parameter is the value.
    const parameters = [other.rows[0]?.[0] ?? null];
    const sql = `SELECT $1::${type}, $1::${type}::text = ${literal}::text`;
    const back = await ours.query({ sql, parameters, parameterFormats: [1], resultFormats: [1] });
    expect(back.rows[0]?.[0]?.toString('hex')).toBe(hex(other));
    expect(back.rows[0]?.[1]).toEqual(Buffer.of(1));
  });

  test.each([
    ["SELECT ROW(1::int8, 'x'::text, NULL::int4)"],
    ['SELECT ROW(1.50::numeric, ROW(true))'],
    ['SELECT indkey FROM pg_catalog.pg_index LIMIT 0'],
    ["SELECT 'pg_class'::regclass::oid > 0::oid"],
    ['SELECT NULL::int4, NULL::text[]'],
  ])('%s', async (sql) => {
    const query = { sql, resultFormats: [1] };
    const [mine, other] = [await ours.query(query), await theirs.query(query)];
    expect(mine.rows).toEqual(other.rows);
    expect(mine.columnOids).toEqual(other.columnOids);
  });
});
