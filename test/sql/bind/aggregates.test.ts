import { type Harness, makeHarness } from '../support/harness';

let db: Harness;
beforeAll(async () => {
  db = await makeHarness({
    t: {
      columns: ['id int', 'g string', 'a int', 'd decimal', 'f float', 'da decimal[]', 'j jsonb'],
      rows: [
        ['1', 'x', '10', '1.50', '0.1', '{1.0,2}', '{"a":1}'],
        ['2', 'x', '20', '1.5', '0.2', '{1.00,2}', '{"a":1.0}'],
        ['3', 'y', null, null, null, '{1,1}', '1'],
        ['4', 'y', '5', '-2.25', '0.3', '{0.5}', null],
        ['5', 'z', '5', '3', '1.5', null, '[]'],
      ],
    },
  });
});

test('variance and deviation', () => {
  expect(
    db.rows(`SELECT variance(a), stddev(a), var_pop(a), stddev_pop(d), variance(f), stddev(f),
      variance(d), var_samp(d), stddev_samp(a) FROM t`),
  ).toEqual([
    '50|7.0710678118654752440|37.5|1.9395150811478625881|0.429166666666667|0.655108133567785|5.015625|5.015625|7.0710678118654752440',
  ]);
  expect(db.rows('SELECT variance(a), stddev(f), var_pop(a) FROM t WHERE id = 1')).toEqual([
    'NULL|NULL|0',
  ]);
});

test('correlation and regression', () => {
  expect(
    db.rows(`SELECT corr(a, id), covar_pop(a, id), covar_samp(f, d), regr_slope(a, id),
      regr_intercept(a, id), regr_r2(a, id), regr_count(a, f), regr_avgx(a, id) FROM t`),
  ).toEqual(['-0.645497224367903|-6.25|0.76875|-2.5|17.5|0.416666666666667|4|3']);
});

test('ordered sets', () => {
  expect(
    db.rows(`SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY f),
      percentile_disc(0.5) WITHIN GROUP (ORDER BY a),
      percentile_disc(ARRAY[0.0, 1]) WITHIN GROUP (ORDER BY d),
      percentile_cont(0.25) WITHIN GROUP (ORDER BY f DESC),
      percentile_disc(0.5) WITHIN GROUP (ORDER BY g) FILTER (WHERE id > 2) FROM t`),
  ).toEqual(['0.25|5|{-2.25,3}|0.6|y']);
  expect(db.error('SELECT percentile_disc(1.5) WITHIN GROUP (ORDER BY a) FROM t')).toBe(
    '22003 percentile value 1.500000 is not between 0 and 1',
  );
  expect(db.error('SELECT percentile_cont(0.5) FROM t')).toBe(
    '42P13 ordered-set aggregations must have a WITHIN GROUP clause containing one ORDER BY column',
  );
  expect(db.error('SELECT sum(a) WITHIN GROUP (ORDER BY a) FROM t')).toBe(
    '42809 sum is not an ordered-set aggregate, so it cannot have WITHIN GROUP',
  );
});

test('DISTINCT goes by value, over any number of arguments, with ORDER BY', () => {
  expect(
    db.rows(`SELECT string_agg(DISTINCT g, ',' ORDER BY g DESC), array_agg(DISTINCT d ORDER BY d),
      sum(DISTINCT d), avg(DISTINCT a), count(DISTINCT j), count(DISTINCT da) FROM t`),
  ).toEqual(['z,y,x|{NULL,-2.25,1.50,3}|2.25|11.666666666666666667|3|3']);
  expect(
    db.rows('SELECT id, array_agg(DISTINCT a) FILTER (WHERE id > 4) FROM t GROUP BY id'),
  ).toEqual(['1|NULL', '2|NULL', '3|NULL', '4|NULL', '5|{5}']);
  expect(db.error('SELECT array_agg(DISTINCT g ORDER BY id) FROM t')).toBe(
    '42P10 in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list',
  );
});

test('extremes of arrays of decimals are values of the table', () => {
  expect(db.rows('SELECT min(da), max(da) FROM t')).toEqual(['{0.5}|{1.0,2}']);
  expect(
    db.rows('SELECT id, rank() OVER (ORDER BY da), max(da) OVER (ORDER BY id) FROM t'),
  ).toEqual(['5|1|{1.0,2}', '4|2|{1.0,2}', '3|3|{1.0,2}', '1|4|{1.0,2}', '2|4|{1.0,2}']);
});

test('DISTINCT and set operations over values with keys', () => {
  expect(db.rows('SELECT DISTINCT da FROM t ORDER BY da')).toEqual([
    'NULL',
    '{0.5}',
    '{1,1}',
    expect.stringMatching(/^\{1.00?,2\}$/),
  ]);
  expect(db.rows('SELECT count(*) FROM (SELECT DISTINCT j, da FROM t) AS s')).toEqual(['4']);
  expect(db.rows('SELECT da FROM t INTERSECT SELECT ARRAY[1.000, 2]')).toHaveLength(1);
  expect(db.rows('SELECT da FROM t EXCEPT SELECT ARRAY[1.000, 2] ORDER BY 1')).toEqual([
    'NULL',
    '{0.5}',
    '{1,1}',
  ]);
  expect(db.rows('SELECT da FROM t EXCEPT ALL SELECT ARRAY[1.000, 2]')).toHaveLength(4);
  expect(db.rows('SELECT da FROM t UNION SELECT ARRAY[1.000, 2] ORDER BY 1')).toHaveLength(4);
  expect(db.rows('SELECT g FROM t WHERE da IN (SELECT ARRAY[1.000, 2.0])')).toEqual(['x', 'x']);
  expect(db.rows('SELECT id FROM t WHERE da > ARRAY[1, 1.5]')).toEqual(['1', '2']);
  expect(db.rows('SELECT id FROM t WHERE da = ANY (SELECT da FROM t WHERE id = 2)')).toEqual([
    '1',
    '2',
  ]);
});

test('INTERSECT ALL and EXCEPT ALL count', () => {
  expect(db.rows("SELECT g FROM t EXCEPT ALL SELECT 'x' ORDER BY 1")).toEqual(['x', 'y', 'y', 'z']);
  expect(
    db.rows("SELECT g FROM t INTERSECT ALL (VALUES ('x'), ('x'), ('x'), ('y')) ORDER BY 1"),
  ).toEqual(['x', 'x', 'y']);
  expect(db.rows('SELECT d FROM t EXCEPT ALL (VALUES (1.500), (NULL)) ORDER BY 1')).toEqual([
    '-2.25',
    expect.stringMatching(/^1.50?$/),
    '3',
  ]);
});

test('DISTINCT ON of groups', () => {
  expect(
    db.rows('SELECT DISTINCT ON (g) g, sum(a) FROM t GROUP BY g, d ORDER BY g, sum(a) DESC'),
  ).toEqual(['x|30', 'y|5', 'z|5']);
});
