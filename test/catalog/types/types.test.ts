import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SqlError } from '../../../base/errors';
import { collationKey } from '../../../catalog/types/collation-key';
import { typeFromMessage, typeToMessage } from '../../../catalog/types/from-descriptor';
import { jsonKey, orderBy } from '../../../catalog/types/order-by';
import type { SqlType } from '../../../catalog/types/sql-type';
import {
  arrayOf,
  BIT,
  BPCHAR,
  bit,
  char,
  collated,
  DECIMAL,
  decimal,
  enumType,
  FLOAT4,
  FLOAT8,
  GEOMETRY,
  geo,
  INT2VECTOR,
  INT4,
  INT8,
  INTERVAL,
  JSONB,
  NAME,
  OIDVECTOR,
  QCHAR,
  requireTypeBySqlName,
  STRING,
  TIMESTAMP,
  TYPE_ROWS,
  tuple,
  typeByOid,
  typeBySqlName,
  VARBIT,
  VARCHAR,
  withPrecision,
  withWidth,
} from '../../../catalog/types/table';
import { messageTypeName, pgTypeName, typeName } from '../../../catalog/types/type-name';
import { readTables } from '../../backup/format/datum/fixture-tables';
import { parseCsv } from '../../support/csv';
import { fixturesDir } from '../../support/shared';

const mood = enumType({
  id: 52,
  arrayOid: 100_053,
  databaseName: 'd',
  schemaName: 'public',
  name: 'mood',
  members: [],
});

test('OIDs and names are unique, arrays included', () => {
  const oids = TYPE_ROWS.flatMap((row) => [row.oid, row.arrayOid]).filter((oid) => oid !== 0);
  expect(new Set(oids).size).toBe(oids.length);
  for (const row of TYPE_ROWS) expect(typeByOid(row.oid)?.oid).toBe(row.oid);
});

const NAMES: readonly (readonly [SqlType, string, string, string])[] = [
  [INT8, 'INT8', 'bigint', 'int'],
  [INT4, 'INT4', 'integer', 'int4'],
  [FLOAT8, 'FLOAT8', 'double precision', 'float'],
  [decimal(12, 2), 'DECIMAL(12,2)', 'numeric', 'decimal'],
  [decimal(5), 'DECIMAL(5)', 'numeric', 'decimal'],
  [withWidth(STRING, 10), 'STRING(10)', 'text', 'string'],
  [VARCHAR, 'VARCHAR', 'character varying', 'varchar'],
  [char(5), 'CHAR(5)', 'character', 'char'],
  [char(1), 'CHAR', 'character', 'char'],
  [QCHAR, '"char"', '"char"', 'char'],
  [NAME, 'NAME', 'name', 'name'],
  [bit(5), 'BIT(5)', 'bit', 'bit'],
  [bit(1), 'BIT', 'bit', 'bit'],
  [withWidth(VARBIT, 8), 'VARBIT(8)', 'bit varying', 'varbit'],
  [withPrecision(TIMESTAMP, 0), 'TIMESTAMP(0)', 'timestamp without time zone', 'timestamp(0)'],
  [
    { ...INTERVAL, intervalFrom: 3, intervalTo: 6 },
    'INTERVAL DAY TO SECOND',
    'interval',
    'interval',
  ],
  [collated('de'), 'STRING COLLATE de', 'text', 'collatedstring{de}'],
  [arrayOf(INT8), 'INT8[]', 'bigint[]', 'int[]'],
  [arrayOf(collated('de')), 'STRING[] COLLATE de', 'text[]', 'collatedstring{de}[]'],
  [geo(GEOMETRY, 1, 4326), 'GEOMETRY(POINT,4326)', 'geometry(point,4326)', 'geometry'],
  [mood, 'public.mood', 'mood', 'mood'],
  [arrayOf(mood), 'public.mood[]', 'mood[]', 'mood[]'],
  [tuple([INT8, STRING]), 'RECORD', 'record', 'tuple{int, string}'],
  [INT2VECTOR, 'INT2VECTOR', 'int2vector', 'int2[]'],
];

test.each(NAMES)('%#: names', (type, crdb, pg, message) => {
  expect([typeName(type), pgTypeName(type), messageTypeName(type)]).toEqual([crdb, pg, message]);
});

test.each([
  ['int', 20],
  ['integer', 20],
  ['int4', 23],
  ['bigint', 20],
  ['int64', 20],
  ['string', 25],
  ['text', 25],
  ['character varying', 1043],
  ['bpchar', 1042],
  ['"char"', 18],
  ['bytes', 17],
  ['blob', 17],
  ['double precision', 701],
  ['dec', 1700],
  ['numeric', 1700],
  ['timestamptz', 1184],
  ['timestamp with time zone', 1184],
  ['bit varying', 1562],
  ['json', 3802],
  ['regclass', 2205],
  ['_int8', 1016],
  ['_text', 1009],
  ['string[]', 1009],
  ['oidvector', OIDVECTOR.oid],
  ['box2d', 90004],
])('%s is the type %d', (name, oid) => {
  expect(typeBySqlName(name)?.oid).toBe(oid);
});

test('char is CHAR(1), an unknown name is 42704', () => {
  expect(typeBySqlName('char')?.width).toBe(1);
  expect(typeBySqlName('bpchar')).toBe(BPCHAR);
  expect(() => requireTypeBySqlName('nope')).toThrow(SqlError);
  expect(typeBySqlName('serial')).toBeUndefined();
});

describe('types of descriptors', () => {
  const none = (): undefined => undefined;

  test.each([
    ['visible_type SMALLINT', { family: 1, visibleType: 2 }, 'INT2'],
    ['visible_type INTEGER', { family: 1, visibleType: 1 }, 'INT4'],
    ['visible_type BIGINT', { family: 1, visibleType: 3, width: 16 }, 'INT8'],
    ['width alone', { family: 1, width: 16 }, 'INT2'],
    ['an odd width', { family: 1, width: 8 }, 'INT8'],
    ['REAL', { family: 2, visibleType: 5 }, 'FLOAT4'],
    ['FLOAT(10)', { family: 2, precision: 10 }, 'FLOAT4'],
    ['FLOAT(53)', { family: 2, precision: 53 }, 'FLOAT8'],
    ['VARCHAR(10)', { family: 7, visibleType: 7, width: 10 }, 'VARCHAR(10)'],
    ['CHAR', { family: 7, visibleType: 8, width: 1 }, 'CHAR'],
    ['"char"', { family: 7, visibleType: 9, width: 1 }, '"char"'],
    ['the old NAME', { family: 11 }, 'NAME'],
    ['VARBIT', { family: 21, visibleType: 10 }, 'VARBIT'],
    ['an unset precision', { family: 5, precision: -1 }, 'TIMESTAMP'],
    ['precision 0', { family: 5, timePrecisionIsSet: true }, 'TIMESTAMP(0)'],
    ['precision 3', { family: 9, precision: 3 }, 'TIMESTAMPTZ(3)'],
    ['an old array', { family: 15, arrayElemType: 1, visibleType: 2 }, 'INT2[]'],
    ['an old array of bools', { family: 15, arrayElemType: 0 }, 'BOOL[]'],
    ['a collation', { family: 10, locale: 'de' }, 'STRING COLLATE de'],
    ['INT2VECTOR', { family: 200 }, 'INT2VECTOR'],
    ['REGCLASS', { family: 12, oid: 2205 }, 'REGCLASS'],
  ])('%s', (_, message, name) => {
    expect(typeName(typeFromMessage(message, none))).toBe(name);
  });

  test('enums come with their labels; a missing one is damage, a later family is refused', () => {
    expect(typeFromMessage({ family: 24, oid: 100_052 }, () => mood.enum)).toEqual(mood);
    expect(() => typeFromMessage({ family: 24, oid: 100_052 }, none)).toThrow('no type with OID');
    expect(() => typeFromMessage({ family: 32 }, none)).toThrow(
      'type family VECTOR is not supported',
    );
  });

  test.each(
    NAMES.filter(([type]) => type.family !== 'tuple').map(([type]) => [typeName(type), type]),
  )('%s survives being written', (_, type) => {
    const again = typeFromMessage(typeToMessage(type as SqlType), () => mood.enum);
    expect(typeName(again)).toBe(typeName(type as SqlType));
  });

  test('every column of alltypes has the type that SHOW COLUMNS gives', async () => {
    const path = join(fixturesDir, 'expected/alltypes/_columns.csv');
    const [header, ...rows] = parseCsv(readFileSync(path, 'utf8'));
    const at = (name: string): number => (header as string[]).indexOf(name);
    const wanted = new Map(
      rows.map((row) => [
        [row[at('table_schema')], row[at('table_name')], row[at('column_name')]].join('.'),
        row[at('crdb_sql_type')],
      ]),
    );
    let compared = 0;
    for (const table of await readTables(join(fixturesDir, 'backups/alltypes')))
      for (const [i, column] of table.columnNames.entries()) {
        const name = `${table.schemaName}.${table.descriptor.name}.${column}`;
        const type = table.types[i] as SqlType;
        expect([name, typeName(type)]).toEqual([name, wanted.get(name)]);
        compared++;
      }
    expect(compared).toBeGreaterThan(100);
  });
});

describe('keys for comparing', () => {
  test('JSON is equal when its numbers are', () => {
    expect(jsonKey('{"a": 1.0, "b": [1E+2, -0.0]}')).toBe(jsonKey('{"a": 1, "b": [100, 0]}'));
    expect(jsonKey('"1"')).not.toBe(jsonKey('1'));
    expect(orderBy(JSONB)).toMatchObject({ kind: 'key', sortable: false });
    expect(orderBy(DECIMAL)).toEqual({ kind: 'collate', collation: 'RTRIM' });
    expect(orderBy(FLOAT4)).toEqual({ kind: 'native' });
    expect(orderBy(BIT)).toEqual({ kind: 'native' });
  });

  const sorted = (locale: string, words: readonly string[]): string[] =>
    [...words].sort((a, b) => Buffer.compare(collationKey(locale, a), collationKey(locale, b)));

  test.each([
    ['de', ['a', 'A', 'ä', 'Ä', 'b', 'Straße', 'z']],
    ['sv', ['a', 'z', 'å', 'ä', 'ö']],
    ['en', ['', ' ', '1', 'apple', 'Apple', 'apples', 'banana', 'é', 'f']],
    ['de', ['Strasse', 'Straße', 'Strassen']],
  ])('%s: %j', (locale, words) => {
    expect(sorted(locale, [...words].reverse())).toEqual(words);
  });

  test('level 2 ignores case, not accents', () => {
    const key = (text: string): string =>
      Buffer.from(collationKey('en_u_ks_level2', text)).toString('hex');
    expect(key('CaseLess')).toBe(key('caseless'));
    expect(key('e')).not.toBe(key('é'));
    expect(() => collationKey('no such', 'a')).toThrow('invalid locale');
  });
});
