import * as fc from 'fast-check';
import { lex } from '../../../sql/parse/lexer';
import { parseStatement } from '../../../sql/parse/parse';
import { plainRows } from '../../../sql/parse/plain-rows';
import { loadParser } from '../../../sql/parse/postgres';

/** Rows of constants that are read without PostgreSQL's parser give the tree that it gives. */

beforeAll(loadParser);

const cell = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom(
    '0',
    '-0',
    '007',
    '2147483647',
    '2147483648',
    '-2147483648',
    '9223372036854775807',
  ),
  fc.constantFrom(
    '1.5',
    '-1.50',
    '.5',
    '5.',
    'NULL',
    'true',
    'False',
    'DEFAULT',
    '$1',
    '$12',
    "''",
  ),
  fc.string().map((text) => `'${text.replaceAll('\0', '').replaceAll("'", "''")}'`),
  fc
    .string({ unit: 'grapheme' })
    .map((text) => `'${text.replaceAll('\0', '').replaceAll("'", "''")}'`),
);

const rowsOf = (cells: readonly string[]): string[] => cells.map((each) => `(1, ${each} , 'x')`);

const values = (sql: string): unknown[] => {
  const statement = parseStatement(sql);
  if (statement.kind !== 'Insert') throw new Error('no INSERT');
  const select = statement.tree.selectStmt as { SelectStmt: { valuesLists: unknown[] } };
  return select.SelectStmt.valuesLists;
};

/** Without offsets: they differ, as the texts do. */
const bare = (tree: unknown): string =>
  JSON.stringify(tree, (key, value) => (key === 'location' ? undefined : value));

test('the same tree as one row at a time', () => {
  const property = fc.property(fc.array(cell, { minLength: 20, maxLength: 40 }), (cells) => {
    const rows = rowsOf(cells);
    const sql = `INSERT INTO t VALUES ${rows.join(', ')} RETURNING a`;
    const tokens = lex(sql);
    const context = { source: sql, tokens, nesting: 0, parseRange: () => ({ kind: 'Empty' }) };
    expect(plainRows(context as never, 0, tokens.length - 1)?.rows).toHaveLength(rows.length - 1);
    const all = values(sql);
    expect(all).toHaveLength(rows.length);
    for (const [i, row] of rows.entries())
      expect(bare(all[i])).toBe(bare(values(`INSERT INTO t VALUES ${row} RETURNING a`)[0]));
  });
  return fc.assert(property, { numRuns: 50 });
});

test('offsets are those of the text', () => {
  const sql = `INSERT INTO t VALUES ${rowsOf(new Array(30).fill('-7')).join(',\n')}`;
  const locations: number[] = [];
  JSON.stringify(values(sql), (key, value) => {
    if (key === 'location') locations.push(value as number);
    return value as unknown;
  });
  expect(locations).toHaveLength(90);
  for (const location of locations) expect(sql.slice(location)).toMatch(/^(1,|-7|'x')/);
});

test('rows that are not plain stay where they are', () => {
  const plain = rowsOf(new Array(20).fill('2'));
  const rows = ['(1, now(), 3)', ...plain, '(1, 2 + 3, 4)', "(1, 2, 'a'::TEXT)", ...plain];
  const all = values(`UPSERT INTO t VALUES ${rows.join(', ')}`);
  expect(all).toHaveLength(rows.length);
  for (const [i, row] of rows.entries())
    expect(bare(all[i])).toBe(bare(values(`INSERT INTO t VALUES ${row}`)[0]));
});

test('errors are found where they are', () => {
  const plain = rowsOf(new Array(20).fill('2')).join(', ');
  for (const wrong of ['(1, 2', '(1,, 2)', '()', '(1 2)', ',', '(1) FROM']) {
    const sql = `INSERT INTO t VALUES ${plain}, ${wrong}`;
    expect(() => parseStatement(sql)).toThrow(/syntax error/);
    const short = `INSERT INTO t VALUES (1), ${wrong}`;
    const message = (text: string): string => {
      try {
        parseStatement(text);
      } catch (error) {
        return (error as Error).message.split('\n')[0] ?? '';
      }
      return 'no error';
    };
    expect(message(sql)).toBe(message(short));
  }
});
