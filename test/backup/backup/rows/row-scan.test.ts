import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { partsOfTable, tableSpans } from '../../../../backup/backup/parts/part-planner';
import { PageScan, PageTables } from '../../../../backup/backup/rows/page-scan';
import { RowScan, type Rows } from '../../../../backup/backup/rows/row-scan';
import { NO_EXPRESSIONS } from '../../../../backup/backup/rows/table-source';
import { compareKeys } from '../../../../backup/format/compare-keys';
import { defined } from '../../../../base/invariant';
import type { Repr } from '../../../../catalog/types/sql-type';
import { PageFile } from '../../../../storage/pages/page-file';
import type { Connection } from '../../../../storage/ranges/connection';
import { recordOf } from '../../../../storage/staging/record-of';
import { makeTable, TABLE } from '../support/key-table';

/** Walks over tables whose keys have several columns and directions, cut into parts, miss no row and have none twice. */

type Made = ReturnType<typeof makeTable>;
type Scan = (made: Made, from: readonly Repr[] | undefined, rowsMax: number) => Repr[][];

const scanWithSqlite: Scan = ({ db, encoding }, from, rowsMax) => {
  const columnIds = new Set(encoding.rows.columns.map(({ id }) => id));
  const about = { tableId: TABLE, encoding, columnIds, expressions: NO_EXPRESSIONS, endTime: 77n };
  return valuesOf(new RowScan(db, { ...about, from, rowsMax }));
};

const scanPages: Scan = ({ db, encoding }, from, rowsMax) =>
  withFile(db, (file) => {
    const table = new PageTables(file, db).of(TABLE, encoding);
    const rows = new PageScan(defined(table, 'a table that can be read'), from, rowsMax);
    // Times that are missing are those of the backup: whoever asks for a time knows it.
    return valuesOf(rows).map((row) => [...row.slice(0, -1), row.at(-1) ?? 77n]);
  });

function valuesOf(rows: Rows): Repr[][] {
  const read: Repr[][] = [];
  while (rows.next()) {
    read.push(Array.from({ length: rows.row.slotCount }, (_, slot) => rows.row.value(slot)));
  }
  rows.close();
  return read;
}

/** The database's own file. */
function withFile<T>(db: Connection, use: (file: PageFile) => T): T {
  const fd = openSync(db.name, 'r');
  try {
    return use(new PageFile(fd, db));
  } finally {
    closeSync(fd);
  }
}

const directory = mkdtempSync(join(tmpdir(), 'ootheca-scan-'));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;
const newFile = (): string => join(directory, `${files++}.db`);

const scans = [
  ['with SQLite', scanWithSqlite],
  ['of pages', scanPages],
] as const;

const table = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }).chain((descending) =>
  fc.record({
    descending: fc.constant(descending),
    keys: fc.array(
      fc.array(fc.bigInt({ min: 0n, max: 6n }), {
        minLength: descending.length,
        maxLength: descending.length,
      }),
      { maxLength: 400 },
    ),
    at: fc.nat(400),
    rowsMax: fc.nat(100),
  }),
);

test.each(scans)('all rows, or some from any row on: %s', (_name, scan) => {
  fc.assert(
    fc.property(table, ({ keys, descending, at, rowsMax }) => {
      const made = makeTable(keys, descending, newFile());
      expect(scan(made, undefined, Number.MAX_SAFE_INTEGER)).toEqual(made.expected);
      const first = made.expected[at % Math.max(1, made.expected.length)];
      if (first === undefined) return;
      const from = first.slice(0, descending.length);
      const start = made.expected.indexOf(first);
      expect(scan(made, from, rowsMax)).toEqual(made.expected.slice(start, start + rowsMax));
    }),
    { numRuns: 60 },
  );
});

const directions = [[false], [true], [false, true, false], [false, false, true, false]];

test.each(scans.flatMap(([name, scan]) => directions.map((each) => [each, name, scan] as const)))(
  'parts of a large table, key columns descending: %j, %s',
  (descending, _name, scan) => {
    const keys = Array.from({ length: 9_000 }, (_, i) => {
      const digits = [i % 2, Math.floor(i / 2) % 40, Math.floor(i / 80) % 12, i];
      return descending.map((_d, k) => BigInt(digits[digits.length - descending.length + k] ?? 0));
    });
    const made = makeTable(keys, descending, newFile());
    const spans = tableSpans(TABLE, [1], undefined);
    // The smallest part has 1,000 rows.
    const parts = [...partsOfTable(made.db, made.table, spans, { partBytes: 1 })];
    const sameParts = withFile(made.db, (file) => [
      ...partsOfTable(made.db, made.table, spans, {
        partBytes: 1,
        pages: new PageTables(file, made.db),
      }),
    ]);
    expect(sameParts).toEqual(parts);
    expect(parts).toHaveLength(9);
    const read = parts.map((part) => scan(made, part.from, part.rowsMax ?? Infinity));
    expect(read.flat()).toEqual(made.expected);
    // Their spans follow each other, and begin with the key of their first row.
    expect(parts[0]?.start).toEqual(spans[0]?.start);
    expect(parts.at(-1)?.end).toEqual(spans[0]?.end);
    for (const [i, part] of parts.entries()) {
      if (i > 0) {
        expect(part.start).toEqual(parts[i - 1]?.end);
        expect(part.start).toEqual(made.table.rows.rowKey(recordOf(read[i]?.[0] ?? [])));
      }
      expect(compareKeys(part.start, part.start.length, part.end, part.end.length)).toBeLessThan(0);
    }
  },
);

test('a small table is one part with all of its indexes', () => {
  const made = makeTable([[1n], [2n]], [false]);
  const spans = tableSpans(TABLE, [1, 2, 4], undefined);
  const parts = [...partsOfTable(made.db, made.table, spans, { partBytes: 1 << 20 })];
  expect(parts.map(({ indexIds }) => indexIds)).toEqual([[1, 2], [4]]);
});

test('a large one has a part for each of its other indexes', () => {
  const keys = Array.from({ length: 2_500 }, (_, i) => [BigInt(i)]);
  const made = makeTable(keys, [false]);
  const spans = tableSpans(TABLE, [1, 2, 4], undefined);
  const parts = [...partsOfTable(made.db, made.table, spans, { partBytes: 1 })];
  expect(parts.map(({ indexIds }) => indexIds)).toEqual([[1], [1], [1], [2], [4]]);
});
