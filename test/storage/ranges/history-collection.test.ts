import Database from 'better-sqlite3';
import fc from 'fast-check';
import type { Connection } from '../../../storage/ranges/connection';
import { descriptorsAt } from '../../../storage/ranges/descriptor-history';
import { collectDescriptors } from '../../../storage/ranges/history-collection';
import { collectedUntil } from '../../../storage/ranges/history-reads';
import {
  CATALOG_TABLE_ID,
  notePushedWrite,
  settledTime,
} from '../../../storage/ranges/pushed-writes';
import { createMetaTables } from '../../../storage/ranges/store-schema';

/** What garbage collection up to a time leaves: all that can be asked for after it. */

let image: Buffer | undefined;

function open(): Connection {
  if (image === undefined) {
    const made = new Database(':memory:');
    createMetaTables(made, 'cluster', 0);
    image = made.serialize();
  }
  const db = new Database(image);
  db.defaultSafeIntegers(true);
  return db;
}

type Collect = () => (() => boolean) | undefined;

/** As the sweeper does. */
function collectAll(collect: Collect): void {
  for (let batch = collect(); batch !== undefined; batch = collect()) batch();
}

const LAST = 20;
const times = Array.from({ length: LAST + 2 }, (_, i) => BigInt(i));

const change = fc.record({
  id: fc.integer({ min: 60, max: 62 }),
  time: fc.integer({ min: 0, max: LAST }),
  isGone: fc.boolean(),
});

test('descriptors', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(change, { selector: ({ id, time }) => `${id} ${time}`, maxLength: 15 }),
      fc.integer({ min: 1, max: LAST }),
      (changes, upTo) => {
        const db = open();
        const until = BigInt(upTo);
        const insert = db.prepare('INSERT INTO descriptor_history VALUES (?, ?, ?)');
        for (const { id, time, isGone } of changes)
          insert.run(id, time, isGone && time > 0 ? null : Buffer.from(`${id} at ${time}`));
        const asked = times.filter((time) => time > until);
        const seen = () => asked.map((time) => descriptorsAt(db, time));
        const before = seen();
        collectAll(() => collectDescriptors(db, until));
        expect(seen()).toEqual(before);
        const left = db
          .prepare('SELECT id, descriptor FROM descriptor_history WHERE ts <= ?')
          .all(until) as { id: bigint; descriptor: Buffer | null }[];
        expect(new Set(left.map(({ id }) => id)).size).toBe(left.length);
        expect(left.every(({ descriptor }) => descriptor !== null)).toBe(true);
        if (left.length < changes.filter(({ time }) => time <= upTo).length)
          expect(collectedUntil(db, CATALOG_TABLE_ID)).toBe(until);
        db.close();
      },
    ),
    { numRuns: 100 },
  );
});

test('writes that were pushed: those that were there by then', () => {
  const db = open();
  notePushedWrite(db, { tableIds: [70], first: 2n, last: 5n });
  notePushedWrite(db, { tableIds: [70], first: 6n, last: 9n });
  collectAll(() => collectDescriptors(db, 5n));
  expect([3n, 7n].map((time) => settledTime(db, 70, time))).toEqual([3n, 5n]);
  collectAll(() => collectDescriptors(db, 8n));
  expect(settledTime(db, 70, 8n)).toBe(5n);
  db.close();
});
