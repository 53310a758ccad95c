import { SqlError } from '../../../base/errors';
import { parseExpression, parseStatement } from '../../../sql/parse/parse';
import { loadParser } from '../../../sql/parse/postgres';

/** What PostgreSQL's parser could not survive is refused before it, and it still works afterwards. */

beforeAll(loadParser);

function outcome(text: string): string {
  try {
    return parseStatement(text).kind;
  } catch (error) {
    if (error instanceof SqlError) return error.sqlstate;
    throw error;
  }
}

const repeat = (text: string, count: number, separator = '') =>
  new Array<string>(count).fill(text).join(separator);
const nest = (open: string, close: string, count: number) =>
  `SELECT ${open.repeat(count)}1${close.repeat(count)}`;

const TOO_COMPLEX = '54001';

test.each([
  ['parentheses', nest('(', ')', 100_000)],
  ['parentheses that do not close', `SELECT ${'('.repeat(100_000)}`],
  ['brackets', nest('ARRAY[', ']', 100_000)],
  ['braces', nest('{', '}', 100_000)],
  ['calls', nest('abs(', ')', 5_000)],
  ['sub-queries', nest('(SELECT ', ')', 1_000)],
  ['CASE', nest('CASE WHEN ', ' THEN 1 END', 5_000)],
  ['additions', `SELECT ${repeat('1', 10_000, '+')}`],
  ['concatenations', `SELECT ${repeat("'a'", 10_000, '||')}`],
  ['OPERATOR()', `SELECT ${repeat('1', 10_000, ' OPERATOR(pg_catalog.+) ')}`],
  ['casts', `SELECT 1${'::INT'.repeat(10_000)}`],
  ['collations', `SELECT 'a'${' COLLATE de'.repeat(10_000)}`],
  ['NOT', `SELECT ${'NOT '.repeat(10_000)}true`],
  ['minus', `SELECT ${'- '.repeat(10_000)}1`],
  ['IS NULL', `SELECT a${' IS NULL'.repeat(10_000)}`],
  ['AT TIME ZONE', `SELECT a${" AT TIME ZONE 'utc'".repeat(10_000)}`],
  ['UNION', repeat('SELECT 1', 10_000, ' UNION ')],
  ['joins', `SELECT * FROM ${repeat('t', 10_000, ' NATURAL JOIN ')}`],
  ['bracketed statements', `SELECT * FROM ${'[EXPLAIN SELECT * FROM '.repeat(5_000)}`],
  ['EXPLAIN', `${'EXPLAIN '.repeat(20_000)}SELECT 1`],
  ['names of the grammar', `RESTORE ${repeat('a', 100_000, ', ')} FROM 'x'`],
  ['a SET list', `SET x = ${repeat('1', 100_000, ', ')}`],
  ['a million words', `SELECT ${repeat('1', 1_000_000, ',')}`],
  ['a text beyond the limit', `SELECT '${'x'.repeat(33 << 20)}'`],
])('%s: refused', (_, text) => {
  expect(outcome(text)).toBe(TOO_COMPLEX);
  expect(outcome('SELECT 1')).toBe('Select');
});

test.each([
  ['10,000 terms of OR', `SELECT 1 WHERE ${repeat('a = 1', 10_000, ' OR ')}`, 'Select'],
  ['AND and OR by turns', `SELECT 1 WHERE ${repeat('a AND b', 5_000, ' OR ')}`, 'Select'],
  ['100,000 elements of IN', `SELECT 1 WHERE a IN (${repeat('1', 100_000, ',')})`, 'Select'],
  ['20,000 rows', `INSERT INTO t VALUES ${repeat('(1, (2))', 20_000, ',')}`, 'Insert'],
  ['a string of a megabyte', `SELECT '${"x''".repeat(350_000)}'`, 'Select'],
  ['a comment of a megabyte', `/*${'/**/'.repeat(250_000)}*/ SELECT 1`, 'Select'],
  ['900 additions', `SELECT ${repeat('1', 900, '+')}`, 'Select'],
  ['900 parentheses', nest('(', ')', 900), 'Select'],
  ['200 sub-queries', nest('(SELECT ', ')', 200), 'Select'],
  ['300 unions', repeat('SELECT 1, 2', 300, ' UNION ALL '), 'Select'],
  ['2,000 names of the grammar', `RESTORE ${repeat('a.b', 2_000, ', ')} FROM 'x'`, 'Restore'],
])('%s: accepted', (_, text, kind) => {
  expect(outcome(text)).toBe(kind);
});

test('unbalanced ENDs and brackets do not hide depth', () => {
  expect(outcome(`SELECT ${'END '.repeat(5)}${'('.repeat(50_000)}`)).toBe(TOO_COMPLEX);
  expect(outcome(`SELECT ${'( ] '.repeat(50_000)}`)).not.toBe('Select');
  expect(outcome('SELECT 1')).toBe('Select');
});

test('expressions obey the same limits', () => {
  expect(() => parseExpression(`${'('.repeat(5_000)}1${')'.repeat(5_000)}`)).toThrow(SqlError);
});
