import fc from 'fast-check';
import { HistoryScan } from '../../../../backup/backup/history/history-scan';
import { NO_EXPRESSIONS } from '../../../../backup/backup/rows/table-source';
import { versionSource } from '../../../../storage/ranges/history-reads';
import { makeTable, TABLE } from '../support/key-table';

/** Versions that have ended since a time, of a range of keys: what filtering all of them in JavaScript gives. */

const key = fc.tuple(fc.bigInt(-3n, 3n), fc.bigInt(-3n, 3n));
const version = fc.record({ key, end: fc.bigInt(1n, 40n) });

type Key = readonly [bigint, bigint];

function orderOf(a: Key, b: Key, descending: readonly boolean[]): number {
  for (const [i, isDescending] of descending.entries()) {
    const [x, y] = [a[i] as bigint, b[i] as bigint];
    if (x !== y) return x < y === isDescending ? 1 : -1;
  }
  return 0;
}

test('versions of a range of keys', () => {
  fc.assert(
    fc.property(
      fc.array(version, { maxLength: 60 }),
      fc.tuple(fc.boolean(), fc.boolean()),
      fc.option(key, { nil: undefined }),
      fc.option(key, { nil: undefined }),
      fc.bigInt(0n, 41n),
      (versions, descending, from, until, time) => {
        const { db, encoding } = makeTable([], descending);
        const sorted = [...versions].sort((a, b) => Number(a.end - b.end));
        const insert = db.prepare(`INSERT INTO h${TABLE} VALUES (?, ?, ?, ?, ?)`);
        for (const [i, each] of sorted.entries()) insert.run(...each.key, BigInt(i), 0n, each.end);
        const columnIds = new Set([1, 2, 9]);
        const source = versionSource(db, TABLE, time);
        const options = { source, encoding, columnIds, expressions: NO_EXPRESSIONS, from, until };
        const scan = new HistoryScan(db, options);
        const found: unknown[] = [];
        while (scan.next()) found.push([scan.row.value(2), scan.row.value(scan.endSlot)]);
        scan.close();
        db.close();
        const expected = sorted.flatMap((each, i) => {
          const isWanted =
            each.end > time &&
            (from === undefined || orderOf(each.key, from, descending) >= 0) &&
            (until === undefined || orderOf(each.key, until, descending) < 0);
          return isWanted ? [[BigInt(i), each.end]] : [];
        });
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 200 },
  );
});

test('more of them than one chunk holds', () => {
  const { db, encoding } = makeTable([], [false]);
  const insert = db.prepare(`INSERT INTO h${TABLE} VALUES (?, ?, ?, ?)`);
  const COUNT = 70_000;
  for (let i = 0; i < COUNT; i++) insert.run(BigInt(i), 1n << 60n, 0n, BigInt(i + 1));
  const scan = new HistoryScan(db, {
    source: versionSource(db, TABLE, 10n),
    encoding,
    columnIds: new Set([1, 9]),
    expressions: { ...NO_EXPRESSIONS, condition: 'r.c1 % 2 = 0' },
  });
  let [count, sum] = [0, 0n];
  for (; scan.next(); count++) sum += scan.row.value(0) as bigint;
  scan.close();
  expect(count).toBe((COUNT - 10) / 2);
  expect(sum).toBe(BigInt(((10 + COUNT - 2) * count) / 2));
});
