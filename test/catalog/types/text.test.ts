import { SqlError } from '../../../base/errors';
import { compileTextDecoder } from '../../../catalog/types/parse-text';
import type { SqlType } from '../../../catalog/types/sql-type';
import {
  arrayOf,
  BOOL,
  BOX2D,
  BYTES,
  char,
  collated,
  DATE,
  DECIMAL,
  enumType,
  FLOAT4,
  FLOAT8,
  GEOGRAPHY,
  GEOMETRY,
  INET,
  INT2,
  INT4,
  INT8,
  INTERVAL,
  JSONB,
  OID,
  STRING,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  TIMETZ,
  tuple,
  UUID,
  VARBIT,
} from '../../../catalog/types/table';
import { compileTextEncoder } from '../../../catalog/types/text';
import { requireTimeZone, UTC } from '../../../catalog/types/timezone';
import { typeName } from '../../../catalog/types/type-name';

const settings = {
  timeZone: UTC,
  extraFloatDigits: 0,
  byteaOutput: 'hex',
  intervalStyle: 'postgres',
} as const;

const mood = enumType({
  id: 52,
  arrayOid: 100_053,
  databaseName: 'd',
  schemaName: 'public',
  name: 'mood',
  members: [
    { physical: Uint8Array.of(0x40), label: 'sad', readOnly: false },
    { physical: Uint8Array.of(0x80), label: 'ok', readOnly: false },
    { physical: Uint8Array.of(0xa0), label: 'gone', readOnly: true },
  ],
});

function roundTrip(type: SqlType, text: string, zone = UTC): string {
  const all = { ...settings, timeZone: zone };
  return compileTextEncoder(type, all)(compileTextDecoder(type, all)(text));
}

function failure(type: SqlType, text: string): { code: string; message: string } {
  try {
    compileTextDecoder(type, settings)(text);
  } catch (error) {
    if (error instanceof SqlError) return { code: error.sqlstate, message: error.message };
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was accepted`);
}

/** type, input, output (the same when left out) */
const ACCEPTED: readonly (readonly [SqlType, string, string?])[] = [
  [BOOL, 'TRUE', 't'],
  [BOOL, ' y ', 't'],
  [BOOL, 'off', 'f'],
  [INT8, '-9223372036854775808'],
  [INT8, '+12', '12'],
  [INT8, '0x1F', '31'],
  [INT2, '-32768'],
  [OID, '4294967295'],
  [FLOAT8, '1e21', '1e+21'],
  [FLOAT8, '1.7976931348623157e308', '1.79769313486232e+308'],
  [FLOAT8, '4.9406564584124654e-324', '4.94065645841247e-324'],
  [FLOAT8, '-0'],
  [FLOAT8, 'inf', 'Infinity'],
  [FLOAT8, '-Infinity'],
  [FLOAT8, 'NaN'],
  [FLOAT8, '100'],
  [FLOAT8, '0.1'],
  [FLOAT8, '123456789012345678', '1.23456789012346e+17'],
  [FLOAT8, '1e15', '1e+15'],
  [FLOAT8, '999999999999999'],
  [FLOAT8, '0.0001'],
  [FLOAT8, '0.00001', '1e-05'],
  [FLOAT4, '0.1', '0.100000001490116'],
  [DECIMAL, '1.10'],
  [DECIMAL, '-0.00', '0.00'],
  [DECIMAL, '1e50', '1E+50'],
  [DECIMAL, '100'],
  [DECIMAL, '1e2', '1E+2'],
  [DECIMAL, '0.0000001', '1E-7'],
  [DECIMAL, '0.000001'],
  [DECIMAL, '0E-20', '0.00000000000000000000'],
  [DECIMAL, '0e5', '0E+5'],
  [DECIMAL, '-123456789012345678901234567890.500'],
  [DECIMAL, 'nan', 'NaN'],
  [DECIMAL, '-inf', '-Infinity'],
  [DATE, '2021-12-21'],
  [DATE, '0001-01-01'],
  [DATE, '4714-11-24 BC'],
  [DATE, '5874897-12-31'],
  [DATE, 'infinity'],
  [DATE, '-infinity'],
  [DATE, 'epoch', '1970-01-01'],
  [DATE, '12/21/2021', '2021-12-21'],
  [DATE, '20211221', '2021-12-21'],
  [DATE, 'Dec 21, 2021', '2021-12-21'],
  [DATE, '21 December 2021', '2021-12-21'],
  [DATE, '21-Dec-2021', '2021-12-21'],
  [DATE, 'Tuesday, December 21st 2021', '2021-12-21'],
  [DATE, '2021-12-21 10:00:00', '2021-12-21'],
  [DATE, 'J2459570', '2021-12-21'],
  [TIME, '24:00', '24:00:00'],
  [TIME, '12:34:56.1234567', '12:34:56.123457'],
  [TIME, '1:02 pm', '13:02:00'],
  [TIMETZ, '23:59:59.999999-08', '23:59:59.999999-08:00'],
  [TIMETZ, '11:59:59.5+05:30'],
  [TIMETZ, '24:00:00-15:59'],
  [TIMETZ, '10:00', '10:00:00+00:00'],
  [TIMESTAMP, '2021-12-21T14:29:43.73Z', '2021-12-21 14:29:43.73'],
  [TIMESTAMP, '294276-12-31 23:59:59.999999'],
  [TIMESTAMP, '1969-12-31 23:59:59.999999'],
  [TIMESTAMP, '2021-12-21', '2021-12-21 00:00:00'],
  [TIMESTAMP, '20211221T142943', '2021-12-21 14:29:43'],
  [TIMESTAMP, '2021-12-21 23:59:59.9999999', '2021-12-22 00:00:00'],
  [TIMESTAMPTZ, '2021-12-21 14:29:43.730001+05:30', '2021-12-21 08:59:43.730001+00:00'],
  [TIMESTAMPTZ, '4714-11-24 00:00:00+00:00 BC'],
  [TIMESTAMPTZ, '2021-07-01 12:00 Europe/Paris', '2021-07-01 10:00:00+00:00'],
  [TIMESTAMPTZ, '2021-07-01 12:00 EST', '2021-07-01 17:00:00+00:00'],
  [INTERVAL, '1 year 2 mons 3 days 04:05:06.789'],
  [INTERVAL, '-1 year -2 mons 3 days -04:05:06.000001', '-1 years -2 mons 3 days -04:05:06.000001'],
  [INTERVAL, '1 mon -1 day 00:00:00.000001', '1 mon -1 days +00:00:00.000001'],
  [INTERVAL, '1 day -24:00:00'],
  [INTERVAL, 'P1Y2M3DT4H5M6.5S', '1 year 2 mons 3 days 04:05:06.5'],
  [INTERVAL, '1-2', '1 year 2 mons'],
  [INTERVAL, '1-2 3 04:05:06', '1 year 2 mons 3 days 04:05:06'],
  [INTERVAL, '1h30m', '01:30:00'],
  [INTERVAL, '@ 1 hour 2 mins ago', '-01:02:00'],
  [INTERVAL, '1.5 days', '1 day 12:00:00'],
  [INTERVAL, '0.1 years', '1 mon 6 days'],
  [INTERVAL, '290 years 11 mons'],
  [INTERVAL, '12', '00:00:12'],
  [INTERVAL, '00:00:00'],
  [INTERVAL, '720:00:00'],
  [UUID, '63616665-6630-3064-6465-616462656562'],
  [UUID, '{63616665663030646465616462656562}', '63616665-6630-3064-6465-616462656562'],
  [UUID, 'URN:UUID:63616665-6630-3064-6465-616462656562', '63616665-6630-3064-6465-616462656562'],
  [INET, '192.168.0.1/24'],
  [INET, '10.1.2.3'],
  [INET, '10.1/16', '10.1.0.0/16'],
  [INET, '::ffff:10.0.0.1'],
  [INET, '2001:db8:0:0:0:0:0:1', '2001:db8::1'],
  [INET, '::'],
  [
    JSONB,
    '{"b":1,"a":[1, 2.50,null,true,"x"],"b":1e10}',
    '{"a": [1, 2.50, null, true, "x"], "b": 1E+10}',
  ],
  [JSONB, '"\\u00e9\\n\\ud83d\\ude00"', '"é\\n😀"'],
  [JSONB, '-0.0'],
  [JSONB, ' [ ] ', '[]'],
  [JSONB, '"\\ud800"', '"\ufffd"'],
  [VARBIT, '0101'],
  [VARBIT, ''],
  [mood, 'sad'],
  [BYTES, '\\x00fF', '\\x00ff'],
  [BYTES, 'a\\\\b\\000', '\\x615c6200'],
  [char(5), 'ab  ', 'ab   '],
  [collated('de'), 'Straße'],
  [BOX2D, 'BOX(1 1,0 0)', 'BOX(0 0,1 1)'],
  [BOX2D, 'box( -1 -1 , -0.5 0 )', 'BOX(-1 -1,-0.5 0)'],
  [GEOMETRY, 'POINT(1 2)', '0101000000000000000000F03F0000000000000040'],
  [GEOMETRY, 'SRID=4326;POINT(-73.9 40.7)', '0101000020E61000009A999999997952C09A99999999594440'],
  [
    GEOGRAPHY,
    'LINESTRING(0 0,1 1,2 0)',
    '0102000020E61000000300000000000000000000000000000000000000000000000000F03F000000000000F03F00000000000000400000000000000000',
  ],
  [
    GEOMETRY,
    'GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))',
    '0107000000020000000101000000000000000000F03F000000000000F03F01020000000200000000000000000000000000000000000000000000000000F03F000000000000F03F',
  ],
  [
    GEOMETRY,
    '00000000013FF00000000000004000000000000000',
    '0101000000000000000000F03F0000000000000040',
  ],
  [GEOMETRY, 'POINT Z (1 2 3)', '0101000080000000000000F03F00000000000000400000000000000840'],
  [GEOMETRY, 'POINT EMPTY', '0101000000000000000000F87F000000000000F87F'],
  [arrayOf(INT8), '{1,NULL,-3}'],
  [arrayOf(STRING), '{a,"","NULL",NULL,"quote\\"d","com,ma","{br}"}'],
  [arrayOf(FLOAT8), '{1.5,nan,inf,-0,2}', '{1.5,NaN,+Inf,-0.0,2.0}'],
  [arrayOf(BYTES), '{"\\\\x00"}'],
  [arrayOf(TIMESTAMPTZ), '{"2021-12-21 14:29:43+00:00"}'],
  [arrayOf(INTERVAL), '{"1 day","-2 mons"}'],
  [arrayOf(mood), '{sad,NULL,ok}'],
  [arrayOf(DECIMAL), '{NaN,-Infinity,0.000,1.10}'],
  [arrayOf(STRING), '{}'],
  [tuple([INT8, STRING, BOOL]), '(1,"a b",)'],
];

test.each(ACCEPTED.map(([type, input, output]) => ({ type, name: typeName(type), input, output })))(
  '$name reads and prints $input',
  ({ type, input, output }) => {
    expect(roundTrip(type, input)).toBe(output ?? input);
  },
);

const REFUSED: readonly (readonly [SqlType, string, string, string])[] = [
  [BOOL, 'x', '22P02', 'could not parse "x" as type bool: invalid bool value'],
  [
    INT8,
    'abc',
    '22P02',
    'could not parse "abc" as type int: strconv.ParseInt: parsing "abc": invalid syntax',
  ],
  [
    INT8,
    '9223372036854775808',
    '22003',
    'could not parse "9223372036854775808" as type int: strconv.ParseInt: parsing "9223372036854775808": value out of range',
  ],
  [INT2, '40000', '22003', 'integer out of range for type int2'],
  [INT4, '-2147483649', '22003', 'integer out of range for type int4'],
  [mood, 'c', '22P02', 'invalid input value for enum mood: "c"'],
  [mood, 'gone', '55000', 'enum value "gone" is not yet public'],
  [DATE, '2021-02-30', '22008', 'parsing as type date: field day value 30 is out of range'],
  [DATE, '2021-13-01', '22008', 'parsing as type date: field month value 13 is out of range'],
  [DATE, '99-12-21', '22008', 'parsing as type date: field month value 99 is out of range'],
  [DATE, 'abc', '22007', 'parsing as type date: could not parse "abc"'],
  [DATE, 'now', '22007', 'parsing as type date: could not parse "now"'],
  [TIME, '25:00', '22P02', 'could not parse "25:00" as type time'],
  [
    JSONB,
    '{bad',
    '22P02',
    "could not parse JSON: unable to decode JSON: invalid character 'b' looking for beginning of object key string",
  ],
  [JSONB, '', '22P02', 'could not parse JSON: unable to decode JSON: EOF'],
  [JSONB, '[1', '22P02', 'could not parse JSON: unable to decode JSON: unexpected EOF'],
  [JSONB, '1 2', '22P02', 'could not parse JSON: trailing characters after JSON document'],
  [
    JSONB,
    'tru3',
    '22P02',
    "could not parse JSON: unable to decode JSON: invalid character '3' in literal true (expecting 'e')",
  ],
  [JSONB, '['.repeat(2000), '22P02', 'could not parse JSON: JSON nested deeper than 1000 levels'],
  [
    arrayOf(STRING),
    'c',
    '22P02',
    'could not parse "c" as type string[]: array must be enclosed in { and }',
  ],
  [
    arrayOf(INT8),
    '{a}',
    '22P02',
    'could not parse "{a}" as type int[]: could not parse "a" as type int: strconv.ParseInt: parsing "a": invalid syntax',
  ],
  [INET, '1.2.3', '22P02', 'could not parse "1.2.3" as type inet: invalid IP'],
  [VARBIT, '012', '22P02', 'could not parse string as bit array: "2" is not a valid binary digit'],
  [UUID, 'zz', '22P02', 'could not parse "zz" as type uuid: uuid: incorrect UUID length: zz'],
];

test.each(
  REFUSED.map(([type, text, code, message]) => ({
    type,
    name: typeName(type),
    text,
    code,
    message,
  })),
)('$name refuses $text', ({ type, text, code, message }) => {
  expect(failure(type, text)).toEqual({ code, message });
});

const NONSENSE: readonly (readonly [SqlType, string])[] = [
  [DECIMAL, '1e3000'],
  [DECIMAL, 'x'],
  [FLOAT8, '1e400'],
  [FLOAT8, '1.2.3'],
  [INTERVAL, 'abc'],
  [INTERVAL, ''],
  [INTERVAL, '1 parsec'],
  [TIMESTAMP, '2021-01-01 25:00'],
  [TIMESTAMP, '2021-01-01 10:00 Nowhere/Land'],
  [TIMESTAMP, '300000-01-01'],
  [TIMETZ, 'noon'],
  [BYTES, '\\xzz'],
  [BYTES, '\\x0'],
  [BYTES, '\\9'],
  [GEOMETRY, 'POINT(1)'],
  [GEOMETRY, 'POLYGON((0 0,1 1,2 2))'],
  [GEOMETRY, 'POLYGON((0 0,1 0,1 1,0 1))'],
  [GEOMETRY, '0101000000FF'],
  [GEOMETRY, `${'GEOMETRYCOLLECTION('.repeat(100)}POINT(1 1)${')'.repeat(100)}`],
  [BOX2D, 'BOX(1 1)'],
  [INET, '10.0.0.0/33'],
  [arrayOf(INT8), '{1'],
  [arrayOf(INT8), '{1}x'],
  [arrayOf(INT8), '{{1}}'],
  [tuple([INT8]), '(1,2)'],
];

test.each(NONSENSE.map(([type, text]) => ({ type, name: typeName(type), text })))(
  '$name: $text is an error for the user',
  ({ type, text }) => {
    expect(failure(type, text).code).toMatch(/^22/);
  },
);

describe('time zones', () => {
  test('TIMESTAMPTZ prints in the session zone, summer and winter', () => {
    const zone = requireTimeZone('America/New_York');
    expect(roundTrip(TIMESTAMPTZ, '2021-07-01 00:00:00+00', zone)).toBe(
      '2021-06-30 20:00:00-04:00',
    );
    expect(roundTrip(TIMESTAMPTZ, '2021-01-01 00:00:00+00', zone)).toBe(
      '2020-12-31 19:00:00-05:00',
    );
    expect(roundTrip(TIMESTAMPTZ, '1800-01-01 00:00:00+00', zone)).toBe(
      '1799-12-31 19:03:58-04:56:02',
    );
    expect(roundTrip(TIMESTAMPTZ, '290000-07-01 00:00:00+00', zone)).toBe(
      '290000-06-30 20:00:00-04:00',
    );
    expect(roundTrip(TIMESTAMPTZ, '4000-01-01 00:00:00+00 BC', zone)).toBe(
      '4001-12-31 19:03:58-04:56:02 BC',
    );
  });

  test('a text without a zone is read in the session zone', () => {
    const zone = requireTimeZone('Europe/Berlin');
    expect(roundTrip(TIMESTAMPTZ, '2021-07-01 02:00:00', zone)).toBe('2021-07-01 02:00:00+02:00');
    expect(roundTrip(TIMESTAMPTZ, '2021-03-28 02:30:00', zone)).toBe('2021-03-28 03:30:00+02:00');
    expect(roundTrip(TIMESTAMPTZ, '2021-10-31 02:30:00', zone)).toBe('2021-10-31 02:30:00+02:00');
  });

  test('the second before a change and the change itself', () => {
    const zone = requireTimeZone('Europe/Berlin');
    const change = Date.UTC(2021, 2, 28, 1) / 1000;
    expect(zone.offsetAt(change - 1)).toBe(3600);
    expect(zone.offsetAt(change)).toBe(7200);
  });

  test('fixed offsets', () => {
    expect(requireTimeZone('+3').offsetAt(0)).toBe(10_800);
    expect(requireTimeZone('-07:30').offsetAt(0)).toBe(-27_000);
    expect(requireTimeZone('UTC+3').offsetAt(0)).toBe(-10_800);
    expect(requireTimeZone('fixed offset:3600').offsetAt(0)).toBe(3600);
    expect(() => requireTimeZone('Mars/Olympus')).toThrow('cannot find time zone');
  });
});

test('words need a clock', () => {
  const now = { timeZone: UTC, now: () => 1_640_097_000_000_000n };
  const text = (type: SqlType, word: string): string =>
    compileTextEncoder(type, settings)(compileTextDecoder(type, now)(word));
  expect(text(TIMESTAMPTZ, 'now')).toBe('2021-12-21 14:30:00+00:00');
  expect(text(DATE, 'tomorrow')).toBe('2021-12-22');
  expect(text(TIMESTAMP, 'yesterday')).toBe('2021-12-20 00:00:00');
});

test('extra_float_digits', () => {
  const text = (value: string, extraFloatDigits: number): string =>
    compileTextEncoder(FLOAT8, { ...settings, extraFloatDigits })(
      compileTextDecoder(FLOAT8, settings)(value),
    );
  expect(text('0.1', 3)).toBe('0.1');
  expect(text('0.1', 2)).toBe('0.10000000000000001');
  expect(text('1234567', 3)).toBe('1.234567e+06');
  expect(text('3.14159', -12)).toBe('3.14');
  expect(text('3.14159', -15)).toBe('3');
});
