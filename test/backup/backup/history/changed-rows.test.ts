import fc from 'fast-check';
import { writeChangedRows } from '../../../../backup/backup/history/changed-rows';
import { wallOf } from '../../../../backup/backup/history/row-times';
import { TableVersions } from '../../../../backup/backup/history/table-versions';
import { type PairOutput, SpanOutput } from '../../../../backup/backup/layer/pair-output';
import { type FinishedFile, SpanWriter } from '../../../../backup/backup/layer/span-writer';
import {
  type CompileExpressions,
  NO_EXPRESSIONS,
} from '../../../../backup/backup/rows/table-source';
import type { WrittenIndex, WrittenTable } from '../../../../backup/backup/rows/written-table';
import {
  compileIndexEncoder,
  type EncodedIndex,
  indexColumnIds,
} from '../../../../backup/format/datum/index-encoder';
import type { PairSink } from '../../../../backup/format/datum/row-encoder';
import type { CatalogSnapshot } from '../../../../catalog/snapshot';
import type { Connection } from '../../../../storage/ranges/connection';
import { notePushedWrite, visibleTimes } from '../../../../storage/ranges/pushed-writes';
import { recordOf } from '../../../../storage/staging/record-of';
import { makeTable, TABLE } from '../support/key-table';

/** What of a table is new since a layer: the kernel writes what JavaScript (table-versions.ts) does. */

const BASE = 1_790_000_000_000_000_000n;
const END = BASE + 10_000n;

/** A transaction: what its rows become (undefined: deleted), and whether it was pushed. */
const write = fc.record({
  key: fc.bigInt(0n, 5n),
  value: fc.option(fc.bigInt(0n, 2n), { nil: undefined }),
});
const transaction = fc.record({
  writes: fc.array(write, { minLength: 1, maxLength: 5 }),
  isPushed: fc.boolean(),
  time: fc.constantFrom('plain', 'logical', 'none', 'small'),
});
type Transaction = Parameters<Parameters<typeof transaction.map>[0]>[0];

/** Rows of before history was kept have no time; the kernel leaves a small one to JavaScript. */
const firstTimes = { plain: BASE, logical: `${BASE}.7`, none: null, small: 5n };

/** The store after the transactions, the nth of which has the time BASE + 10 n, and is pushed to half of the way to the next. */
function storeAfter(transactions: readonly Transaction[], descending: boolean) {
  const made = makeTable([], [descending]);
  const { db } = made;
  const rows = new Map<bigint, { readonly value: bigint; readonly ts: bigint | string | null }>();
  const keep = db.prepare(`INSERT INTO h${TABLE} VALUES (?, ?, ?, ?)`);
  for (const [i, { writes, isPushed, time }] of transactions.entries()) {
    const wall = BASE + BigInt(10 * i);
    const ts = i === 0 ? firstTimes[time] : time === 'logical' ? `${wall}.7` : wall;
    for (const { key, value } of writes) {
      const before = rows.get(key);
      // What has overwritten a row has a time.
      if (before !== undefined && i === 0 && ts !== wall) continue;
      if (before !== undefined) keep.run(key, before.value, before.ts, wall);
      if (value === undefined) rows.delete(key);
      else rows.set(key, { value, ts });
    }
    const push = { tableIds: [TABLE], first: wall, last: wall + 5n };
    if (isPushed) notePushedWrite(db, push);
  }
  const insert = db.prepare(`INSERT INTO t${TABLE} VALUES (?, ?, ?)`);
  for (const [key, { value, ts }] of rows) insert.run(key, value, ts);
  return { ...made, rows };
}

const NON_UNIQUE: EncodedIndex = {
  id: 2,
  unique: false,
  inverted: false,
  version: 3,
  asPrimary: false,
  keyColumns: [{ columnId: 9, descending: true }],
  suffixColumnIds: [1],
  storedColumnIds: [],
  compositeColumnIds: [],
};

/** With an index of all rows and one of some. @param compositeIds of columns of the first, whose pairs JavaScript makes then */
function withIndexes(table: WrittenTable, compositeIds: readonly number[] = []): WrittenTable {
  const { rows } = table.encoding;
  const index = (encoded: EncodedIndex, predicate: string): WrittenIndex => ({
    id: encoded.id,
    encoded,
    encoder: compileIndexEncoder(rows, encoded),
    columnIds: indexColumnIds(rows, encoded),
    predicate,
  });
  const first = { ...NON_UNIQUE, compositeColumnIds: compositeIds };
  return { ...table, indexes: [index(first, ''), index({ ...NON_UNIQUE, id: 3 }, 'c9 > 0')] };
}

/** Of two column families: of a row there may be two pairs. */
function withFamilies(table: WrittenTable): WrittenTable {
  const { encoding } = table;
  const families = [
    { id: 0, columnIds: [1], defaultColumnId: 0 },
    { id: 1, columnIds: [9], defaultColumnId: 9 },
  ];
  return { ...table, encoding: { ...encoding, rows: { ...encoding.rows, families } } };
}

/** Pairs in their order, as JavaScript finds them, but each that is there with its row's own time. */
class Versions implements PairOutput {
  readonly writer: SpanWriter;
  private readonly times: ReadonlyMap<string, bigint>;

  constructor(writer: SpanWriter, times: ReadonlyMap<string, bigint>) {
    this.writer = writer;
    this.times = times;
  }

  add(key: Uint8Array, keyLength: number, value: Uint8Array, size: number, time: bigint | string) {
    const own = size === 0 ? undefined : this.times.get(hex(key.subarray(0, keyLength)));
    this.writer.add(key, keyLength, value, size, own ?? time);
  }

  async turn(): Promise<void> {}
  async finish(): Promise<void> {}
  async close(): Promise<void> {}
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const SPAN = { start: Buffer.of(), end: Buffer.of(0xff) };
const ABOUT_FILES = { endTime: END, primaryIndexOf: () => 1 };

const contents = (files: readonly FinishedFile[]) =>
  files.map(({ pieces, counts }) => ({ bytes: hex(Buffer.concat(pieces)), counts: { ...counts } }));

const compile: CompileExpressions = ({ predicate }) => ({
  ...NO_EXPRESSIONS,
  condition: predicate.replace('c9', 'r.c9'),
});

interface Layer {
  readonly startTime: bigint;
  readonly endTime?: bigint;
  readonly indexIds: ReadonlySet<number>;
  readonly heldBytesMax?: number | undefined;
}

const expressions = async (): Promise<CompileExpressions> => compile;

/** @returns undefined: it was left to JavaScript */
async function byKernel(db: Connection, table: WrittenTable, layer: Layer) {
  const output = new SpanOutput(SPAN, ABOUT_FILES, async () => undefined);
  const isWritten = await writeChangedRows(table, {
    ...{ db, endTime: END, expressions, output },
    ...layer,
  });
  output.writer.finish();
  const files = contents(output.writer.finished);
  if (!isWritten) expect(files).toEqual([]);
  return isWritten ? files : undefined;
}

async function byJavaScript(
  db: Connection,
  table: WrittenTable,
  { startTime, indexIds }: Layer,
  times: ReadonlyMap<string, bigint>,
) {
  const writer = new SpanWriter(SPAN, ABOUT_FILES);
  const versions = new TableVersions(TABLE, {
    ...{ db, end: END, indexIds, expressions, after: startTime, isNewestOnly: true },
    output: new Versions(writer, times),
  });
  const catalog = {} as CatalogSnapshot;
  const epoch = { from: startTime, to: undefined, table: table.descriptor, catalog };
  await versions.add({ epoch, written: table }, { isFirst: true, wanted: 'changed' });
  await versions.write();
  versions.close();
  writer.finish();
  return contents(writer.finished);
}

/** Of each pair that is there the time of its row. */
function timesOf({ db, rows }: ReturnType<typeof storeAfter>, table: WrittenTable) {
  const visible = visibleTimes(db, TABLE);
  const times = new Map<string, bigint>();
  for (const [key, { value, ts }] of rows) {
    const record = recordOf([key, value]);
    const time = ts === null ? END : visible(wallOf(ts));
    const note: PairSink = (pair) => times.set(hex(pair.view()), time);
    table.rows.encode(record, note);
    for (const { encoder } of table.indexes) encoder.encode(record, note);
  }
  return times;
}

test('random transactions, pushed ones among them, since any time', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(transaction, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 125 }),
      fc.subarray([1, 2, 3], { minLength: 1 }),
      fc.constantFrom(undefined, 1, 200),
      fc.constantFrom([], [9]),
      async (transactions, descending, since, ids, heldBytesMax, compositeIds) => {
        const store = storeAfter(transactions, descending);
        const { db } = store;
        const table = withIndexes(store.table, compositeIds);
        const startTime = BASE + BigInt(since);
        const layer = { startTime, indexIds: new Set(ids), heldBytesMax };
        const times = timesOf(store, table);
        const expected = await byJavaScript(db, table, layer, times);
        expect(await byKernel(db, table, layer)).toEqual(expected);
        db.close();
      },
    ),
    { numRuns: 300 },
  ));

describe('left to JavaScript, and nothing is written', () => {
  const inserts = (count: number): Transaction => ({
    writes: Array.from({ length: count }, (_, i) => ({ key: BigInt(i), value: 1n })),
    isPushed: false,
    time: 'plain',
  });
  const ALL = { startTime: BASE - 1n, indexIds: new Set([1, 2, 3]) };

  test('a table of which a row may have several pairs', async () => {
    const { db, table } = storeAfter([inserts(1)], false);
    expect(await byKernel(db, table, ALL)).toHaveLength(1);
    expect(await byKernel(db, withFamilies(table), ALL)).toBeUndefined();
  });

  test('more runs of pairs than it merges', async () => {
    const { db, table } = storeAfter([inserts(200)], false);
    const layer = { ...ALL, heldBytesMax: 1 };
    expect(await byKernel(db, table, layer)).toHaveLength(1);
    expect(await byKernel(db, withIndexes(table), layer)).toBeUndefined();
  });

  test('rows that have ended after the layer', async () => {
    const { db, table } = storeAfter([inserts(2), inserts(1)], false);
    const endOf = (endTime: bigint) => byKernel(db, table, { ...ALL, endTime });
    expect(await endOf(BASE + 10n)).toHaveLength(1);
    expect(await endOf(BASE + 9n)).toBeUndefined();
  });
});
