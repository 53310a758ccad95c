import { Tables } from './support/tables';

/** UPDATE and DELETE: which rows are meant, and what becomes of them. */

const TABLES = {
  t: {
    columns: [
      'id INT8 NOT NULL',
      'a INT8',
      `b STRING DEFAULT 'd':::STRING`,
      'e INT8 AS (a * 2:::INT8) STORED',
    ],
    unique: { u: { columns: ['a'] } },
    checks: { small: 'a < 100:::INT8' },
  },
  o: { columns: ['id INT8 NOT NULL', 'tid INT8', 'x STRING'] },
};

let db: Tables;
beforeEach(async () => {
  db = await Tables.make(TABLES);
  db.run("INSERT INTO t (id, a, b) VALUES (1, 10, 'x'), (2, 20, 'y'), (3, 30, NULL)");
  db.run("INSERT INTO o VALUES (1, 1, 'one'), (2, 1, 'uno'), (3, 2, 'two'), (4, NULL, 'none')");
});

const all = (): string[] => db.run('SELECT * FROM t ORDER BY id');

test('SET of expressions, DEFAULT, tuples and a subquery', () => {
  expect(db.run('UPDATE t SET a = a + 1, b = DEFAULT WHERE id = 1 RETURNING *')).toEqual([
    '1|11|d|22',
  ]);
  db.run('UPDATE t SET (a, b) = (a * 2, DEFAULT) WHERE id = 2');
  db.run('UPDATE t SET (b, a) = (SELECT x, id + 70 FROM o WHERE o.id = t.id) WHERE id = 3');
  expect(all()).toEqual(['1|11|d|22', '2|40|d|80', '3|73|two|146']);
});

test('FROM matches a row once; RETURNING sees the other table', () => {
  const rows = db.run('UPDATE t SET b = x FROM o WHERE tid = t.id RETURNING t.id, b, o.x');
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    const [, b, x] = row.split('|');
    expect(b).toBe(x);
  }
  expect(db.run('DELETE FROM t USING o WHERE tid = t.id AND o.id <= 2 RETURNING t.id')).toEqual([
    '1',
  ]);
});

test('ORDER BY and LIMIT choose the rows', () => {
  expect(db.affected('UPDATE t SET b = NULL ORDER BY id DESC LIMIT 2')).toBe(2);
  expect(db.run('SELECT id FROM t WHERE b IS NOT NULL')).toEqual(['1']);
  expect(db.run('DELETE FROM t ORDER BY a LIMIT $1 RETURNING id', '1')).toEqual(['1']);
  expect(db.error('DELETE FROM t ORDER BY id')).toContain('42601');
});

test('aliases and WITH', () => {
  expect(db.affected('UPDATE t AS z SET a = z.a + 1 WHERE z.id = 3')).toBe(1);
  expect(db.affected('WITH w AS (SELECT 3 AS k) DELETE FROM t WHERE id IN (SELECT k FROM w)')).toBe(
    1,
  );
  expect(db.error('UPDATE t AS z SET a = 1 WHERE t.id = 3')).toContain('42P01');
});

test('a statement does not see its own rows', () => {
  db.run('UPDATE t SET id = id + 100, a = NULL WHERE id < 1000');
  expect(all()).toEqual(['101|NULL|x|NULL', '102|NULL|y|NULL', '103|NULL|NULL|NULL']);
  db.run('INSERT INTO t (id, a) SELECT id + 1000, NULL FROM t');
  expect(db.run('SELECT count(*) FROM t')).toEqual(['6']);
});

test('a statement that fails changes nothing', () => {
  const before = all();
  expect(db.error('UPDATE t SET a = a + 70 RETURNING id')).toBe(
    '23514 failed to satisfy CHECK constraint (a < 100:::INT8)\nsmall',
  );
  expect(db.error('UPDATE t SET a = 20 WHERE id = 1')).toBe(
    '23505 duplicate key value violates unique constraint "u"\nKey (a)=(20) already exists.\nu',
  );
  expect(db.error('UPDATE t SET id = NULL WHERE id = 1')).toContain('23502');
  expect(db.error('UPDATE t SET e = 1')).toContain('55000');
  expect(db.error('UPDATE t SET a = 1, a = 2')).toContain('42601');
  expect(db.error('UPDATE t SET a = 1 / 2')).toContain('42804');
  expect(all()).toEqual(before);
});

test('a row may keep its own key', () => {
  expect(db.affected('UPDATE t SET a = a, id = id')).toBe(3);
});
