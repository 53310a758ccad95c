import { type Harness, makeHarness } from '../support/harness';

let db: Harness;
beforeAll(async () => {
  db = await makeHarness({
    t: {
      columns: ['id int', 'g string', 'a int', 'd decimal', 'f float', 'b bytes', 'i interval'],
      rows: [
        ['1', 'x', '10', '1.50', 'NaN', '\\x00ff', '1 day'],
        ['2', 'x', '20', '1.5', '-0', '\\x', '24:00:00'],
        ['3', 'y', null, null, null, null, null],
        ['4', 'y', '5', '-2.25', '0.3', '\\x01', '1 mon'],
        ['5', 'é"', '5', '3', '1.5', '\\x02', '2 days'],
      ],
    },
  });
});

test('LATERAL: rows are computed for each row before them, values unchanged', () => {
  expect(
    db.rows('SELECT t.x, l.y FROM (VALUES (1), (2)) AS t(x), LATERAL (SELECT t.x * 10 AS y) AS l'),
  ).toEqual(['1|10', '2|20']);
  expect(
    db.rows(`SELECT t.id, l.* FROM t, LATERAL (SELECT u.g, u.d, u.f, u.b, u.i,
      9223372036854775807 - t.id FROM t AS u WHERE u.id = t.id) AS l ORDER BY t.id`),
  ).toEqual([
    '1|x|1.50|NaN|\\x00ff|1 day|9223372036854775806',
    '2|x|1.5|-0|\\x|24:00:00|9223372036854775805',
    '3|y|NULL|NULL|NULL|NULL|9223372036854775804',
    '4|y|-2.25|0.3|\\x01|1 mon|9223372036854775803',
    '5|é"|3|1.5|\\x02|2 days|9223372036854775802',
  ]);
});

test('LATERAL in joins, with LIMIT, aggregates and functions', () => {
  expect(
    db.rows(`SELECT t.id, l.m FROM t LEFT JOIN LATERAL
      (SELECT u.id AS m FROM t AS u WHERE u.id > t.id AND u.a = t.a) AS l ON true ORDER BY t.id`),
  ).toEqual(['1|NULL', '2|NULL', '3|NULL', '4|5', '5|NULL']);
  expect(
    db.rows(`SELECT t.id, l.k FROM t, LATERAL (SELECT u.id FROM t AS u WHERE u.g = t.g
      ORDER BY u.id DESC LIMIT 1) AS l(k) WHERE t.id < 4 ORDER BY t.id`),
  ).toEqual(['1|2', '2|2', '3|4']);
  expect(
    db.rows(`SELECT t.id, l.n FROM t CROSS JOIN LATERAL
      (SELECT count(*) AS n FROM t AS u WHERE u.id < t.id) AS l WHERE l.n > 2 ORDER BY t.id`),
  ).toEqual(['4|3', '5|4']);
  expect(
    db.rows(`SELECT t.id, sum(l.x) FROM t, LATERAL (SELECT x FROM generate_series(1, t.id) AS g(x)) AS l
      GROUP BY t.id ORDER BY t.id`),
  ).toEqual(['1|1', '2|3', '3|6', '4|10', '5|15']);
  expect(db.rows('SELECT l.n FROM t, LATERAL (SELECT 1 AS n) AS l LIMIT 2')).toEqual(['1', '1']);
});

test.each<[string, string[]]>([
  ['(g, d) IN (SELECT g, d FROM t WHERE id = 1)', ['1', '2']],
  ["(g, a) NOT IN (SELECT 'x', 10)", ['2', '3', '4', '5']],
  ['a > ALL (SELECT a FROM t WHERE id > 3)', ['1', '2']],
  ['a >= ANY (SELECT a FROM t WHERE a IS NOT NULL)', ['1', '2', '4', '5']],
  ['d IN (SELECT a FROM t) OR a IN (SELECT 5.0)', ['4', '5']],
  ["g LIKE ANY (ARRAY['x%', 'é%'])", ['1', '2', '5']],
  ["g NOT LIKE ALL (ARRAY['x%', 'é%'])", ['3', '4']],
  ['d <= ANY (ARRAY[-2.250, -3])', ['4']],
  ['(a, id) > ALL (SELECT 5, 4)', ['1', '2', '5']],
])('rows where %s', (condition, ids) => {
  expect(db.rows(`SELECT id FROM t WHERE ${condition} ORDER BY id`)).toEqual(ids);
});

test('ANY and ALL know NULL', () => {
  expect(
    db.rows(`SELECT 1 < ANY (SELECT a FROM t WHERE id = 3), 1 < ALL (SELECT a FROM t WHERE false),
      1 < ANY (SELECT a FROM t WHERE false), 100 = ANY (SELECT a FROM t), (1, NULL) IN (SELECT 1, 2),
      7 > ALL (SELECT a FROM t), 'x' LIKE ANY (NULL::STRING[])`),
  ).toEqual(['NULL|t|f|NULL|NULL|f|NULL']);
});

test('COLLATE', () => {
  expect(
    db.rows("SELECT 'B' COLLATE de < 'a' COLLATE de, 'a' < 'B', ('ä' COLLATE de)::STRING || 'x'"),
  ).toEqual(['f|f|äx']);
  const letters = "(VALUES ('z'), ('a'), ('Ä'), ('B')) AS v(x)";
  expect(db.rows(`SELECT x FROM ${letters} ORDER BY x COLLATE de`)).toEqual(['a', 'Ä', 'B', 'z']);
  expect(db.rows(`SELECT x FROM ${letters} ORDER BY x COLLATE "C"`)).toEqual(['B', 'a', 'z', 'Ä']);
  expect(db.rows(`SELECT max(x COLLATE de), min(x COLLATE sv) FROM ${letters}`)).toEqual(['z|a']);
  const cases = "(VALUES ('a'), ('A'), ('b')) AS v(x)";
  expect(
    db.rows(`SELECT count(DISTINCT x COLLATE en_u_ks_level2), count(DISTINCT x) FROM ${cases}`),
  ).toEqual(['2|3']);
  expect(
    db.rows(`SELECT count(*) FROM ${cases} GROUP BY x COLLATE en_u_ks_level2 ORDER BY 1`),
  ).toEqual(['1', '2']);
  expect(
    db.rows(
      `SELECT x FROM ${cases} WHERE x COLLATE en_u_ks_level2 IN ('A' COLLATE en_u_ks_level2)`,
    ),
  ).toEqual(['a', 'A']);
});

test('FOR UPDATE and FOR SHARE change no answer', () => {
  expect(db.rows('SELECT id FROM t AS q WHERE id < 3 FOR UPDATE OF q')).toEqual(['1', '2']);
  expect(db.rows('SELECT id FROM (SELECT id FROM t LIMIT 1) AS q FOR SHARE NOWAIT')).toEqual(['1']);
});

test.each([
  ['SELECT 1 COLLATE de', '42804 incompatible type for COLLATE: int'],
  ['SELECT \'a\' COLLATE "no!"', '22023 invalid locale no!: not well-formed'],
  [
    'SELECT id FROM t FOR UPDATE OF nope',
    '42P01 relation "nope" in FOR UPDATE clause not found in FROM clause',
  ],
  [
    'SELECT id FROM t FOR UPDATE SKIP LOCKED',
    '0A000 SKIP LOCKED lock wait policy is not supported',
  ],
  ['SELECT DISTINCT g FROM t FOR SHARE', '0A000 FOR SHARE is not allowed with DISTINCT clause'],
  [
    'SELECT g FROM t GROUP BY g HAVING max(a) > ALL (SELECT 1)',
    '0A000 an aggregate on the left of ALL is not supported',
  ],
  [
    'WITH RECURSIVE w(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM w WHERE n < 3) SEARCH DEPTH FIRST BY n SET o SELECT n FROM w',
    '0A000 SEARCH or CYCLE is not supported',
  ],
  [
    'WITH RECURSIVE w(n) AS (SELECT 1 UNION ALL SELECT n FROM w) CYCLE n SET c USING p SELECT n FROM w',
    '0A000 SEARCH or CYCLE is not supported',
  ],
  ['SELECT 1 IN (SELECT 1, 2)', '42601 subquery must return only one column, found 2'],
  ['SELECT (1, 2) IN (SELECT 1)', '42804 expected tuple of length 2, found 1'],
])('%s', (sql, error) => {
  expect(db.error(sql)).toBe(error);
});
