import { type Harness, makeHarness } from '../support/harness';

let db: Harness;
beforeAll(async () => {
  db = await makeHarness({
    t: {
      columns: [
        'id int',
        'g string',
        'a int',
        'd decimal',
        'f float',
        'ts timestamp',
        'i interval',
      ],
      rows: [
        ['1', 'x', '10', '1.50', '0.1', '2021-01-01 00:00:00', '1 day'],
        ['2', 'x', '20', '1.5', '0.2', '2021-01-02 00:00:00', '24:00:00'],
        ['3', 'y', null, null, null, '2021-01-03 00:00:00', null],
        ['4', 'y', '5', '-2.25', '0.3', '2021-01-05 00:00:00', '1 mon'],
        ['5', 'z', '5', '3', '1.5', '2021-01-06 12:00:00', '2 days'],
      ],
    },
  });
});

test('ranks compare values, not what they look like', () => {
  expect(
    db.rows(`SELECT id, row_number() OVER (PARTITION BY g ORDER BY d DESC), rank() OVER (ORDER BY d),
      dense_rank() OVER (ORDER BY i), percent_rank() OVER (ORDER BY d), cume_dist() OVER (ORDER BY g)
      FROM t ORDER BY id`),
  ).toEqual([
    '1|1|3|2|0.5|0.4',
    '2|2|3|2|0.5|0.4',
    '3|2|1|1|0|0.8',
    '4|1|2|4|0.25|0.8',
    '5|1|5|3|1|1',
  ]);
  expect(db.rows('SELECT i, count(*) OVER (PARTITION BY i) FROM t ORDER BY id')).toEqual([
    '1 day|2',
    '24:00:00|2',
    'NULL|1',
    '1 mon|1',
    '2 days|1',
  ]);
});

test('values of other rows', () => {
  expect(
    db.rows(`SELECT id, lag(d, -1) OVER w, lead(g, 2, 'none') OVER w, nth_value(a, 2) OVER w,
      ntile(2) OVER w, lag(a, a % 3, 99) OVER w FROM t WINDOW w AS (ORDER BY id) ORDER BY id`),
  ).toEqual([
    '1|1.5|y|NULL|1|99',
    '2|NULL|y|20|1|99',
    '3|-2.25|z|20|1|NULL',
    '4|3|none|20|2|20',
    '5|NULL|none|20|2|NULL',
  ]);
  expect(
    db.rows(`SELECT id, first_value(d) OVER w, last_value(id) OVER w, nth_value(id, NULL) OVER w
      FROM t WINDOW w AS (PARTITION BY g ORDER BY id) ORDER BY 1`),
  ).toEqual(['1|1.50|1|NULL', '2|1.50|2|NULL', '3|NULL|3|NULL', '4|NULL|4|NULL', '5|3|5|NULL']);
});

test('aggregates over frames whose rows come and go', () => {
  expect(
    db.rows(`SELECT id, sum(d) OVER (ORDER BY id ROWS 1 PRECEDING), avg(f) OVER w,
      sum(a) OVER (PARTITION BY g), count(*) FILTER (WHERE a > 5) OVER (ORDER BY id)
      FROM t WINDOW w AS (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) ORDER BY id`),
  ).toEqual([
    '1|1.50|0.15|30|1',
    '2|3.00|0.15|30|2',
    '3|1.50|0.25|5|2',
    '4|-2.25|0.9|5|2',
    '5|0.75|0.9|5|2',
  ]);
  expect(
    db.rows(`SELECT id,
      array_agg(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW),
      string_agg(g, ',') OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
      min(d) OVER (ORDER BY id ROWS 2 PRECEDING), max(i) OVER (ORDER BY id ROWS 1 PRECEDING)
      FROM t ORDER BY id`),
  ).toEqual([
    '1|{2}|x,x,y,y,z|1.50|1 day',
    '2|{1,3}|x,y,y,z|1.5|24:00:00',
    '3|{2,4}|y,y,z|1.5|24:00:00',
    '4|{3,5}|y,z|-2.25|1 mon',
    '5|{4}|z|-2.25|1 mon',
  ]);
});

test('a long window that slides forgets the rows that left', () => {
  expect(
    db.rows(`SELECT max(n), count(*) FROM (SELECT array_length(array_agg(x) OVER
      (ORDER BY x ROWS 2 PRECEDING), 1) AS n FROM generate_series(1, 3000) AS g(x)) AS s`),
  ).toEqual(['3|3000']);
  expect(
    db.rows(`SELECT sum(n) FROM (SELECT stddev(x) OVER (ORDER BY x ROWS 2 PRECEDING) AS n
      FROM generate_series(1, 3000) AS g(x)) AS s`),
  ).toEqual(['2998.70710678118654752440']);
});

test('RANGE by integers and by times, GROUPS', () => {
  expect(
    db.rows(
      `SELECT id, count(*) OVER (ORDER BY ts RANGE BETWEEN '1 day' PRECEDING AND CURRENT ROW),
      sum(id) OVER (ORDER BY a GROUPS 1 PRECEDING),
      sum(id) OVER (ORDER BY a RANGE BETWEEN 5 PRECEDING AND 5 FOLLOWING),
      sum(id) OVER (ORDER BY a DESC RANGE BETWEEN $1 PRECEDING AND CURRENT ROW)
      FROM t ORDER BY id`,
      '5',
    ),
  ).toEqual(['1|1|10|10|1', '2|2|3|2|2', '3|2|3|3|3', '4|1|12|10|10', '5|1|12|10|10']);
  expect(
    db.rows(`SELECT count(*) OVER (ORDER BY ts::DATE RANGE '2 days' PRECEDING) FROM t ORDER BY ts`),
  ).toEqual(['1', '2', '3', '2', '2']);
});

test('windows over groups, in ORDER BY, under DISTINCT', () => {
  expect(
    db.rows(`SELECT g, sum(sum(a)) OVER (ORDER BY g), rank() OVER (ORDER BY count(*) DESC)
      FROM t GROUP BY g ORDER BY g`),
  ).toEqual(['x|30|1', 'y|35|1', 'z|40|3']);
  expect(db.rows('SELECT id FROM t ORDER BY rank() OVER (ORDER BY d DESC NULLS LAST), id')).toEqual(
    ['5', '1', '2', '4', '3'],
  );
  expect(db.rows('SELECT DISTINCT rank() OVER (ORDER BY g), g FROM t ORDER BY 1')).toEqual([
    '1|x',
    '3|y',
    '5|z',
  ]);
  expect(
    db.rows(`SELECT DISTINCT ON (g) g, row_number() OVER (ORDER BY id) FROM t
      ORDER BY g, row_number() OVER (ORDER BY id) DESC`),
  ).toEqual(['x|2', 'y|4', 'z|5']);
});

test.each([
  [
    'SELECT id FROM t WHERE rank() OVER () = 1',
    '42P20 rank(): window functions are not allowed in WHERE',
  ],
  [
    'SELECT 1 FROM t HAVING rank() OVER () = 1',
    '42P20 rank(): window functions are not allowed in HAVING',
  ],
  [
    'SELECT 1 FROM t GROUP BY rank() OVER ()',
    '42P20 rank(): window functions are not allowed in GROUP BY',
  ],
  [
    'SELECT rank() OVER () AS r FROM t GROUP BY r',
    '42P20 window functions are not allowed in GROUP BY',
  ],
  ['SELECT rank() FROM t', '42P20 window function rank() requires an OVER clause'],
  [
    'SELECT sum(rank() OVER ()) FROM t',
    '42P20 rank(): window functions are not allowed in aggregate',
  ],
  [
    'SELECT sum(sum(a) OVER ()) OVER () FROM t',
    '42P20 sum(): window function calls cannot be nested',
  ],
  [
    'SELECT upper(g) OVER () FROM t',
    '42809 OVER specified, but upper() is neither a window function nor an aggregate function',
  ],
  [
    'SELECT rank() FILTER (WHERE true) OVER () FROM t',
    '42809 FILTER specified but rank() is not an aggregate function',
  ],
  ['SELECT count(*) OVER nope FROM t', '42704 window "nope" does not exist'],
  ['SELECT 1 FROM t WINDOW w AS (), w AS ()', '42P20 window "w" is already defined'],
  [
    'SELECT count(*) OVER (w ORDER BY id) FROM t WINDOW w AS (ORDER BY g)',
    '42P20 cannot override ORDER BY clause of window "w"',
  ],
  [
    'SELECT count(*) OVER (w PARTITION BY id) FROM t WINDOW w AS (ORDER BY g)',
    '42P20 cannot override PARTITION BY clause of window "w"',
  ],
  [
    'SELECT count(*) OVER (w) FROM t WINDOW w AS (ROWS 1 PRECEDING)',
    '42P20 cannot copy window "w" because it has a frame clause',
  ],
  [
    'SELECT count(*) OVER (GROUPS 1 PRECEDING) FROM t',
    '42P20 GROUPS mode requires an ORDER BY clause',
  ],
  [
    'SELECT count(*) OVER (RANGE 1 PRECEDING) FROM t',
    '42P20 RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column',
  ],
  [
    'SELECT count(*) OVER (ORDER BY d RANGE 1 PRECEDING) FROM t',
    '0A000 RANGE with an offset over values of type decimal is not supported',
  ],
  [
    'SELECT count(*) OVER (ROWS -1 PRECEDING) FROM t',
    '22013 frame starting offset must not be negative',
  ],
  [
    'SELECT count(*) OVER (ROWS NULL PRECEDING) FROM t',
    '22004 frame starting offset must not be null',
  ],
  ['SELECT ntile(0) OVER () FROM t', '22014 argument of ntile() must be greater than zero'],
  [
    'SELECT nth_value(a, 0) OVER () FROM t',
    '22016 argument of nth_value() must be greater than zero',
  ],
  [
    'SELECT sum(a) OVER (PARTITION BY g) FROM t GROUP BY g',
    '42803 column "a" must appear in the GROUP BY clause or be used in an aggregate function',
  ],
  [
    'SELECT count(DISTINCT g) OVER () FROM t',
    '0A000 DISTINCT in window functions is not supported',
  ],
])('%s', (sql, error) => {
  expect(db.error(sql)).toBe(error);
});
