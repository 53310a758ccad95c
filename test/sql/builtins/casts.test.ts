import { type Harness, makeHarness, SESSION } from '../support/harness';

/** Literals, casts and arithmetic, with answers known from CockroachDB, or from PostgreSQL where the two agree. */

let db: Harness;
beforeAll(async () => {
  db = await makeHarness();
});
beforeEach(() => {
  db.session = SESSION;
});

test.each([
  ["'010'::INT, ' 7 '::INT, '0x1F'::INT, '-0'::INT", '10|7|31|0'],
  [
    '(-9223372036854775808)::INT, -9223372036854775808',
    '-9223372036854775808|-9223372036854775808',
  ],
  ['1.5::INT, 2.5::INT, -1.5::INT, 0.5::INT', '2|3|-2|1'],
  [
    "'inf'::FLOAT, '-Infinity'::FLOAT, 'nan'::FLOAT, 'infinity'::DECIMAL, '-inf'::DECIMAL, 'NaN'::DECIMAL",
    'Infinity|-Infinity|NaN|Infinity|-Infinity|NaN',
  ],
  ["'inf'::FLOAT::DECIMAL, 'Infinity'::DECIMAL::FLOAT", 'Infinity|Infinity'],
  [
    "'NaN'::FLOAT = 'NaN'::FLOAT, 'NaN'::FLOAT < '-inf'::FLOAT, 'NaN'::DECIMAL < '-inf'::DECIMAL",
    't|t|t',
  ],
  [
    '0.1::FLOAT + 0.2::FLOAT, 1e21::FLOAT, 1e-7::FLOAT, 123456789.123::FLOAT, 1.0::FLOAT, 100::FLOAT / 3',
    '0.3|1e+21|1e-07|123456789.123|1|33.3333333333333',
  ],
  [
    '1::DECIMAL / 3, 2::DECIMAL / 3, 10::DECIMAL / 4, 1::DECIMAL / 8',
    '0.33333333333333333333|0.66666666666666666667|2.5|0.125',
  ],
  ['1.10::DECIMAL + 2.205, 1.10 * 2.00, 1.0 / 2, 5.0 % 3, 5.0 // 2', '3.305|2.2000|0.5|2.0|2'],
  ['12.345::DECIMAL(4,2), 12.345::DECIMAL(4)', '12.35|12'],
  [
    '7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 % -3, 1 << 62, -8 >> 1, 5 # 3, ~5',
    '3|-3|1|-1|1|4611686018427387904|-4|6|-6',
  ],
  [
    "true::INT, 1::BOOL, 0::BOOL, 1.5::BOOL, 0.0::FLOAT::BOOL, 'on'::BOOL, 't'::BOOL",
    '1|t|f|t|f|t|t',
  ],
  ['true::STRING, 1.5::STRING, 1.0::FLOAT::STRING, NULL::STRING', 'true|1.5|1|NULL'],
  [`'hello'::CHAR(3), 'hello'::VARCHAR(3), 'hello'::"char", 'hello'::CHAR`, 'hel|hel|h|h'],
  [
    "B'101'::BIT(2), B'101'::BIT(5), B'101'::VARBIT(2), '101'::BIT(3), 5::BIT(4), B'101'::INT, (-1)::BIT(3)",
    '10|10100|10|101|0101|5|111',
  ],
  ["'x1F'::VARBIT", '00011111'],
  ["'\\x6162'::BYTES, '\\141bc'::BYTES", '\\x6162|\\x616263'],
  [
    `'{1,2,NULL}'::INT[], '{"a b",c,"d\\"e"}'::STRING[], '{}'::INT[], ARRAY[1,2]::STRING[]`,
    '{1,2,NULL}|{"a b",c,"d\\"e"}|{}|{1,2}',
  ],
  [
    "ARRAY[1.5,2.5]::INT[], ARRAY['1','2']::INT[], ARRAY['2021-01-01']::DATE[], ARRAY[1,2]::DECIMAL(4,2)[]",
    '{2,3}|{1,2}|{2021-01-01}|{1.00,2.00}',
  ],
  [
    "'{63616665-6630-3064-6465-616462656562}'::UUID, '63616665663030646465616462656562'::UUID, 'urn:uuid:63616665-6630-3064-6465-616462656562'::UUID",
    '63616665-6630-3064-6465-616462656562|63616665-6630-3064-6465-616462656562|63616665-6630-3064-6465-616462656562',
  ],
  [
    "'192.168.0.1/24'::INET, '::ffff:1.2.3.4'::INET, '2001:db8::/32'::INET",
    '192.168.0.1/24|::ffff:1.2.3.4|2001:db8::/32',
  ],
  [
    `'{"a":1, "b":[1,2.50,"x"], "a":2}'::JSONB, '"\\u00e9"'::JSONB, 'null'::JSONB, '1.0'::JSONB`,
    '{"a": 2, "b": [1, 2.50, "x"]}|"é"|null|1.0',
  ],
  [
    "'1'::JSONB::INT, '1.5'::JSONB::FLOAT, 'true'::JSONB::BOOL, '2.50'::JSONB::DECIMAL",
    '1|1.5|t|2.50',
  ],
  [
    "1::INT::INTERVAL, '1'::INTERVAL, 1.5::FLOAT::INTERVAL, 1.5::DECIMAL::INTERVAL",
    '00:00:01|00:00:01|00:00:01.5|00:00:01.5',
  ],
  [
    '1::TIMESTAMP, 1::TIMESTAMPTZ, 1::DATE',
    '1970-01-01 00:00:01|1970-01-01 00:00:01+00:00|1970-01-02',
  ],
  [
    "'2021-03-23'::DATE::INT, '2021-03-23'::TIMESTAMP::INT, '2021-03-23 10:00:00.5'::TIMESTAMP::FLOAT, '2021-03-23'::DATE::FLOAT",
    '18709|1616457600|1616493600.5|18709',
  ],
  [
    "'1 day'::INTERVAL::INT, '1.5 sec'::INTERVAL::FLOAT, '1 mon'::INTERVAL::DECIMAL",
    '86400|1.5|2592000',
  ],
  [
    "'10:00'::TIME::INTERVAL, '25 hours'::INTERVAL::TIME, '10:00'::TIME::TIMETZ, '10:00+02'::TIMETZ::TIME",
    '10:00:00|01:00:00|10:00:00+00:00|10:00:00',
  ],
  [
    "'now'::TIMESTAMP, 'today'::DATE, 'yesterday'::DATE, 'tomorrow'::TIMESTAMP, 'epoch'::DATE, 'now'::TIMESTAMPTZ, 'now'::TIME",
    '2021-03-23 20:00:00|2021-03-23|2021-03-22|2021-03-24 00:00:00|1970-01-01|2021-03-23 20:00:00+00:00|20:00:00',
  ],
  [
    "'infinity'::DATE, '-infinity'::DATE, 'epoch'::TIMESTAMP",
    'infinity|-infinity|1970-01-01 00:00:00',
  ],
  [
    "'2021-3-5'::DATE, '20210323'::DATE, 'March 23, 2021'::DATE, '23 Mar 2021'::DATE, '3/23/2021'::DATE, '2021-082'::DATE, '0044-03-15 BC'::DATE",
    '2021-03-05|2021-03-23|2021-03-23|2021-03-23|2021-03-23|2021-03-23|0044-03-15 BC',
  ],
  [
    "'2021-03-23 9:31 PM'::TIMESTAMP, '2021-03-23T21:31:01Z'::TIMESTAMP, '2021-03-23 21:31:01.123456789'::TIMESTAMP, '2021-03-23 24:00:00'::TIMESTAMP",
    '2021-03-23 21:31:00|2021-03-23 21:31:01|2021-03-23 21:31:01.123457|2021-03-24 00:00:00',
  ],
  [
    "'2021-03-23 10:00 America/New_York'::TIMESTAMPTZ, '2021-03-23 10:00 EST'::TIMESTAMPTZ, '2021-03-23 10:00-0530'::TIMESTAMPTZ",
    '2021-03-23 14:00:00+00:00|2021-03-23 15:00:00+00:00|2021-03-23 15:30:00+00:00',
  ],
  [
    "'10:11:12.1234567'::TIME, '10:11:12.5'::TIME(0), '24:00'::TIME, '101112'::TIME, '10:11 PM'::TIME, 'allballs'::TIME",
    '10:11:12.123457|10:11:13|24:00:00|10:11:12|22:11:00|00:00:00',
  ],
  [
    "'2021-03-23 21:31:01.37'::TIMESTAMP(1), '10:11:12.55+02'::TIMETZ(1), '1.2345 sec'::INTERVAL(2)",
    '2021-03-23 21:31:01.4|10:11:12.6+02:00|00:00:01.23',
  ],
  [
    "'1y2mon'::INTERVAL, '1 year 2 months 3 days 04:05:06.789'::INTERVAL, 'P1Y2M3DT4H5M6S'::INTERVAL, '1-2 3 4:05:06'::INTERVAL",
    '1 year 2 mons|1 year 2 mons 3 days 04:05:06.789|1 year 2 mons 3 days 04:05:06|1 year 2 mons 3 days 04:05:06',
  ],
  [
    "'-1-2'::INTERVAL, '1 day ago'::INTERVAL, 'P1W'::INTERVAL, '1.5 months'::INTERVAL, '3 4:05'::INTERVAL",
    '-1 years -2 mons|-1 days|7 days|1 mon 15 days|3 days 04:05:00',
  ],
  [
    "INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3' DAY, INTERVAL '10:20' MINUTE TO SECOND, INTERVAL '1 day 2:03:04' HOUR",
    '1 year 2 mons|3 days|00:10:20|1 day 02:00:00',
  ],
  [
    "INTERVAL '1 day' < INTERVAL '24 hours', INTERVAL '1 day' = INTERVAL '24 hours', INTERVAL '30 days' = '1 mon'",
    'f|t|t',
  ],
  [
    "'2021-01-31'::DATE + '1 month'::INTERVAL, '2021-03-31'::DATE - '2021-03-01'::DATE, '2021-03-23'::DATE + 1, '2021-03-23'::DATE + '10:00'::TIME",
    '2021-02-28 00:00:00|30|2021-03-24|2021-03-23 10:00:00',
  ],
  [
    "'1 day'::INTERVAL * 1.5, '2 days'::INTERVAL / 3, -'1 day'::INTERVAL, '10:00'::TIME + '15 hours'::INTERVAL, '10:00'::TIME - '09:00'::TIME",
    '1 day 12:00:00|16:00:00|-1 days|01:00:00|01:00:00',
  ],
])('%s', (expressions, answers) => {
  expect(db.rows(`SELECT ${expressions}`)).toEqual([answers]);
});

test.each([
  [
    "'abc'::INT",
    '22P02 could not parse "abc" as type int: strconv.ParseInt: parsing "abc": invalid syntax',
  ],
  [
    "'1.5'::INT",
    '22P02 could not parse "1.5" as type int: strconv.ParseInt: parsing "1.5": invalid syntax',
  ],
  [
    "'9223372036854775808'::INT",
    '22003 could not parse "9223372036854775808" as type int: strconv.ParseInt: parsing "9223372036854775808": value out of range',
  ],
  ['9223372036854775807 + 1', '22003 integer out of range'],
  ['-9223372036854775807 - 2', '22003 integer out of range'],
  ['32768::INT2', '22003 integer out of range for type int2'],
  ['2147483648::INT4', '22003 integer out of range for type int4'],
  ["'70000'::INT2", '22003 integer out of range for type int2'],
  ["'NaN'::FLOAT::INT", '22003 integer out of range'],
  ["'NaN'::DECIMAL::INT", '22003 integer out of range'],
  [
    "'1e400'::FLOAT",
    '22003 could not parse "1e400" as type float: strconv.ParseFloat: parsing "1e400": value out of range',
  ],
  [
    '99.995::DECIMAL(4,2)',
    '22003 type DECIMAL(4,2): value with precision 4, scale 2 must round to an absolute value less than 10^2',
  ],
  ['1 << 64', '22003 integer out of range'],
  ['1 / 0', '22012 division by zero'],
  ['1.0 % 0', '22012 division by zero'],
  ["'maybe'::BOOL", '22P02 could not parse "maybe" as type bool: invalid bool value'],
  [
    "'\\xZZ'::BYTES",
    `22P02 could not parse "\\xZZ" as type bytes: encoding/hex: invalid byte: U+005A 'Z'`,
  ],
  ['ARRAY[1]::UUID[]', '42846 invalid cast: int[] -> uuid[]'],
  [
    "'{1,a}'::INT[]",
    '22P02 could not parse "{1,a}" as type int[]: could not parse "a" as type int: strconv.ParseInt: parsing "a": invalid syntax',
  ],
  [`'"a"'::JSONB::INT`, '22023 cannot cast jsonb string to type int'],
  ["'[1]'::JSONB::BOOL", '22023 cannot cast jsonb array to type bool'],
  ["'2021-13-01'::DATE", '22008 parsing as type date: field month value 13 is out of range'],
  ["'2021-02-30'::DATE", '22008 parsing as type date: field day value 30 is out of range'],
  ["'abc'::DATE", '22007 parsing as type date: could not parse "abc"'],
  ["'25:00'::TIME", '22P02 could not parse "25:00" as type time'],
  [
    "'1 foo'::INTERVAL",
    '22007 could not parse "1 foo" as type interval: interval: unknown unit "foo" in duration "1 foo"',
  ],
])('error of %s', (expression, error) => {
  expect(db.error(`SELECT ${expression}`)).toBe(error);
});

test('words for the current time are read when the statement runs', () => {
  const query = db.bind("SELECT 'today'::DATE, 'now'::TIMESTAMPTZ");
  expect(query.sql).not.toContain('18709');
  db.session = { ...SESSION, timeZone: 'Asia/Tokyo' };
  expect(db.rows("SELECT 'today'::DATE, 'now'::TIME")).toEqual(['2021-03-24|05:00:00']);
});
