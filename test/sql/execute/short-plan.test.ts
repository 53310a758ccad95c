import { registerFunctions } from '../../../sql/execute/functions';
import { isShortQuery } from '../../../sql/execute/short-plan';
import { type Harness, makeHarness } from '../support/harness';

/** Which queries may run in the main thread: those that are over after a few look-ups, whatever the tables hold. */

let harness: Harness;

beforeAll(async () => {
  harness = await makeHarness({
    account: { columns: ['id int8', 'email text', 'code int8', 'balance decimal'] },
    pair: { columns: ['a int8', 'b int8', 'note text'] },
  });
  const { db, relations } = harness;
  const account = relations.get('account')?.sqliteName;
  const pair = relations.get('pair')?.sqliteName;
  db.exec(`DROP TABLE ${account}`);
  db.exec(
    `CREATE TABLE ${account} (c1 INTEGER PRIMARY KEY, c2 TEXT, c3 INTEGER, c4 TEXT COLLATE RTRIM) STRICT`,
  );
  db.exec(`CREATE UNIQUE INDEX ${account}_i2 ON ${account} (c2)`);
  db.exec(`CREATE INDEX ${account}_i3 ON ${account} (c3)`);
  db.exec(`DROP TABLE ${pair}`);
  db.exec(
    `CREATE TABLE ${pair} (c1 INTEGER, c2 INTEGER, c3 TEXT, PRIMARY KEY (c1, c2)) STRICT, WITHOUT ROWID`,
  );
});

const isShort = (sql: string): boolean => {
  const query = harness.bind(sql);
  registerFunctions(harness.db, query.functions);
  return isShortQuery(harness.db, query);
};

test.each([
  'SELECT 1',
  'SELECT 1 + 2, $1::INT8',
  'SELECT * FROM account WHERE id = $1',
  'SELECT balance * 2 FROM account WHERE id = 7 AND code > 3',
  "SELECT id FROM account WHERE email = 'x'",
  'SELECT * FROM account WHERE id IN (1, 2, 3)',
  'SELECT note FROM pair WHERE a = $1 AND b = $2',
  'SELECT p.note FROM account a JOIN pair p ON p.a = a.id AND p.b = a.code WHERE a.id = $1',
  'SELECT count(*) FROM account WHERE id = 1',
])('short: %s', (sql) => {
  expect(isShort(sql)).toBe(true);
});

test.each([
  ['a scan', 'SELECT * FROM account'],
  ['a scan with a limit', 'SELECT * FROM account WHERE code + 1 = 2 LIMIT 1'],
  ['an index that is not unique', 'SELECT * FROM account WHERE code = $1'],
  ['a range of the key', 'SELECT * FROM account WHERE id > $1'],
  ['a part of the key', 'SELECT * FROM pair WHERE a = $1'],
  ['all NULLs of a unique key', 'SELECT * FROM account WHERE email IS NULL'],
  [
    'two lists, which multiply',
    'SELECT 1 FROM account a, account b WHERE a.id IN (1, 2) AND b.id IN (3, 4)',
  ],
  ['a function that sleeps', 'SELECT pg_sleep(1)'],
  ['a function that repeats', "SELECT repeat('x', 1000)"],
  ['a pattern', "SELECT email ~ 'x+' FROM account WHERE id = 1"],
  ['rows of a function', 'SELECT * FROM generate_series(1, 10)'],
  ['recursion', 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'],
])('not short: %s', (_, sql) => {
  expect(isShort(sql)).toBe(false);
});
