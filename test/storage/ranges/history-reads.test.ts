import Database from 'better-sqlite3';
import fc from 'fast-check';
import type { Connection } from '../../../storage/ranges/connection';
import {
  hasEndedSince,
  isUnchangedSince,
  requireAfter,
  rowsAsOfSql,
} from '../../../storage/ranges/history-reads';
import {
  columnsOf,
  emptyTable,
  keepVersionsSql,
  replaceTable,
  switchHistory,
} from '../../../storage/ranges/history-tables';
import { createPhysicalTable, type PhysicalTable } from '../../../storage/ranges/physical-table';
import { notePushedWrite } from '../../../storage/ranges/pushed-writes';
import { createMetaTables } from '../../../storage/ranges/store-schema';

/** The rows of a table as they were, after any history: what a copy of them says that was taken at each time. */

const ID = 70;
const TABLE: PhysicalTable = {
  name: `t${ID}`,
  columns: [
    { name: 'c1', type: 'INTEGER', notNull: true },
    { name: 'c2', type: 'INTEGER', notNull: false },
  ],
  primaryKey: [{ column: 'c1', descending: false }],
  indexes: [],
};
const START = 100n;

type Rows = ReadonlyMap<number, number>;

/** What there was to be seen from a time on. */
interface State {
  readonly from: bigint;
  readonly rows: Rows;
  /** A version ended then. */
  readonly hasEnded: boolean;
}

const key = fc.nat(4);
/** Of one transaction; `late`: rows carry times from before it was there. */
const transaction = fc.record({
  late: fc.boolean(),
  steps: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('put'), key, value: fc.nat(99) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete'), key }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('empty') }) },
    ),
    { minLength: 1, maxLength: 4 },
  ),
  /** How often another table comes in its place. */
  replacements: fc.constantFrom(0, 0, 0, 1, 2),
});

function putVersions(db: Connection, time: bigint, where: string): void {
  const from = `main."t${ID}" WHERE ${where} AND _ts IS NOT ${time}`;
  db.exec(keepVersionsSql(TABLE.name, columnsOf(db, TABLE.name), from, time));
}

/** @returns whether a version has ended that others may have seen */
function run(
  db: Connection,
  rows: Map<number, number>,
  own: Set<number>,
  time: bigint,
  step: { kind: string; key?: number; value?: number },
): boolean {
  if (step.kind === 'empty') {
    const hasEnded = [...rows.keys()].some((each) => !own.has(each));
    emptyTable(db, ID, time);
    rows.clear();
    return hasEnded;
  }
  const at = step.key as number;
  const hasEnded = rows.has(at) && !own.has(at);
  putVersions(db, time, `c1 = ${at}`);
  db.exec(`DELETE FROM t${ID} WHERE c1 = ${at}`);
  rows.delete(at);
  if (step.kind === 'put') {
    db.exec(`INSERT INTO t${ID} VALUES (${at}, ${step.value}, ${time})`);
    rows.set(at, step.value as number);
    own.add(at);
  }
  return hasEnded;
}

/** Makes the table anew, with other values. */
function replace(db: Connection, rows: Map<number, number>, time: bigint): void {
  replaceTable(db, ID, time, () => createPhysicalTable(db, TABLE));
  const insert = db.prepare(`INSERT INTO t${ID} VALUES (?, ?, ?)`);
  for (const [at, value] of rows) {
    rows.set(at, value + 100);
    insert.run(BigInt(at), BigInt(value + 100), time);
  }
}

let image: Buffer | undefined;

/** A store with the table. */
function open(): Connection {
  if (image === undefined) {
    const made = new Database(':memory:');
    createMetaTables(made, 'cluster', 0);
    switchHistory(made, true, START);
    createPhysicalTable(made, TABLE);
    image = made.serialize();
  }
  const db = new Database(image);
  db.defaultSafeIntegers(true);
  return db;
}

const rowsAt = (db: Connection, time: bigint): [number, number][] =>
  db
    .prepare(`SELECT c1, c2 FROM (${rowsAsOfSql(db, ID, time)}) ORDER BY c1`)
    .raw()
    .all()
    .map((row) => (row as bigint[]).map(Number) as [number, number]);

const sorted = (rows: Rows): [number, number][] => [...rows].sort(([a], [b]) => a - b);

test('as of each time, what was there', () => {
  fc.assert(
    fc.property(fc.array(transaction, { maxLength: 8 }), (transactions) => {
      const db = open();
      let rows = new Map<number, number>();
      const states: State[] = [{ from: START + 1n, rows, hasEnded: false }];
      for (const [i, { late, steps, replacements }] of transactions.entries()) {
        const written = START + BigInt(i + 1) * 10n;
        const from = late ? written + 5n : written;
        if (late) notePushedWrite(db, { tableIds: [ID], first: written, last: from });
        rows = new Map(rows);
        const own = new Set<number>();
        let hasEnded = false;
        for (const step of steps) hasEnded = run(db, rows, own, written, step) || hasEnded;
        for (let n = 0; n < replacements; n++) replace(db, rows, written);
        states.push({ from, rows, hasEnded: hasEnded || replacements > 0 });
      }
      for (const [i, state] of states.entries()) {
        const until = states[i + 1]?.from ?? state.from + 10n;
        const later = states.slice(i + 1);
        for (const time of [state.from, until - 1n]) {
          expect(rowsAt(db, time)).toEqual(sorted(state.rows));
          expect(hasEndedSince(db, ID, time)).toBe(later.some((each) => each.hasEnded));
          const isSame = later.every(
            (each) => !each.hasEnded && each.rows.size === state.rows.size,
          );
          // It may say of a table that it has changed which has not.
          if (isUnchangedSince(db, ID, time)) expect(isSame).toBe(true);
          if (i === states.length - 1) expect(isUnchangedSince(db, ID, time)).toBe(true);
        }
      }
      db.close();
    }),
    { numRuns: 60 },
  );
});

test('what may be gone is refused', () => {
  const db = open();
  expect(() => rowsAsOfSql(db, ID, START)).toThrow(
    'batch timestamp 0.000000100,0 must be after replica GC threshold 0.000000100,0',
  );
  expect(rowsAt(db, START + 1n)).toEqual([]);
  db.prepare('INSERT INTO collected VALUES (?, ?)').run(ID, 200);
  expect(() => rowsAsOfSql(db, ID, 200n)).toThrow('must be after replica GC threshold');
  expect(rowsAt(db, 201n)).toEqual([]);
  expect(() => requireAfter(5n, 5n)).toThrow(expect.objectContaining({ sqlstate: '72000' }));
  db.close();
});
