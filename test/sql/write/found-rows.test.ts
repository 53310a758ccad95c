import { switchHistory } from '../../../storage/ranges/history-tables';
import { Tables } from './support/tables';

/** With row history, rows that were found once are kept and then come to by their keys, where that is shorter. */

const ROWS = 2_000;

const TABLES = {
  k: { columns: ['id INT8 NOT NULL', 'n INT8', 's STRING', 'e INT8'] },
  w: {
    columns: [
      'id INT8 NOT NULL',
      'n INT8',
      's STRING NOT NULL',
      'e INT8',
      'd DECIMAL(9,2) NOT NULL',
    ],
    primary: ['s', 'd', 'id'],
  },
};

let db: Tables;
let prepared: string[];
afterEach(() => jest.restoreAllMocks());
beforeEach(async () => {
  db = await Tables.make(TABLES);
  switchHistory(db.db, true, 0n);
  const values = 'i, i % 100, (i % 7)::STRING, i % 3';
  const rows = `generate_series(1, ${ROWS}) AS g(i)`;
  db.run(`INSERT INTO k SELECT ${values} FROM ${rows}`);
  db.run(`INSERT INTO w SELECT ${values}, (i % 11)::DECIMAL / 10 FROM ${rows}`);
  prepared = [];
  const prepare = db.db.prepare.bind(db.db);
  db.db.prepare = (sql: string) => {
    prepared.push(sql);
    return prepare(sql);
  };
});

const BY_KEY = /^DELETE FROM "t\d+" WHERE .* IN \(SELECT .*@kept\)$/;
const KEPT_ONE = /^INSERT INTO main\."h\d+" .* IS NOT \?$/;
const KEPT_ALL = /^INSERT INTO main\."h\d+" .* @timestamp /;
const asked = (pattern: RegExp): boolean => prepared.some((sql) => pattern.test(sql));

const ids = (sql: string): string[] => db.run(sql).map((row) => row.split('|')[0] ?? '');

/** Ids of the versions that the last statement has kept, in the order of their kind. */
const kept = (table: string): string[] => {
  const history = table === 'k' ? 'h100' : 'h101';
  const sql = `SELECT c1 FROM ${history} WHERE _end = (SELECT max(_end) FROM ${history}) ORDER BY c1`;
  return (db.db.prepare(sql).pluck().all() as unknown[]).map(String);
};

describe.each(['k', 'w'])('table %s', (table) => {
  test.each([
    ['few, by a function', '(n # 0) % 50 = 7', true],
    ['many, by a function', '(n # 0) % 2 = 0', true],
    ['many', 'n % 2 = 0', false],
    ['few', 'n = 7 AND e = 1', true],
    ['more than are worth it', 'n > 30', false],
    ['none', 'n = 1000', false],
    ['all', 'n >= 0', false],
    ['found by the key', "id = 5 AND s = '5'", false],
  ])('DELETE: %s', (_, condition, byKey) => {
    const meant = ids(`SELECT id FROM ${table} WHERE ${condition} ORDER BY id`);
    const others = ids(`SELECT id FROM ${table} WHERE NOT (${condition}) ORDER BY id`);
    expect(db.affected(`DELETE FROM ${table} WHERE ${condition}`)).toBe(meant.length);
    expect(ids(`SELECT id FROM ${table} ORDER BY id`)).toEqual(others);
    expect(kept(table)).toEqual(meant);
    expect(asked(BY_KEY)).toBe(byKey);
    // The next one has versions before its own.
    expect(db.affected(`DELETE FROM ${table} WHERE n % 50 = 9`)).toBe(
      condition === 'n >= 0' ? 0 : kept(table).length,
    );
    expect(ids(`SELECT id FROM ${table} WHERE n % 50 = 9`)).toEqual([]);
    expect(ids(`SELECT id FROM ${table} ORDER BY id`)).toEqual(
      others.filter((id) => Number(id) % 50 !== 9),
    );
  });

  test.each([
    ['few', 'n = 7', true],
    ['half', 'e <= 1', false],
    ['half, by a function', '(n # 0) % 2 = 1', false],
    ['few, by a function', '(n # 0) % 50 = 1', true],
  ])('UPDATE: %s', (_, condition, alone) => {
    const meant = ids(`SELECT id FROM ${table} WHERE ${condition} ORDER BY id`);
    prepared = [];
    expect(db.affected(`UPDATE ${table} SET n = n + 1000 WHERE ${condition}`)).toBe(meant.length);
    expect(ids(`SELECT id FROM ${table} WHERE n >= 1000 ORDER BY id`)).toEqual(meant);
    expect(kept(table)).toEqual(meant);
    expect([asked(KEPT_ONE), asked(KEPT_ALL)]).toEqual([alone, !alone]);
  });
});

test('a row that was there before, and one that the same time has written', () => {
  db.run('INSERT INTO k VALUES (5000, 7, NULL, 5)');
  expect(db.affected('DELETE FROM k WHERE e = 5')).toBe(1);
  expect(kept('k')).toEqual(['5000']);
  expect(asked(BY_KEY)).toBe(true);
  db.run('INSERT INTO k VALUES (5000, 8, NULL, 6)');
  expect(db.affected('DELETE FROM k WHERE e = 6')).toBe(1);
  expect(ids('SELECT id FROM k WHERE id >= 5000')).toEqual([]);
});

/** Whether rows were kept, and deleted, with looks at the cancel flag; undefined: not by this condition. */
const watched = (): (boolean | undefined)[] =>
  [KEPT_ALL, /^DELETE FROM "t\d+" AS /].map((pattern) =>
    prepared.find((sql) => pattern.test(sql))?.includes('i_live()'),
  );

test.each([
  ['all are looked at', 'n > 30', 9_000, [false, false]],
  ['few are looked at', 'id < 500', 499, [true, false]],
  ['few are looked at, and that takes long', 'id < 500', 500, [true, true]],
  ['few, and they are come to by their keys', 'n = 7 AND e = 1', 9_000, [false, undefined]],
  ['there are none', 'n = 1000', 9_000, [false, undefined]],
])('a table of few rows can be gone through at a stretch: %s', (_, condition, millis, expected) => {
  const meant = ids(`SELECT id FROM k WHERE ${condition} ORDER BY id`);
  prepared = [];
  jest.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(millis);
  expect(db.affected(`DELETE FROM k WHERE ${condition}`)).toBe(meant.length);
  expect(watched()).toEqual(expected);
});

test.each([
  ['all are looked at', 'n < 5', [true, true]],
  ['many are deleted', 'id >= 0 AND id < 115000', [true, true]],
])("a table of many rows can't: %s", (_, condition, expected) => {
  db.db.exec(
    `INSERT INTO "t100" (c1, c2) WITH RECURSIVE g(i) AS (SELECT 10000 UNION ALL SELECT i + 1 FROM g WHERE i < 120000)
     SELECT i, 0 FROM g`,
  );
  const count = Number(ids(`SELECT count(*) FROM k WHERE ${condition}`)[0]);
  const others = ids(`SELECT count(*) FROM k WHERE NOT (${condition})`);
  prepared = [];
  expect(db.affected(`DELETE FROM k WHERE ${condition}`)).toBe(count);
  expect(watched()).toEqual(expected);
  expect(ids('SELECT count(*) FROM k')).toEqual(others);
});
