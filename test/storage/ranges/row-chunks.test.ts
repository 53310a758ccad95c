import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { prepareForChunks, RowChunks } from '../../../storage/ranges/row-chunks';
import { RecordReader } from '../../../storage/staging/record-reader';

type Row = readonly (null | bigint | number | string | Buffer)[];

function open(rows: readonly Row[]) {
  const db = new Database(':memory:');
  db.defaultSafeIntegers(true);
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)');
  const insert = db.prepare('INSERT INTO t VALUES (?, ?, ?)');
  for (const [i, [a, b]] of rows.entries()) insert.run(BigInt(i), a, b);
  prepareForChunks(db);
  db.exec('BEGIN');
  return db;
}

/** All rows through chunks. @returns them, and how many each attempt asked for */
function readAll(db: Database.Database): { rows: Row[]; asked: number[] } {
  const chunks = new RowChunks(db, 3);
  const record = new RecordReader(3);
  const rows: Row[] = [];
  const asked: number[] = [];
  const ids: number[] = [];
  const copy = db.prepare(
    'INSERT INTO temp.chunk SELECT a, b, id FROM t WHERE id >= ? ORDER BY id LIMIT ?',
  );
  const insert = (rowsMax: number): number => {
    asked.push(rowsMax);
    return copy.run(BigInt(rows.length), BigInt(rowsMax)).changes;
  };
  for (;;) {
    const chunk = chunks.fill(insert, Number.MAX_SAFE_INTEGER);
    if (chunk === undefined) break;
    while (chunk.next(record)) {
      ids.push(Number(record.value(2)));
      rows.push([record.value(0) as Row[0], record.value(1) as Row[0]] as Row);
    }
  }
  chunks.close();
  expect(ids.every((id, i) => id === i)).toBe(true);
  return { rows, asked };
}

/** Large values in few characters. */
const shown = (rows: readonly Row[]) =>
  rows.map((row) =>
    row.map((value) =>
      Buffer.isBuffer(value)
        ? `${value.length} ${createHash('md5').update(value).digest('hex')}`
        : String(value),
    ),
  );

const bytes = (length: number, seed: number): Buffer => Buffer.alloc(length, `${seed}.`);

test('rows come as they are, in chunks that grow', () => {
  const rows = Array.from(
    { length: 5_000 },
    (_, i): Row => [`row ${i}`, i % 7 === 0 ? null : i / 3],
  );
  const { rows: read, asked } = readAll(open(rows));
  expect(shown(read)).toEqual(shown(rows));
  expect(asked[0]).toBe(64);
  expect(asked[1]).toBeGreaterThan(64);
  expect(asked[1]).toBeLessThanOrEqual(512);
});

test('rows beyond a page, some of them far beyond', () => {
  const lengths = [65_400, 65_500, 65_501, 65_502, 65_503, 70_000, 131_000, 200_000, 1_000_000];
  const rows = lengths.map((length, i): Row => [bytes(length, i), bytes(i, i)]);
  expect(shown(readAll(open(rows)).rows)).toEqual(shown(rows));
});

test('few small rows, then large ones: fewer are taken, the read transaction stays', () => {
  const small = Array.from({ length: 6_000 }, (_, i): Row => [BigInt(i), 'x']);
  const large = Array.from({ length: 30 }, (_, i): Row => [bytes(2_000_000, i), BigInt(i)]);
  const db = open([...small, ...large]);
  const { rows, asked } = readAll(db);
  expect(shown(rows)).toEqual(shown([...small, ...large]));
  expect(Math.max(...asked)).toBeGreaterThan(2_000);
  expect(db.inTransaction).toBe(true);
});

test('one row larger than a chunk may be has one for itself, and chunks are small again afterwards', () => {
  const rows: Row[] = [
    ['a', null],
    [bytes(40_000_000, 1), 'large'],
    ...Array.from({ length: 200 }, (_, i): Row => [BigInt(i), null]),
  ];
  const db = open(rows);
  expect(shown(readAll(db).rows)).toEqual(shown(rows));
  expect(Number(db.pragma('temp.page_count', { simple: true }))).toBeLessThan(300);
});
