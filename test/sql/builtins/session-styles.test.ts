import { type Harness, makeHarness, SESSION } from '../support/harness';

/** What DateStyle, IntervalStyle, TimeZone, bytea_output and extra_float_digits change: results, casts, arrays, JSON. */

let db: Harness;
beforeAll(async () => {
  db = await makeHarness();
});
afterEach(() => {
  db.session = SESSION;
});

test.each([
  [
    { intervalStyle: 'iso_8601' },
    "'1 year 2 mons 3 days 04:05:06.7'::INTERVAL, '1 day'::INTERVAL::STRING, ARRAY['-1 day'::INTERVAL], to_json('1 day'::INTERVAL), array_to_string(ARRAY['1 day'::INTERVAL], ',')",
    'P1Y2M3DT4H5M6.7S|P1D|{P-1D}|"P1D"|P1D',
  ],
  [
    { intervalStyle: 'sql_standard' },
    "'1 year 2 mons 3 days 04:05:06.7'::INTERVAL, '-1 day'::INTERVAL, '-1 2:03:04'::INTERVAL, '-1-2 3 4:05'::INTERVAL, '-1 day +2:00'::INTERVAL, 'P-1D'::INTERVAL",
    '+1-2 +3 +4:05:06.7|-1 0:00:00|-1 2:03:04|-1-2 -3 -4:05:00|+0-0 -1 +2:00:00|-1 0:00:00',
  ],
  [{ intervalStyle: 'postgres' }, "'-1 2:03:04'::INTERVAL", '-1 days +02:03:04'],
  [
    { dateStyle: 'ISO, DMY' },
    "'01/05/2021'::DATE, '01-05-2021 10:11'::TIMESTAMP, '2021-05-06'::DATE, '01/05/2021'::STRING::DATE",
    '2021-05-01|2021-05-01 10:11:00|2021-05-06|2021-05-01',
  ],
  [{ dateStyle: 'ISO, YMD' }, "'21/05/06'::DATE, '2021/05/06'::DATE", '2021-05-06|2021-05-06'],
  [{ dateStyle: 'ISO, MDY' }, "'01/05/2021'::DATE", '2021-01-05'],
  [
    { extraFloatDigits: 0n },
    '(0.1::FLOAT + 0.2::FLOAT)::STRING, ARRAY[0.1::FLOAT + 0.2::FLOAT]',
    '0.3|{0.30000000000000004}',
  ],
  [
    { extraFloatDigits: 3n },
    '(0.1::FLOAT + 0.2::FLOAT)::STRING, 0.1::FLOAT + 0.2::FLOAT',
    '0.30000000000000004|0.30000000000000004',
  ],
  [{ extraFloatDigits: -5n }, '1.23456789012345::FLOAT::STRING', '1.23456789'],
  [
    { byteaOutput: 'escape' },
    "'\\x6100'::BYTES, '\\x6100'::BYTES::STRING, array_to_string(ARRAY['\\x6100'::BYTES], ',')",
    'a\\000|a\\000|a\\000',
  ],
  [
    { timeZone: 'America/New_York' },
    "to_json('2021-01-01 10:00+00'::TIMESTAMPTZ), json_build_array('2021-07-01 10:00+00'::TIMESTAMPTZ), json_agg('2021-01-01 10:00+00'::TIMESTAMPTZ), format('%s', '2021-01-01 10:00+00'::TIMESTAMPTZ)",
    '"2021-01-01T05:00:00-05:00"|["2021-07-01T06:00:00-04:00"]|["2021-01-01T05:00:00-05:00"]|2021-01-01 05:00:00-05:00',
  ],
  [{}, "to_json('2021-01-01 10:00+00'::TIMESTAMPTZ)", '"2021-01-01T10:00:00Z"'],
])('%j: %s', (session, expression, answer) => {
  db.session = { ...SESSION, ...session };
  expect(db.rows(`SELECT ${expression}`)).toEqual([answer]);
});

test.each([
  ["format('%-5s|%5s|%*s|%-*s|', 'x', 'y', 4, 'z', -6, 'w')", 'x    |    y|   z|w     |'],
  ["format('%2$s %1$s %s', 'a', 'b')", 'b a b'],
  ["format('%3$*1$s|%3$*2$s|', 3, -3, 'x')", '  x|x  |'],
  ["format('%5I|%-8L|', 'a b', 'c')", '"a b"|\'c\'     |'],
])('%s', (expression, answer) => {
  expect(db.rows(`SELECT ${expression}`)).toEqual([answer]);
});

test.each([
  ["'hello'::VARCHAR(3)::STRING", 'hel'],
  ['1.25::DECIMAL(3,1)::DECIMAL', '1.3'],
  ["'10:11:12.55'::TIME(0)::TIME", '10:11:13'],
  ["B'10101'::BIT(3)::VARBIT", '101'],
  ['1.1::FLOAT4::FLOAT8 = 1.1', 'f'],
])('a width that a later cast takes away has been applied: %s', (expression, answer) => {
  expect(db.rows(`SELECT ${expression}`)).toEqual([answer]);
});

test('a value out of range for the inner type', () => {
  expect(db.error('SELECT 99999::INT8::INT2::INT8')).toBe(
    '22003 integer out of range for type int2',
  );
});

test.each([
  ['sqrdiff(x) FROM (VALUES (1), (2), (4)) v(x)', '4.6666666666666666667'],
  ['sqrdiff(x::FLOAT) FROM (VALUES (1), (2), (4)) v(x)', '4.66666666666667'],
  ['sqrdiff(x) FROM (VALUES (1.5)) v(x)', '0'],
  ['crdb_internal.round_decimal_values(ARRAY[1.26, NULL, 2.35], 1)', '{1.3,NULL,2.4}'],
])('%s', (expression, answer) => {
  expect(db.rows(`SELECT ${expression}`)).toEqual([answer]);
});
