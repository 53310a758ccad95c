import { lex } from '../../../sql/parse/lexer';
import { takeLiterals } from '../../../sql/parse/lifted-literals';

const take = (sql: string) => takeLiterals(sql, lex(sql));
const key = (sql: string): string | undefined => take(sql)?.key;

test('texts that differ in constants of the same classes have one key', () => {
  expect(key("SELECT 1, 'a', 1.5")).toBe(key("SELECT 27, 'it''s', 0.25"));
  expect(take("SELECT 27, 'it''s', 0.25")?.literals.map(({ value }) => value)).toEqual([
    '27',
    "it's",
    '0.25',
  ]);
});

test.each([
  ['SELECT 1', 'SELECT 2147483648'],
  ['SELECT 1', 'SELECT 1.0'],
  ['SELECT 1', "SELECT '1'"],
  ['SELECT 1', 'SELECT -1'],
  ['SELECT 1', 'SELECT  1'],
  ['SELECT 1e3, 1', 'SELECT 1e4, 1'],
  ['SELECT 0x10, 1', 'SELECT 0x11, 1'],
  ['SELECT 010, 1', 'SELECT 011, 1'],
  ["SELECT e'a', 1", "SELECT e'b', 1"],
  ['SELECT 9999999999999999999, 1', 'SELECT 9999999999999999998, 1'],
  ['SELECT "1", 1', 'SELECT "2", 1'],
])('%s is not %s with another constant', (left, right) => {
  expect(key(left)).not.toBe(key(right));
});

test.each(['SELECT $1, 1', 'SELECT a', 'SELECT 1 /* \u0001 */', `SELECT ${'1,'.repeat(64)}1`])(
  'nothing is taken out of %s',
  (sql) => {
    expect(take(sql)).toBeUndefined();
  },
);
