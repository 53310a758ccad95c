import { type Harness, makeHarness } from '../support/harness';

/** Row values, and set-returning functions wherever they may stand. */

let db: Harness;
beforeAll(async () => {
  db = await makeHarness({
    t: {
      columns: ['id int', 'a int', 's string'],
      rows: [
        ['1', '10', 'x'],
        ['2', '20', 'y'],
        ['3', null, 'z'],
      ],
    },
  });
});

test.each([
  ['SELECT generate_series(1, 3), generate_series(1, 2)', ['1|1', '2|2', '3|NULL']],
  ["SELECT generate_series(1, 2) + 1, upper(unnest(ARRAY['a']))", ['2|A', '3|NULL']],
  ['SELECT id, generate_series(2, id) FROM t ORDER BY 1, 2', ['2|2', '3|2', '3|3']],
  [
    'SELECT a, generate_series(1, 2) FROM t GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 3',
    ['NULL|1', 'NULL|2', '10|1'],
  ],
  ['SELECT DISTINCT generate_series(1, 4) % 2 ORDER BY 1', ['0', '1']],
  [
    "SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['a']), upper('q')) WITH ORDINALITY",
    ['1|a|Q|1', '2|NULL|NULL|2'],
  ],
  ['SELECT y FROM ROWS FROM (generate_series(1, 2), generate_series(5, 6)) AS z(x, y)', ['5', '6']],
  ["SELECT u, length FROM upper('ab') AS u, length('abc')", ['AB|3']],
  ['SELECT * FROM t, generate_series(1, t.id) AS g WHERE id = 2', ['2|20|y|1', '2|20|y|2']],
  ['SELECT * FROM generate_subscripts(ARRAY[7, 8], 1)', ['1', '2']],
  ['SELECT * FROM generate_subscripts(ARRAY[7, 8], 1, true)', ['2', '1']],
  ['SELECT count(*) FROM generate_subscripts(ARRAY[7, 8], 2)', ['0']],
  ["SELECT (information_schema._pg_expandarray(ARRAY['a', 'b'])).*", ['a|1', 'b|2']],
  ['SELECT (json_each(\'{"a":1}\')).value, unnest(ARRAY[1, 2])', ['1|1', 'NULL|2']],
  ["SELECT unnest(ARRAY[1, 2], ARRAY['a'])", ['(1,a)', '(2,)']],
])('%s', (sql, rows) => {
  expect(db.rows(sql)).toEqual(rows);
});

test.each([
  [
    'SELECT (1, 2) = (SELECT 1, 2), (1, 3) > (SELECT 1, 2), (1, 2) = (SELECT 1, 2 WHERE false)',
    ['t|t|NULL'],
  ],
  ['SELECT id FROM t WHERE (id, s) IN (SELECT id, s FROM t WHERE id < 2)', ['1']],
  ["SELECT id FROM t WHERE (id, s) = ANY ((1, 'x'), (3, 'z')) ORDER BY id", ['1', '3']],
  ['SELECT (1, NULL) IN ((1, 2)), (2, NULL) IN ((1, 2)), (1, 2) IN ((1, 2))', ['NULL|f|t']],
  ['SELECT (1, (2, 3)) = (1, (2, 3)), (1, (2, 3)) <> (1, (2, 4))', ['t|t']],
  ["SELECT (1, 'a b', NULL, 2.50)", ['(1,"a b",,2.50)']],
  ['SELECT (1,)', ['(1)']],
  ["SELECT t FROM t WHERE t = (1, 10, 'x')", ['(1,10,x)']],
  ['SELECT (t).s, (t).a + 1 FROM t WHERE id = 2', ['y|21']],
  ['SELECT (x.r).b FROM (SELECT ((1, 2) AS a, b) AS r) AS x', ['2']],
  ['SELECT (((1, 2) AS a, b)).*', ['1|2']],
  ['SELECT DISTINCT (a % 2, 1) FROM t WHERE a > 0', ['(0,1)']],
  ['SELECT count(DISTINCT (id, a)), count(t) FROM t', ['3|3']],
  ['SELECT array_agg((id, s) ORDER BY id) FROM t WHERE id < 3', ['{"(1,x)","(2,y)"}']],
  ['SELECT ARRAY[(1, 2), (3, 4)]', ['{"(1,2)","(3,4)"}']],
  ['SELECT 1 = ANY (1, 2), 3 = SOME (1, 2), 1 < ALL (2, 3)', ['t|f|t']],
  // CockroachDB takes operands without parentheses, and keeps them so in descriptors.
  ['SELECT 1 = ANY ARRAY[1, 2], 3 = ALL ARRAY[3]:::INT8[]::INT8[] AND true', ['t|t']],
  ['SELECT x.a[1] = ANY x.a, 2 != ALL array_append(x.a, 1) FROM (SELECT ARRAY[1] AS a) x', ['t|t']],
  ['(SELECT 1) UNION ALL SELECT count(ALL a) FROM unnest(ARRAY[1, 2]) a', ['1', '2']],
  ['SELECT (NULL, NULL) IS NULL, (1, NULL) IS NULL, (1, NULL) IS NOT NULL', ['t|f|f']],
])('%s', (sql, rows) => {
  expect(db.rows(sql)).toEqual(rows);
});

test('names of fields and of functions name columns', () => {
  expect(
    db.run("SELECT (((1, 2) AS a, b)).b, (json_each('{}')).key, generate_series(1, 1)").names,
  ).toEqual(['b', 'key', 'generate_series']);
});

test.each([
  [
    'SELECT 1 FROM t WHERE generate_series(1, 2) = 1',
    '0A000 generate_series(): generator functions are not allowed in WHERE',
  ],
  [
    'SELECT count(generate_series(1, 2))',
    '0A000 generate_series(): generator functions are not allowed in aggregate',
  ],
  [
    'SELECT CASE WHEN true THEN generate_series(1, 2) END',
    '0A000 generate_series(): generator functions are not allowed in conditional expressions',
  ],
  ['SELECT (1, 2) = (1, 2, 3)', '42804 expected tuple of length 2, found 3'],
  ['SELECT (1, 2) = 1', '22023 unsupported comparison operator: <tuple> = <int>'],
  [
    'SELECT (((1, 2) AS a, b)).c',
    '42804 could not identify column "c" in tuple{int AS a, int AS b}',
  ],
  ['SELECT (1).*', '42804 type int is not composite'],
  [
    'SELECT a, generate_series(1, 2) FROM t GROUP BY a',
    '42803 column "generate_series" must appear in the GROUP BY clause or be used in an aggregate function',
  ],
])('%s', (sql, error) => {
  expect(db.error(sql)).toBe(error);
});
