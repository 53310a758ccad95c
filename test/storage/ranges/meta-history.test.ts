import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteComment, putComment } from '../../../storage/ranges/comment-rows';
import type { Connection } from '../../../storage/ranges/connection';
import {
  META_TABLES,
  type MetaTable,
  metaHistoryName,
  metaShape,
  pushMetaChanges,
  sameKey,
} from '../../../storage/ranges/meta-history';
import { metaSqlOfVersions } from '../../../storage/ranges/meta-history-reads';
import {
  deleteSequence,
  readSequenceAsOf,
  sequenceChanges,
  sequencesAsOfSql,
  writeSequence,
} from '../../../storage/ranges/sequence-rows';
import { openStore, type Store } from '../../../storage/ranges/store';
import { putUser } from '../../../storage/ranges/user-rows';
import { setWriteTime } from '../../../storage/ranges/write-time';

let root: string;
let store: Store;
let db: Connection;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-meta-history-'));
  store = openStore(root, { durability: 'none' });
  db = store.connect();
});
afterEach(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const at = (time: bigint, change: () => void): void => {
  setWriteTime(db, time);
  change();
  setWriteTime(db, undefined);
};

const comment = (text: string): void =>
  putComment(db, { type: 0, objectId: 60, subId: 0, comment: text });

function versions(table: MetaTable, column: string): unknown[] {
  const sql = `SELECT ${column}, _began, _end FROM ${table} ORDER BY _began`;
  return db
    .prepare(metaSqlOfVersions(db, sql, table))
    .raw()
    .all();
}

test('a change without a time is none', () => {
  expect(() => comment('x')).toThrow('a change of a meta table without a time');
  expect(versions('comments', 'comment')).toEqual([]);
});

test('each state of a row, with its times', () => {
  at(10n, () => comment('a'));
  at(20n, () => comment('b'));
  at(30n, () => deleteComment(db, 0, 60, 0));
  at(40n, () => comment('c'));
  expect(versions('comments', 'comment')).toEqual([
    ['a', 10n, 20n],
    ['b', 20n, 30n],
    ['c', 40n, null],
  ]);
});

test('what one transaction makes of a row more than once is nobody’s past', () => {
  at(10n, () => comment('a'));
  at(20n, () => {
    comment('b');
    deleteComment(db, 0, 60, 0);
    comment('c');
  });
  expect(versions('comments', 'comment')).toEqual([
    ['a', 10n, 20n],
    ['c', 20n, null],
  ]);
});

test('of what is replaced as well, and it is there again', () => {
  const put = (blob: number | null): void =>
    putUser(db, {
      username: 'a',
      hashedPassword: blob === null ? null : Buffer.from([blob]),
      isRole: false,
    });
  at(10n, () => put(1));
  at(20n, () => {
    put(2);
    put(3);
    db.exec("DELETE FROM users WHERE username = 'a'");
    put(4);
  });
  at(30n, () => db.exec("INSERT OR REPLACE INTO users VALUES ('a', NULL, 0), ('a', x'07', 0)"));
  expect(versions('users', 'hashed_password')).toEqual([
    [Buffer.from([1]), 10n, 20n],
    [Buffer.from([4]), 20n, 30n],
    [Buffer.from([7]), 30n, null],
  ]);
});

test('a savepoint that is rolled back takes its entries along', () => {
  at(10n, () => comment('a'));
  at(20n, () => {
    db.exec('BEGIN; SAVEPOINT s');
    comment('b');
    db.exec('ROLLBACK TO s; COMMIT');
  });
  expect(versions('comments', 'comment')).toEqual([['a', 10n, null]]);
});

test('values of every kind are kept as they are', () => {
  const hashedPassword = Buffer.from([0, 1, 255]);
  at(10n, () => putUser(db, { username: "o'neil", hashedPassword, isRole: false }));
  at(20n, () => putUser(db, { username: "o'neil", hashedPassword: null, isRole: true }));
  expect(versions('users', 'hashed_password')).toEqual([
    [hashedPassword, 10n, 20n],
    [null, 20n, null],
  ]);
});

test('sequences at any time', () => {
  const id = 60;
  at(10n, () => writeSequence(db, id, 1n));
  at(20n, () => writeSequence(db, id, 2n ** 63n - 1n));
  at(25n, () => writeSequence(db, id, 2n ** 63n - 1n));
  at(30n, () => deleteSequence(db, id));
  at(15n, () => writeSequence(db, 61, 7n));
  const expected = new Map([
    [9n, undefined],
    [10n, 1n],
    [19n, 1n],
    [20n, 2n ** 63n - 1n],
    [29n, 2n ** 63n - 1n],
    [30n, undefined],
  ]);
  for (const [time, value] of expected) {
    expect(readSequenceAsOf(db, id, time)).toBe(value);
    const sql = `WITH sequences AS (${sequencesAsOfSql(time)}) SELECT value FROM sequences WHERE table_id = ?`;
    expect(db.prepare(sql).pluck().get(id)).toBe(value);
  }
  expect([...sequenceChanges(db, id, 10n)]).toEqual([
    { time: 20n, value: 2n ** 63n - 1n },
    { time: 30n, value: undefined },
  ]);
});

test('a transaction that is pushed is there from its commit on', () => {
  at(10n, () => writeSequence(db, 60, 1n));
  at(20n, () => writeSequence(db, 60, 2n));
  at(20n, () => comment('a'));
  at(22n, () => writeSequence(db, 60, 3n));
  const changes = { times: [22n, 20n], sequenceIds: [60], changedSchema: true };
  pushMetaChanges(db, changes, 30n);
  expect(readSequenceAsOf(db, 60, 29n)).toBe(1n);
  expect(readSequenceAsOf(db, 60, 30n)).toBe(3n);
  expect(versions('comments', 'comment')).toEqual([['a', 30n, null]]);
});

test.each(META_TABLES)('a state of %s is looked up by the index', (table) => {
  const { keys } = metaShape(db, table);
  const plan = db
    .prepare(
      `EXPLAIN QUERY PLAN SELECT EXISTS (SELECT 1 FROM ${metaHistoryName(table)} AS e
       WHERE ${sameKey(keys, 'e', 'r')} AND e._end = write_time()) FROM ${table} AS r`,
    )
    .all() as { readonly detail: string }[];
  const terms = [...keys, '_end'].map((key) => `${key}=?`).join(' AND ');
  expect(plan.map(({ detail }) => detail)).toContain(`SEARCH e USING PRIMARY KEY (${terms})`);
});

test('without history nothing is kept, and a new one begins empty', () => {
  at(10n, () => comment('a'));
  at(20n, () => comment('b'));
  const reopen = (history: boolean): void => {
    store.close();
    store = openStore(root, { durability: 'none', history });
    db = store.connect();
  };
  reopen(true);
  expect(versions('comments', 'comment').length).toBe(2);
  reopen(false);
  comment('c');
  expect(versions('comments', 'comment')).toEqual([['c', 0n, null]]);
  reopen(true);
  at(50n, () => comment('d'));
  expect(versions('comments', 'comment')).toEqual([
    ['c', 0n, 50n],
    ['d', 50n, null],
  ]);
});

test('a column that a later program adds is kept, too', () => {
  at(10n, () => comment('a'));
  db.exec('ALTER TABLE comments ADD COLUMN extra INTEGER NOT NULL DEFAULT 5');
  store.close();
  store = openStore(root, { durability: 'none' });
  db = store.connect();
  at(20n, () => db.exec('UPDATE comments SET extra = 6'));
  expect(versions('comments', 'extra')).toEqual([
    [5n, 10n, 20n],
    [6n, 20n, null],
  ]);
});

test('triggers that an earlier program made give way, what they kept stays', () => {
  at(10n, () => comment('a'));
  at(20n, () => comment('b'));
  const triggers = (): unknown[] =>
    db.prepare(`SELECT sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name`).all();
  const made = triggers();
  db.exec(
    `DROP TRIGGER h_comments_delete;
     CREATE TRIGGER h_comments_delete BEFORE delete ON comments BEGIN
       INSERT INTO h_comments (type, object_id, sub_id, comment, _end, _there)
       SELECT OLD.type, OLD.object_id, OLD.sub_id, 'earlier', write_time(), 1; END`,
  );
  store.close();
  store = openStore(root, { durability: 'none' });
  db = store.connect();
  expect(triggers()).toEqual(made);
  at(30n, () => deleteComment(db, 0, 60, 0));
  expect(versions('comments', 'comment')).toEqual([
    ['a', 10n, 20n],
    ['b', 20n, 30n],
  ]);
});
