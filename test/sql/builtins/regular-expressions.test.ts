import { type Harness, makeHarness } from '../support/harness';

/** Regular expressions as Go's regexp package reads them, with its errors. */

let db: Harness;
beforeAll(async () => {
  db = await makeHarness();
});

test.each([
  ["'a-b' ~ 'a\\-b'", 't'],
  ["'a_b' ~ 'a\\_b'", 't'],
  ["'a#b' ~ 'a\\#b'", 't'],
  ["'ab' ~ '\\Aab\\z'", 't'],
  ["'é' ~ '\\pL'", 't'],
  ["'abc' ~ '(?P<x>b)'", 't'],
  ["'a]' ~ '[]]'", 't'],
  ["'a-b' ~ '[\\w-]+'", 't'],
  [`'a"b' ~ '\\"'`, 't'],
  ["E'a\\nb' ~ 'a.b'", 'f'],
  ["'x' ~ '[^[:alpha:]]'", 'f'],
  ["'http://x' ~ '^https?:\\/\\/'", 't'],
  ["'a{' ~ 'a{'", 't'],
  ["'a@b.co' ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}$'", 't'],
  [
    "regexp_replace('a.b.c', '\\.', '-', 'g'), regexp_extract('foobar','o+'), regexp_replace('ab','(a)(b)','\\2\\1')",
    'a-b-c|oo|ba',
  ],
  ["'100%' LIKE '100\\%', 'a' ILIKE 'A', 'abc' NOT LIKE 'b%', 'a' LIKE ''", 't|t|t|f'],
  [
    "'a{' ~ 'a{', 'ab' ~ 'a{,2}b', 'aab' ~ '^a{2}b$', 'ac' ~ 'a(|b)c', 'foo' ~ '(?:f)(o+)$', 'a.c' ~ '\\Qa.c\\E', E'a\\nb' ~ '(?m)^b', E'a\\nb' ~ '(?s)a.b', 'A' ~ '(?i)a', 'a' ~ '\\x61', 'é' ~ '[[:alpha:]]', '-' ~ '[a-]', 'b' ~ '[^\\d\\s]', '٣' ~ '\\d'",
    't|f|t|t|t|t|t|t|t|t|f|t|t|f',
  ],
  [
    "regexp_replace(E'a\\nb','a.b','x'), regexp_replace(E'a\\nb','^b','x','m'), regexp_replace('ab','B','x','i'), regexp_replace('abc','(?P<x>b)','[\\1]')",
    'x|a\nx|ax|a[b]c',
  ],
])('%s', (expressions, answers) => {
  expect(db.rows(`SELECT ${expressions}`)).toEqual([answers]);
});

test.each([
  ["'abc' ~ '(?=a)'", '2201B error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
  ["'a' ~ '('", '2201B error parsing regexp: missing closing ): `(`'],
  ["'a' ~ '*'", '2201B error parsing regexp: missing argument to repetition operator: `*`'],
  [
    "'a' ~ '**', 'a' ~ 'a**'",
    '2201B error parsing regexp: missing argument to repetition operator: `*`',
  ],
  ["'a' ~ 'a**'", '2201B error parsing regexp: invalid nested repetition operator: `*`'],
  ["'a' ~ '[b-a]'", '2201B error parsing regexp: invalid character class range: `b-a`'],
  ["'a' ~ 'a\\'", '2201B error parsing regexp: trailing backslash at end of expression: ``'],
  ["'a' ~ 'x{1001}'", '2201B error parsing regexp: invalid repeat count: `{1001}`'],
  ["'a' ~ '[[:foo:]]'", '2201B error parsing regexp: invalid character class range: `[:foo:]`'],
  ["'Aa' ~ 'A(?i)A'", '0A000 a regexp that changes case sensitivity inside of it is not supported'],
  ["'a' ~ 'a)'", '2201B error parsing regexp: unexpected ): `a)`'],
])('error of %s', (expression, error) => {
  expect(db.error(`SELECT ${expression}`)).toBe(error);
});
