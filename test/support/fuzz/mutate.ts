import type { Random } from './random';

/** Statements broken at the level of tokens. */

const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\d+|[A-Za-z_][\w.]*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|::|\|\||<=|>=|<>|!=|->>?|[^\s\w]/g;

export const EXTREMES: readonly string[] = [
  'NULL',
  "''",
  '9223372036854775807',
  '(-9223372036854775808)',
  '9223372036854775808',
  '0',
  '-1',
  '1e400',
  '1e-400',
  "'NaN'",
  "'NaN'::FLOAT",
  "'Infinity'::FLOAT",
  "'-Infinity'::DECIMAL",
  "'infinity'::TIMESTAMP",
  "'0000-00-00'",
  "'10000-01-01'::DATE",
  "'4714-11-24 BC'::DATE",
  "'294276-12-31 23:59:59.999999'::TIMESTAMPTZ",
  "'178000000 years'::INTERVAL",
  "'24:00:00'::TIME",
  "'\\xff'::BYTES",
  "b'\\000\\377'",
  "e'\\u0000'",
  "'🦄é'",
  "'{'",
  `'{"a": [1, {"b": null}]}'::JSONB`,
  "'[]'::JSONB",
  'ARRAY[NULL]',
  'ARRAY[]:::INT[]',
  'ARRAY[ARRAY[1]]',
  "ARRAY['a', NULL]",
  '(1, NULL)',
  '()',
  '(SELECT 1)',
  '(SELECT NULL WHERE false)',
  'DEFAULT',
  '*',
  "repeat('x', 70000)",
  "'x'::BIT(3)",
  "B'101'",
  "'00000000-0000-0000-0000-000000000000'::UUID",
  "'127.0.0.1/8'::INET",
  "'a' COLLATE de",
  '$1',
  '$1::INT',
  'true',
  'now()',
  't',
  't.*',
  'a',
  '1:::DECIMAL',
];

const KEYWORDS: readonly string[] = [
  ...['SELECT', 'FROM', 'WHERE', 'GROUP BY', 'ORDER BY', 'HAVING', 'LIMIT', 'DISTINCT', 'UNION'],
  ...['NOT', 'AND', 'OR', 'IS', 'IN', 'ANY', 'EXISTS', 'CASE', 'END', 'AS', 'ON', 'USING', 'OVER'],
  ...['RETURNING', 'CASCADE', 'IF EXISTS', 'IF NOT EXISTS', 'DEFAULT', 'PRIMARY KEY', 'UNIQUE'],
  ...['COLLATE de', '::INT', '::STRING', '::DECIMAL', '::JSONB', '::INT[]', '::OID', '::REGCLASS'],
  ...['(', ')', ',', '.', '[', ']', ';', '+', '-', '||', '=', '<@', '->', 'LATERAL', 'WITH'],
];

/** The statement with one to four of its tokens changed. @param other text that tokens are taken from */
export function mutate(sql: string, other: string, random: Random): string {
  const tokens = sql.match(TOKEN) ?? [];
  const donors = other.match(TOKEN) ?? ['x'];
  for (let left = 1 + random.below(3); left > 0 && tokens.length > 0; left--) {
    const at = random.below(tokens.length);
    const to = random.below(tokens.length);
    const token = tokens[at] ?? '';
    switch (random.below(9)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(to, 0, token);
        break;
      case 2:
        [tokens[at], tokens[to]] = [tokens[to] ?? '', token];
        break;
      case 3:
        tokens.splice(at, 1, random.pick(donors));
        break;
      case 4:
        tokens.splice(at, 0, random.pick(KEYWORDS));
        break;
      case 5: {
        const start = random.below(donors.length);
        tokens.splice(at, 1, ...donors.slice(start, start + 1 + random.below(8)));
        break;
      }
      default:
        tokens.splice(nearestValue(tokens, at), 1, random.pick(EXTREMES));
    }
  }
  return tokens.join(' ').replaceAll(' .', '.').replaceAll(': :', '::');
}

const VALUE = /^(?:'|\d|\$)/;

/** A constant is what is most worth replacing. */
function nearestValue(tokens: readonly string[], at: number): number {
  for (let i = 0; i < tokens.length; i++) {
    const index = (at + i) % tokens.length;
    if (VALUE.test(tokens[index] ?? '')) return index;
  }
  return at;
}
