// datum/row-decode: rows of a TPC-C order_line table (10 columns) from their key-value pairs to values for SQLite.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { ByteWriter } = require('../../dist/base/byte-writer.js');
const { compileRowDecoder } = require('../../dist/backup/format/datum/row-decoder.js');
const { compileKeyEncoder } = require('../../dist/backup/format/datum/key-encoder.js');
const {
  compileValueEncoder,
  writeValueTag,
} = require('../../dist/backup/format/datum/value-encoder.js');
const {
  encodeTablePrefix,
  writeFamilySuffix,
} = require('../../dist/backup/format/datum/table-key.js');
const { parseDecimal } = require('../../dist/catalog/types/decimal.js');
const types = require('../../dist/catalog/types/table.js');

const ROWS = 50_000;
const ROUNDS = 8;

const columns = [
  types.INT8,
  types.INT8,
  types.INT8,
  types.INT8,
  types.INT8,
  types.INT8,
  types.TIMESTAMP,
  types.INT8,
  types.decimal(6, 2),
  types.char(24),
].map((type, i) => ({ id: i + 1, type }));

const layout = {
  tableId: 60,
  indexId: 1,
  columns,
  keyColumns: [
    { columnId: 3, descending: false },
    { columnId: 2, descending: false },
    { columnId: 1, descending: true },
    { columnId: 4, descending: false },
  ],
  families: [{ id: 0, defaultColumnId: 0 }],
  file: 'bench',
};

/** Keys and values end to end in two buffers, as blocks hold them. */
function makePairs() {
  const keys = new ByteWriter(1 << 20);
  const values = new ByteWriter(1 << 20);
  const ends = [];
  const prefix = encodeTablePrefix(60, 1);
  const keyEncoders = layout.keyColumns.map(({ columnId, descending }) =>
    compileKeyEncoder(columns[columnId - 1].type, descending),
  );
  const encoders = columns.map(({ type }) => compileValueEncoder(type));
  for (let i = 0; i < ROWS; i++) {
    const order = Math.floor(i / 10);
    keys.raw(prefix);
    const key = [0, Math.floor(order / 3000) % 10, 3000 - (order % 3000), i % 10];
    key.forEach((value, k) => {
      keyEncoders[k](keys, value);
    });
    writeFamilySuffix(keys, 0);
    const row = [
      null,
      null,
      null,
      null,
      (i * 7919) % 100_000,
      0,
      678_000_000_000_000 + i * 1_000_003,
      5,
    ];
    row.push(parseDecimal(`${(i * 31) % 9999}.${10 + (i % 90)}`), 'abcdefghijklmnopqrstuvwx');
    let previous = 0;
    row.forEach((value, c) => {
      if (value === null) return;
      writeValueTag(values, c + 1 - previous, encoders[c].wireType(value));
      encoders[c].write(values, value);
      previous = c + 1;
    });
    ends.push([keys.length, values.length]);
  }
  return { keys: Buffer.from(keys.toBytes()), values: Buffer.from(values.toBytes()), ends };
}

export async function run() {
  const { keys, values, ends } = makePairs();
  let count = 0;
  const decoder = compileRowDecoder(layout, () => {
    count++;
  });
  const keyBuffer = new Uint8Array(64);
  const rates = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    let keyStart = 0;
    let valueStart = 0;
    for (const [keyEnd, valueEnd] of ends) {
      for (let i = keyStart; i < keyEnd; i++) keyBuffer[i - keyStart] = keys[i];
      decoder.add(keyBuffer, keyEnd - keyStart, 10, values, valueStart, valueEnd);
      keyStart = keyEnd;
      valueStart = valueEnd;
    }
    decoder.finish();
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    rates.push(ROWS / seconds);
  }
  if (count !== ROWS * ROUNDS) throw new Error(`decoded ${count} rows`);
  rates.sort((a, b) => a - b);
  const median = rates[ROUNDS / 2];
  console.log(
    `${Math.round(median).toLocaleString('en')} rows/s (median of ${ROUNDS} rounds, 10 columns)`,
  );
}
