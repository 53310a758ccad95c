import fc from 'fast-check';
import { DatumReader } from '../../../../backup/format/datum/datum-reader';
import { readGeoBody } from '../../../../backup/format/datum/geo-body';
import { writeGeoBody } from '../../../../backup/format/datum/geo-writer';
import { readJsonBody, writeJsonBody } from '../../../../backup/format/datum/json-body';
import { prettyKey } from '../../../../backup/format/datum/pretty-key';
import {
  decodeTablePrefix,
  encodeTablePrefix,
  prefixEnd,
  stripFamilySuffix,
} from '../../../../backup/format/datum/table-key';
import { compileValueDecoder } from '../../../../backup/format/datum/value-decoder';
import { compileValueEncoder } from '../../../../backup/format/datum/value-encoder';
import { ByteWriter } from '../../../../base/byte-writer';
import { CorruptionError } from '../../../../base/errors';
import { arrayToRepr } from '../../../../catalog/types/array';
import { parseGeo } from '../../../../catalog/types/geo';
import { parseJson, parseJsonValue } from '../../../../catalog/types/json';
import type { Repr, SqlType } from '../../../../catalog/types/sql-type';
import { arrayOf, BOOL, DECIMAL, INT8, STRING, tuple, UUID } from '../../../../catalog/types/table';

function readerOf(bytes: Uint8Array): DatumReader {
  const reader = new DatumReader('body');
  reader.reset(bytes);
  return reader;
}

function hexOf(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter();
  write(writer);
  return Buffer.from(writer.toBytes()).toString('hex');
}

describe('JSONB', () => {
  test.each([
    ['null', '2000000000000000'],
    ['true', '2000000040000000'],
    ['"hi"', '20000000100000026869'],
    ['-0.1', '2000000020000003022501'],
    ['1', '200000002000000403348901'],
    ['[]', '80000000'],
    ['{"a": "a", "b": "b"}', '400000029000000110000001900000031000000161626162'],
    ['[null, 1, "1", {}]', '8000000480000000200000041000000150000004033489013140000000'],
  ])('%s', (text, hex) => {
    const reader = readerOf(Buffer.from(hex, 'hex'));
    expect(readJsonBody(reader, reader.end)).toBe(text);
    expect(hexOf((w) => writeJsonBody(w, parseJsonValue(text)))).toBe(hex);
  });

  test('what is written reads back, beyond the stride of offsets too', () => {
    const json = fc.oneof(
      fc.json({ maxDepth: 3 }),
      fc.array(fc.integer(), { minLength: 60, maxLength: 100 }).map((a) => JSON.stringify(a)),
      fc
        .dictionary(fc.string({ maxLength: 4 }), fc.integer(), { minKeys: 40, maxKeys: 80 })
        .map((o) => JSON.stringify(o)),
    );
    fc.assert(
      fc.property(json, (source) => {
        const text = parseJson(source);
        const writer = new ByteWriter();
        writeJsonBody(writer, parseJsonValue(text));
        const reader = readerOf(writer.toBytes());
        expect(readJsonBody(reader, reader.end)).toBe(text);
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    '',
    '20',
    'bfffffff',
    '8000000190000001',
    '800000015000000400',
    '2000000060000000',
    '2000000020000001ff',
  ])('damaged: %s', (hex) => {
    const reader = readerOf(Buffer.from(hex, 'hex'));
    expect(() => readJsonBody(reader, reader.end)).toThrow(CorruptionError);
  });

  test('nesting is bounded', () => {
    let hex = '80000000';
    for (let i = 0; i < 1500; i++) {
      const length = (0xd0000000 + hex.length / 2).toString(16);
      hex = `80000001${length}${hex}`;
    }
    const reader = readerOf(Buffer.from(hex, 'hex'));
    expect(() => readJsonBody(reader, reader.end)).toThrow('JSON nested deeper');
  });
});

describe('arrays and tuples', () => {
  const arrays: readonly (readonly [SqlType, readonly Repr[], string])[] = [
    [arrayOf(INT8), [1, null, 3], '06110303020206'],
    [arrayOf(STRING), ['a', ''], '06010602016100'],
    [arrayOf(BOOL), [1, 0], '05010a020a0b'],
    [arrayOf(BOOL), [null, 1], '05110a02010a'],
    [arrayOf(INT8), [], '03010300'],
    [tuple([INT8, STRING]), [7, null], '02030e01'],
  ];

  test.each(arrays)('%#', (type, values, hex) => {
    const repr = arrayToRepr(type, values);
    expect(hexOf((w) => compileValueEncoder(type).write(w, repr))).toBe(hex);
    const decoder = compileValueDecoder(type);
    const decoded = decoder.decode(readerOf(Buffer.from(hex, 'hex')), decoder.wireType);
    expect(Buffer.from(decoded as Uint8Array)).toEqual(Buffer.from(repr));
  });

  test('any array reads back', () => {
    const items = fc.array(fc.option(fc.constantFrom('P1', 'N  ', '!', 'P12 ')), { maxLength: 20 });
    fc.assert(
      fc.property(items, (values) => {
        const type = arrayOf(DECIMAL);
        const repr = arrayToRepr(type, values);
        const writer = new ByteWriter();
        compileValueEncoder(type).write(writer, repr);
        const decoder = compileValueDecoder(type);
        const decoded = decoder.decode(readerOf(writer.toBytes()), decoder.wireType);
        expect(Buffer.from(decoded as Uint8Array)).toEqual(Buffer.from(repr));
      }),
    );
  });

  test.each([
    [arrayOf(INT8), '7f0103ffffff7f', 'exceeds the value'],
    [arrayOf(INT8), '050103ffff7f', 'array ends early'],
    [arrayOf(INT8), '0402030102', 'not one-dimensional'],
    [arrayOf(INT8), '0401060161', 'array elements of type 6'],
    [arrayOf(INT8), '050103010200', 'array of another length'],
    [tuple([UUID]), '020303', 'tuple of another length'],
  ])('damaged: %#', (type, hex, message) => {
    const decoder = compileValueDecoder(type);
    expect(() => decoder.decode(readerOf(Buffer.from(hex, 'hex')), decoder.wireType)).toThrow(
      message,
    );
  });
});

test('a spatial object as CockroachDB writes it', () => {
  const hex =
    '080212150101000000000000000000f03f000000000000f03f20012a2409000000000000f03f11000000000000f03f19000000000000f03f21000000000000f03f';
  const ewkb = parseGeo('POINT(1 1)', 'geometry');
  const reader = readerOf(Buffer.from(hex, 'hex'));
  expect(Buffer.from(readGeoBody(reader, reader.end))).toEqual(Buffer.from(ewkb));
  expect(hexOf((w) => writeGeoBody(w, ewkb, 'geometry'))).toBe(hex);
});

describe('keys as a whole', () => {
  const key = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

  test('prefixes', () => {
    expect(decodeTablePrefix(key('bd8989'))).toEqual({
      tenantId: 1,
      tableId: 53,
      indexId: 1,
      length: 2,
    });
    expect(decodeTablePrefix(key('fe92bd89'))).toEqual({
      tenantId: 10,
      tableId: 53,
      indexId: 1,
      length: 4,
    });
    expect(Buffer.from(encodeTablePrefix(1000, 2)).toString('hex')).toBe('f703e88a');
    expect(Buffer.from(encodeTablePrefix(53)).toString('hex')).toBe('bd');
    expect(Buffer.from(encodeTablePrefix(53, 1, 10)).toString('hex')).toBe('fe92bd89');
    expect(() => decodeTablePrefix(key('f7'))).toThrow(CorruptionError);
  });

  test('the end of a prefix leaves the prefix alone', () => {
    const prefix = encodeTablePrefix(53, 1);
    expect(Buffer.from(prefixEnd(prefix)).toString('hex')).toBe('bd8a');
    expect(Buffer.from(prefix).toString('hex')).toBe('bd89');
    expect(Buffer.from(prefixEnd(key('bdff'))).toString('hex')).toBe('be');
  });

  test('column families', () => {
    const strip = (hex: string): string | undefined => {
      const stripped = stripFamilySuffix(key(hex));
      return stripped === undefined ? undefined : Buffer.from(stripped).toString('hex');
    };
    expect(strip('bd898988')).toBe('bd8989');
    expect(strip('bd89898989')).toBe('bd8989');
    expect(strip('bd8989f66e8a')).toBe('bd8989');
    expect(strip('bd8912')).toBeUndefined();
  });

  test.each([
    ['f67089', '/Table/112/1'],
    ['f670', '/Table/112'],
    ['bd8989', '/Table/53/1/1'],
    ['bd8912610001', '/Table/53/1/"a"'],
    ['bd89898988', '/Table/53/1/1/1/0'],
    ['bd8900', '/Table/53/1/NULL'],
    ['bd892a0200', '/Table/53/1/1'],
    ['bf8989fec0898988', '/Table/55/1/1/#/56/1/1/0'],
    ['fe92bd89', '/Tenant/10/Table/53/1'],
    ['', '/Min'],
    ['ffff', '/Max'],
    ['0102', '/0x0102'],
  ])('%s is %s', (hex, text) => {
    expect(prettyKey(key(hex))).toBe(text);
  });
});
