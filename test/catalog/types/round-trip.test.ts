import fc from 'fast-check';
import { ByteWriter } from '../../../base/byte-writer';
import { arrayToRepr } from '../../../catalog/types/array';
import { compileBinaryDecoder, compileBinaryEncoder } from '../../../catalog/types/binary';
import { compileTextDecoder } from '../../../catalog/types/parse-text';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import {
  arrayOf,
  DECIMAL,
  enumType,
  FLOAT4,
  GEOMETRY,
  INT2,
  INT2VECTOR,
  INT4,
  INT8,
  INTERVAL,
  JSONB,
  STRING,
  tuple,
  UUID,
} from '../../../catalog/types/table';
import { compileTextEncoder } from '../../../catalog/types/text';
import { UTC } from '../../../catalog/types/timezone';
import { typeName } from '../../../catalog/types/type-name';
import { sqlState } from '../../support/sql-state';
import { VALUES } from '../support/values';

/** What goes out as text or binary comes back as the same value. */

const settings = {
  timeZone: UTC,
  extraFloatDigits: 3,
  byteaOutput: 'hex',
  intervalStyle: 'postgres',
} as const;

const mood = enumType({
  id: 1,
  arrayOid: 100_002,
  databaseName: '',
  schemaName: '',
  name: 'mood',
  members: ['sad', 'ok', 'höchst erfreut'].map((label, i) => ({
    physical: Uint8Array.of(i + 1),
    label,
    readOnly: false,
  })),
});

const SCALARS = VALUES.filter(([type]) => type.family !== 'enum');

function nullable(values: fc.Arbitrary<Repr>): fc.Arbitrary<Repr> {
  return fc.option(values, { nil: null, freq: 4 });
}

const ARRAYS = SCALARS.map(([element, values]): readonly [SqlType, fc.Arbitrary<Repr>] => {
  const type = arrayOf(element);
  const items = fc.array(nullable(values), { maxLength: 5 });
  return [type, items.map((list) => arrayToRepr(type, list))];
});

const pair = tuple([INT8, STRING]);
const MORE: readonly (readonly [SqlType, fc.Arbitrary<Repr>])[] = [
  [INT2, fc.integer({ min: -32_768, max: 32_767 })],
  [INT4, fc.integer({ min: -2_147_483_648, max: 2_147_483_647 })],
  [mood, fc.constantFrom(1, 2, 3).map((byte) => Uint8Array.of(byte))],
  [
    pair,
    fc
      .tuple(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), nullable(fc.string()))
      .map((values) => arrayToRepr(pair, values)),
  ],
  [
    INT2VECTOR,
    fc.array(fc.integer({ min: 1, max: 9 })).map((list) => arrayToRepr(INT2VECTOR, list)),
  ],
];

const CASES = [...SCALARS, ...ARRAYS, ...MORE].map(([type, values]) => ({
  name: typeName(type),
  type,
  values,
}));

/** Integers as bigint; a decimal without what both formats leave out: the sign of a zero, a positive exponent. */
function plain(type: SqlType, value: Repr, decode: (again: Repr) => Repr): Repr {
  if (type.family === 'decimal' || type.element?.family === 'decimal') return decode(value);
  return typeof value === 'number' && !Object.is(value, -0) ? BigInt(value) : value;
}

function binaryOf(type: SqlType): { encode(value: Repr): Uint8Array; decode(b: Uint8Array): Repr } {
  const encode = compileBinaryEncoder(type);
  return {
    encode(value) {
      const out = new ByteWriter(1);
      encode(out, value);
      return out.toBytes();
    },
    decode: compileBinaryDecoder(type),
  };
}

test.each(CASES)('binary: $name', ({ type, values }) => {
  const { encode, decode } = binaryOf(type);
  const once = (value: Repr): Repr => decode(encode(value));
  const property = fc.property(values, (value) => {
    expect(plain(type, once(value), once)).toEqual(plain(type, value, once));
  });
  fc.assert(property, { seed: 1, numRuns: 60 });
});

/** Vectors and tuples have a text of their own; a box's corners are put in order when it is read. */
const TEXT_CASES = CASES.filter(
  ({ type }) => type !== INT2VECTOR && !/TUPLE|RECORD|BOX2D/i.test(typeName(type)),
);

test.each(TEXT_CASES)('text: $name', ({ type, values }) => {
  const encode = compileTextEncoder(type, settings);
  const decode = compileTextDecoder(type, { timeZone: UTC });
  const once = (value: Repr): Repr => decode(encode(value));
  const property = fc.property(values, (value) => {
    expect(plain(type, once(value), once)).toEqual(plain(type, value, once));
  });
  fc.assert(property, { seed: 1, numRuns: 60 });
});

describe('bytes that are no value', () => {
  const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

  test.each([
    [INT8, '00', '42601', 'int8 requires 8 bytes for binary format'],
    [INT2, '000000', '42601', 'int2 requires 2 bytes for binary format'],
    [FLOAT4, '', '42601', 'float4 requires 4 bytes for binary format'],
    [UUID, '00', '42601', 'uuid requires 16 bytes for binary format'],
    [INTERVAL, '00', '42601', 'interval requires 16 bytes for binary format'],
    [DECIMAL, '0001000000000000', '22P03', 'numeric ends early'],
    [DECIMAL, '00010000000000002710', '22P03', 'invalid digit in numeric'],
    [DECIMAL, '000000001111 0000'.replace(' ', ''), '22P03', 'invalid sign in numeric'],
    [DECIMAL, '0001 7fff 0000 0000 0001'.replaceAll(' ', ''), '22003', 'exponent out of range'],
    [STRING, 'c3', '22021', /UTF8/],
    [JSONB, '017b', '22P02', /json/i],
    [GEOMETRY, '01', '22P02', /geometry/],
    [arrayOf(INT8), '000000010000000000000014ffffffff00000001', '22P03', /number of elements/],
    [arrayOf(INT8), '00000001000000000000001400000001000000010000000400000001', '42601', /int8/],
    [arrayOf(INT8), '0000000200000000000000140000000100000001', '0A000', /multidimensional/],
    [pair, '00000001', '22P03', 'wrong number of fields'],
    [mood, '78', '22P02', 'invalid input value for enum mood: "x"'],
  ] as const)('%#', (type, bytes, sqlstate, message) => {
    expect(() => compileBinaryDecoder(type)(hex(bytes))).toThrow(sqlState(sqlstate, message));
  });

  test('cut or changed anywhere: an SQL error or another value', () => {
    for (const { type, values } of CASES) {
      const { encode, decode } = binaryOf(type);
      const property = fc.property(values, fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = encode(value);
        const changed = Uint8Array.from(bytes);
        if (bytes.length > 0) changed[at % bytes.length] = byte;
        for (const wrong of [bytes.subarray(0, at % (bytes.length + 1)), changed]) {
          try {
            decode(wrong);
          } catch (error) {
            expect(error).toMatchObject({ name: 'SqlError' });
          }
        }
      });
      fc.assert(property, { seed: 1, numRuns: 20 });
    }
  });
});
