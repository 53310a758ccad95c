import { create } from '@bufbuild/protobuf';
import {
  CatalogManager,
  initializeCatalog,
  removeDescriptor,
  writeDescriptor,
} from '../../catalog/catalog-manager';
import { DescriptorSchema } from '../../catalog/descriptor/gen/descriptor_pb';
import { HistorySweeper } from '../../catalog/history-sweeper';
import { HistoryTtls } from '../../catalog/history-ttl';
import { WriteClock } from '../../storage/ranges/clock';
import type { Connection } from '../../storage/ranges/connection';
import { latestTime } from '../../storage/ranges/history-collection';
import { rowsAsOfSql } from '../../storage/ranges/history-reads';
import {
  columnsOf,
  emptyTable,
  keepsHistory,
  keepVersionsSql,
  makeRoom,
  retireColumn,
  retireTable,
} from '../../storage/ranges/history-tables';
import { createPhysicalTable, type PhysicalTable } from '../../storage/ranges/physical-table';
import { notePushedWrite } from '../../storage/ranges/pushed-writes';
import { openStore, type Store } from '../../storage/ranges/store';
import { WriteLock } from '../../storage/ranges/write-lock';
import { setWriteTime } from '../../storage/ranges/write-time';
import { deleteZonesOf, putZone } from '../../storage/ranges/zone-rows';
import { temporaryDirectory } from '../support/ootheca-process';

const directory = temporaryDirectory();
const SECOND = 1_000_000_000n;
const DAY = 90_000n * SECOND;

const TABLE: PhysicalTable = {
  name: 't70',
  columns: [
    { name: 'c1', type: 'INTEGER', notNull: true },
    { name: 'c2', type: 'TEXT', collate: 'RTRIM', notNull: false },
  ],
  primaryKey: [{ column: 'c1', descending: true }],
  indexes: [{ name: 't70_i2', unique: false, columns: [{ column: 'c2', descending: false }] }],
};

let millis = Date.now();
let store: Store;
let db: Connection;
let clock: WriteClock;
let sweeper: HistorySweeper;
const errors: unknown[] = [];

beforeEach(() => {
  store = openStore(`${directory.path}/${Math.random()}`, {
    durability: 'none',
    initialize: initializeCatalog,
  });
  db = store.connect();
  millis = Date.now();
  clock = new WriteClock(() => millis);
  const catalog = new CatalogManager(db);
  const lock = new WriteLock();
  const onError = (error: unknown): void => void errors.push(error);
  sweeper = new HistorySweeper({ db: store.connect(), lock, clock, catalog, onError });
  createPhysicalTable(db, TABLE);
});
afterEach(async () => {
  await sweeper.stop();
  store.close();
  expect(errors).toEqual([]);
});
afterAll(() => directory.remove());

const count = (table: string): unknown => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();

function insert(key: number, value: string): void {
  db.prepare('INSERT INTO t70 VALUES (?, ?, ?)').run(BigInt(key), value, clock.next());
}

const insertAt = (key: number, time: bigint): unknown =>
  db.prepare("INSERT INTO t70 VALUES (?, 'own', ?)").run(BigInt(key), time);

function remove(where: string): void {
  const time = clock.next();
  const from = `main."t70" WHERE ${where}`;
  db.exec(keepVersionsSql('t70', columnsOf(db, 't70'), from, time));
  db.exec(`DELETE FROM t70 WHERE ${where}`);
}

const asOf = (time: bigint): unknown[] =>
  db
    .prepare(`SELECT c1, c2 FROM (${rowsAsOfSql(db, 70, time)}) ORDER BY c1`)
    .raw()
    .all();

test('versions are removed once gc.ttlseconds have passed, and reading them is refused', async () => {
  for (let i = 0; i < 1_200; i++) insert(i, `v${i}`);
  const full = clock.now();
  remove('c1 < 1000');
  millis += 60_000;
  const between = clock.now();
  remove('c1 < 1010');
  await sweeper.sweep();
  expect([count('h70'), asOf(full).length, asOf(between).length]).toEqual([1_010n, 1_200, 200]);
  millis += 90_000_000 - 30_000;
  await sweeper.sweep();
  expect(count('h70')).toBe(10n);
  expect(asOf(between).length).toBe(200);
  expect(() => asOf(full)).toThrow(/^batch timestamp .* must be after replica GC threshold /);
  millis += 60_000;
  await sweeper.sweep();
  // The last one stays: numbers of versions only grow.
  expect(count('h70')).toBe(1n);
  expect(asOf(clock.now()).length).toBe(190);
});

test('a zone of the table has its own time', async () => {
  setWriteTime(db, clock.next());
  putZone(db, { id: 0, subId: 0, config: JSON.stringify({ 'gc.ttlseconds': '60' }) });
  insert(1, 'a');
  insert(2, 'b');
  remove('c1 = 1');
  remove('c1 = 2');
  millis += 61_000;
  await sweeper.sweep();
  expect(count('h70')).toBe(1n);
});

/** Puts a table into a database of its own, and the time of either's zone. */
function describe70(tableTtl: string | null, databaseTtl: string | null): void {
  setWriteTime(db, clock.next());
  const database = { case: 'database' as const, value: { id: 69, name: 'd' } };
  const table = { case: 'table' as const, value: { id: 70, name: 't', parentId: 69 } };
  for (const union of [database, table])
    writeDescriptor(db, create(DescriptorSchema, { union }), clock.next());
  for (const [id, ttl] of [[70, tableTtl] as const, [69, databaseTtl] as const]) {
    if (ttl !== null)
      putZone(db, { id, subId: 0, config: JSON.stringify({ 'gc.ttlseconds': ttl }) });
  }
}

function drop(ids: readonly number[]): void {
  const time = clock.next();
  setWriteTime(db, time);
  if (ids.includes(70)) retireTable(db, 70, time);
  for (const id of ids) removeDescriptor(db, id, time);
}

const ttl = (): bigint => new HistoryTtls(db, new CatalogManager(db).snapshot()).of(70) / SECOND;

const kept = (): unknown => count("sqlite_schema WHERE name IN ('t70', 'h70')");

test.each([
  { own: '60', database: null, dropped: [70], seconds: 60 },
  { own: '200000', database: null, dropped: [70], seconds: 200_000 },
  { own: null, database: '60', dropped: [70], seconds: 60 },
  { own: '120', database: '60', dropped: [70, 69], seconds: 120 },
  { own: null, database: '60', dropped: [70, 69], seconds: 60 },
  { own: null, database: '200000', dropped: [70, 69], seconds: 200_000 },
])('a dropped table, and one of a dropped database, keeps its time: %j', async (given) => {
  describe70(given.own, given.database);
  expect(ttl()).toBe(BigInt(given.seconds));
  insert(1, 'a');
  drop(given.dropped);
  expect(ttl()).toBe(BigInt(given.seconds));
  millis += given.seconds * 1_000 - 1_000;
  await sweeper.sweep();
  expect(kept()).toBe(2n);
  millis += 2_000;
  await sweeper.sweep();
  expect(kept()).toBe(0n);
});

test('what was set for a table, and discarded before it was dropped, is none of its own', () => {
  describe70('60', null);
  setWriteTime(db, clock.next());
  deleteZonesOf(db, 70);
  drop([70]);
  expect(ttl()).toBe(90_000n);
});

test('the time of a dropped table follows that of its database', () => {
  describe70(null, null);
  drop([70]);
  setWriteTime(db, clock.next());
  putZone(db, { id: 69, subId: 0, config: JSON.stringify({ 'gc.ttlseconds': '60' }) });
  expect(ttl()).toBe(60n);
});

test('tables and columns out of use', async () => {
  insert(1, 'a');
  remove('c1 = 1');
  insert(2, 'b');
  const before = clock.now();
  retireTable(db, 70, clock.next());
  makeRoom(db, 70);
  createPhysicalTable(db, TABLE);
  insert(3, 'c');
  retireColumn(db, 70, 'c2', clock.next());
  db.exec('DROP INDEX t70_i2');
  expect(asOf(before)).toEqual([[2n, 'b']]);
  await sweeper.sweep();
  expect(asOf(before)).toEqual([[2n, 'b']]);
  millis += Number(DAY / 1_000_000n) + 1;
  await sweeper.sweep();
  expect(count('sqlite_schema')).toBe(count("sqlite_schema WHERE name NOT GLOB 'r*70_*'"));
  expect(columnsOf(db, 't70')).toEqual(['c1', '_ts']);
  expect(() => asOf(before)).toThrow('must be after replica GC threshold');
});

test('tables that are emptied, or dropped and not made again', async () => {
  insert(1, 'a');
  const one = clock.now();
  emptyTable(db, 70, clock.next());
  insert(2, 'b');
  const two = clock.now();
  retireTable(db, 70, clock.next());
  expect([asOf(one), asOf(two)]).toEqual([[[1n, 'a']], [[2n, 'b']]]);
  millis += Number(DAY / 1_000_000n) + 1;
  await sweeper.sweep();
  expect(count("sqlite_schema WHERE name GLOB '[thr]*70*'")).toBe(0n);
});

test('a large table that is emptied is set aside, with one like it in its place', async () => {
  const schema = (): unknown =>
    db.prepare("SELECT sql FROM sqlite_schema WHERE tbl_name IN ('t70', 'h70') ORDER BY 1").all();
  const before = schema();
  const fill = db.prepare(
    `INSERT INTO t70 WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 40000)
     SELECT i, 'v' || i, ? FROM g`,
  );
  fill.run(clock.next());
  remove('c1 = 1');
  const full = clock.now();
  const emptied = clock.next();
  expect(emptyTable(db, 70, emptied)).toBe(39_999);
  expect([count('t70'), count('h70'), count('retired_tables'), schema()]).toEqual([
    0n,
    0n,
    1n,
    before,
  ]);
  // What the same write has made itself is nobody's past.
  insertAt(1, emptied);
  expect(emptyTable(db, 70, emptied)).toBe(1);
  expect([count('h70'), count('retired_tables')]).toEqual([0n, 1n]);
  insert(2, 'b');
  expect([asOf(full).length, asOf(emptied), asOf(clock.now())]).toEqual([39_999, [], [[2n, 'b']]]);
  millis += Number(DAY / 1_000_000n) + 1;
  await sweeper.sweep();
  expect([count('retired_tables'), schema(), asOf(clock.now())]).toEqual([0n, before, [[2n, 'b']]]);
});

test('a store of an earlier program, and history switched off and on', async () => {
  await sweeper.stop();
  insert(1, 'a');
  const before = clock.now();
  db.exec('ALTER TABLE t70 ADD COLUMN "c3" TEXT COLLATE RTRIM; DROP TABLE h70');
  db.exec("DELETE FROM store_info WHERE name = 'history_start'");
  const path = store.directory;
  const reopen = (history: boolean): void => {
    store.close();
    store = openStore(path, { durability: 'none', history });
    db = store.connect();
  };
  reopen(true);
  expect(columnsOf(db, 'h70')).toEqual(['c1', 'c2', 'c3', '_ts', '_end']);
  expect(() => asOf(before)).toThrow('must be after replica GC threshold');
  reopen(false);
  expect(keepsHistory(db)).toBe(false);
  reopen(true);
  expect(keepsHistory(db)).toBe(true);
  expect(() => asOf(before)).toThrow('must be after replica GC threshold');
});

test('descriptors: what held within the time stays', async () => {
  const put = (name: string): void => {
    const union = { case: 'database' as const, value: { id: 80, name } };
    writeDescriptor(db, create(DescriptorSchema, { union }), clock.next());
  };
  put('one');
  put('two');
  notePushedWrite(db, { tableIds: [0, 70], first: clock.next(), last: clock.next() });
  const history = 'descriptor_history WHERE id = 80';
  millis += Number(DAY / 1_000_000n) - 1_000;
  await sweeper.sweep();
  expect([count(history), count('pushed_writes')]).toEqual([2n, 2n]);
  millis += 2_000;
  await sweeper.sweep();
  expect([count(history), count('pushed_writes')]).toEqual([1n, 0n]);
});

test('the clock goes on after the latest write', async () => {
  insert(1, 'a');
  const issued = clock.issued;
  await sweeper.sweep();
  expect(latestTime(db)).toBe(issued);
  const behind = new WriteClock(() => millis - 10_000);
  behind.startAfter(latestTime(db));
  expect(behind.next() > issued).toBe(true);
});
