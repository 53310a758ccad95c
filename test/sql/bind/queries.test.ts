import { enumType, FLOAT8, INT4, INT8, STRING } from '../../../catalog/types/table';
import { type Harness, makeHarness } from '../support/harness';

const mood = enumType({
  id: 100,
  arrayOid: 100_101,
  databaseName: 'defaultdb',
  schemaName: 'public',
  name: 'mood',
  members: [
    { physical: Buffer.from([0x40]), label: 'sad', readOnly: false },
    { physical: Buffer.from([0x80]), label: 'happy', readOnly: false },
  ],
});

let db: Harness;
beforeAll(async () => {
  db = await makeHarness(
    {
      t: {
        columns: [
          'id int',
          'a int',
          's string',
          'd decimal',
          'f float',
          'j jsonb',
          'i interval',
          'm mood',
          'ts timestamptz',
          'rowid int hidden',
          'v int computed (a + 1):::INT8',
        ],
        rows: [
          [
            '1',
            '3',
            'x',
            '1.0',
            '1.5',
            '{"a": 1}',
            '1 month',
            'happy',
            '2021-03-01 00:00:00+00',
            '7',
          ],
          [
            '2',
            '3',
            'y',
            '1.00',
            'NaN',
            '{"a": 1.0}',
            '30 days',
            'sad',
            '2021-07-01 00:00:00+00',
            '8',
          ],
          ['3', null, null, null, null, null, null, null, null, '9'],
        ],
      },
      u: {
        columns: ['id int', 'a int'],
        rows: [
          ['1', '10'],
          ['4', '40'],
        ],
      },
      view: {
        columns: ['x int', 'y int'],
        viewQuery:
          'SELECT t.id, u.a FROM defaultdb.public.t LEFT JOIN defaultdb.public.u ON t.id = u.id',
      },
      q: { sequence: { increment: 5n, start: 10n } },
      empty: { columns: ['id int'] },
    },
    { mood },
    { ShowDatabases: { columns: [], rows: [] } },
  );
});

test.each([
  ['SELECT nosuch.a FROM t', '42P01 no data source matches prefix: nosuch in this context'],
  ['SELECT t.nosuch FROM t', '42703 column "t.nosuch" does not exist'],
  ['SELECT id FROM t, u', '42702 column reference "id" is ambiguous (candidates: t.id, u.id)'],
  ['SELECT * FROM t, t', '42712 source name "t" specified more than once (missing AS clause)'],
  [
    'SELECT sum(a) FROM t WHERE sum(a) > 1',
    '42803 sum(): aggregate functions are not allowed in WHERE',
  ],
  ['SELECT sum(sum(a)) FROM t', '42803 sum(): aggregate function calls cannot be nested'],
  [
    'SELECT a, s FROM t GROUP BY a',
    '42803 column "s" must appear in the GROUP BY clause or be used in an aggregate function',
  ],
  ['SELECT a FROM t GROUP BY 2', '42P10 GROUP BY position 2 is not in select list'],
  ['SELECT a FROM t ORDER BY 2', '42P10 ORDER BY position 2 is not in select list'],
  [
    'SELECT DISTINCT a FROM t ORDER BY s',
    '42P10 for SELECT DISTINCT, ORDER BY expressions must appear in select list',
  ],
  [
    'SELECT DISTINCT ON (a) a FROM t ORDER BY s',
    '42P10 SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
  ],
  [
    'SELECT 1 UNION SELECT 1, 2',
    '42601 each UNION query must have the same number of columns: 1 vs 2',
  ],
  ["SELECT 1 UNION SELECT 'a'", '42804 UNION types int and string cannot be matched'],
  ['SELECT a = s FROM t', '22023 unsupported comparison operator: <int> = <string>'],
  ['SELECT a + f FROM t', '22023 unsupported binary operator: <int> + <float>'],
  [
    "SELECT a + 'x' FROM t",
    '22P02 could not parse "x" as type int: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  [
    "SELECT a FROM t WHERE a = 'x'",
    '22P02 could not parse "x" as type int: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  ['SELECT length(a) FROM t', '42883 unknown signature: length(int)'],
  ['SELECT $1', '42P18 could not determine data type of placeholder $1'],
  ['SELECT * FROM t LIMIT -1', '2201W negative value for LIMIT'],
  ['SELECT a FROM t WHERE a', '42804 argument of WHERE must be type bool, not type int'],
  [
    'SELECT CASE WHEN true THEN 1 ELSE s END FROM t',
    '42804 CASE types string and int cannot be matched',
  ],
  [
    'SELECT (SELECT a FROM t)',
    '21000 more than one row returned by a subquery used as an expression',
  ],
  ['SELECT (SELECT a, s FROM t)', '42601 subquery must return only one column, found 2'],
  ['SELECT 9223372036854775807 * 2 - 9223372036854775807 * 2', '22003 integer out of range'],
  ['SELECT -(-9223372036854775807 - 1)', '22003 integer out of range'],
  ['SELECT * FROM [99 AS x]', '42P01 relation "[99]" does not exist'],
  ['SELECT * FROM t@nosuch', '42704 index "nosuch" not found'],
  ["SELECT 'x'::nosuch", '42704 type "nosuch" does not exist'],
  ["SELECT 'angry'::mood", '22P02 invalid input value for enum mood: "angry"'],
  ["SELECT nextval('t')", '42809 "t" is not a sequence'],
  [
    "SELECT nextval(lower('T'))",
    '0A000 a sequence that is named by an expression in nextval() is not supported',
  ],
  [
    "SELECT nextval(s::OID, '1,1,9,1,0,s') FROM t",
    '0A000 a sequence that is named by an expression in nextval() is not supported',
  ],
  ["SELECT nextval('nosuch')", '42P01 relation "nosuch" does not exist'],
])('%s', (sql, error) => {
  expect(db.error(sql)).toBe(error);
});

test.each([
  ['SELECT * FROM t FOR UPDATE SKIP LOCKED'],
  ['SELECT a FROM t GROUP BY a FOR UPDATE'],
  ['SELECT * FROM t ORDER BY j'],
  ['SELECT random() BETWEEN 0 AND 1'],
  ['SELECT (SELECT sum(t.a)) FROM t'],
  ['SELECT a FROM t GROUP BY ROLLUP (a)'],
  ['SELECT max(j) FROM t'],
  ["SELECT 't'::REGCLASS::STRING"],
])('refused: %s', (sql) => {
  expect(db.error(sql)).toMatch(/^0A000 /);
});

test.each<[string, string[]]>([
  ['SELECT rowid, v FROM t ORDER BY id', ['7|4', '8|4', '9|NULL']],
  ['SELECT public.t.id, defaultdb.public.t.a FROM t WHERE t.id = 1', ['1|3']],
  ['SELECT id FROM t WHERE d = 1.000 ORDER BY id', ['1', '2']],
  ['SELECT id FROM t WHERE d IN (1, 5) ORDER BY id', ['1', '2']],
  ['SELECT id FROM t WHERE a = 3.0 ORDER BY id', ['1', '2']],
  ['SELECT count(*), count(DISTINCT i) FROM t GROUP BY i ORDER BY 1 DESC', ['2|1', '1|0']],
  ["SELECT id FROM t WHERE i = '30 days' ORDER BY id", ['1', '2']],
  ['SELECT count(*) FROM t GROUP BY j ORDER BY 1', ['1', '2']],
  ['SELECT id FROM t WHERE j = \'{"a": 1.00}\' ORDER BY id', ['1', '2']],
  ['SELECT f FROM t ORDER BY f', ['NULL', 'NaN', '1.5']],
  ['SELECT m FROM t ORDER BY m', ['NULL', 'sad', 'happy']],
  ["SELECT id FROM t WHERE m = 'sad'", ['2']],
  ["SELECT id FROM t WHERE m = x'80':::@100100", ['1']],
  [
    'SELECT min(d), max(i), min(m) FROM t',
    [expect.stringMatching(/^1\.00?\|(1 mon|30 days)\|sad$/) as unknown as string],
  ],
  ['SELECT id, a, s FROM t GROUP BY id ORDER BY id', ['1|3|x', '2|3|y', '3|NULL|NULL']],
  ['SELECT a + 1 AS b, count(*) FROM t GROUP BY b ORDER BY b', ['NULL|1', '4|2']],
  ['SELECT a AS s FROM t GROUP BY a ORDER BY s', ['NULL', '3']],
  ['SELECT id AS a FROM t ORDER BY a DESC', ['3', '2', '1']],
  ['SELECT x, y FROM view ORDER BY x', ['1|10', '2|NULL', '3|NULL']],
  ['SELECT t.id, u.id FROM t RIGHT JOIN u ON t.id = u.id ORDER BY u.id', ['1|1', 'NULL|4']],
  ['SELECT id, t.id, u.id FROM t RIGHT JOIN u USING (id) ORDER BY 1', ['1|1|1', '4|NULL|4']],
  ['SELECT e.id, t.id, u.id FROM empty AS e, t RIGHT JOIN u ON t.id = u.id', []],
  ['SELECT count(*) FROM t HAVING count(*) > 5', []],
  ['SELECT 1 FROM t HAVING true', ['1']],
  ['SELECT max(a) FROM empty AS e(a)', ['NULL']],
  ['SELECT sum(id), avg(id), count(*) FROM empty', ['NULL|NULL|0']],
  ["SELECT string_agg(s, ',' ORDER BY s DESC) FROM t", ['y,x']],
  ['SELECT array_agg(a ORDER BY id) FROM t', ['{3,3,NULL}']],
  ['SELECT sum(a) FILTER (WHERE id = 1), sum(DISTINCT a) FROM t', ['3|3']],
  ['SELECT last_value, is_called FROM q', ['5|t']],
  ["SELECT id FROM t WHERE (id, s) IN ((1, 'x'), (2, 'z'))", ['1']],
  ['SELECT id FROM t WHERE (a, id) > (3, 1)', ['2']],
  ['SELECT id FROM t WHERE a = ANY(ARRAY[3, 4]) ORDER BY id', ['1', '2']],
  ['SELECT id FROM t WHERE id NOT IN (SELECT id FROM u) ORDER BY id', ['2', '3']],
  [
    'SELECT (SELECT u.a FROM u WHERE u.id = t.id AND u.a > (SELECT min(id) FROM t AS z WHERE z.id = u.id)) FROM t ORDER BY id',
    ['10', 'NULL', 'NULL'],
  ],
  [
    'WITH w AS (SELECT a FROM u), w2 (b) AS (SELECT a + 1 FROM w) SELECT b FROM w2 ORDER BY b',
    ['11', '41'],
  ],
  [
    'SELECT x FROM (SELECT gen_random_uuid() AS x) AS s WHERE x = x',
    [expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown as string],
  ],
  [
    'SELECT (x = y)::STRING FROM (SELECT x, x AS y FROM (SELECT gen_random_uuid() AS x) AS a) AS b',
    ['true'],
  ],
  [
    'SELECT t.id, n FROM t, unnest(ARRAY[a, id]) AS n WHERE id < 3 ORDER BY 1, 2',
    ['1|1', '1|3', '2|2', '2|3'],
  ],
  [
    "SELECT ARRAY['Infinity', 1, '-inf', 1.50, 'NaN', NULL]:::DECIMAL[], ARRAY[1, 2]:::FLOAT[] || 2.5",
    ['{Infinity,1,-Infinity,1.50,NaN,NULL}|{1.0,2.0,2.5}'],
  ],
  [
    "SELECT ARRAY['NaN', '-Infinity', 2]:::FLOAT[], ARRAY['infinity', NULL]:::DATE[], (ARRAY['7', 1]:::INT[])[1] + 1",
    ['{NaN,-Inf,2.0}|{infinity,NULL}|8'],
  ],
  [
    'SELECT pg_typeof(ARRAY[]:::DECIMAL[]), ARRAY[id]:::INT4[] FROM t WHERE id = 2',
    ['numeric[]|{2}'],
  ],
  ['SELECT 3::FLOAT / 2, 7.9::FLOAT::INT, (-7.9)::FLOAT::INT', ['1.5|7|-7']],
  ['SELECT a FROM (VALUES (1.0), (2), (NULL)) AS v(a) ORDER BY a DESC', ['2', '1.0', 'NULL']],
  [
    'SELECT DISTINCT a FROM (VALUES (1.0), (1.00), (2)) AS v(a) ORDER BY a',
    [expect.stringMatching(/^1\.00?$/) as unknown as string, '2'],
  ],
  ['(SELECT 3 AS n UNION ALL SELECT 1) ORDER BY n LIMIT 1', ['1']],
  ['SELECT EXISTS (SELECT FROM empty), EXISTS (SELECT FROM t)', ['f|t']],
  [
    'SELECT COUNT(*) FROM generate_series(1, 5) AS a JOIN generate_series(3, 9) AS b ON a = b',
    ['3'],
  ],
  ["SELECT * FROM lower('A') WITH ORDINALITY AS t(a, n)", ['a|1']],
  [
    "SELECT v.s, u FROM (VALUES ('a'), ('b')) AS v(s), upper(v.s || 'x') AS u ORDER BY 1",
    ['a|AX', 'b|BX'],
  ],
  ["SELECT lower FROM lower('X')", ['x']],
  [
    "SELECT '(' || a || ')', s || a, a || s, 'a' || 1, 1 || 'a', 'x' || true FROM t WHERE id = 1",
    ['(3)|x3|3x|a1|1a|xtrue'],
  ],
])('%s', (sql, rows) => {
  expect(db.rows(sql)).toEqual(rows);
});

test('parameters take the type of their context', () => {
  expect(
    db.bind('SELECT a FROM t WHERE a = $1 AND s LIKE $2 AND f > $3 LIMIT $4').parameterTypes,
  ).toEqual([INT8, STRING, FLOAT8, INT8]);
  expect(db.bind('SELECT $1::INT4, $2', [undefined, STRING]).parameterTypes).toEqual([
    INT4,
    STRING,
  ]);
  expect(
    db.rows('SELECT id FROM t WHERE m = $1 OR id = ANY($2) ORDER BY id', 'sad', '{1}'),
  ).toEqual(['1', '2']);
  expect(db.rows('SELECT COALESCE($1, 5), $1 + 1', '7')).toEqual(['7|8']);
});

test('text with NUL characters is compared and cut as a whole', () => {
  const sql = 'SELECT $1 || $2::STRING < $3::STRING, length($1), upper($1) = $4';
  expect(db.rows(sql, 'a\0b', 'c', 'a\0c', 'A\0B')).toEqual(['t|3|t']);
});

test('columns of tables keep their ids', () => {
  const [id, sum] = db.bind('SELECT id, id + 1 FROM t').columns;
  expect(id).toMatchObject({ tableId: db.relations.get('t')?.id, columnId: 1 });
  expect(sum).toMatchObject({ tableId: 0, columnId: 0 });
});

test('long lists of constants', () => {
  const list = Array.from({ length: 40_000 }, (_, i) => `'k${i}'`).join(', ');
  expect(db.rows(`SELECT count(*) FROM t WHERE s IN (${list}, 'x')`)).toEqual(['1']);
});

test('roots', () => {
  expect(db.rows('SELECT |/ 9.0::FLOAT8, ||/ 27.0::FLOAT8, |/ 16')).toEqual(['3|3|4']);
});
