import { enumType } from '../../../catalog/types/table';
import { type Harness, makeHarness, SESSION } from '../support/harness';

/** Expressions and their answers: known from CockroachDB, or from PostgreSQL where the two agree. */

const mood = enumType({
  id: 70,
  arrayOid: 100_071,
  databaseName: 'defaultdb',
  schemaName: 'public',
  name: 'mood',
  members: ['sad', 'ok', 'happy'].map((label, i) => ({
    label,
    physical: Uint8Array.from([0x40 + i * 0x20]),
    readOnly: false,
  })),
});

let db: Harness;
beforeAll(async () => {
  db = await makeHarness({}, { mood });
});
beforeEach(() => {
  db.session = SESSION;
});

type Case = readonly [expression: string, answer: string];

const answers = (cases: readonly Case[]): void => {
  test.each(cases)('%s', (expression, answer) => {
    expect(db.rows(`SELECT ${expression}`)).toEqual([answer]);
  });
};

const errors = (cases: readonly Case[]): void => {
  test.each(cases)('error of %s', (expression, answer) => {
    expect(db.error(`SELECT ${expression}`)).toBe(answer);
  });
};

describe('digests and checksums (RFC 1321, 2202, 3174, 3720, FIPS 180)', () => {
  answers([
    ["md5('abc')", '900150983cd24fb0d6963f7d28e17f72'],
    ["md5('a', NULL, 'bc')", '900150983cd24fb0d6963f7d28e17f72'],
    ['md5(NULL::STRING)', 'NULL'],
    ["sha1('abc')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ["sha224('abc')", '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7'],
    ["digest('abc', 'sha1')", '\\xa9993e364706816aba3e25717850c26c9cd0d89d'],
    ["hmac('Hi There', repeat('k', 0) || 'Jefe', 'md5') IS NOT NULL", 't'],
    [
      "hmac('what do ya want for nothing?', 'Jefe', 'sha1')",
      '\\xeffcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
    ],
    ["crc32ieee('123456789')", String(0xcbf43926)],
    ["crc32c('123456789')", String(0xe3069283)],
    ["crc32ieee('1234', '56789')", String(0xcbf43926)],
    ["fnv32a('')", String(0x811c9dc5)],
  ]);
  errors([["digest('a', 'sha3')", '22023 cannot use "sha3", no such hash algorithm']]);
});

describe('arrays whose type comes from elsewhere', () => {
  answers([
    ['ARRAY[NULL]::INT[]', '{NULL}'],
    ['ARRAY[NULL, NULL]::STRING[]', '{NULL,NULL}'],
    ["1 = ANY('{1,2}'), 3 = ANY('{1,2}'), 'a' = ANY('{a}')", 't|f|t'],
  ]);
});

describe('fuzzy matching', () => {
  answers([
    ["levenshtein('kitten', 'sitting')", '3'],
    ["levenshtein('GUMBO', 'GAMBOL')", '2'],
    ["levenshtein('GUMBO', 'GAMBOL', 2, 1, 1)", '3'],
    ["levenshtein('', 'abc')", '3'],
    ["soundex('hello world!')", 'H464'],
    ["soundex('Anne')", 'A500'],
    ["soundex('')", ''],
    ["difference('Anne', 'Ann')", '4'],
    ["difference('Anne', 'Andrew')", '2'],
    ["difference('Anne', 'Margaret')", '0'],
  ]);
});

describe('network addresses', () => {
  answers([
    ["abbrev('10.1.0.0/16'::INET)", '10.1.0.0/16'],
    ["broadcast('192.168.1.5/24'::INET)", '192.168.1.255/24'],
    ["family('::1'::INET)", '6'],
    ["host('192.168.1.5/24'::INET)", '192.168.1.5'],
    ["hostmask('192.168.23.20/30'::INET)", '0.0.0.3'],
    ["masklen('192.168.1.5/24'::INET)", '24'],
    ["netmask('192.168.1.5/24'::INET)", '255.255.255.0'],
    ["set_masklen('192.168.1.5/24'::INET, 16)", '192.168.1.5/16'],
    ["text('192.168.1.5'::INET)", '192.168.1.5/32'],
    ["inet_same_family('192.168.1.5/24'::INET, '::1'::INET)", 'f'],
    ["'192.168.1.6'::INET + 25", '192.168.1.31'],
    ["'192.168.1.43'::INET - 36", '192.168.1.7'],
    ["'192.168.1.43'::INET - '192.168.1.19'::INET", '24'],
    ["'192.168.1.5'::INET << '192.168.1.0/24'::INET", 't'],
    ["'192.168.1.0/24'::INET >> '192.168.2.5'::INET", 'f'],
    ["'192.168.1.0/24'::INET && '192.168.1.80/28'::INET", 't'],
    ["~ '192.168.1.6'::INET", '63.87.254.249'],
    ["'192.168.1.6'::INET & '0.0.0.255'::INET", '0.0.0.6'],
    ["'192.168.1.6'::INET | '0.0.0.255'::INET", '192.168.1.255'],
    ["from_ip(to_ip('1.2.3.4'))", '1.2.3.4'],
  ]);
  errors([
    ["'255.255.255.255'::INET + 1", '22003 result out of range'],
    ["set_masklen('1.2.3.4'::INET, 33)", '22023 invalid mask length: 33'],
  ]);
});

describe('identifiers', () => {
  answers([
    ["ulid_to_uuid('01ARZ3NDEKTSV4RRFFQ69G5FAV')", '01563e3a-b5d3-d676-4c61-efb99302bd5b'],
    ["uuid_to_ulid('01563e3a-b5d3-d676-4c61-efb99302bd5b')", '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['gen_random_uuid() = gen_random_uuid()', 'f'],
    [
      "to_uuid('63616665-6630-3064-6465-616462656566')::STRING",
      '\\x63616665663030646465616462656566',
    ],
    [
      "from_uuid(to_uuid('63616665-6630-3064-6465-616462656566'))",
      '63616665-6630-3064-6465-616462656566',
    ],
  ]);
  errors([["ulid_to_uuid('abc')", '22023 ulid: bad data size when unmarshaling']]);

  test('a random value for each row', () => {
    const rows = db.rows('SELECT DISTINCT gen_random_uuid() FROM generate_series(1, 50)');
    expect(new Set(rows).size).toBe(50);
  });
});

describe('numbers', () => {
  answers([
    ['to_english(-105)', 'minus-one-zero-five'],
    ['width_bucket(5.35, 0.024, 10.06, 5)', '3'],
    ['width_bucket(8, 2, 3, 4)', '5'],
    ['width_bucket(1, 2, 3, 4)', '0'],
    ['width_bucket(5.0, 10.0, 0.0, 5)', '3'],
    ['width_bucket(3, ARRAY[1, 2, 4])', '2'],
    ['ceil(7::INT)', '7'],
    ['pg_typeof(floor(7::INT))', 'double precision'],
    ['asinh(0.0::FLOAT), cosh(0.0::FLOAT), tanh(0.0::FLOAT)', '0|1|0'],
    ['atan2d(1.0, 1.0)', '45'],
    ['log(2.0::FLOAT, 8.0::FLOAT)', '3'],
  ]);
  errors([['width_bucket(1, 2, 3, 0)', '22023 count must be greater than zero']]);
});

describe('bytes and bits', () => {
  answers([
    ["get_bit(B'1011', 1), get_bit('\\x1234567890'::BYTES, 30)", '0|1'],
    ["set_bit(B'1011', 1, 1)", '1111'],
    ["set_bit('\\x1234567890'::BYTES, 30, 0)", '\\x1234563890'],
    ["get_byte('abc'::BYTES, 1), set_byte('abc'::BYTES, 1, 65)", '98|\\x614163'],
    ["left('abc'::BYTES, 2), right('abc'::BYTES, -1)", '\\x6162|\\x6263'],
    ["substr(B'10110', 2, 3), substring(B'10110', 4)", '011|10'],
    ["B'1011' & B'0011', B'1000' | B'0011', B'1011' # B'1111'", '0011|1011|0100'],
    ["~ B'1011', B'1011' << 2, B'1011' >> 1", '0100|1100|0101'],
    ["convert_from('\\xc3a9'::BYTES, 'UTF8'), convert_to('é', 'latin1')", 'é|\\xe9'],
    ["convert_from(decompress(compress('abc', 'gzip'), 'gzip'), 'utf8')", 'abc'],
    ["bit_length(B'101'), octet_length(B'101')", '3|1'],
    ["to_hex('ab'), to_hex(255)", '6162|ff'],
    ["strpos('abc'::BYTES, 'c'::BYTES), strpos(B'0010', B'1')", '3|3'],
  ]);
  errors([
    ["B'10' & B'1'", '22026 cannot AND bit strings of different sizes'],
    ["get_bit(B'1', 5)", '2202E bit index 5 out of valid range (0..0)'],
    ["set_bit(B'1', 0, 2)", '22023 new bit must be 0 or 1.'],
    ["convert_from('\\xff'::BYTES, 'utf8')", '22021 invalid byte sequence for encoding "UTF8"'],
  ]);
});

describe('patterns', () => {
  answers([
    ["like_escape('a%', 'a!%', '!'), not_like_escape('a%', 'a!%', '!')", 't|f'],
    ["'a-b' LIKE 'a-%', 'a/b' LIKE 'a/_', 'a-b' SIMILAR TO 'a-(b|c)'", 't|t|t'],
    ["similar_to_escape('abc', 'a(b|x)c')", 't'],
    ["regexp_split_to_array('a1b22c', '[0-9]+')", '{a,b,c}'],
    ["regexp_split_to_array('3aa0AAa1', 'a+', 'i')", '{3,0,1}'],
    ["substring('foobar', 'o(.)b'), substr('foobar', 'o.b')", 'o|oob'],
    ["unaccent('Hôtel')", 'Hotel'],
    ["quote_literal(42), quote_literal('a''b'), quote_nullable(NULL::INT)", "'42'|e'a\\'b'|NULL"],
    ["quote_ident('Foo'), quote_ident('select'), quote_ident('foo')", '"Foo"|"select"|foo'],
    ["pg_collation_for('a'::STRING), pg_collation_for('a' COLLATE de)", '"default"|"de"'],
  ]);
  errors([
    ["regexp_split_to_array('a', 'a', 'z')", "2201B invalid regexp flag: 'z'"],
    ["like_escape('a', 'a', 'xx')", '22025 invalid escape string'],
  ]);
});

describe('dates and times', () => {
  answers([
    [
      "to_char('1 day 02:03:04'::INTERVAL), to_char('2021-03-23'::DATE)",
      '1 day 02:03:04|2021-03-23',
    ],
    ["to_char('2021-03-23 21:31:01.37'::TIMESTAMP)", '2021-03-23 21:31:01.37'],
    ["parse_date('2021-03-23'), parse_interval('1h')", '2021-03-23|01:00:00'],
    ["parse_timestamp('2021-03-23 10:00'), parse_time('10:11')", '2021-03-23 10:00:00|10:11:00'],
    [
      "experimental_strftime('2021-03-23 21:31:01.37'::TIMESTAMP, '%Y/%m/%d %H:%M:%S.%f %a %b %j')",
      '2021/03/23 21:31:01.370000 Tue Mar 082',
    ],
    ["experimental_strptime('2021/03/23 21:31', '%Y/%m/%d %H:%M')", '2021-03-23 21:31:00+00:00'],
    [
      "overlaps('2021-01-01'::DATE, '2021-02-01'::DATE, '2021-02-01'::DATE, '2021-03-01'::DATE)",
      'f',
    ],
    [
      "overlaps('2021-01-01'::DATE, '40 days'::INTERVAL, '2021-02-01'::DATE, '1 day'::INTERVAL)",
      't',
    ],
    ["timezone('Europe/Berlin', '10:00:00+00'::TIMETZ)", '11:00:00+01:00'],
    [
      "extract(timezone FROM '10:00+02'::TIMETZ), extract(epoch FROM '10:00+02'::TIMETZ)",
      '7200|28800',
    ],
    ["extract_duration('minute', '2 hours 5 min'::INTERVAL)", '125'],
    ["current_timestamp(0) - date_trunc('second', now()) < '2s'", 't'],
  ]);

  test('a series of days in a zone keeps its clock over a change of the offset', () => {
    db.session = { ...SESSION, timeZone: 'Europe/Berlin' };
    const sql =
      "SELECT * FROM generate_series('2021-03-27 12:00'::TIMESTAMPTZ, '2021-03-29 12:00'::TIMESTAMPTZ, '1 day')";
    expect(db.rows(sql)).toEqual([
      '2021-03-27 12:00:00+01:00',
      '2021-03-28 12:00:00+02:00',
      '2021-03-29 12:00:00+02:00',
    ]);
  });
});

describe('enums', () => {
  answers([
    ["enum_first('ok'::mood), enum_last('ok'::mood)", 'sad|happy'],
    ["enum_range('ok'::mood)", '{sad,ok,happy}'],
    ["enum_range(NULL, 'ok'::mood), enum_range('ok'::mood, NULL)", '{sad,ok}|{ok,happy}'],
    ["enum_range('happy'::mood, 'sad'::mood)", '{}'],
  ]);
  errors([
    ['enum_range(NULL::mood)', '22004 enum_range(): argument cannot be NULL'],
    ['enum_range(NULL::mood, NULL::mood)', '22004 enum_range(): both arguments cannot be NULL'],
  ]);
});

describe('JSONB', () => {
  answers([
    ["json_object(ARRAY['a', '1', 'b', NULL])", '{"a": "1", "b": null}'],
    ["jsonb_object(ARRAY['a', 'b'], ARRAY['1', '2'])", '{"a": "1", "b": "2"}'],
    ['json_remove_path(\'{"a": {"b": 1, "c": 2}}\', ARRAY[\'a\', \'b\'])', '{"a": {"c": 2}}'],
    [
      "jsonb_insert('[0, 1]', ARRAY['1'], '9'), jsonb_insert('[0, 1]', ARRAY['1'], '9', true)",
      '[0, 9, 1]|[0, 1, 9]',
    ],
    ["jsonb_insert('{\"a\": [1]}', ARRAY['a', '0'], '\"x\"')", '{"a": ["x", 1]}'],
    ["jsonb_exists_any('{\"a\": 1}', ARRAY['x', 'a'])", 't'],
    ["json_valid('{'), json_valid('[1]')", 'f|t'],
    ['array_to_json(ARRAY[1, NULL])', '[1, null]'],
    ["row_to_json((1, 'x', NULL))", '{"f1": 1, "f2": "x", "f3": null}'],
  ]);
  errors([
    ["json_object(ARRAY['a'])", '22023 array must have even number of elements'],
    ["jsonb_insert('{\"a\": 1}', ARRAY['a'], '2')", '22023 cannot replace existing key'],
  ]);
});

describe('set-returning functions', () => {
  test.each([
    ['generate_subscripts(ARRAY[5, 6, 7])', ['1', '2', '3']],
    ['generate_subscripts(ARRAY[5, 6, 7], 1, true)', ['3', '2', '1']],
    ['generate_subscripts(ARRAY[5, 6, 7], 2)', []],
    ["information_schema._pg_expandarray(ARRAY['a', NULL])", ['a|1', 'NULL|2']],
    ["regexp_split_to_table('a,b', ',')", ['a', 'b']],
  ])('%s', (call, rows) => {
    expect(db.rows(`SELECT * FROM ${call}`)).toEqual(rows);
  });
});

describe('compatibility', () => {
  answers([
    ['pg_try_advisory_lock(1), pg_advisory_unlock(1, 2), inet_client_addr()', 't|t|::/0'],
    ['num_nulls(1, NULL, 2), num_nonnulls(1, NULL), num_nulls(NULL)', '1|1|1'],
    ['information_schema._pg_numeric_precision(1700::OID, 655366)', '10'],
    ['information_schema._pg_numeric_scale(1700::OID, 655366)', '2'],
    ['information_schema._pg_char_max_length(1043::OID, 14)', '10'],
    ['crdb_internal.round_decimal_values(2.345::DECIMAL, 2)', '2.35'],
    ['crdb_internal.no_constant_folding(3)', '3'],
    ['cluster_logical_timestamp() = 1616529600000000000', 't'],
    ['crdb_internal.approximate_timestamp(1616529600000000000.0000000001)', '2021-03-23 20:00:00'],
  ]);
  errors([
    ["crdb_internal.force_error('42P01', 'boom')", '42P01 boom'],
    [
      "crdb_internal.force_retry('1h')",
      '40001 restart transaction: crdb_internal.force_retry(): TransactionRetryWithProtoRefreshError: forced by crdb_internal.force_retry()',
    ],
  ]);

  test('aggregates of bit strings', () => {
    const from = "FROM (VALUES (B'101'), (B'110'), (NULL)) v (x)";
    expect(db.rows(`SELECT bit_and(x), bit_or(x) ${from}`)).toEqual(['100|111']);
  });
});
