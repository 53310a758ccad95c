import fc from 'fast-check';
import { countRows } from '../../../../backup/backup/parts/count-rows';
import type { Repr } from '../../../../catalog/types/sql-type';
import { makeTable } from '../support/key-table';

/** Rows from a key on, up to so many, and how many of them are newer than a time or have none. */

const key = fc.tuple(fc.bigInt(-3n, 3n), fc.bigInt(-3n, 3n));
/** As `makeTable` reads rows that have no time. */
const NO_TIME = 77n;

test('of keys in any directions', () => {
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 40 }),
      fc.tuple(fc.boolean(), fc.boolean()),
      fc.nat(40),
      fc.option(fc.nat(45), { nil: undefined }),
      fc.constantFrom(4n, 5n),
      (keys, descending, at, rowsMax, than) => {
        const { db, table, expected } = makeTable(keys, descending);
        const first = at < expected.length ? at : 0;
        const from = at < expected.length ? (expected[at]?.slice(0, 2) as Repr[]) : undefined;
        const rows = expected.slice(first, rowsMax === undefined ? undefined : first + rowsMax);
        const isNewer = (row: Repr[]): boolean => row[3] === NO_TIME || (row[3] as bigint) > than;
        const part = {
          ...(from === undefined ? {} : { from }),
          ...(rowsMax === undefined ? {} : { rowsMax }),
        };
        expect(countRows(db, table, part, than)).toEqual({
          rows: rows.length,
          newer: rows.filter(isNewer).length,
        });
        db.close();
      },
    ),
    { numRuns: 100 },
  );
});
