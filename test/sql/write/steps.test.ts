import { Tables } from './support/tables';

/** Statements that change data in WITH and in brackets. */

const TABLES = {
  t: { columns: ['id INT8 NOT NULL', 'a INT8', 'b STRING'] },
  u: { columns: ['id INT8 NOT NULL', 'tid INT8', 'v STRING'] },
  parent: { columns: ['id INT8 NOT NULL'] },
  child: {
    columns: ['id INT8 NOT NULL', 'p INT8'],
    foreignKeys: {
      fk: { columns: ['p'], table: 'parent', references: ['id'], onDelete: 'cascade' as const },
    },
  },
};

let db: Tables;
beforeEach(async () => {
  db = await Tables.make(TABLES);
  db.run("INSERT INTO t VALUES (1,10,'x'),(2,20,'y'),(3,30,'z')");
});

test('each runs once, read or not, and gives what RETURNING says', () => {
  expect(
    db.run("WITH x AS (INSERT INTO t VALUES (4,40,'n') RETURNING id, b) SELECT * FROM x"),
  ).toEqual(['4|n']);
  expect(db.run('WITH x AS (INSERT INTO u VALUES (1,1)) SELECT 1')).toEqual(['1']);
  expect(
    db.run(
      'WITH x AS (UPDATE t SET a = a + 1 WHERE id < 3 RETURNING a) SELECT p.a, q.a FROM x p, x q ORDER BY 1, 2',
    ),
  ).toEqual(['11|11', '11|21', '21|11', '21|21']);
  expect(db.run('SELECT id, a FROM t ORDER BY id')).toEqual(['1|11', '2|21', '3|30', '4|40']);
  expect(db.run('SELECT count(*) FROM u')).toEqual(['1']);
  expect(
    db.run(
      'WITH d AS (DELETE FROM t WHERE id > 2 RETURNING *) INSERT INTO u SELECT id, a, b FROM d RETURNING v',
    ),
  ).toEqual(['z', 'n']);
  expect(db.affected('WITH d AS (DELETE FROM t RETURNING id) UPDATE u SET tid = id')).toBe(3);
});

test('parts read the tables as the statement found them', () => {
  const changes = [
    "UPDATE t SET b = 'changed', a = a + id RETURNING id",
    'DELETE FROM t WHERE id <> 2 RETURNING id',
    "UPSERT INTO t VALUES (1,0,'new'),(9,0,'new') RETURNING id",
    "INSERT INTO t VALUES (1,1,'q') ON CONFLICT (id) DO UPDATE SET b = 'c' RETURNING id",
  ];
  for (const change of changes) {
    const before = db.run('SELECT id, a, b FROM t ORDER BY id');
    expect(db.run(`WITH x AS (${change}) SELECT * FROM t ORDER BY id`)).toEqual(before);
    expect(db.run('SELECT id, a, b FROM t ORDER BY id')).not.toEqual(before);
  }
});

test('RETURNING and ON CONFLICT see the rows that were there, not those of the statement', () => {
  expect(db.run('INSERT INTO t VALUES (7),(8) RETURNING id, (SELECT max(id) FROM t)')).toEqual([
    '7|3',
    '8|3',
  ]);
  expect(db.run('UPDATE t SET a = id RETURNING id, (SELECT sum(a) FROM t)')).toEqual([
    '1|60',
    '2|60',
    '3|60',
    '7|60',
    '8|60',
  ]);
  expect(
    db.run(
      'INSERT INTO t VALUES (1),(2) ON CONFLICT (id) DO UPDATE SET a = (SELECT max(a) FROM t) + 100 RETURNING a',
    ),
  ).toEqual(['108', '108']);
});

test('a deleted parent still shows its children, which are gone afterwards', () => {
  db.run('INSERT INTO parent VALUES (1)');
  db.run('INSERT INTO child VALUES (1,1),(2,1)');
  expect(db.run('WITH d AS (DELETE FROM parent) SELECT id FROM child ORDER BY id')).toEqual([
    '1',
    '2',
  ]);
  expect(db.run('SELECT count(*) FROM child')).toEqual(['0']);
});

test('foreign keys hold when all parts are done', () => {
  db.run('WITH c AS (INSERT INTO child VALUES (1,1)) INSERT INTO parent VALUES (1)');
  db.run(
    'WITH p AS (INSERT INTO parent VALUES (2) RETURNING id) INSERT INTO child SELECT 2, id FROM p',
  );
  expect(db.run('SELECT id, p FROM child ORDER BY id')).toEqual(['1|1', '2|2']);
  expect(db.error('WITH c AS (INSERT INTO child VALUES (3,3)) SELECT 1')).toMatch(
    /^23503 insert on/,
  );
});

test('queries beside them are computed once', () => {
  expect(
    db.run(
      `WITH r AS (SELECT random() AS n), i AS (INSERT INTO u(id, v) SELECT 1, n::STRING FROM r RETURNING v)
       SELECT i.v = r.n::STRING FROM i, r`,
    ),
  ).toEqual(['t']);
  expect(
    db.run(
      `WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3),
       i AS (INSERT INTO parent SELECT n FROM r RETURNING id) SELECT * FROM i`,
    ),
  ).toEqual(['1', '2', '3']);
  // Not read, so not computed.
  expect(db.run('WITH e AS (SELECT 1 // 0), d AS (DELETE FROM t) SELECT 1')).toEqual(['1']);
});

test('brackets', () => {
  expect(db.run("SELECT * FROM [INSERT INTO t VALUES (5,5,'f') RETURNING b, id]")).toEqual(['f|5']);
  expect(db.run('SELECT (SELECT count(*) FROM [DELETE FROM t WHERE id = 5 RETURNING id])')).toEqual(
    ['1'],
  );
  expect(db.run('SELECT y FROM [SELECT 1 AS x, 2 AS y] AS q')).toEqual(['2']);
  expect(db.affected('INSERT INTO u(id) SELECT id FROM [UPDATE t SET a = 0 RETURNING id]')).toBe(3);
  expect(db.error('SELECT * FROM [DELETE FROM t]')).toBe(
    '42703 statement source does not return any columns',
  );
});

test('parameters are shared by all parts', () => {
  expect(
    db.run(
      'WITH x AS (INSERT INTO t VALUES ($1, $2) RETURNING a) SELECT a + $2, $1 FROM x',
      '6',
      '7',
    ),
  ).toEqual(['14|6']);
});

test('what is refused', () => {
  expect(db.error('WITH x AS (DELETE FROM t) SELECT * FROM x')).toBe(
    '0A000 WITH clause "x" does not return any columns',
  );
  expect(db.error('SELECT * FROM (WITH x AS (DELETE FROM t) SELECT 1) AS z')).toBe(
    '0A000 WITH clause containing a data-modifying statement must be at the top level',
  );
  expect(db.error('WITH x AS (DELETE FROM t WHERE id = 1) UPDATE t SET a = 1')).toMatch(
    /^0A000 multiple modification subqueries of the same table "t" are not supported/,
  );
  expect(db.affected('WITH x AS (INSERT INTO t VALUES (20)) INSERT INTO t VALUES (21)')).toBe(1);
  expect(db.run('SELECT count(*) FROM t')).toEqual(['5']);
});
