import type { RowLayout } from '../../../../backup/format/datum/row-decoder';
import { compileRowDecoder } from '../../../../backup/format/datum/row-decoder';
import { RowEncoder } from '../../../../backup/format/datum/row-encoder';
import { decodeValue } from '../../../../backup/format/mvcc/value';
import type { Repr } from '../../../../catalog/types/sql-type';
import { INT8 } from '../../../../catalog/types/table';
import { recordOf } from '../../../../storage/staging/record-of';

/** Rows of a table that is interleaved in one that is interleaved itself. */

const COLUMNS = [1, 2, 3, 4].map((id) => ({ id, type: INT8 }));
const KEY = [
  { columnId: 1, descending: false },
  { columnId: 2, descending: true },
  { columnId: 3, descending: false },
];
const ANCESTORS = [
  { tableId: 55, indexId: 1, sharedPrefixLength: 1 },
  { tableId: 56, indexId: 2, sharedPrefixLength: 1 },
];

const encoder = new RowEncoder({
  tableId: 57,
  columns: COLUMNS,
  primaryId: 1,
  primaryKey: KEY,
  families: [
    { id: 0, columnIds: [1, 2, 3], defaultColumnId: 0 },
    { id: 1, columnIds: [4], defaultColumnId: 4 },
  ],
  interleaveAncestors: ANCESTORS,
});

const layout: RowLayout = {
  tableId: 57,
  indexId: 1,
  columns: COLUMNS,
  keyColumns: KEY,
  families: [
    { id: 0, defaultColumnId: 0 },
    { id: 1, defaultColumnId: 4 },
  ],
  interleaveAncestors: ANCESTORS,
  file: 'test',
};

test('keys name every table that the row lies in', () => {
  const keys: string[] = [];
  encoder.encode(recordOf([1n, 2n, 3n, 4n]), (key) =>
    keys.push(Buffer.from(key.view()).toString('hex')),
  );
  // 55/1/1, 56/2/2 descending, 57/1/3, and the family.
  expect(keys).toEqual(['bf8989fec08a87fdfec1898b88', 'bf8989fec08a87fdfec1898b8989']);
  expect(Buffer.from(encoder.rowKey(recordOf([1n, 2n, 3n, 4n]))).toString('hex')).toBe(
    'bf8989fec08a87fdfec1898b',
  );
});

test('what is written is read again', () => {
  const rows: Repr[][] = [
    [1n, -5n, 1n, null],
    [1n, -6n, 9_000_000_000n, 7n],
    [300n, 0n, -1n, -8n],
  ];
  const found: Repr[][] = [];
  const decoder = compileRowDecoder(layout, (row) => found.push([...row]));
  for (const row of rows)
    encoder.encode(recordOf(row), (key, value) => {
      const { tag = 0, data = new Uint8Array() } =
        decodeValue(key.toBytes(), value.toBytes(), 'encoded') ?? {};
      decoder.add(Buffer.from(key.view()), key.length, tag, Buffer.from(data), 0, data.length);
    });
  decoder.finish();
  expect(
    found.map((row) => row.map((value) => (value === null ? null : BigInt(String(value))))),
  ).toEqual(rows);
});
