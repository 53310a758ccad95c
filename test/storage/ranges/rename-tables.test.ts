import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../../../storage/ranges/connection';
import { createPhysicalTable, type PhysicalTable } from '../../../storage/ranges/physical-table';
import { renameTables } from '../../../storage/ranges/rename-tables';
import { openStore, type Store } from '../../../storage/ranges/store';

let root: string;
let store: Store;
let db: Connection;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-rename-'));
  store = openStore(root, { durability: 'none' });
  db = store.connect();
});
afterEach(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const KEYED: PhysicalTable = {
  name: 't70',
  columns: [
    { name: 'c1', type: 'INTEGER', notNull: false },
    { name: 'c2', type: 'TEXT', collate: 'RTRIM', notNull: true },
  ],
  primaryKey: [{ column: 'c1', descending: false }],
  indexes: [
    { name: 't70_i2', unique: true, columns: [{ column: 'c2', descending: true }] },
    {
      name: 't70_i3',
      unique: false,
      columns: [{ column: 'c1', descending: false }],
      where: `"c2" = ' ON "t70" '`,
    },
  ],
};
const WIDE: PhysicalTable = {
  ...KEYED,
  name: 't71',
  primaryKey: [
    { column: 'c2', descending: true },
    { column: 'c1', descending: false },
  ],
  indexes: [],
};

const NAMES = new Map([
  ['t70', 'r70_5'],
  ['h70', 'rh70_5'],
]);

const make = (on: Connection): void => {
  createPhysicalTable(on, KEYED);
  on.exec(`INSERT INTO t70 VALUES (1, 'a', 5), (2, 'b', 5); INSERT INTO h70 VALUES (1, 'z', 4, 5)`);
};

type Shape = Record<string, unknown>;
const schema = (on: Connection): Shape[] =>
  on
    .prepare(
      `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE tbl_name GLOB '*7[01]*' ORDER BY 1, 2`,
    )
    .all() as Shape[];
const ids = (on: Connection, table: string): unknown[] =>
  on.prepare(`SELECT c1 FROM ${table} ORDER BY c1`).pluck().all();

/** As ALTER TABLE … RENAME leaves it, and an index made under its new name. */
function asSqliteDoes(): Shape[] {
  const other = openStore(`${root}-sqlite`, { durability: 'none' });
  try {
    const on = other.connect();
    createPhysicalTable(on, { ...KEYED, indexes: [] });
    for (const [before, after] of NAMES) on.exec(`ALTER TABLE ${before} RENAME TO "${after}"`);
    for (const [i, unique] of ['UNIQUE ', ''].entries()) {
      const key = i === 0 ? '("c2" DESC)' : `("c1") WHERE "c2" = ' ON "t70" '`;
      on.exec(`CREATE ${unique}INDEX "r70_5_i${i + 2}" ON "r70_5" ${key}`);
    }
    return schema(on);
  } finally {
    other.close();
    rmSync(`${root}-sqlite`, { recursive: true, force: true });
  }
}

test('tables and their indexes have other names, for all connections', () => {
  make(db);
  const other = store.connect();
  expect(ids(other, 't70')).toEqual([1n, 2n]);
  renameTables(db, NAMES);
  for (const on of [db, other, store.connect()]) {
    expect(schema(on)).toEqual(asSqliteDoes());
    expect([ids(on, 'r70_5'), ids(on, 'rh70_5')]).toEqual([[1n, 2n], [1n]]);
    expect(() => ids(on, 't70')).toThrow('no such table: t70');
    expect(on.pragma('integrity_check', { simple: true })).toBe('ok');
  }
  make(db);
  expect(() => db.exec(`INSERT INTO r70_5 VALUES (3, 'b', 6)`)).toThrow(
    'UNIQUE constraint failed: r70_5.c2',
  );
});

test('a table that is kept by its key', () => {
  createPhysicalTable(db, WIDE);
  db.exec(`INSERT INTO t71 VALUES (1, 'a', 5), (2, 'b', 5)`);
  renameTables(db, new Map([['t71', 'r71_5']]));
  createPhysicalTable(db, { ...WIDE, name: 't72' });
  expect(ids(db, 'r71_5')).toEqual([1n, 2n]);
  expect(schema(db).map(({ name }) => name)).toEqual(['h71', 'r71_5']);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
});

test.each([
  ['as a whole', 'BEGIN', 'ROLLBACK'],
  ['to a savepoint', 'BEGIN; SAVEPOINT s', 'ROLLBACK TO s; COMMIT'],
])('rolled back %s, it has not happened', (_, begin, back) => {
  make(db);
  const before = schema(db);
  for (const made of [false, true]) {
    db.exec(begin);
    renameTables(db, NAMES);
    if (made) make(db);
    expect(ids(db, 'r70_5')).toEqual([1n, 2n]);
    db.exec(back);
    expect([schema(db), ids(db, 't70')]).toEqual([before, [1n, 2n]]);
    expect(() => ids(db, 'r70_5')).toThrow('no such table');
  }
});

test('who is reading goes on', () => {
  make(db);
  db.unsafeMode(true);
  const rows = db.prepare('SELECT c1 FROM t70 ORDER BY c1').pluck().iterate();
  expect(rows.next().value).toBe(1n);
  db.exec('BEGIN');
  renameTables(db, NAMES);
  make(db);
  db.exec('DELETE FROM t70');
  expect([rows.next().value, rows.next().done]).toEqual([2n, true]);
  db.exec('COMMIT');
  expect([ids(db, 't70'), ids(db, 'r70_5')]).toEqual([[], [1n, 2n]]);
});

test('a name that is taken: nothing has changed, and the schema can’t be written', () => {
  make(db);
  db.exec('CREATE TABLE r70_5 (a)');
  const before = schema(db);
  db.exec('BEGIN');
  expect(() => renameTables(db, NAMES)).toThrow('there is a r70_5 already');
  db.exec('ROLLBACK');
  renameTables(db, new Map([['t70', 'r70_6']]));
  renameTables(db, new Map([['r70_6', 't70']]));
  expect(schema(db)).toEqual(before);
  const write = `UPDATE sqlite_schema SET sql = sql`;
  expect(() => db.exec(write)).toThrow('may not be modified');
  db.pragma('writable_schema = ON');
  expect(() => db.exec(write)).toThrow('may not be modified');
});
