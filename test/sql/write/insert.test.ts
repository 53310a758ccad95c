import { Tables } from './support/tables';

/** INSERT, UPSERT and ON CONFLICT: rows, constraints and their words. */

const TABLES = {
  t: {
    columns: [
      'id INT8 NOT NULL',
      'a INT8 NOT NULL',
      `b STRING DEFAULT 'd':::STRING`,
      'c DECIMAL(5,2)',
      'e INT8 AS (a * 2:::INT8) STORED',
      'v INT8 AS (a + 1:::INT8) VIRTUAL',
    ],
    unique: { t_b_key: { columns: ['b'] } },
    checks: { check_a: 'a > 0:::INT8' },
  },
  types: {
    columns: [
      'id INT8 NOT NULL',
      'i2 INT2',
      'i4 INT4',
      'f4 FLOAT4',
      's3 STRING(3)',
      'v3 VARCHAR(3)',
      'c3 CHAR(3)',
      'b3 BIT(3)',
      'vb3 VARBIT(3)',
      't1 TIME(1)',
      'ts0 TIMESTAMP(0)',
      'd52 DECIMAL(5,2)[]',
      'v3s VARCHAR(3)[]',
    ],
  },
  partial: {
    columns: [
      'id INT8 NOT NULL',
      's STRING',
      'n INT8 NOT NULL',
      'w INT8 AS (n % 10:::INT8) VIRTUAL',
    ],
    unique: {
      part: { columns: ['s'], where: 'n > 10:::INT8' },
      w_key: { columns: ['s', 'w'] },
    },
  },
  keyed: { columns: ['k DECIMAL NOT NULL', 'x STRING NOT NULL', 'n INT8'], primary: ['k', 'x'] },
  rows: {
    columns: ['id UUID NOT NULL DEFAULT gen_random_uuid()', 'n INT8 DEFAULT 1:::INT8 + 1:::INT8'],
  },
};

let db: Tables;
beforeEach(async () => {
  db = await Tables.make(TABLES);
});

test('rows of the transcript', () => {
  expect(
    db.run("INSERT INTO t (id,a,b,c) VALUES (1,1,'x',1.005),(2,2,'y',999.99) RETURNING *"),
  ).toEqual(['1|1|x|1.01|2|2', '2|2|y|999.99|4|3']);
  expect(db.error("INSERT INTO t (id,a,b) VALUES (1,1,'z')")).toBe(
    '23505 duplicate key value violates unique constraint "primary"\nKey (id)=(1) already exists.\nprimary',
  );
  expect(db.error("INSERT INTO t (id,a,b) VALUES (3,1,'x')")).toBe(
    `23505 duplicate key value violates unique constraint "t_b_key"\nKey (b)=('x') already exists.\nt_b_key`,
  );
  expect(db.error('INSERT INTO t (id,a) VALUES (4,-1)')).toBe(
    '23514 failed to satisfy CHECK constraint (a > 0:::INT8)\ncheck_a',
  );
  expect(db.error('INSERT INTO t (id) VALUES (5)')).toBe(
    '23502 null value in column "a" violates not-null constraint',
  );
  expect(db.error('INSERT INTO t (id,a,c) VALUES (6,1,1000)')).toBe(
    '22003 type DECIMAL(5,2): value with precision 5, scale 2 must round to an absolute value less than 10^3',
  );
  expect(
    db.run(
      "INSERT INTO t (id,a,b) VALUES (1,1,'z') ON CONFLICT (id) DO UPDATE SET b = excluded.b || '!' RETURNING id, b",
    ),
  ).toEqual(['1|z!']);
  expect(db.affected("INSERT INTO t (id,a,b) VALUES (9,1,'y') ON CONFLICT DO NOTHING")).toBe(0);
  expect(db.affected("UPSERT INTO t (id,a,b) VALUES (2,20,'yy')")).toBe(1);
  expect(db.run('UPDATE t SET a = a + 1, c = DEFAULT WHERE id = 2 RETURNING *')).toEqual([
    '2|21|yy|NULL|42|22',
  ]);
  expect(db.error('UPDATE t SET nosuch = 1')).toBe('42703 column "nosuch" does not exist');
  expect(db.run('DELETE FROM t WHERE id = 1 RETURNING id')).toEqual(['1']);
  expect(db.run('SELECT * FROM t ORDER BY id')).toEqual(['2|21|yy|NULL|42|22']);
});

test.each([
  ['INSERT INTO types (id, i2) VALUES (1, 40000)', '22003 integer out of range for type int2'],
  ['INSERT INTO types (id, i4) VALUES (1, 3000000000)', '22003 integer out of range for type int4'],
  ["INSERT INTO types (id, s3) VALUES (1, 'abcd')", '22001 value too long for type STRING(3)'],
  ["INSERT INTO types (id, v3) VALUES (1, 'abcd')", '22001 value too long for type VARCHAR(3)'],
  ["INSERT INTO types (id, c3) VALUES (1, 'abcd')", '22001 value too long for type CHAR(3)'],
  [
    "INSERT INTO types (id, b3) VALUES (1, B'10')",
    '22026 bit string length 2 does not match type BIT(3)',
  ],
  [
    "INSERT INTO types (id, vb3) VALUES (1, B'1010')",
    '22001 bit string length 4 too large for type VARBIT(3)',
  ],
  [
    "INSERT INTO types (id, v3s) VALUES (1, '{a,abcd}')",
    '22001 value too long for type VARCHAR(3)',
  ],
  [
    "INSERT INTO types (id, i2) VALUES (1, 'x')",
    '22P02 could not parse "x" as type int: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    'INSERT INTO types (id, i2) VALUES (1, true)',
    `42804 value type bool doesn't match type int2 of column "i2"`,
  ],
  [
    'INSERT INTO types (id, s3) SELECT 1, 2',
    `42804 value type int doesn't match type string of column "s3"`,
  ],
  ['INSERT INTO t (id, id) VALUES (1, 1)', '42601 multiple assignments to the same column "id"'],
  ['INSERT INTO t (id, x) VALUES (1, 1)', '42703 column "x" does not exist'],
  ['INSERT INTO t (id, e) VALUES (1, 1)', '55000 cannot write directly to computed column "e"'],
  ["INSERT INTO t VALUES (1, 1, 'b', 1, 1)", '55000 cannot write directly to computed column "e"'],
  [
    'INSERT INTO keyed VALUES (1, 2, 3, 4)',
    '42601 INSERT has more expressions than target columns, 4 expressions for 3 targets',
  ],
  [
    'INSERT INTO keyed (k, x) VALUES (1)',
    '42601 INSERT has more target columns than expressions, 1 expressions for 2 targets',
  ],
  [
    "INSERT INTO keyed VALUES (1, 'a'), (1)",
    '42601 VALUES lists must all be the same length, expected 2 columns, found 1',
  ],
  ['INSERT INTO nosuch VALUES (1)', '42P01 relation "nosuch" does not exist'],
  [
    'INSERT INTO t (id, a) VALUES (1, 1) ON CONFLICT (a) DO NOTHING',
    '42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification',
  ],
  [
    'INSERT INTO t (id, a) VALUES (1, 1), (1, 2) ON CONFLICT (id) DO UPDATE SET a = 5',
    '21000 UPSERT or INSERT...ON CONFLICT command cannot affect row a second time',
  ],
  [
    'UPSERT INTO t (id, a) VALUES (1, 1), (1, 2)',
    '21000 UPSERT or INSERT...ON CONFLICT command cannot affect row a second time',
  ],
  ['INSERT INTO t (id, a) VALUES (1, 1/0)', '42804 value type decimal'],
  ['INSERT INTO t (id, a) VALUES (1, 1) RETURNING 1/0', '22012 division by zero'],
])('%s', (sql, error) => {
  expect(db.error(sql)).toContain(error);
  expect(db.run('SELECT count(*) FROM t')).toEqual(['0']);
});

test('values are cut to the scale of their types, texts are not', () => {
  expect(
    db.run(
      `INSERT INTO types (id, f4, c3, t1, ts0, d52)
       VALUES (1, 1.1, 'a  ', '10:00:00.25', '2020-01-01 10:00:00.5', '{1.005,NULL}')
       RETURNING f4, c3::STRING || '.', t1, ts0, d52`,
    ),
  ).toEqual(['1.10000002384186|a.|10:00:00.3|2020-01-01 10:00:01|{1.01,NULL}']);
});

test('constants in arrays of a SELECT take the types of the columns, those of VALUES too', () => {
  const insert = (source: string) =>
    db.run(`INSERT INTO types (id, d52, v3s) ${source} RETURNING d52, v3s`);
  expect(insert(`VALUES (1, ARRAY[1, 2.005], ARRAY['a', NULL])`)).toEqual(['{1.00,2.01}|{a,NULL}']);
  expect(insert(`SELECT 2, ARRAY[1, 2.005], ARRAY['a', NULL]`)).toEqual(['{1.00,2.01}|{a,NULL}']);
  expect(insert('SELECT 3, ARRAY[1], ARRAY[]')).toEqual(['{1.00}|{}']);
  expect(insert('SELECT 3 + n, ARRAY[n::DECIMAL, 1], NULL FROM (VALUES (1)) AS v (n)')).toEqual([
    '{1.00,1.00}|NULL',
  ]);
  expect(db.error(`INSERT INTO types (id, v3s) SELECT 9, ARRAY['long']`)).toMatch(/^22001/);
  expect(db.error('INSERT INTO types (id, d52) SELECT 9, ARRAY[true]')).toMatch(/^42804/);
});

test('sources: SELECT, WITH, VALUES with ORDER BY, parameters, DEFAULT VALUES', () => {
  db.run('INSERT INTO t (id, a) VALUES ($1, $2)', '1', '10');
  expect(db.run('INSERT INTO t (id, a, b) SELECT id + 1, a, NULL FROM t RETURNING *')).toEqual([
    '2|10|NULL|NULL|20|11',
  ]);
  expect(
    db.run(
      'WITH w AS (SELECT max(id) AS m FROM t) INSERT INTO t (id, a, b) SELECT m + 1, 1, $1 FROM w RETURNING id, b',
      'w',
    ),
  ).toEqual(['3|w']);
  expect(
    db.run(
      "INSERT INTO keyed (n, k, x) VALUES (2, 1.0, 'b'), (1, 1.0, 'a') ORDER BY 1 LIMIT 1 RETURNING x",
    ),
  ).toEqual(['a']);
  const [first, second] = db.run(
    'INSERT INTO rows VALUES (DEFAULT, DEFAULT), (DEFAULT, 7) RETURNING *',
  );
  expect(first).toMatch(/^[0-9a-f-]{36}\|2$/);
  expect(second).toMatch(/^[0-9a-f-]{36}\|7$/);
  expect(first?.slice(0, 36)).not.toBe(second?.slice(0, 36));
  expect(db.run('INSERT INTO rows DEFAULT VALUES RETURNING n')).toEqual(['2']);
  expect(db.run('INSERT INTO rows (n) SELECT n FROM rows RETURNING n')).toHaveLength(3);
  expect(db.run('SELECT count(DISTINCT id) FROM rows')).toEqual(['6']);
});

test('a unique key equals what compares equal, and NULL nothing', () => {
  db.run("INSERT INTO keyed VALUES (1.50, 'a', 1)");
  expect(db.error("INSERT INTO keyed VALUES (1.5, 'a', 1)")).toContain("Key (k, x)=(1.5, 'a')");
  db.run("INSERT INTO keyed VALUES (1.5, 'A', 1)");
  db.run('INSERT INTO t (id, a, b) VALUES (1, 1, NULL), (2, 1, NULL)');
});

test('unique indexes that SQLite does not have: partial, over virtual columns', () => {
  db.run("INSERT INTO partial VALUES (1, 'x', 5), (2, 'x', 11)");
  expect(db.error("INSERT INTO partial VALUES (3, 'x', 12)")).toContain('"part"');
  db.run("INSERT INTO partial VALUES (3, 'x', 6)");
  expect(db.error('UPDATE partial SET n = 13 WHERE id = 3')).toContain('"part"');
  db.run('UPDATE partial SET n = 12 WHERE id = 2');
  expect(db.error("INSERT INTO partial VALUES (4, 'x', 2)")).toContain('"w_key"');
});

test('ON CONFLICT with a partial index', () => {
  db.run("INSERT INTO partial VALUES (1, 'x', 11)");
  expect(db.error("INSERT INTO partial VALUES (2, 'x', 22) ON CONFLICT (s) DO NOTHING")).toContain(
    '42P10',
  );
  expect(
    db.run(
      "INSERT INTO partial VALUES (2, 'x', 22) ON CONFLICT (s) WHERE n > 10 DO UPDATE SET n = excluded.n + partial.n RETURNING *",
    ),
  ).toEqual(['1|x|33|3']);
});

test('DO UPDATE with WHERE; excluded has defaults and computed columns', () => {
  db.run('INSERT INTO t (id, a) VALUES (1, 1)');
  const sql = `INSERT INTO t AS o (id, a) VALUES (1, 7) ON CONFLICT (id)
    DO UPDATE SET (a, b) = (excluded.e, excluded.b || o.b) WHERE o.a < 5 RETURNING a, b, e`;
  expect(db.run(sql)).toEqual(['14|dd|28']);
  expect(db.run(sql)).toEqual([]);
});

test('UPSERT writes the named columns, all of them without a list', () => {
  db.run("INSERT INTO t (id, a, b, c) VALUES (1, 1, 'x', 1)");
  db.run('UPSERT INTO t (id, a) VALUES (1, 2)');
  expect(db.run('SELECT a, b, c FROM t')).toEqual(['2|x|1.00']);
  db.run('UPSERT INTO t VALUES (1, 3)');
  expect(db.run('SELECT a, b, c FROM t')).toEqual(['3|d|NULL']);
});
