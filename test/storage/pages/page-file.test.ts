import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

import { isAllInFile, PageFile } from '../../../storage/pages/page-file';
import { StoredRecordReader } from '../../../storage/pages/stored-record-reader';
import { TreeCursor } from '../../../storage/pages/tree-cursor';
import { type TreeShape, treeShape } from '../../../storage/pages/tree-shape';
import type { Connection } from '../../../storage/ranges/connection';

const ROWS = 3_000;
const directory = mkdtempSync(join(tmpdir(), 'ootheca-pages-'));
const opened: Connection[] = [];
let fds: number[] = [];
let files = 0;
let path = '';

afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => {
  path = join(directory, `${files++}.db`);
  const db = connect();
  db.pragma('journal_mode = WAL');
  db.pragma('wal_autocheckpoint = 0');
  db.exec('CREATE TABLE t (a INTEGER, b TEXT, PRIMARY KEY (b, a DESC)) STRICT, WITHOUT ROWID');
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    INSERT INTO t SELECT i, hex(i * 7919 % 1000) || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' FROM n`);
});

afterEach(() => {
  for (const db of opened.splice(0)) db.close();
  for (const fd of fds) closeSync(fd);
  fds = [];
});

function connect(): Connection {
  const db = new Database(path);
  db.defaultSafeIntegers(true);
  opened.push(db);
  return db;
}

function snapshot(): Connection {
  const db = connect();
  db.exec('BEGIN');
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
  return db;
}

function open(flags = 'r'): number {
  const fd = openSync(path, flags);
  fds.push(fd);
  return fd;
}

/** Of the table, as the file has them. */
function rowsInFile(db: Connection): unknown[][] {
  const shape = treeShape(db, 't') as TreeShape;
  const layout = { slots: Uint16Array.from(shape.columns, (_, i) => i), rowidSlot: undefined };
  const cursor = new TreeCursor(new PageFile(open(), db), shape, layout);
  const row = new StoredRecordReader(shape.columns.length, layout);
  const rows: unknown[][] = [];
  for (let run = cursor.takeRun(Infinity); run !== undefined; run = cursor.takeRun(Infinity)) {
    while (run.next(row)) rows.push([row.value(0), row.value(1)]);
  }
  return rows;
}

const rowsOf = (db: Connection): unknown[][] =>
  db.prepare('SELECT b, a FROM t ORDER BY b, a DESC').raw().all() as unknown[][];

test.each([
  ['a reader that came before the last commit was brought in', false],
  ['one that came after', true],
])(
  'the file is that of the snapshot, whatever is written and checkpointed: %s',
  (_name, isLate) => {
    const writer = connect();
    if (!isLate) expect(isAllInFile(writer)).toBe(true);
    // Its mark is that of the WAL's end in the one case, that of the file in the other.
    const other = isLate ? snapshot() : undefined;
    expect(isAllInFile(writer)).toBe(true);
    const reader = snapshot();
    other?.exec('COMMIT');
    const before = rowsOf(reader);
    expect(before).toHaveLength(ROWS);
    for (const mode of ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE']) {
      writer.exec(`UPDATE t SET b = b || '${mode}' WHERE a % 3 = 0; DELETE FROM t WHERE a % 5 = 1`);
      writer.exec(`INSERT INTO t SELECT a + 100000, b || '${mode}' FROM t WHERE a % 2 = 0`);
      writer.pragma('busy_timeout = 0');
      writer.pragma(`wal_checkpoint(${mode})`);
      expect(rowsInFile(reader)).toEqual(before);
    }
    reader.exec('COMMIT');
    expect(isAllInFile(writer)).toBe(true);
    const after = snapshot();
    expect(rowsInFile(after)).toEqual(rowsOf(after));
    expect(rowsOf(after)).not.toEqual(before);
  },
);

test('a reader of an older snapshot keeps the WAL out of the file', () => {
  const writer = connect();
  snapshot();
  writer.exec('DELETE FROM t WHERE a % 2 = 0');
  expect(isAllInFile(writer)).toBe(false);
});

test('tables that only SQLite can read', () => {
  const db = connect();
  db.exec(`
    CREATE TABLE has_default (a INTEGER PRIMARY KEY, b TEXT DEFAULT 'x') STRICT;
    CREATE TABLE generated (a INTEGER PRIMARY KEY, b TEXT AS (a || 'x')) STRICT;
    CREATE TABLE collated (a TEXT COLLATE NOCASE PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TABLE unkeyed (a TEXT) STRICT;
    CREATE TABLE keyed_beside (a TEXT PRIMARY KEY) STRICT;
    CREATE VIEW v AS SELECT 1 AS a;
    CREATE TABLE plain (a INTEGER PRIMARY KEY, b TEXT COLLATE NOCASE) STRICT;
  `);
  for (const name of ['has_default', 'generated', 'collated', 'unkeyed', 'keyed_beside', 'v', 'no'])
    expect(treeShape(db, name)).toBeUndefined();
  expect(treeShape(db, 'plain')).toMatchObject({ isRowid: true, columns: ['a', 'b'] });
});

test('a file that has lost its end, or has other pages in it', () => {
  const writer = connect();
  expect(isAllInFile(writer)).toBe(true);
  const reader = snapshot();
  const shape = treeShape(reader, 't') as TreeShape;
  const fd = open('r+');
  const pageBytes = Number(reader.pragma('page_size', { simple: true }));
  const damaged = { message: `the store is damaged: ${path}`, sqlstate: 'XX001' };
  writeSync(fd, Buffer.alloc(pageBytes), 0, pageBytes, (shape.rootPage - 1) * pageBytes);
  expect(() => rowsInFile(reader)).toThrow(expect.objectContaining(damaged));
  ftruncateSync(fd, pageBytes);
  expect(() => rowsInFile(reader)).toThrow(expect.objectContaining(damaged));
});
