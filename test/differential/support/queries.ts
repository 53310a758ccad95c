import fc from 'fast-check';

/** Random queries of the SQL that both servers have, over the tables of `SCHEMA`. */

export const SCHEMA: readonly string[] = [
  'CREATE TABLE a (id BIGINT PRIMARY KEY, x BIGINT, s TEXT, n NUMERIC(12,2), b BOOL, d DATE)',
  'CREATE TABLE b (id BIGINT PRIMARY KEY, aid BIGINT, y BIGINT, t TEXT)',
  'CREATE TABLE c (id BIGINT PRIMARY KEY, k BIGINT, v BIGINT)',
  `INSERT INTO a VALUES (1, 10, 'ab', 1.50, true, '2020-01-31'), (2, -3, '', -2.25, false, '1999-12-31'),
   (3, NULL, 'Abc', NULL, NULL, NULL), (4, 0, NULL, 0, true, '2024-02-29'), (5, 10, 'b', 100.10, NULL, '2020-01-31'),
   (6, 7, 'x_y%', 3.33, false, '1970-01-01')`,
  `INSERT INTO b VALUES (1, 1, 5, 'ab'), (2, 1, NULL, 'q'), (3, 2, -1, NULL), (4, NULL, 10, 'b'), (5, 9, 0, ''),
   (6, 5, 10, 'Abc'), (7, 6, 7, 'zz')`,
  `INSERT INTO c VALUES (1, 1, 1), (2, 1, 1), (3, 2, NULL), (4, NULL, 3), (5, NULL, NULL), (6, 10, -4)`,
];

interface Names {
  readonly ints: readonly string[];
  readonly texts: readonly string[];
}

const NAMES: Readonly<Record<string, Names>> = {
  a: { ints: ['a.id', 'a.x'], texts: ['a.s'] },
  b: { ints: ['b.id', 'b.aid', 'b.y'], texts: ['b.t'] },
  c: { ints: ['c.k', 'c.v'], texts: [] },
};

const pick = (names: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...names);
const number = fc.integer({ min: -4, max: 12 }).map((n) => (n < 0 ? `(${n})` : String(n)));
const text = fc.constantFrom("''", "'ab'", "'Abc'", "'b'", "'x'", "'%'");

function ints(names: Names, depth: number, correlated = true): fc.Arbitrary<string> {
  const leaf = fc.oneof({ weight: 3, arbitrary: pick(names.ints) }, number);
  if (depth === 0) return leaf;
  const inner = ints(names, depth - 1, correlated);
  const cond = bools(names, correlated ? depth - 1 : 0);
  const str = texts(names, depth - 1);
  return fc.oneof(
    leaf,
    fc.tuple(inner, fc.constantFrom('+', '-', '*'), inner).map(([l, op, r]) => `(${l} ${op} ${r})`),
    fc.tuple(cond, inner, inner).map(([c, l, r]) => `CASE WHEN ${c} THEN ${l} ELSE ${r} END`),
    fc
      .tuple(fc.constantFrom('COALESCE', 'NULLIF', 'GREATEST', 'LEAST'), inner, inner)
      .map(([f, l, r]) => `${f}(${l}, ${r})`),
    inner.map((e) => `abs(${e})`),
    inner.map((e) => `(- ${e})`),
    inner.map((e) => `mod(${e}, 3)`),
    str.map((e) => `length(${e})`),
    ...(correlated ? subqueries(inner) : []),
  );
}

const subqueries = (inner: fc.Arbitrary<string>): fc.Arbitrary<string>[] => [
  fc
    .tuple(inner, fc.constantFrom('k', 'v'))
    .map(([e, c]) => `(SELECT count(*) FROM c AS z WHERE z.${c} = ${e})`),
  inner.map((e) => `(SELECT max(z.v) FROM c AS z WHERE z.k < ${e})`),
];

function texts(names: Names, depth: number): fc.Arbitrary<string> {
  const leaf = names.texts.length === 0 ? text : fc.oneof(pick(names.texts), text);
  if (depth === 0) return leaf;
  const inner = texts(names, depth - 1);
  return fc.oneof(
    leaf,
    fc.tuple(inner, inner).map(([l, r]) => `(${l} || ${r})`),
    fc
      .tuple(fc.constantFrom('upper', 'lower', 'reverse', 'md5', 'btrim'), inner)
      .map(([f, e]) => `${f}(${e})`),
    fc.tuple(inner, inner).map(([l, r]) => `COALESCE(${l}, ${r})`),
    inner.map((e) => `replace(${e}, 'b', 'Q')`),
    fc.tuple(inner, fc.integer({ min: 1, max: 3 })).map(([e, n]) => `substr(${e}, ${n}, 2)`),
    fc.tuple(inner, fc.integer({ min: -2, max: 4 })).map(([e, n]) => `left(${e}, ${n})`),
    fc.tuple(inner, fc.integer({ min: 0, max: 5 })).map(([e, n]) => `lpad(${e}, ${n}, 'xy')`),
  );
}

function bools(names: Names, depth: number): fc.Arbitrary<string> {
  const compared = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');
  const distinct = fc.constantFrom('IS DISTINCT FROM', 'IS NOT DISTINCT FROM');
  const int = ints(names, Math.max(0, depth - 1));
  const str = texts(names, Math.max(0, depth - 1));
  const leaf = fc.oneof(
    fc.tuple(int, fc.oneof(compared, distinct), int).map(([l, op, r]) => `(${l} ${op} ${r})`),
    fc.tuple(str, compared, str).map(([l, op, r]) => `(${l} ${op} ${r})`),
    int.map((e) => `(${e} IS NULL)`),
    fc.tuple(int, number, number).map(([e, l, h]) => `(${e} BETWEEN ${l} AND ${h})`),
    fc
      .tuple(int, fc.constantFrom('IN', 'NOT IN'), number, int)
      .map(([e, op, l, r]) => `(${e} ${op} (${l}, ${r}))`),
    fc
      .tuple(str, fc.constantFrom("'a%'", "'%b'", "'_'", "'%'"))
      .map(([e, p]) => `(${e} LIKE ${p})`),
  );
  if (depth === 0) return leaf;
  const inner = bools(names, depth - 1);
  return fc.oneof(
    leaf,
    fc.tuple(inner, fc.constantFrom('AND', 'OR'), inner).map(([l, op, r]) => `(${l} ${op} ${r})`),
    inner.map((e) => `(NOT ${e})`),
    inner.map((e) => `(${e} IS NOT TRUE)`),
    fc
      .tuple(int, fc.constantFrom('IN', 'NOT IN'))
      .map(([e, op]) => `(${e} ${op} (SELECT z.k FROM c AS z WHERE z.v IS NOT NULL))`),
    fc
      .tuple(int, fc.constantFrom('= ANY', '> ALL', '< ANY', '<> ALL'))
      .map(([e, op]) => `(${e} ${op} (SELECT z.v FROM c AS z))`),
    int.map((e) => `EXISTS (SELECT 1 FROM c AS z WHERE z.k = ${e})`),
    fc.tuple(int, int).map(([l, r]) => `((${l}, ${r}) IN (SELECT z.k, z.v FROM c AS z))`),
    fc.tuple(int, int).map(([l, r]) => `((${l}, 1) < (${r}, 2))`),
  );
}

const ORDERED = (count: number): string =>
  Array.from({ length: count }, (_, i) => `${i + 1} NULLS FIRST`).join(', ');

interface Source {
  readonly sql: string;
  readonly names: Names;
}

const merged = (tables: readonly string[]): Names => ({
  ints: tables.flatMap((t) => NAMES[t]?.ints ?? []),
  texts: tables.flatMap((t) => NAMES[t]?.texts ?? []),
});

const source: fc.Arbitrary<Source> = fc.oneof(
  fc.constantFrom('a', 'b', 'c').map((t) => ({ sql: t, names: merged([t]) })),
  fc
    .tuple(
      fc.constantFrom('JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'),
      fc.constantFrom('a.id = b.aid', 'a.x = b.y', 'a.s = b.t'),
    )
    .map(([join, on]) => ({ sql: `a ${join} b ON ${on}`, names: merged(['a', 'b']) })),
  fc
    .tuple(fc.constantFrom('JOIN', 'LEFT JOIN', 'CROSS JOIN'), fc.constantFrom('LEFT JOIN', 'JOIN'))
    .map(([one, two]) => ({
      sql: `a ${one} b ${one === 'CROSS JOIN' ? '' : 'ON a.id = b.aid'} ${two} c ON c.k = b.y`,
      names: merged(['a', 'b', 'c']),
    })),
);

/** SELECT of expressions, filtered. */
export const plainQuery = source.chain(({ sql, names }) =>
  fc
    .tuple(ints(names, 2), texts(names, 2), bools(names, 2), bools(names, 1), fc.boolean())
    .map(
      ([i, t, where, b, distinct]) =>
        `SELECT ${distinct ? 'DISTINCT ' : ''}${i} AS i, ${t} AS t, ${b} AS b FROM ${sql} WHERE ${where}`,
    ),
);

/** Groups, with HAVING, ordered and cut. */
export const groupedQuery = source.chain(({ sql, names }) =>
  fc
    .tuple(
      // A subquery is only equal to itself here, so it is no key of a group that the list could repeat.
      ints(names, 1, false),
      ints(names, 1),
      texts(names, 1),
      bools(names, 1),
      fc.constantFrom('count', 'sum', 'min', 'max', 'avg', 'bit_or'),
      fc.integer({ min: 0, max: 3 }),
    )
    .map(
      ([key, arg, str, where, fn, offset]) =>
        `SELECT ${key} AS g, count(*) AS n, ${fn}(${arg}) AS f, count(DISTINCT ${str}) AS e, sum(${arg}) FILTER (WHERE ${where}) AS h,
         string_agg(${str}, ',' ORDER BY ${str}, ${arg} NULLS FIRST) AS l
         FROM ${sql} WHERE ${where} OR true GROUP BY ${key} HAVING count(*) > 0 ORDER BY ${ORDERED(6)} LIMIT 4 OFFSET ${offset}`,
    ),
);

export const setQuery = fc
  .tuple(
    ints(merged(['a']), 1),
    ints(merged(['b']), 1),
    ints(merged(['c']), 1),
    fc.constantFrom('UNION', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL'),
    fc.constantFrom('UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT'),
  )
  .map(
    ([l, m, r, one, two]) =>
      `SELECT * FROM (SELECT ${l} AS v FROM a ${one} (SELECT ${m} FROM b ${two} SELECT ${r} FROM c)) AS q ORDER BY 1 NULLS FIRST`,
  );

export const windowQuery = fc
  .tuple(
    fc.constantFrom(
      'sum(b.y)',
      'count(b.y)',
      'min(b.y)',
      'max(b.y)',
      'avg(b.y)',
      'first_value(b.y)',
      'last_value(b.y)',
      'nth_value(b.y, 2)',
      'array_agg(b.y)',
      "string_agg(b.t, ',')",
    ),
    fc.constantFrom('', 'PARTITION BY b.aid ', 'PARTITION BY (b.y > 3) '),
    fc.constantFrom('ROWS', 'GROUPS'),
    fc.constantFrom('UNBOUNDED PRECEDING', '1 PRECEDING', 'CURRENT ROW'),
    fc.constantFrom('CURRENT ROW', '1 FOLLOWING', 'UNBOUNDED FOLLOWING'),
    fc.constantFrom('', ' EXCLUDE CURRENT ROW', ' EXCLUDE TIES', ' EXCLUDE GROUP'),
    fc.constantFrom(
      'row_number()',
      'rank()',
      'dense_rank()',
      'ntile(3)',
      'lag(b.y, 1, 99)',
      'lead(b.t)',
      'percent_rank()',
      'cume_dist()',
    ),
  )
  .map(
    ([fn, by, mode, from, to, exclude, other]) =>
      `SELECT b.id, ${fn} OVER (${by}ORDER BY b.y NULLS FIRST, b.id ${mode} BETWEEN ${from} AND ${to}${exclude}), ${other} OVER (${by}ORDER BY b.y NULLS FIRST, b.id) FROM b ORDER BY 1`,
  );
