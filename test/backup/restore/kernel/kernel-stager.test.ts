import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import Database from 'better-sqlite3';
import fc from 'fast-check';

import type { RowLayout } from '../../../../backup/format/datum/row-decoder';
import { RowEncoder } from '../../../../backup/format/datum/row-encoder';
import { encodeTablePrefix, prefixEnd } from '../../../../backup/format/datum/table-key';
import { encodeEngineKey } from '../../../../backup/format/mvcc/engine-key';
import type { TableSpan } from '../../../../backup/format/mvcc/table-cursor';
import { KeyKind } from '../../../../backup/format/sstable/internal-key';
import { RowBlockWriter } from '../../../../backup/format/sstable/row-block-writer';
import { stageWithKernel } from '../../../../backup/restore/kernel/kernel-stager';
import { stageRows } from '../../../../backup/restore/row-stager';
import type { StagedRange, StageTask } from '../../../../backup/restore/stage-task';
import { decimalToRepr } from '../../../../catalog/types/decimal';
import { floatToRepr } from '../../../../catalog/types/float';
import type { Repr, SqlType } from '../../../../catalog/types/sql-type';
import * as types from '../../../../catalog/types/table';
import {
  createTableSql,
  isRowidTable,
  type PhysicalTable,
} from '../../../../storage/ranges/physical-table';
import { keyedStagedSql, stagedColumns } from '../../../../storage/ranges/staged-rows';
import { RecordBuilder } from '../../../../storage/staging/record-builder';
import { RecordReader } from '../../../../storage/staging/record-reader';

/** The kernel makes what JavaScript makes, or gives up: row-stager.ts is its specification. */

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ootheca-kernel-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const signal = new AbortController().signal;
const TABLE = 106;
const SECONDARY = 2;

interface TestColumn {
  readonly type: SqlType;
  readonly values: fc.Arbitrary<Repr>;
  /** Of a key: whether the kernel reads it. */
  readonly key: 'both' | 'ascending' | 'no';
}

const bytes = (length: fc.ArrayConstraints): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length.minLength ?? 0, maxLength: length.maxLength ?? 20 });

const decimals = fc
  .record({
    negative: fc.boolean(),
    coefficient: fc.oneof(fc.bigInt(0n, 99_999n), fc.bigInt(0n, (1n << 64n) - 1n)),
    exponent: fc.integer({ min: -9, max: 6 }),
  })
  // Negative zeros and numbers below 10^-9 are given up on.
  .filter(({ coefficient, negative }) => coefficient !== 0n || !negative)
  .filter(({ coefficient, exponent }) =>
    coefficient === 0n ? exponent <= 0 : `${coefficient}`.length + exponent >= -9,
  )
  .map((value): Repr => decimalToRepr({ form: 'finite', ...value }));

const int64 = fc.oneof(
  fc.bigInt(-300n, 300n),
  fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
  fc
    .integer({ min: 0, max: 62 })
    .chain((bit) => fc.constantFrom(1n << BigInt(bit), -1n << BigInt(bit))),
);

const COLUMNS: readonly TestColumn[] = [
  { type: types.INT8, values: int64, key: 'both' },
  { type: types.STRING, values: fc.string({ unit: 'grapheme', maxLength: 30 }), key: 'ascending' },
  { type: types.BYTES, values: bytes({ maxLength: 40 }), key: 'ascending' },
  { type: types.UUID, values: bytes({ minLength: 16, maxLength: 16 }), key: 'ascending' },
  { type: types.DATE, values: fc.integer({ min: -40_000, max: 60_000 }), key: 'both' },
  { type: types.TIME, values: fc.integer({ min: 0, max: 86_400_000_000 }), key: 'both' },
  { type: types.TIMESTAMPTZ, values: fc.bigInt(-(10n ** 17n), 10n ** 17n), key: 'both' },
  { type: types.BOOL, values: fc.constantFrom(0, 1), key: 'both' },
  { type: types.DECIMAL, values: decimals, key: 'no' },
  { type: types.FLOAT8, values: fc.double().map(floatToRepr), key: 'no' },
];

interface TestTable {
  readonly columns: readonly TestColumn[];
  readonly key: readonly { readonly slot: number; readonly descending: boolean }[];
}

const tables: fc.Arbitrary<TestTable> = fc
  .array(fc.constantFrom(...COLUMNS), { minLength: 1, maxLength: 8 })
  .chain((others) => {
    const columns = [COLUMNS[0] as TestColumn, ...others];
    const slots = columns.flatMap(({ key }, slot) => (key === 'no' ? [] : [slot]));
    const key = fc
      .shuffledSubarray(slots, {
        minLength: 1,
        maxLength: Math.min(3, slots.length),
      })
      .chain((chosen) =>
        fc.tuple(
          ...chosen.map((slot) =>
            (columns[slot]?.key === 'both' ? fc.boolean() : fc.constant(false)).map(
              (descending) => ({
                slot,
                descending,
              }),
            ),
          ),
        ),
      );
    return key.map((chosen) => ({ columns, key: chosen }));
  });

const idOf = (slot: number): number => slot * 2 + 1;

function physicalOf({ columns, key }: TestTable): PhysicalTable {
  const keySlots = new Set(key.map(({ slot }) => slot));
  return {
    name: 't',
    columns: columns.map(({ type }, slot) => ({
      name: `c${slot}`,
      ...types.sqliteColumn(type),
      notNull: keySlots.has(slot),
    })),
    primaryKey: key.map(({ slot, descending }) => ({ column: `c${slot}`, descending })),
    indexes: [],
  };
}

function layoutOf({ columns, key }: TestTable): RowLayout {
  return {
    tableId: TABLE,
    indexId: 1,
    columns: columns.map(({ type }, slot) => ({ id: idOf(slot), type })),
    keyColumns: key.map(({ slot, descending }) => ({ columnId: idOf(slot), descending })),
    families: [{ id: 0, defaultColumnId: 0 }],
    file: 't',
  };
}

function taskOf(table: TestTable, path: string, isFirst: boolean): StageTask {
  const physical = physicalOf(table);
  const rows = {
    layout: layoutOf(table),
    columns: stagedColumns(physical),
    anySlots: physical.columns.map(({ type }) => type === 'ANY'),
    ...(isRowidTable(physical) ? {} : { keyedSql: keyedStagedSql(physical) }),
  };
  const source = { name: 't', tableId: TABLE, secondaryIndexIds: [SECONDARY], keyGrowth: 1, rows };
  return { table: source, parts: [], asOf: undefined, isFirst, path: join(folder, path) };
}

interface Pair {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A row as SQLite has it. */
function stored(row: readonly Repr[]): RecordReader {
  const builder = new RecordBuilder(row.length);
  builder.clear();
  for (const [slot, value] of row.entries()) {
    if (value === null) builder.setNull(slot);
    else if (typeof value === 'string') builder.setString(slot, value);
    else if (Object.is(value, -0)) builder.setReal(slot, -0);
    else if (typeof value === 'number' || typeof value === 'bigint')
      builder.setInteger(slot, value);
    else builder.setBlob(slot, value, 0, value.length);
  }
  const record = Buffer.alloc(builder.measure());
  builder.write(record, 0);
  const reader = new RecordReader(row.length);
  reader.reset(record, 0);
  return reader;
}

function pairsOf({ columns, key }: TestTable, rows: readonly (readonly Repr[])[]): Pair[] {
  const encoder = new RowEncoder({
    tableId: TABLE,
    columns: columns.map(({ type }, slot) => ({ id: idOf(slot), type })),
    primaryId: 1,
    primaryKey: key.map(({ slot, descending }) => ({ columnId: idOf(slot), descending })),
    families: [{ id: 0, columnIds: columns.map((_, slot) => idOf(slot)), defaultColumnId: 0 }],
  });
  const pairs = new Map<string, Pair>();
  for (const row of rows) {
    encoder.encode(stored(row), (keyWriter, valueWriter) => {
      const pair = { key: Buffer.from(keyWriter.view()), value: Buffer.from(valueWriter.view()) };
      pairs.set(pair.key.toString('hex'), pair);
    });
  }
  return [...pairs.values()].sort((a, b) => Buffer.compare(a.key, b.key));
}

const TRAILER = Buffer.of(KeyKind.set, 0, 0, 0, 0, 0, 0, 0);

interface Version {
  readonly key: Buffer;
  readonly wall: bigint;
  readonly logical: number;
  readonly value: Buffer;
}

function blocksOf(versions: readonly Version[], entriesPerBlock: number): Buffer[] {
  const blocks: Buffer[] = [];
  for (let i = 0; i < versions.length; i += entriesPerBlock) {
    const writer = new RowBlockWriter(3);
    for (const { key, wall, logical, value } of versions.slice(i, i + entriesPerBlock)) {
      writer.add(Buffer.concat([encodeEngineKey(key, wall, logical), TRAILER]), value);
    }
    blocks.push(Buffer.from(writer.finish()));
  }
  return blocks;
}

/** A table of these blocks, as far as the two stagers look at it. */
function spanOf(blocks: readonly Buffer[], start?: Buffer, end?: Buffer): TableSpan {
  const prefix = encodeTablePrefix(TABLE);
  const table = {
    file: { name: 'blocks' },
    rangeEntries: 'none',
    valueBlocks: undefined,
    index: { blocksOfSpan: () => ({ first: 0, last: blocks.length }), blockAtOrAfter: () => 0 },
    async *blocks() {
      for (const [index, block] of blocks.entries()) yield { index, offset: 0, bytes: block };
    },
  } as unknown as TableSpan['table'];
  return { table, start: start ?? prefix, end: end ?? prefixEnd(prefix) };
}

async function byJavaScript(task: StageTask, span: TableSpan): Promise<StagedRange> {
  const files = { spans: [span], description: 'blocks', close: async () => undefined };
  return await stageRows(task, files, signal);
}

/** Rows of a staging file with what SQLite says they are. */
function stagedRows(path: string, order: string): unknown[] {
  const db = new Database(path, { readonly: true });
  db.defaultSafeIntegers(true);
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    return db.prepare(`SELECT * FROM staged ${order}`).raw().all();
  } finally {
    db.close();
  }
}

async function expectSame(table: TestTable, span: TableSpan, asOf?: StageTask['asOf']) {
  const expected = { ...taskOf(table, 'expected.db', false), asOf };
  const plain = { ...taskOf(table, 'plain.db', false), asOf };
  const keyed = { ...taskOf(table, 'keyed.db', true), asOf };
  const range = await byJavaScript(expected, span);
  expect(await stageWithKernel(plain, [span], signal)).toEqual(range);
  expect(await stageWithKernel(keyed, [span], signal)).toEqual(range);
  if (!range.hasFile) return range;
  expect(readFileSync(plain.path).equals(readFileSync(expected.path))).toBe(true);
  // Jest's own comparison takes a minute for the largest ones.
  const [rows, others] = [stagedRows(keyed.path, ''), stagedRows(expected.path, 'ORDER BY rowid')];
  expect(isDeepStrictEqual(rows, others)).toBe(true);
  return range;
}

const rowsOf = ({ columns, key }: TestTable): fc.Arbitrary<Repr[][]> => {
  const keySlots = new Set(key.map(({ slot }) => slot));
  const row = fc.tuple(
    ...columns.map(({ values }, slot) =>
      keySlots.has(slot) ? values : fc.option(values, { nil: null, freq: 4 }),
    ),
  );
  return fc.array(row, { maxLength: 40 });
};

test('rows of all types that the kernel knows', async () => {
  const cases = tables.chain((table) =>
    fc.tuple(fc.constant(table), rowsOf(table), fc.integer({ min: 1, max: 9 })),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([table, rows, entriesPerBlock]) => {
      const versions = pairsOf(table, rows).map(({ key, value }, i) => ({
        ...{ key, value, logical: i % 3 },
        wall: 1_700_000_000_000_000_000n + BigInt(i % 5),
      }));
      const range = await expectSame(table, spanOf(blocksOf(versions, entriesPerBlock)));
      expect(range.contents.rowCount).toBe(versions.length);
    }),
    { numRuns: 150 },
  );
});

const WIDE: TestTable = {
  columns: [COLUMNS[0], COLUMNS[1], COLUMNS[2]] as TestColumn[],
  key: [
    { slot: 0, descending: false },
    { slot: 1, descending: false },
  ],
};

function wideRows(count: number, length: (i: number) => number): Version[] {
  const rows = Array.from({ length: count }, (_, i): Repr[] => [
    BigInt(i),
    `k${i}`,
    Buffer.alloc(length(i), i),
  ]);
  return pairsOf(WIDE, rows).map((pair) => ({ ...pair, wall: 5n, logical: 0 }));
}

test('trees of several levels, and rows of every length up to a quarter of a page', async () => {
  const many = wideRows(30_000, (i) => i % 100);
  expect((await expectSame(WIDE, spanOf(blocksOf(many, 500)))).contents.rowCount).toBe(30_000);
  const large = wideRows(2_000, (i) => (i * 37) % 8_100);
  expect((await expectSame(WIDE, spanOf(blocksOf(large, 20)))).contents.rowCount).toBe(2_000);
});

test('a row that is longer than its page may hold is left to JavaScript', async () => {
  const span = spanOf(
    blocksOf(
      wideRows(3, () => 40_000),
      1,
    ),
  );
  expect(await stageWithKernel(taskOf(WIDE, 'a.db', false), [span], signal)).toBeUndefined();
  expect((await byJavaScript(taskOf(WIDE, 'b.db', false), span)).contents.rowCount).toBe(3);
});

/** Words with and without a highest bit. */
const WALL_BASE = 1_700_000_000_000_000_000n | 0x8000_0000n;
const walls = (min: bigint, max: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(...[0n, 0x8000_0000n, WALL_BASE].map((base) => fc.bigInt(base + min, base + max)));

test('the newest version as of a time, tombstones, index entries, and the ends of a span', async () => {
  const entry = Buffer.concat([encodeTablePrefix(TABLE, SECONDARY), Buffer.of(0x8a, 0x88)]);
  const versions = fc.array(
    fc.record({
      wall: walls(1n, 6n),
      logical: fc.integer({ min: 0, max: 2 }),
      deleted: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  );
  const asOf = fc.option(
    fc.record({ wallTime: walls(0n, 7n), logical: fc.integer({ min: 0, max: 2 }) }),
    { nil: undefined },
  );
  const cases = fc.tuple(
    ...([fc.array(versions, { minLength: 1, maxLength: 12 }), asOf] as const),
    ...([fc.nat(11), fc.nat(11), fc.integer({ min: 1, max: 5 })] as const),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([histories, time, from, to, perBlock]) => {
      const pairs = pairsOf(
        WIDE,
        histories.map((_, i) => [BigInt(i), 'k', null]),
      );
      const all = [...pairs, { key: entry, value: Buffer.of(0, 0, 0, 0, 3) }].flatMap(
        ({ key, value }, i) =>
          [
            ...new Map(
              (histories[i] ?? [{ wall: 1n, logical: 0, deleted: false }]).map((v) => [
                `${v.wall}.${v.logical}`,
                v,
              ]),
            ).values(),
          ]
            .sort((a, b) => Number(b.wall - a.wall) || b.logical - a.logical)
            .map(({ wall, logical, deleted }) => ({
              key,
              wall,
              logical,
              value: deleted ? Buffer.alloc(0) : value,
            })),
      );
      const start = pairs[Math.min(from, to)]?.key;
      const end = from === to ? undefined : pairs[Math.max(from, to)]?.key;
      await expectSame(WIDE, spanOf(blocksOf(all, perBlock), start, end), time);
    }),
    { numRuns: 150 },
  );
});

test('damaged bytes: the kernel gives up, or makes what JavaScript makes', async () => {
  const table: TestTable = {
    columns: COLUMNS,
    key: [0, 1].map((slot) => ({ slot, descending: false })),
  };
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  });
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(
      rowsOf(table).filter((rows) => rows.length > 0),
      damage,
      async (rows, flips) => {
        const versions = pairsOf(table, rows).map(({ key, value }) => {
          value.writeUInt32BE(0); // no checksum: damage is not found by it
          return { key, value, wall: 5n, logical: 0 };
        });
        const [block] = blocksOf(versions, versions.length);
        for (const [at, mask] of flips) {
          const place = at % (block as Buffer).length;
          (block as Buffer)[place] = ((block as Buffer)[place] as number) ^ mask;
        }
        const span = spanOf([block as Buffer]);
        const plain = taskOf(table, 'plain.db', false);
        const expected = taskOf(table, 'expected.db', false);
        const range = await stageWithKernel(plain, [span], signal);
        const byRows = await byJavaScript(expected, span).catch(() => undefined);
        if (range === undefined) return;
        kept++;
        expect(range).toEqual(byRows);
        if (range.hasFile)
          expect(readFileSync(plain.path).equals(readFileSync(expected.path))).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
  expect(kept).toBeGreaterThan(50);
});

test('a value whose checksum is wrong is left to JavaScript, which says so', async () => {
  const [first, ...rest] = wideRows(3, () => 10);
  const value = Buffer.from(first?.value ?? []);
  value[value.length - 1] = 77;
  const span = spanOf(blocksOf([{ ...(first as Version), value }, ...rest], 9));
  expect(await stageWithKernel(taskOf(WIDE, 'a.db', false), [span], signal)).toBeUndefined();
  await expect(byJavaScript(taskOf(WIDE, 'b.db', false), span)).rejects.toThrow(
    'value checksum mismatch',
  );
});

test('SQLite copies a file in the order of the key record by record into an empty table', async () => {
  const physical = physicalOf(WIDE);
  const task = taskOf(WIDE, 'copied.db', true);
  await stageWithKernel(
    task,
    [
      spanOf(
        blocksOf(
          wideRows(100, () => 10),
          50,
        ),
      ),
    ],
    signal,
  );
  const db = new Database(':memory:');
  try {
    db.exec(createTableSql(physical));
    db.prepare('ATTACH ? AS s').run(task.path);
    const program = db.prepare('EXPLAIN INSERT INTO main.t SELECT * FROM s.staged').all();
    const opcodes = (program as { opcode: string }[]).map(({ opcode }) => opcode);
    // The loop that decodes rows is there as well, for a table that is not empty.
    expect(opcodes).toContain('RowData');
    expect(db.prepare('INSERT INTO main.t SELECT * FROM s.staged').run().changes).toBe(100);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  } finally {
    db.close();
  }
});

test('rows of a clock that is ahead of this one are left to JavaScript, which brings them to now', async () => {
  const ahead = wideRows(3, () => 10).map((row) => ({ ...row, wall: 1n << 62n }));
  const span = spanOf(blocksOf(ahead, 9));
  expect(await stageWithKernel(taskOf(WIDE, 'a.db', false), [span], signal)).toBeUndefined();
});

test('tables of other types are not tried', async () => {
  const unknown = [
    types.JSONB,
    types.INTERVAL,
    types.INET,
    types.TIMETZ,
    types.arrayOf(types.INT8),
  ];
  for (const type of unknown) {
    const other: TestColumn = { type, values: fc.constant(null), key: 'no' };
    const table = { ...WIDE, columns: [...WIDE.columns, other] };
    const span = spanOf(
      blocksOf(
        wideRows(3, () => 10),
        9,
      ),
    );
    expect(await stageWithKernel(taskOf(table, 'a.db', false), [span], signal)).toBeUndefined();
  }
});
