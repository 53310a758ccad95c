import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { Connection } from '../../../storage/ranges/connection';
import {
  createPhysicalTable,
  createTableSql,
  dropPhysicalIndex,
  dropPhysicalTable,
  isRowidTable,
  listPhysicalTables,
  type PhysicalColumn,
  type PhysicalTable,
} from '../../../storage/ranges/physical-table';
import { isUniqueViolation } from '../../../storage/ranges/sqlite-errors';
import {
  attachStaged,
  copyStaged,
  detachStaged,
  stagedColumns,
} from '../../../storage/ranges/staged-rows';
import { openStore, type Store } from '../../../storage/ranges/store';
import { RecordBuilder } from '../../../storage/staging/record-builder';
import { StagingFile } from '../../../storage/staging/staging-file';

type Value = null | bigint | number | string | Uint8Array;

let root: string;
let store: Store;
let db: Connection;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-table-'));
  store = openStore(root, { durability: 'none' });
  db = store.connect();
});
afterEach(() => {
  for (const name of listPhysicalTables(db)) dropPhysicalTable(db, name);
});
afterAll(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const column = (name: string, type: PhysicalColumn['type'], rest = {}): PhysicalColumn => ({
  name,
  type,
  notNull: false,
  ...rest,
});

function table(parts: Partial<PhysicalTable>): PhysicalTable {
  return {
    name: 't52',
    columns: [column('c1', 'INTEGER'), column('c2', 'TEXT')],
    primaryKey: [{ column: 'c1', descending: false }],
    indexes: [],
    ...parts,
  };
}

function set(record: RecordBuilder, slot: number, value: Value): void {
  if (typeof value === 'number') record.setReal(slot, value);
  else if (typeof value === 'bigint') record.setInteger(slot, value);
  else if (typeof value === 'string') record.setString(slot, value);
  else if (value !== null) record.setBlob(slot, value, 0, value.length);
}

/** Copies rows from a staging file. @param rows values in the order of the columns, then the timestamp if there is one */
function insert(into: PhysicalTable, rows: readonly (readonly Value[])[]): number {
  const path = join(root, 'staged.db');
  const file = new StagingFile(path, stagedColumns(into));
  const record = new RecordBuilder(into.columns.length + 1);
  for (const row of rows) {
    record.clear();
    for (const [slot, value] of row.entries()) set(record, slot, value);
    file.add(record);
  }
  file.finish();
  file.close();
  attachStaged(db, [path]);
  try {
    return copyStaged(db, into, 0);
  } finally {
    detachStaged(db);
  }
}

const rowsOf = (sql: string): unknown[] => db.prepare(sql).raw().all();

test('one ascending INTEGER key column makes a rowid table, everything else does not', () => {
  expect(createTableSql(table({}))).toBe(
    'CREATE TABLE "t52" ("c1" INTEGER PRIMARY KEY, "c2" TEXT, _ts ANY) STRICT',
  );
  const descending = table({ primaryKey: [{ column: 'c1', descending: true }] });
  expect(createTableSql(descending)).toBe(
    'CREATE TABLE "t52" ("c1" INTEGER, "c2" TEXT, _ts ANY, PRIMARY KEY ("c1" DESC)) STRICT, WITHOUT ROWID',
  );
  expect(isRowidTable(table({ primaryKey: [{ column: 'c2', descending: false }] }))).toBe(false);
  expect(() => createTableSql(table({ primaryKey: [] }))).toThrow(/no primary key/);
});

test('keys of several columns keep their directions and collations', () => {
  const physical = table({
    columns: [
      column('c1', 'TEXT', { collate: 'RTRIM', notNull: true }),
      column('c2', 'BLOB', { notNull: true }),
      column('c3', 'TEXT', { collate: 'NOCASE' }),
    ],
    primaryKey: [
      { column: 'c2', descending: true },
      { column: 'c1', descending: false },
    ],
    indexes: [
      {
        name: 't52_i2',
        unique: true,
        columns: [{ column: 'c3', descending: true }],
        where: '"c3" IS NOT NULL AND length("c3") > 1',
      },
    ],
  });
  createPhysicalTable(db, physical);
  const b = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
  insert(physical, [
    ['a', b(1), 'x'],
    ['b ', b(2), 'x'],
    ['a', b(2), null],
    ['z', b(), 'Long'],
  ]);
  expect(rowsOf('SELECT c1, hex(c2) FROM t52')).toEqual([
    ['a', '02'],
    ['b ', '02'],
    ['a', '01'],
    ['z', ''],
  ]);
  const again = (row: Value[]): unknown => {
    try {
      insert(physical, [row]);
      return 'inserted';
    } catch (error) {
      return isUniqueViolation(error);
    }
  };
  // RTRIM ignores trailing spaces, NOCASE ignores case, the partial index ignores short text.
  expect(again(['b', b(2), null])).toBe(true);
  expect(again(['y', b(9), 'lONG'])).toBe(true);
  expect(again(['y', b(9), 'X'])).toBe('inserted');
  dropPhysicalIndex(db, 't52_i2');
  expect(again(['y', b(8), 'lONG'])).toBe('inserted');
});

test('STRICT and NOT NULL hold', () => {
  const physical = table({
    columns: [column('c1', 'INTEGER'), column('c2', 'TEXT', { notNull: true })],
  });
  createPhysicalTable(db, physical);
  expect(() => insert(physical, [[1, null]])).toThrow(/NOT NULL/);
  expect(() => insert(physical, [[1, Uint8Array.of(1)]])).toThrow(/cannot store BLOB/);
});

test('names are quoted', () => {
  const odd = table({
    name: 't1"; DROP TABLE jobs; --',
    columns: [column('select', 'INTEGER')],
    primaryKey: [{ column: 'select', descending: false }],
    indexes: [{ name: 'a "b"', unique: false, columns: [{ column: 'select', descending: false }] }],
  });
  createPhysicalTable(db, odd);
  insert(odd, [[1]]);
  expect(listPhysicalTables(db)).toEqual([odd.name]);
  dropPhysicalTable(db, odd.name);
  dropPhysicalTable(db, odd.name);
  expect(listPhysicalTables(db)).toEqual([]);
  expect(rowsOf('SELECT count(*) FROM jobs')).toEqual([[0n]]);
});

test('every value comes back as it went in, whatever the number of rows', () => {
  const physical = table({
    columns: [
      column('c1', 'INTEGER'),
      column('c2', 'ANY'),
      column('c3', 'TEXT'),
      column('c4', 'BLOB'),
    ],
  });
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const row = fc.tuple(
    fc.option(fc.oneof(int64, fc.constant(-0))),
    fc.option(fc.string({ unit: 'grapheme' })),
    fc.option(fc.uint8Array({ maxLength: 9 })),
    fc.option(fc.oneof(int64, fc.constant('1795368321616776312.1'))),
  );
  void fc.assert(
    fc.property(fc.array(row, { maxLength: 70 }), (rows) => {
      createPhysicalTable(db, physical);
      expect(
        insert(
          physical,
          rows.map((row, i) => [BigInt(i), ...row]),
        ),
      ).toBe(rows.length);
      const expected = rows.map(([any, text, blob, ts], i) => [
        BigInt(i),
        any,
        text,
        blob === null ? null : Buffer.from(blob),
        ts,
      ]);
      expect(rowsOf('SELECT * FROM t52 ORDER BY c1')).toEqual(expected);
      dropPhysicalTable(db, 't52');
    }),
    { numRuns: 40 },
  );
});

test('a REAL stays one in an ANY column and becomes an integer in an INTEGER column', () => {
  const physical = table({ columns: [column('c1', 'INTEGER'), column('c2', 'ANY')] });
  createPhysicalTable(db, physical);
  insert(physical, [[Number.MAX_SAFE_INTEGER, 5]]);
  expect(rowsOf('SELECT c1, typeof(c2) FROM t52')).toEqual([[9007199254740991n, 'real']]);
});

test('a wide table', () => {
  const columns = Array.from({ length: 1_900 }, (_, i) => column(`c${i}`, 'INTEGER'));
  const physical = table({ columns, primaryKey: [{ column: 'c0', descending: false }] });
  createPhysicalTable(db, physical);
  insert(
    physical,
    Array.from({ length: 40 }, (_, i) => columns.map((_column, c) => i + c)),
  );
  expect(rowsOf('SELECT count(*), sum(c1899) FROM t52')).toEqual([[40n, 40n * 1899n + 780n]]);
});
