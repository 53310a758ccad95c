import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { RowTimes } from '../../../../backup/backup/history/row-times';
import {
  type KernelIndex,
  kernelEntries,
  kernelRows,
  setLayout,
} from '../../../../backup/backup/kernel/kernel-config';
import { type ChunkRows, KernelWriter } from '../../../../backup/backup/kernel/kernel-writer';
import { PairOrder } from '../../../../backup/backup/kernel/pair-kernel';
import { type FinishedFile, SpanWriter } from '../../../../backup/backup/layer/span-writer';
import { PairSorter } from '../../../../backup/backup/rows/pair-sorter';
import {
  compileIndexEncoder,
  type EncodedIndex,
} from '../../../../backup/format/datum/index-encoder';
import {
  type EncodedRows,
  type PairSink,
  RowEncoder,
} from '../../../../backup/format/datum/row-encoder';
import { DATE_INFINITY, DATE_NEGATIVE_INFINITY } from '../../../../catalog/types/datetime';
import { decimalToRepr } from '../../../../catalog/types/decimal';
import { floatToRepr } from '../../../../catalog/types/float';
import type { Repr, SqlType } from '../../../../catalog/types/sql-type';
import * as types from '../../../../catalog/types/table';
import { PageFile } from '../../../../storage/pages/page-file';
import type { PageRun } from '../../../../storage/pages/page-run';
import { NO_SLOT, StoredRecordReader } from '../../../../storage/pages/stored-record-reader';
import { TreeCursor } from '../../../../storage/pages/tree-cursor';
import { type TreeShape, treeShape } from '../../../../storage/pages/tree-shape';
import { CHUNK_TABLE, prepareForChunks, RowChunks } from '../../../../storage/ranges/row-chunks';
import { RecordReader } from '../../../../storage/staging/record-reader';
import type { TableImage } from '../../../../storage/staging/table-image';

/** The kernel writes what JavaScript writes: row-encoder.ts, index-encoder.ts and table-writer.ts are its specification. */

const TABLE = 106;
const END_TIME = 1_790_000_000_000_000_000n;

interface TestColumn {
  readonly type: SqlType;
  readonly values: fc.Arbitrary<Repr>;
  readonly isKey: boolean;
}

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Repr> =>
  fc.uint8Array({ minLength, maxLength }).map((value) => Buffer.from(value));

const decimals = fc.oneof(
  fc
    .record({
      negative: fc.boolean(),
      coefficient: fc.oneof(
        fc.bigInt(0n, 99_999n),
        fc.bigInt(0n, (1n << 64n) - 1n),
        fc.bigInt(0n, 10n ** 40n),
        fc.bigInt(10n ** 140n, 10n ** 155n),
      ),
      exponent: fc.integer({ min: -45, max: 40 }),
    })
    .map((value): Repr => decimalToRepr({ form: 'finite', ...value })),
  fc
    .constantFrom('nan', 'infinite')
    .chain((form) =>
      fc
        .boolean()
        .map(
          (negative): Repr =>
            decimalToRepr({ form: form as 'nan', negative, coefficient: 0n, exponent: 0 }),
        ),
    ),
);

const int64 = fc.oneof(
  fc.bigInt(-300n, 300n),
  fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
  fc
    .integer({ min: 0, max: 62 })
    .chain((bit) => fc.constantFrom(1n << BigInt(bit), -1n << BigInt(bit))),
);

const COLUMNS: readonly TestColumn[] = [
  { type: types.INT8, values: int64, isKey: true },
  { type: types.STRING, values: fc.string({ unit: 'grapheme', maxLength: 30 }), isKey: true },
  { type: types.BYTES, values: bytes(0, 40), isKey: true },
  { type: types.UUID, values: bytes(16, 16), isKey: true },
  { type: types.INET, values: bytes(6, 18), isKey: true },
  { type: types.OID, values: fc.bigInt(0n, (1n << 32n) - 1n), isKey: true },
  {
    type: types.DATE,
    values: fc.oneof(
      fc.bigInt(-40_000n, 60_000n),
      fc.constantFrom(DATE_INFINITY, DATE_NEGATIVE_INFINITY),
    ),
    isKey: true,
  },
  { type: types.TIME, values: fc.bigInt(0n, 86_400_000_000n), isKey: true },
  { type: types.TIMESTAMPTZ, values: fc.bigInt(-(10n ** 17n), 10n ** 17n), isKey: true },
  { type: types.BOOL, values: fc.constantFrom(0n, 1n), isKey: true },
  { type: types.DECIMAL, values: decimals, isKey: false },
  { type: types.FLOAT8, values: fc.double().map(floatToRepr), isKey: false },
];

const times: fc.Arbitrary<bigint | string> = fc.oneof(
  { weight: 9, arbitrary: fc.bigInt(END_TIME - 9n, END_TIME + 2n) },
  fc.constantFrom('1700000000000000000.7', '1800000000000000000.1', 12345n),
);

/** Columns of a table: the first of the primary key, then others; the slots of the key and of another index. */
interface TestTable {
  readonly columns: readonly TestColumn[];
  readonly key: readonly KeySlot[];
  readonly index: readonly KeySlot[];
  readonly isUnique: boolean;
  readonly stored: readonly number[];
}

interface KeySlot {
  readonly slot: number;
  readonly descending: boolean;
}

const keyOf = (slots: readonly number[]): fc.Arbitrary<KeySlot[]> =>
  fc
    .shuffledSubarray([...slots], { minLength: 1, maxLength: Math.min(3, slots.length) })
    .chain((chosen) =>
      fc.tuple(...chosen.map((slot) => fc.boolean().map((descending) => ({ slot, descending })))),
    );

const tables: fc.Arbitrary<TestTable> = fc
  .array(fc.constantFrom(...COLUMNS), { minLength: 1, maxLength: 8 })
  .chain((others) => {
    const columns = [COLUMNS[0] as TestColumn, ...others];
    const slots = columns.flatMap(({ isKey }, slot) => (isKey ? [slot] : []));
    return fc.record({
      columns: fc.constant(columns),
      key: keyOf(slots),
      index: keyOf(slots),
      isUnique: fc.boolean(),
      stored: fc.subarray(columns.map((_, slot) => slot)),
    });
  });

const idOf = (slot: number): number => slot * 9 + 1;
const keyColumns = (slots: readonly KeySlot[]) =>
  slots.map(({ slot, descending }) => ({ columnId: idOf(slot), descending }));

const rowsOf = ({ columns, key }: TestTable): EncodedRows => ({
  tableId: TABLE,
  columns: columns.map(({ type }, slot) => ({ id: idOf(slot), type })),
  primaryId: 1,
  primaryKey: keyColumns(key),
  families: [{ id: 0, columnIds: columns.map((_, slot) => idOf(slot)), defaultColumnId: 0 }],
});

function indexOf({ key, index, isUnique, stored }: TestTable): EncodedIndex {
  const inIndex = new Set(index.map(({ slot }) => slot));
  const suffix = key.map(({ slot }) => slot).filter((slot) => !inIndex.has(slot));
  const isElsewhere = (slot: number): boolean => inIndex.has(slot) || suffix.includes(slot);
  return {
    id: 2,
    unique: isUnique,
    inverted: false,
    version: 3,
    asPrimary: false,
    keyColumns: keyColumns(index),
    suffixColumnIds: suffix.map(idOf),
    storedColumnIds: stored.filter((slot) => !isElsewhere(slot)).map(idOf),
    compositeColumnIds: [],
  };
}

type Row = readonly (Repr | string)[];

/** All rows in chunks, each with its time at the end. */
function chunked(
  rows: readonly Row[],
  width: number,
): { db: Database.Database; chunks: RowChunks } {
  const db = new Database(':memory:');
  const names = Array.from({ length: width }, (_, i) => `c${i}`);
  db.exec(
    `CREATE TABLE t (n INTEGER PRIMARY KEY, ${names.map((name) => `${name} ANY`).join(', ')}) STRICT`,
  );
  const insert = db.prepare(`INSERT INTO t VALUES (?, ${names.map(() => '?').join(', ')})`);
  db.transaction(() => {
    for (const [i, row] of rows.entries()) insert.run(i, ...row);
  })();
  prepareForChunks(db);
  db.exec('BEGIN');
  return { db, chunks: new RowChunks(db, width) };
}

function* chunksOf(rows: readonly Row[], width: number) {
  const { db, chunks } = chunked(rows, width);
  const names = Array.from({ length: width }, (_, i) => `c${i}`).join(', ');
  const copy = db.prepare(
    `INSERT INTO ${CHUNK_TABLE} SELECT ${names} FROM t WHERE n >= ? ORDER BY n LIMIT ?`,
  );
  let from = 0;
  const fill = (rowsMax: number): number => {
    const { changes } = copy.run(from, rowsMax);
    from += changes;
    return changes;
  };
  for (;;) {
    const chunk = chunks.fill(fill, Number.MAX_SAFE_INTEGER);
    if (chunk === undefined) break;
    yield chunk;
  }
  db.close();
}

/** Ways in which the kernel gets rows: in the image of a temporary table, or in the pages of the table itself. */
const SOURCES = ['image', 'rowid pages', 'index pages'] as const;
type Source = (typeof SOURCES)[number];

interface SourceChunk {
  readonly rows: ChunkRows;
  readonly chunk: TableImage | PageRun;
}

function* imagesOf(rows: readonly Row[], width: number): Generator<SourceChunk> {
  const row = new RecordReader(width);
  for (const chunk of chunksOf(rows, width)) {
    const readCell = (offset: number): void => chunk.readCell(row, offset);
    yield { rows: { row, nextInChunk: () => chunk.next(row), readCell }, chunk };
  }
}

const directory = mkdtempSync(join(tmpdir(), 'ootheca-kernel-'));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;

/** A table whose records are in another order than the slots. Its rowid is the first slot, where that has integers that ascend. */
function storedTable(rows: readonly Row[], width: number, isRowid: boolean): Database.Database {
  const db = new Database(join(directory, `${files++}.db`));
  // Small pages make deep trees, and overflow pages.
  db.pragma(`page_size = ${rows.length > 1000 ? 4096 : 512}`);
  db.pragma('journal_mode = MEMORY');
  db.pragma('synchronous = OFF');
  const keys = rows.map(([first]) => first);
  const isKey =
    isRowid &&
    keys.every((key, i) => typeof key === 'bigint' && (i === 0 || key > (keys[i - 1] as bigint)));
  const names = Array.from({ length: width }, (_, i) => `c${i}`).reverse();
  const columns = names.map((name) =>
    isKey && name === 'c0' ? 'c0 INTEGER PRIMARY KEY' : `${name} ANY`,
  );
  if (!isKey) columns.push('n INTEGER PRIMARY KEY');
  db.exec(`CREATE TABLE t (${columns.join(', ')}) STRICT${isRowid ? '' : ', WITHOUT ROWID'}`);
  const insert = db.prepare(`INSERT INTO t VALUES (${columns.map(() => '?').join(', ')})`);
  db.transaction(() => {
    for (const [i, row] of rows.entries()) {
      const values = row.map((value, slot) =>
        slot === width - 1 && value === END_TIME ? null : value,
      );
      insert.run(...values.reverse(), ...(isKey ? [] : [i]));
    }
  })();
  return db;
}

function* pagesOf(
  rows: readonly Row[],
  width: number,
  config: Buffer,
  isRowid: boolean,
): Generator<SourceChunk> {
  const db = storedTable(rows, width, isRowid);
  db.defaultSafeIntegers(true);
  const fd = openSync(db.name, 'r');
  const shape = treeShape(db, 't') as TreeShape;
  const slots = shape.columns.map((name) => (name === 'n' ? NO_SLOT : Number(name.slice(1))));
  const rowidSlot = isRowid && shape.key[0]?.column === 'c0' ? 0 : undefined;
  const layout = { slots: Uint16Array.from(slots), rowidSlot };
  expect(setLayout(config, layout)).toBe(true);
  const row = new StoredRecordReader(width, layout);
  const cursor = new TreeCursor(new PageFile(fd, db), shape, layout);
  for (let run = cursor.takeRun(Infinity); run !== undefined; run = cursor.takeRun(Infinity)) {
    const chunk = run;
    const readCell = (offset: number): void => chunk.readCell(row, offset);
    yield { rows: { row, nextInChunk: () => chunk.next(row), readCell }, chunk };
  }
  closeSync(fd);
  db.close();
}

type Encode = (row: RecordReader, sink: PairSink) => void;

const newWriter = (): SpanWriter =>
  new SpanWriter(
    { start: Buffer.of(), end: Buffer.of(0xff) },
    { endTime: END_TIME, primaryIndexOf: () => 1 },
  );

function byJavaScript(rows: readonly Row[], width: number, encode: Encode): FinishedFile[] {
  const writer = newWriter();
  const sorter = new PairSorter(tmpdir());
  const times = new RowTimes(END_TIME);
  const record = new RecordReader(width);
  for (const chunk of chunksOf(rows, width)) {
    while (chunk.next(record)) {
      const timestamp = times.of(record, width - 1);
      encode(record, (key, value) =>
        sorter.add(key.bytes, key.length, value.bytes, value.length, timestamp),
      );
    }
  }
  for (const { key, value, timestamp } of sorter.sorted())
    writer.add(key, key.length, value, value.length, timestamp);
  writer.finish();
  return writer.finished;
}

interface KernelCase {
  readonly source?: Source;
  /** Of pairs; see `KernelWriterOptions`. */
  readonly heldBytesMax?: number;
}

/** @returns undefined: the kernel has left all of it to JavaScript */
async function byKernel(
  rows: readonly Row[],
  width: number,
  encode: Encode,
  index: KernelIndex,
  { source = 'image', ...about }: KernelCase = {},
): Promise<FinishedFile[] | undefined> {
  const writer = newWriter();
  const config = Buffer.from(index.config);
  const chunks =
    source === 'image'
      ? imagesOf(rows, width)
      : pagesOf(rows, width, config, source === 'rowid pages');
  // All of them, before the kernel is configured: a generator sets the layout when it begins.
  let next = chunks.next();
  const kernel = new KernelWriter({
    ...about,
    ...{ order: index.isPrimary ? PairOrder.inOrder : PairOrder.sorted, writer, endTime: END_TIME },
    temporaryDirectory: tmpdir(),
  });
  const pairs = { index: { ...index, config }, encode, timeSlot: width - 1 };
  try {
    let count = 0;
    for (; next.done !== true; next = chunks.next()) {
      const added = kernel.addRows(next.value.rows, next.value.chunk, [pairs]);
      if (added === undefined) return undefined;
      count += added;
    }
    expect(count).toBe(rows.length);
    if (!(await kernel.finish(async () => undefined))) return undefined;
    writer.finish();
    return writer.finished;
  } finally {
    kernel.close();
  }
}

const contents = (files: FinishedFile[] | undefined) =>
  files?.map(({ pieces, span, counts }) => ({
    bytes: Buffer.concat(pieces).toString('hex'),
    span,
    counts: { ...counts },
  }));

async function compareAll(table: TestTable, given: readonly Row[]): Promise<void> {
  const width = table.columns.length + 1;
  const encoded = rowsOf(table);
  const rowEncoder = new RowEncoder(encoded);
  const keys = new Map<string, Row>();
  for (const [key, row] of byKey(given, rowEncoder)) keys.set(key, row);
  const rows = [...keys].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const options = { endTime: END_TIME };
  const encodeRow: Encode = (row, sink) => rowEncoder.encode(row, sink);
  const rowIndex = kernelRows(encoded, options) as KernelIndex;
  expect(rowIndex.isKnown).toBe(true);
  const byRows = { ...rowIndex, isKnown: false };
  const expectedRows = contents(byJavaScript(rows, width, encodeRow));
  for (const source of SOURCES)
    for (const index of source === 'image' ? [rowIndex, byRows] : [rowIndex])
      expect(contents(await byKernel(rows, width, encodeRow, index, { source }))).toEqual(
        expectedRows,
      );
  const index = indexOf(table);
  const indexEncoder = compileIndexEncoder(encoded, index);
  const encodeEntry: Encode = (row, sink) => indexEncoder.encode(row, sink);
  const entryRows = index.unique ? withDistinctKeys(rows, encodeEntry) : rows;
  const known = kernelEntries(encoded, index, options) as KernelIndex;
  expect(known.isKnown).toBe(true);
  const expectedEntries = contents(byJavaScript(entryRows, width, encodeEntry));
  const entries = async (about: KernelCase, by = known) =>
    contents(await byKernel(entryRows, width, encodeEntry, by, about));
  for (const source of SOURCES) expect(await entries({ source })).toEqual(expectedEntries);
  // As many pairs as make some runs, and a run of each pair.
  const largest = Math.max(1, ...entryRows.map(roughBytes));
  const heldBytesMax = Math.max(1, Math.floor((largest * entryRows.length) / 5));
  for (const isKnown of [true, false])
    expect(await entries({ heldBytesMax }, { ...known, isKnown })).toEqual(expectedEntries);
  if (entryRows.length <= 100) expect(await entries({ heldBytesMax: 1 })).toEqual(expectedEntries);
}

const roughBytes = (row: Row): number =>
  row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 16), 0);

/** Rows with the hexadecimal digits of their keys. */
function* byKey(rows: readonly Row[], encoder: RowEncoder): Generator<[string, Row]> {
  const width = rows[0]?.length ?? 1;
  const record = new RecordReader(width);
  let i = 0;
  for (const chunk of chunksOf(rows, width)) {
    while (chunk.next(record)) {
      yield [Buffer.from(encoder.rowKey(record)).toString('hex'), rows[i++] as Row];
    }
  }
}

function withDistinctKeys(rows: readonly Row[], encode: Encode): readonly Row[] {
  const width = rows[0]?.length ?? 1;
  const record = new RecordReader(width);
  const seen = new Set<string>();
  const distinct: Row[] = [];
  let i = 0;
  for (const chunk of chunksOf(rows, width)) {
    while (chunk.next(record)) {
      const row = rows[i++] as Row;
      encode(record, (key) => {
        const text = Buffer.from(key.view()).toString('hex');
        if (!seen.has(text)) distinct.push(row);
        seen.add(text);
      });
    }
  }
  return distinct;
}

test('rows and index entries of all types that the kernel knows, odd ones among them', () => {
  const cases = tables.chain((table) => {
    const keySlots = new Set(table.key.map(({ slot }) => slot));
    const row = fc.tuple(
      ...table.columns.map(({ values }, slot) =>
        keySlots.has(slot) ? values : fc.option(values, { nil: null, freq: 4 }),
      ),
      times,
    );
    return fc.tuple(fc.constant(table), fc.array(row, { maxLength: 40 }));
  });
  return fc.assert(
    fc.asyncProperty(cases, ([table, rows]) => compareAll(table, rows)),
    { numRuns: 150 },
  );
});

const column = (type: SqlType): TestColumn =>
  COLUMNS.find((each) => each.type === type) as TestColumn;

const WIDE: TestTable = {
  columns: [column(types.INT8), column(types.STRING), column(types.DECIMAL)],
  key: [{ slot: 0, descending: false }],
  index: [{ slot: 1, descending: true }],
  isUnique: false,
  stored: [2],
};

const decimal = (coefficient: bigint, exponent: number): Repr =>
  decimalToRepr({
    form: 'finite',
    negative: coefficient < 0n,
    coefficient: coefficient < 0n ? -coefficient : coefficient,
    exponent,
  });

test('many blocks, chunks and rows that are left to JavaScript', async () => {
  const rows = Array.from(
    { length: 30_000 },
    (_, i): Row => [
      BigInt(i),
      `name ${(i * 7919) % 30_000}`.repeat(1 + (i % 20)),
      i % 50 === 0 ? decimal(10n ** 30n + BigInt(i), -40) : decimal(BigInt(i - 15_000), -2),
      i % 70 === 0 ? '1700000000000000000.3' : 1_700_000_000_000_000_000n + BigInt(i % 9),
    ],
  );
  await compareAll(WIDE, rows);
});

/** Pairs in order, whatever blocks they are in. */
function sizes(files: FinishedFile[] | undefined) {
  return files?.map(({ counts }) => ({ ...counts }));
}

test.each(SOURCES)(
  'rows of overflow pages, and pairs that fit into no block of the kernel: %s',
  async (source) => {
    const lengths = [10, 70_000, 20, 66_000, 65_000, 2_000_000, 30, 17 << 20, 40, 9];
    const rows = lengths.map(
      (length, i): Row => [BigInt(i), 'x'.repeat(length), decimal(1n, 0), END_TIME],
    );
    const width = 4;
    const encoder = new RowEncoder(rowsOf(WIDE));
    const encode: Encode = (row, sink) => encoder.encode(row, sink);
    const index = kernelRows(rowsOf(WIDE), { endTime: END_TIME }) as KernelIndex;
    const files = await byKernel(rows, width, encode, index, { source });
    expect(sizes(files)).toEqual(sizes(byJavaScript(rows, width, encode)));
    expect(files?.map(({ counts }) => counts.rows)).toEqual([BigInt(lengths.length)]);
  },
);

test('rowids of all sizes', async () => {
  const ids = [
    -(1n << 63n),
    -(1n << 56n),
    -1n,
    0n,
    127n,
    128n,
    1n << 55n,
    1n << 56n,
    (1n << 63n) - 1n,
  ];
  await compareAll(
    WIDE,
    ids.map((id): Row => [id, 'a', null, END_TIME]),
  );
});

test('an index with a key that the kernel does not take is left to JavaScript', async () => {
  const rows: Row[] = [[1n, 'x'.repeat(20_000), null, END_TIME]];
  const encoder = compileIndexEncoder(rowsOf(WIDE), indexOf(WIDE));
  const index = kernelEntries(rowsOf(WIDE), indexOf(WIDE), { endTime: END_TIME }) as KernelIndex;
  const encode: Encode = (row, sink) => encoder.encode(row, sink);
  expect(await byKernel(rows, 4, encode, index)).toBeUndefined();
});

test('more sorted runs than the kernel merges are left to JavaScript', async () => {
  const rows = Array.from({ length: 513 }, (_, i): Row => [BigInt(i), `${i}`, null, END_TIME]);
  const encoder = compileIndexEncoder(rowsOf(WIDE), indexOf(WIDE));
  const index = kernelEntries(rowsOf(WIDE), indexOf(WIDE), { endTime: END_TIME }) as KernelIndex;
  const encode: Encode = (row, sink) => encoder.encode(row, sink);
  const written = async (count: number) =>
    await byKernel(rows.slice(0, count), 4, encode, index, { heldBytesMax: 1 });
  expect(await written(513)).toBeUndefined();
  expect(contents(await written(512))).toEqual(
    contents(byJavaScript(rows.slice(0, 512), 4, encode)),
  );
});

test('keys that do not ascend are no backup', async () => {
  const rows: Row[] = [
    [2n, 'b', null, END_TIME],
    [1n, 'a', null, END_TIME],
  ];
  const encoder = new RowEncoder(rowsOf(WIDE));
  const index = kernelRows(rowsOf(WIDE), { endTime: END_TIME }) as KernelIndex;
  const encode: Encode = (row, sink) => encoder.encode(row, sink);
  await expect(byKernel(rows, 4, encode, index)).rejects.toThrow('in the order of their keys');
});

test('what the kernel does not know is left to JavaScript, pair by pair or as a whole', () => {
  const rows = rowsOf(WIDE);
  const options = { endTime: END_TIME };
  const known = (index: KernelIndex | undefined) => index?.isKnown;
  const families = [
    { id: 0, columnIds: [idOf(0), idOf(1)], defaultColumnId: 0 },
    { id: 1, columnIds: [idOf(2)], defaultColumnId: idOf(2) },
  ];
  expect(kernelRows({ ...rows, families }, options)).toBeUndefined();
  const json = [...rows.columns.slice(0, 2), { id: idOf(2), type: types.JSONB }];
  expect(known(kernelRows({ ...rows, columns: json }, options))).toBe(false);
  const byDecimal = [{ columnId: idOf(2), descending: false }];
  expect(known(kernelRows({ ...rows, primaryKey: byDecimal }, options))).toBe(false);
  const index = indexOf(WIDE);
  expect(kernelEntries({ ...rows, families }, index, options)).toBeUndefined();
  expect(known(kernelEntries(rows, { ...index, inverted: true }, options))).toBe(false);
  const composite = { ...index, compositeColumnIds: [idOf(2)] };
  expect(known(kernelEntries(rows, composite, options))).toBe(false);
});
