import Database from 'better-sqlite3';
import {
  isPushedAfter,
  notePushedWrite,
  settledTime,
  visibleTimes,
} from '../../../storage/ranges/pushed-writes';
import { createMetaTables } from '../../../storage/ranges/store-schema';

/** Of two tables: transactions that wrote from 10 on and were there at 20, and from 40 on and were there at 41. */
function openPushed() {
  const db = new Database(':memory:');
  createMetaTables(db, 'cluster', 0);
  notePushedWrite(db, { tableIds: [5, 6], first: 10n, last: 20n });
  notePushedWrite(db, { tableIds: [5, 6], first: 40n, last: 41n });
  return db;
}

test.each([
  [9n, 9n],
  [10n, 9n],
  [19n, 9n],
  [20n, 20n],
  [39n, 39n],
  [40n, 39n],
  [41n, 41n],
])('who reads as of %s sees rows that carry %s', (time, carried) => {
  const db = openPushed();
  expect(settledTime(db, 5, time)).toBe(carried);
  expect(settledTime(db, 6, time)).toBe(carried);
  expect(settledTime(db, 7, time)).toBe(time);
});

test.each([
  [9n, 9n],
  [10n, 20n],
  [15n, 20n],
  [19n, 20n],
  [20n, 20n],
  [21n, 21n],
  [40n, 41n],
  [41n, 41n],
  [99n, 99n],
])('what was written at %s was there at %s', (written, visible) => {
  expect(visibleTimes(openPushed(), 5)(written)).toBe(visible);
});

test('rows that come after a time may carry an earlier one', () => {
  const db = openPushed();
  expect([19n, 20n, 40n, 41n].map((time) => isPushedAfter(db, 5, time))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(isPushedAfter(db, 7, 0n)).toBe(false);
});
