import fc from 'fast-check';
import {
  compileRowDecoder,
  decodeSequenceValue,
  type RowLayout,
} from '../../../../backup/format/datum/row-decoder';
import { compileValueEncoder, writeValueTag } from '../../../../backup/format/datum/value-encoder';
import { ByteWriter } from '../../../../base/byte-writer';
import { CorruptionError, SqlError } from '../../../../base/errors';
import type { Repr, SqlType } from '../../../../catalog/types/sql-type';
import {
  arrayOf,
  BOOL,
  BOX2D,
  BYTES,
  collated,
  DATE,
  DECIMAL,
  FLOAT8,
  GEOMETRY,
  INET,
  INT8,
  INTERVAL,
  JSONB,
  OID,
  STRING,
  TIME,
  TIMESTAMP,
  TIMETZ,
  tuple,
  UUID,
  VARBIT,
} from '../../../../catalog/types/table';
import { timetzToRepr } from '../../../../catalog/types/timetz';

const TUPLE = 10;

/** Table 53, index 1, primary key (a INT8). */
const layout: RowLayout = {
  tableId: 53,
  indexId: 1,
  columns: [
    { id: 1, type: INT8 },
    { id: 2, type: STRING },
    { id: 4, type: INT8 },
    { id: 5, type: BOOL },
  ],
  keyColumns: [{ columnId: 1, descending: false }],
  families: [
    { id: 0, defaultColumnId: 0 },
    { id: 1, defaultColumnId: 4 },
  ],
  file: 'data/1.sst',
};

interface Pair {
  readonly key: string;
  readonly tag?: number;
  readonly data: string;
  readonly version?: bigint;
}

function decode(
  pairs: readonly Pair[],
  table = layout,
): { rows: Repr[][]; skipped: number[]; versions: bigint[] } {
  const rows: Repr[][] = [];
  const versions: bigint[] = [];
  const skipped: number[] = [];
  const decoder = compileRowDecoder(table, (row, version) => {
    rows.push([...row]);
    versions.push(version);
  });
  // One buffer for all keys, as the iterator reuses its own.
  const keyBuffer = new Uint8Array(256).fill(0xfe);
  for (const [i, pair] of pairs.entries()) {
    const key = Buffer.from(pair.key, 'hex');
    keyBuffer.set(key);
    const data = Buffer.from(`aa${pair.data}bb`, 'hex');
    const wanted = decoder.add(
      keyBuffer,
      key.length,
      pair.tag ?? TUPLE,
      data,
      1,
      data.length - 1,
      pair.version,
    );
    if (!wanted) skipped.push(i);
  }
  decoder.finish();
  return { rows, skipped, versions };
}

describe('rows', () => {
  test('columns come from key and value; what is left out is NULL', () => {
    // 2: 'ab', 5: true; then a row with nothing but its sentinel.
    const { rows } = decode([
      { key: 'bd898988', data: '260261623a' },
      { key: 'bd898a88', data: '' },
    ]);
    expect(rows).toEqual([
      [1, 'ab', null, 1],
      [2, null, null, null],
    ]);
  });

  test('families of one row are put together, with a value without a tag and without a sentinel', () => {
    const { rows, versions } = decode([
      { key: 'bd898988', data: '26026162', version: 5n },
      { key: 'bd89898989', tag: 1, data: '0e', version: 7n },
      { key: 'bd898a8989', tag: 1, data: '10', version: 3n },
    ]);
    expect(rows).toEqual([
      [1, 'ab', 7, null],
      [2, null, 8, null],
    ]);
    expect(versions).toEqual([7n, 3n]);
  });

  test('a family with one column may hold a tuple: the tag decides', () => {
    const { rows } = decode([{ key: 'bd89898989', data: '430e' }]);
    expect(rows).toEqual([[1, null, 7, null]]);
  });

  test('dropped columns and dropped families are passed over', () => {
    const dropped: readonly (readonly [SqlType, Repr])[] = [
      [DECIMAL, 'P1'],
      [FLOAT8, 0n],
      [TIMESTAMP, 0],
      [INTERVAL, `8${'0'.repeat(23)}${'a'.repeat(66)}`],
      [UUID, new Uint8Array(16)],
      [INET, Uint8Array.of(0, 32, 1, 2, 3, 4)],
      [JSONB, '{"a": [1, "x"]}'],
      [VARBIT, '101'],
      [TIMETZ, timetzToRepr(1, 3600)],
      [BYTES, Uint8Array.of(1, 2)],
      [BOOL, 0],
      [arrayOf(INT8), Uint8Array.of(0)],
      [tuple([INT8, STRING]), Uint8Array.of(1, 1, 0)],
    ];
    for (const [type, value] of dropped) {
      const writer = new ByteWriter();
      const encoder = compileValueEncoder(type);
      writeValueTag(writer, 3, encoder.wireType(value));
      encoder.write(writer, value);
      const data = `${Buffer.from(writer.toBytes()).toString('hex')}130e`;
      expect(decode([{ key: 'bd898988', data }]).rows).toEqual([[1, null, 7, null]]);
    }
    const unknownFamily = decode([
      { key: 'bd898988', data: '' },
      { key: 'bd89898b89', tag: 3, data: '616263' },
    ]);
    expect(unknownFamily.rows).toEqual([[1, null, null, null]]);
  });

  test('a value of a key column overrides the key', () => {
    const table: RowLayout = {
      ...layout,
      columns: [{ id: 1, type: DECIMAL }],
      keyColumns: [{ columnId: 1, descending: true }],
    };
    // -(1.0) in the key, 1.0 with its zero in the value.
    const { rows } = decode([{ key: 'bd8924fd0088', data: '150334890a' }], table);
    expect(rows).toEqual([['Z1 ']]);
  });

  test('keys of other indexes are skipped', () => {
    const { rows, skipped } = decode([
      { key: 'bc898988', data: '' },
      { key: 'bd898988', data: '' },
      { key: 'bd8a8988', data: '' },
    ]);
    expect(rows).toHaveLength(1);
    expect(skipped).toEqual([0, 2]);
  });

  test('a collated key column takes its text from the value', () => {
    const table: RowLayout = {
      ...layout,
      columns: [{ id: 1, type: collated('de') }],
    };
    expect(decode([{ key: 'bd89120102000188', data: '160161' }], table).rows).toEqual([['a']]);
    expect(() => decode([{ key: 'bd89120102000188', data: '' }], table)).toThrow(
      'collated key column without its text',
    );
  });
});

describe('interleaved tables', () => {
  const parent: RowLayout = {
    ...layout,
    tableId: 55,
    columns: [{ id: 1, type: INT8 }],
    families: [{ id: 0, defaultColumnId: 0 }],
  };
  const child: RowLayout = {
    ...parent,
    tableId: 56,
    columns: [
      { id: 1, type: INT8 },
      { id: 2, type: INT8 },
      { id: 3, type: INT8 },
    ],
    keyColumns: [
      { columnId: 1, descending: false },
      { columnId: 2, descending: false },
    ],
    interleaveAncestors: [{ tableId: 55, indexId: 1, sharedPrefixLength: 1 }],
  };
  const pairs: readonly Pair[] = [
    { key: 'bf898988', data: '' },
    { key: 'bf8989fec0898a88', data: '330e' },
    { key: 'bf8989fec0898b88', data: '' },
    { key: 'bf8989fec1898b88', data: '' },
    { key: 'bf898a88', data: '' },
  ];

  test('a parent has its own rows', () => {
    expect(decode(pairs, parent)).toMatchObject({ rows: [[1], [2]], skipped: [1, 2, 3] });
  });

  test('a child has its own rows', () => {
    expect(decode(pairs, child)).toMatchObject({
      rows: [
        [1, 2, 7],
        [1, 3, null],
      ],
      skipped: [0, 3, 4],
    });
  });
});

describe('damaged bytes', () => {
  test.each([
    ['bd89', '', 'ends early'],
    ['bd8989', '', 'ends early'],
    ['bd89f7', '', 'bytes wanted'],
    ['bd89898800', '', 'bytes after a key'],
    ['bd89898988', '', 'bad column family'],
    ['bd898988', '26', 'ends early'],
    ['bd898988', '26ff7f61', 'exceeds the value'],
    ['bd898988', '2603ff00', 'exceeds the value'],
    ['bd898988', '2602c328', 'not UTF-8'],
    ['bd898988', '2302', 'column 2 has a value of type 3'],
    ['bd898988', '4605', 'column 4 has a value of type 6'],
    ['bd898988', '3f7f00', 'unknown value type 127'],
    ['bd898988', '43ffffffffffffffffffff01', 'varint'],
  ])('key %s, value %s: %s', (key, data, message) => {
    expect(() => decode([{ key, data }])).toThrow(message);
    expect(() => decode([{ key, data }])).toThrow(CorruptionError);
    expect(() => decode([{ key, data }])).toThrow('data/1.sst');
  });

  test('an untagged value has to be of the type, and nothing may follow', () => {
    expect(() => decode([{ key: 'bd89898989', tag: 3, data: '0e' }])).toThrow('value of type 3');
    expect(() => decode([{ key: 'bd89898989', tag: 1, data: '0e00' }])).toThrow('bytes after');
  });

  const everything: readonly SqlType[] = [
    INT8,
    STRING,
    BYTES,
    DECIMAL,
    FLOAT8,
    DATE,
    TIME,
    TIMETZ,
    TIMESTAMP,
    INTERVAL,
    UUID,
    INET,
    JSONB,
    VARBIT,
    OID,
    BOX2D,
    GEOMETRY,
    BOOL,
    arrayOf(STRING),
    arrayOf(BOOL),
    arrayOf(DECIMAL),
    tuple([INT8, STRING]),
  ];
  const wide: RowLayout = {
    ...layout,
    columns: everything.map((type, i) => ({ id: i + 1, type })),
    families: everything.slice(0, -1).map((_, i) => ({ id: i, defaultColumnId: i + 1 })),
  };

  /** Whatever the bytes are: a row, or an error that says so; never another error, never a hang. */
  function survives(pair: Pair): void {
    try {
      decode([pair], wide);
    } catch (error) {
      expect(error instanceof CorruptionError || error instanceof SqlError).toBe(true);
    }
  }

  test('any value', () => {
    const types = fc.constantFrom(3, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 16, 17, 19, 20, 24);
    const columns = fc.integer({ min: 1, max: everything.length });
    fc.assert(
      fc.property(columns, types, fc.uint8Array({ maxLength: 40 }), (id, type, bytes) => {
        const writer = new ByteWriter();
        writeValueTag(writer, id, type);
        writer.raw(bytes);
        survives({ key: 'bd898988', data: Buffer.from(writer.toBytes()).toString('hex') });
      }),
      { numRuns: 2000 },
    );
  });

  test('any untagged value', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: everything.length - 2 }),
        fc.constantFrom(1, 2, 3, 4, 5, 6, 11, 12, 13, 14),
        fc.uint8Array({ maxLength: 40 }),
        (family, tag, bytes) =>
          survives({
            key: `bd8989${(0x88 + family).toString(16)}89`,
            tag,
            data: Buffer.from(bytes).toString('hex'),
          }),
      ),
      { numRuns: 2000 },
    );
  });

  test('any key', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...everything.filter((type) => type !== JSONB)),
        fc.boolean(),
        fc.uint8Array({ maxLength: 24 }),
        (type, descending, bytes) => {
          const table: RowLayout = {
            ...layout,
            columns: [{ id: 1, type }],
            keyColumns: [{ columnId: 1, descending }],
          };
          try {
            decode([{ key: `bd89${Buffer.from(bytes).toString('hex')}`, data: '' }], table);
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptionError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test('sequence values', () => {
  expect(decodeSequenceValue(1, Buffer.from('0d', 'hex'), 'f')).toBe(-7n);
  expect(() => decodeSequenceValue(3, Buffer.from('0d', 'hex'), 'f')).toThrow(CorruptionError);
  expect(() => decodeSequenceValue(1, Buffer.from('0d00', 'hex'), 'f')).toThrow('bytes after');
});
