import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import fc from 'fast-check';

import { RecordBuilder } from '../../../storage/staging/record-builder';
import { StagingFile } from '../../../storage/staging/staging-file';

/** Staging files as SQLite reads them. */

type Value = null | bigint | number | string | Uint8Array;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ootheca-staging-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const columns = (count: number): string[] => Array.from({ length: count }, (_, i) => `c${i}`);

function set(record: RecordBuilder, slot: number, value: Value): void {
  if (value === null) record.setNull(slot);
  else if (typeof value === 'bigint') record.setInteger(slot, value);
  else if (typeof value === 'number') record.setReal(slot, value);
  else if (typeof value === 'string') record.setString(slot, value);
  else record.setBlob(slot, value, 0, value.length);
}

/** Writes rows and reads them back, checked by SQLite. @param order in which the values of a row are set */
function roundTrip(
  rows: readonly (readonly Value[])[],
  width: number,
  { order, pageBytes = 32_768 }: { order?: number[]; pageBytes?: number } = {},
): Value[][] {
  const path = join(folder, 'staged.db');
  const file = new StagingFile(path, columns(width), pageBytes);
  const record = new RecordBuilder(width);
  for (const row of rows) {
    record.clear();
    for (const slot of order ?? row.keys()) set(record, slot, row[slot] ?? null);
    file.add(record);
  }
  file.finish();
  file.close();
  expect(file.rowCount).toBe(rows.length);
  const db = new Database(path, { readonly: true });
  db.defaultSafeIntegers(true);
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(Number(db.pragma('page_count', { simple: true })) * pageBytes).toBe(file.sizeBytes);
    const read = db.prepare('SELECT * FROM staged ORDER BY rowid').raw().all() as Value[][];
    expect(db.prepare('SELECT count(*) FROM staged').pluck().get()).toBe(BigInt(rows.length));
    return read.map((row) =>
      row.map((value) => (Buffer.isBuffer(value) ? Uint8Array.from(value) : value)),
    );
  } finally {
    db.close();
  }
}

const integers = [
  ...[0n, 1n, 2n, 127n, 128n, 32_767n, 32_768n, 8_388_607n, 8_388_608n, 2_147_483_647n],
  ...[2_147_483_648n, 140_737_488_355_327n, 140_737_488_355_328n, 9_007_199_254_740_991n],
  ...[9_007_199_254_740_992n, 9_223_372_036_854_775_807n],
];

test('integers of every width, with both signs', () => {
  const rows = integers.flatMap((value) => [[value], [-value], [-value - 1n]]);
  expect(roundTrip(rows, 1)).toEqual(rows);
});

test('a safe integer is the same as a number or a bigint', () => {
  const path = join(folder, 'numbers.db');
  const file = new StagingFile(path, ['a']);
  const safe = integers.filter((value) => value <= BigInt(Number.MAX_SAFE_INTEGER));
  const values = safe.flatMap((value) => [Number(value), -Number(value)]);
  const record = new RecordBuilder(1);
  for (const value of values) {
    record.clear();
    record.setInteger(0, value);
    file.add(record);
  }
  file.finish();
  file.close();
  const db = new Database(path, { readonly: true });
  const read = db.prepare(`SELECT a, typeof(a) FROM staged`).raw().all();
  db.close();
  expect(read).toEqual(values.map((value) => [value === 0 ? 0 : value, 'integer']));
});

const value = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
);

test('rows of any values, set in any order', () => {
  const table = fc.integer({ min: 1, max: 150 }).chain((width) =>
    fc.record({
      width: fc.constant(width),
      rows: fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 60 }),
      order: fc.shuffledSubarray([...new Array(width).keys()], { minLength: width }),
    }),
  );
  fc.assert(
    fc.property(table, ({ width, rows, order }) => {
      expect(roundTrip(rows, width, { order, pageBytes: 4096 })).toEqual(rows);
    }),
    { numRuns: 60 },
  );
});

/** The records' lengths around which a value moves to overflow pages, or to one more: a page holds `page - 4` of them. */
test.each([512, 4096, 32_768])('values longer than a page of %i bytes', (pageBytes) => {
  const min = Math.floor(((pageBytes - 12) * 32) / 255) - 23;
  const inLeaf = pageBytes - 35;
  const limits = [0, 1, 2, 3].flatMap((n) => [inLeaf, min].map((l) => l + n * (pageBytes - 4)));
  const lengths = limits.flatMap((limit) => Array.from({ length: 21 }, (_, i) => limit - 15 + i));
  const rows = lengths.map((length, i) => [BigInt(i), 'x'.repeat(Math.max(0, length)), null]);
  expect(roundTrip(rows, 3, { pageBytes })).toEqual(rows);
});

test('a value of 3 MB', () => {
  const long = Buffer.alloc(3_000_000, 'some bytes that repeat at no multiple of a page');
  const [row] = roundTrip([[1n, long, 'after']], 3);
  expect([row?.[0], row?.[2]]).toEqual([1n, 'after']);
  expect(Buffer.compare(row?.[1] as Uint8Array, long)).toBe(0);
});

/** An interior page of 512 bytes holds 62 to 83 children: none, one level and its limits, two, three. */
const counts = [0, 1, 2, 3, ...Array.from({ length: 30 }, (_, i) => 58 + i), 130, 4_000, 9_000];

test.each(counts)('a tree of %i leaves', (count) => {
  const rows = Array.from({ length: count }, (_, i) => [`${i}`.padEnd(300, '.')]);
  expect(roundTrip(rows, 1, { pageBytes: 512 })).toEqual(rows);
});

test('a row by its rowid, in a tree of three levels', () => {
  const path = join(folder, 'tree.db');
  const file = new StagingFile(path, ['a'], 512);
  const record = new RecordBuilder(1);
  for (let i = 1; i <= 20_000; i++) {
    record.clear();
    record.setString(0, `${i}`.padEnd(200, '.'));
    file.add(record);
  }
  file.finish();
  file.close();
  const db = new Database(path, { readonly: true });
  const select = db.prepare("SELECT rtrim(a, '.') FROM staged WHERE rowid = ?").pluck();
  for (let i = 1; i <= 20_000; i += 7) expect(select.get(i)).toBe(`${i}`);
  expect(select.get(20_001)).toBeUndefined();
  db.close();
});

test('names are quoted as they come', () => {
  const path = join(folder, 'names.db');
  const file = new StagingFile(path, ['"a b"', '"c""d"']);
  const record = new RecordBuilder(2);
  record.setInteger(0, 5);
  file.add(record);
  file.finish();
  file.close();
  const db = new Database(path, { readonly: true });
  expect(db.prepare('SELECT "a b", "c""d" FROM staged').get()).toEqual({ 'a b': 5, 'c"d': null });
  db.close();
});

test('a folder that is not there', () => {
  expect(() => new StagingFile(join(folder, 'missing', 'x.db'), ['a'])).toThrow(
    expect.objectContaining({ sqlstate: '58030' }),
  );
});
