import { type Harness, makeHarness } from '../support/harness';

let db: Harness;
beforeAll(async () => {
  db = await makeHarness({
    t: {
      columns: [
        'id int',
        'a int',
        'b string',
        'c decimal',
        'rowid int hidden',
        'twice int computed a * 2',
      ],
      rows: [
        ['1', '10', 'x', '1.50', '100'],
        ['2', '20', 'y', '1.5', '101'],
        ['3', null, 'y', null, '102'],
        ['4', '5', null, '-2.25', '103'],
      ],
    },
    u: {
      columns: ['id int', 'n string'],
      rows: [
        ['1', 'one'],
        ['2', 'two'],
        ['9', 'nine'],
      ],
    },
    v: {
      columns: ['id int', 'b2 string'],
      viewQuery: "SELECT id, b || '!' FROM defaultdb.public.t",
    },
  });
});

test('WHERE, ORDER BY, LIMIT end to end', () => {
  expect(db.rows('SELECT * FROM t WHERE a >= 10 ORDER BY id DESC LIMIT 1')).toEqual([
    '2|20|y|1.5|40',
  ]);
  expect(db.rows('SELECT a FROM t ORDER BY a')).toEqual(['NULL', '5', '10', '20']);
  expect(db.rows('SELECT a FROM t ORDER BY a DESC')).toEqual(['20', '10', '5', 'NULL']);
  expect(db.rows('SELECT a FROM t ORDER BY a NULLS LAST OFFSET 1')).toEqual(['10', '20', 'NULL']);
  expect(db.rows('SELECT rowid, t.id FROM t WHERE b = $1 LIMIT $2', 'y', '1')).toEqual(['101|2']);
  expect(db.rows('SELECT twice FROM t WHERE twice > 20')).toEqual(['40']);
});

test('decimals keep their scale and compare by value', () => {
  expect(db.rows('SELECT c FROM t WHERE c = 1.5 ORDER BY id')).toEqual(['1.50', '1.5']);
  expect(db.rows('SELECT count(DISTINCT c), sum(c), avg(a) FROM t')).toEqual([
    '2|0.75|11.666666666666666667',
  ]);
  expect(db.rows('SELECT c, count(*) FROM t GROUP BY c ORDER BY c')).toEqual([
    'NULL|1',
    '-2.25|1',
    expect.stringMatching(/^1.50?\|2$/),
  ]);
  expect(db.rows('SELECT count(*) FROM (SELECT DISTINCT c FROM t) AS d')).toEqual(['3']);
  expect(db.rows('SELECT count(*) FROM (SELECT c FROM t UNION SELECT 1.500) AS d')).toEqual(['3']);
});

test('joins', () => {
  expect(db.rows('SELECT t.id, n FROM t JOIN u ON t.id = u.id ORDER BY 1')).toEqual([
    '1|one',
    '2|two',
  ]);
  expect(db.rows('SELECT id, n FROM t FULL JOIN u USING (id) ORDER BY id')).toEqual([
    '1|one',
    '2|two',
    '3|NULL',
    '4|NULL',
    '9|nine',
  ]);
  expect(db.rows('SELECT * FROM t NATURAL JOIN u ORDER BY id')).toEqual([
    '1|10|x|1.50|20|one',
    '2|20|y|1.5|40|two',
  ]);
  expect(db.rows('SELECT * FROM v ORDER BY id LIMIT 1')).toEqual(['1|x!']);
});

test('subqueries', () => {
  expect(
    db.rows('SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id) ORDER BY id'),
  ).toEqual(['1', '2']);
  expect(db.rows('SELECT (SELECT n FROM u WHERE u.id = t.id) FROM t ORDER BY id')).toEqual([
    'one',
    'two',
    'NULL',
    'NULL',
  ]);
  expect(db.error('SELECT (SELECT n FROM u)')).toBe(
    '21000 more than one row returned by a subquery used as an expression',
  );
  expect(db.rows('SELECT id FROM t WHERE id IN (SELECT id FROM u)')).toEqual(['1', '2']);
});
