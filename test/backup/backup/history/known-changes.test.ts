import {
  changesKnownSince,
  sequenceKnownSince,
} from '../../../../backup/backup/history/known-changes';
import type { WrittenTable } from '../../../../backup/backup/rows/written-table';
import { noteLayerEnd } from '../../../../storage/ranges/layer-ends';
import { META_TABLE_ID } from '../../../../storage/ranges/meta-history';
import { CATALOG_TABLE_ID, notePushedWrite } from '../../../../storage/ranges/pushed-writes';
import { makeTable, TABLE } from '../support/key-table';

/** When rows and their history tell what an incremental layer needs, and when its chain has to be read. */

const [BEGAN, START, END] = [100n, 200n, 300n];
const TYPE = 60;

type Made = ReturnType<typeof makeTable>;
type Db = Made['db'];

/** Of a store whose layer before ended at START. */
function setUp(): Made {
  const made = makeTable([[1n]], [false]);
  keepSince(made.db, String(BEGAN));
  noteLayerEnd(made.db, START);
  return made;
}

const keepSince = (db: Db, start: string): unknown =>
  db.prepare("INSERT OR REPLACE INTO store_info VALUES ('history_start', ?)").run(start);

const collected = (db: Db, id: number, until: bigint): unknown =>
  db.prepare('INSERT INTO collected VALUES (?, ?)').run(id, until);

const changed = (db: Db, id: number, time: bigint): unknown =>
  db.prepare("INSERT INTO descriptor_history VALUES (?, ?, x'00')").run(id, time);

const retired = (db: Db, to: bigint): unknown =>
  db.prepare("INSERT INTO retired_tables VALUES (?, 0, ?, 'r', 'rh')").run(TABLE, to);

test.each<[string, (db: Db) => unknown, bigint | undefined]>([
  ['nothing has happened', () => undefined, START],
  ['history is not kept', (db) => keepSince(db, 'off'), undefined],
  ['history was not kept yet', (db) => keepSince(db, String(START)), undefined],
  ['history began just before', (db) => keepSince(db, String(START - 1n)), START],
  ['versions of then may be gone', (db) => collected(db, TABLE, START), undefined],
  ['versions of before may be gone', (db) => collected(db, TABLE, START - 1n), START],
  ['descriptors may be gone', (db) => collected(db, CATALOG_TABLE_ID, START), undefined],
  ['another table has lost versions', (db) => collected(db, TABLE + 1, END), START],
  ['the table became another', (db) => retired(db, START + 1n), undefined],
  ['the table had become another before', (db) => retired(db, START), START],
  ['its descriptor has changed', (db) => changed(db, TABLE, END), undefined],
  ['its descriptor changed before', (db) => changed(db, TABLE, START), START],
  ['its descriptor changed after the layer', (db) => changed(db, TABLE, END + 1n), START],
  ['a type changed that it does not compute with', (db) => changed(db, TYPE, END), START],
  [
    'a write was pushed over the start: its rows carry earlier times',
    (db) => notePushedWrite(db, { tableIds: [TABLE], first: START - 9n, last: START + 9n }),
    START - 10n,
  ],
  [
    'a change of its descriptor was pushed over the start',
    (db) => {
      const ids = [CATALOG_TABLE_ID];
      notePushedWrite(db, { tableIds: ids, first: START - 9n, last: START + 9n });
      changed(db, TABLE, START - 9n);
    },
    undefined,
  ],
])('%s', (_, prepare, expected) => {
  const { db, table } = setUp();
  prepare(db);
  expect(changesKnownSince(db, table, START, END)).toBe(expected);
  db.close();
});

test('the layer before is of another store, or of another time of this one', () => {
  const { db, table } = setUp();
  expect(changesKnownSince(db, table, START + 1n, END)).toBeUndefined();
  db.close();
});

test.each<[string, (table: WrittenTable) => WrittenTable, boolean]>([
  ['a virtual column', (table) => withEncoding(table, [9]), true],
  [
    'the predicate of an index',
    (table) => ({ ...table, indexes: [{ predicate: 'c1 > 0' }] as never }),
    true,
  ],
  ['an index without one', (table) => ({ ...table, indexes: [{ predicate: '' }] as never }), false],
])('a type has changed, and there is %s', (_, change, isComputed) => {
  const { db, table } = setUp();
  table.descriptor.dependsOnTypes.push(TYPE);
  changed(db, TYPE, START + 1n);
  expect(changesKnownSince(db, change(table), START, END)).toBe(isComputed ? undefined : START);
  db.close();
});

const withEncoding = (table: WrittenTable, virtualIds: readonly number[]): WrittenTable => ({
  ...table,
  encoding: { ...table.encoding, virtualIds },
});

test('rows that lie between those of others, and indexes that are being added', () => {
  const { db, table } = setUp();
  expect(changesKnownSince(db, { ...table, rootId: 50 }, START, END)).toBeUndefined();
  expect(changesKnownSince(db, { ...table, deferredMutationId: 1 }, START, END)).toBeUndefined();
  db.close();
});

test.each<[string, (db: Db) => unknown, bigint | undefined]>([
  ['nothing has happened', () => undefined, START],
  ['history is not kept', (db) => keepSince(db, 'off'), undefined],
  ['history was not kept yet', (db) => keepSince(db, String(START)), undefined],
  ['its values may be gone', (db) => collected(db, TABLE, START), undefined],
  ['states of meta tables may be gone', (db) => collected(db, META_TABLE_ID, START), undefined],
  ['descriptors may be gone', (db) => collected(db, CATALOG_TABLE_ID, START), undefined],
  ['what is gone is older', (db) => collected(db, META_TABLE_ID, START - 1n), START],
  ['its options have changed', (db) => changed(db, TABLE, START + 1n), undefined],
  ['its options changed before', (db) => changed(db, TABLE, START), START],
])('of a sequence: %s', (_, prepare, expected) => {
  const { db } = setUp();
  prepare(db);
  expect(sequenceKnownSince(db, TABLE, START, END)).toBe(expected);
  expect(sequenceKnownSince(db, TABLE, START + 1n, END)).toBeUndefined();
  db.close();
});
