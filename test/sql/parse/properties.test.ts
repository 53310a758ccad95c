import fc from 'fast-check';
import { SqlError } from '../../../base/errors';
import { quoteIdentifier, quoteLiteral } from '../../../catalog/identifiers';
import { lex } from '../../../sql/parse/lexer';
import { parseExpression, parseStatement } from '../../../sql/parse/parse';
import { loadParser } from '../../../sql/parse/postgres';
import { splitStatements } from '../../../sql/parse/split';

beforeAll(loadParser);

/** Characters and words that lexers and parsers stumble over. */
const fragment = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    ...[
      "'",
      '"',
      '$$',
      '$a$',
      '/*',
      '*/',
      '--',
      '\n',
      ';',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '@',
      ':::',
      '::',
      '//',
    ],
    ...[
      "e'",
      "b'",
      "B'",
      "x'",
      '\\',
      '\\x',
      '1',
      '1e',
      '0x',
      '.',
      '..',
      '$1',
      'é',
      '😀',
      '~',
      '||',
      '-',
      ' ',
    ],
    ...[
      'SELECT ',
      'FROM ',
      'SHOW ',
      'JOBS ',
      'RESTORE ',
      'TABLE ',
      'WITH ',
      'AS OF SYSTEM TIME ',
      'a',
      't@i',
      'IN ',
    ],
    ...[
      'UPSERT INTO ',
      'DELETE FROM ',
      'ORDER BY ',
      'LIMIT ',
      'CASE ',
      'END ',
      'IS NAN ',
      'EXPLAIN ',
      'SET ',
      '= ',
      ',',
    ],
  ),
);
const text = fc.array(fragment, { maxLength: 20 }).map((parts) => parts.join(''));

function resultOrSqlError<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

test('tokens come in order, do not overlap and leave only blanks and comments between them', () => {
  fc.assert(
    fc.property(text, (source) => {
      const tokens = resultOrSqlError(() => lex(source));
      if (tokens === undefined) return;
      let at = 0;
      for (const { start, end } of tokens) {
        expect(start).toBeGreaterThanOrEqual(at);
        const between = source.slice(at, start);
        if (!/[/-]/.test(between)) expect(between).toMatch(/^[\t-\r ]*$/);
        at = end;
      }
      expect(tokens.at(-1)?.end).toBe(source.length);
    }),
  );
});

test('splitting gives back the tokens of the text without its semicolons', () => {
  fc.assert(
    fc.property(text, (source) => {
      const statements = resultOrSqlError(() => splitStatements(source));
      if (statements === undefined) return;
      const values = (part: string) =>
        lex(part)
          .filter(({ type, value }) => type !== 'eof' && !(type === 'punct' && value === ';'))
          .map(({ type, value }) => `${type} ${value}`);
      expect(statements.flatMap(({ sql }) => values(sql))).toEqual(values(source));
      for (const { sql, start, offset } of statements) {
        expect(source.slice(start, start + sql.length)).toBe(sql);
        expect([...source.slice(0, start)].length).toBe(offset);
      }
    }),
  );
});

test('parsing any text gives a statement or an SqlError', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', 'SELECT ', 'RESTORE ', 'SHOW ', 'SET x = '),
      text,
      (head, tail) => {
        resultOrSqlError(() => parseStatement(head + tail));
      },
    ),
    { numRuns: 500 },
  );
});

const nameText = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .map((each) => each.replaceAll('\0', '').normalize('NFC'))
  .filter((each) => each.length > 0);

/** Bare where it can be read back bare. */
function written(name: string): string {
  const isFolded = [...name].every((char) => char.toLowerCase() === char);
  return isFolded ? quoteIdentifier(name) : `"${name.replaceAll('"', '""')}"`;
}

test('names and strings come back, and locations point at them in the original text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(nameText, nameText), { minLength: 1, maxLength: 5 }),
      fc.constantFrom('//', ':::INT8 // ', '||', ' IS NAN, ~'),
      (pairs, between) => {
        const parts = pairs.map(([name, string]) => {
          const quoted = written(name);
          return `${quoted} ${between === '||' ? '||' : '='} ${quoteLiteral(string)}`;
        });
        // The spellings that are edited stand before the names, so that offsets have to be mapped.
        const source = `SELECT 1${between.startsWith(' ') ? between : `${between}1,`}1, b'é', ${parts.join(', ')}`;
        const tree = JSON.stringify(parseStatement(source));
        const found: { name: string; location: number }[] = [];
        const strings: string[] = [];
        JSON.parse(tree, (_, value) => {
          const field = value?.ColumnRef?.fields?.[0]?.String?.sval;
          if (field !== undefined) found.push({ name: field, location: value.ColumnRef.location });
          const string = value?.A_Const?.sval?.sval;
          if (string !== undefined) strings.push(string);
          return value;
        });
        expect(found.map(({ name }) => name)).toEqual(pairs.map(([name]) => name));
        expect(strings.filter((each) => each !== 'NaN')).toEqual(pairs.map(([, string]) => string));
        for (const { name, location } of found) {
          expect(source.startsWith(written(name), location)).toBe(true);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('operators group by precedence whatever the chain', () => {
  const levels: Record<string, number> = {
    '||': 0,
    '|': 1,
    '#': 2,
    '&': 3,
    '<<': 4,
    '+': 5,
    '*': 6,
  };
  const chain = fc.array(fc.constantFrom(...Object.keys(levels)), { minLength: 1, maxLength: 8 });
  const explicit = (operators: readonly string[], from: number, to: number): string => {
    if (from === to) return `x${from}`;
    // The loosest operator, the last of several: all these associate to the left.
    let split = from;
    for (let i = from; i < to; i++) {
      if ((levels[operators[i] ?? ''] ?? 0) <= (levels[operators[split] ?? ''] ?? 0)) split = i;
    }
    return `(${explicit(operators, from, split)} ${operators[split]} ${explicit(operators, split + 1, to)})`;
  };
  const shape = (sql: string) =>
    JSON.stringify(parseExpression(sql), (key, value) => (key === 'location' ? undefined : value));
  fc.assert(
    fc.property(chain, (operators) => {
      const flat = operators.map((operator, i) => `x${i} ${operator} `).join('');
      expect(shape(`${flat}x${operators.length}`)).toBe(
        shape(explicit(operators, 0, operators.length)),
      );
    }),
  );
});
