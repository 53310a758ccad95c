import { loadParser } from '../../../sql/parse/postgres';
import { ParsedTexts } from '../../../sql/session/parsed-texts';

let texts: ParsedTexts;

beforeAll(loadParser);
beforeEach(() => {
  texts = new ParsedTexts();
});

test('a text seen before gives the same tree and the same statements', () => {
  expect(texts.parse('SELECT 1')).toBe(texts.parse('SELECT 1'));
  expect(texts.parse('SELECT 1')).not.toBe(texts.parse('SELECT  1'));
  expect(texts.split('SELECT 1; SELECT 2')).toBe(texts.split('SELECT 1; SELECT 2'));
  expect(texts.split('SELECT 1; SELECT 2')).toHaveLength(2);
});

test('an error is one each time', () => {
  for (let i = 0; i < 2; i++) expect(() => texts.parse('SELEC 1')).toThrow('syntax error');
});

test('what was used longest ago is forgotten first, and long texts are not kept', () => {
  const first = texts.parse('SELECT 0');
  const filler = `SELECT '${'x'.repeat(10_000)}'`;
  for (let i = 0; i < 60; i++) {
    texts.parse(`${filler} AS c${i}`);
    if (i === 10) expect(texts.parse('SELECT 0')).toBe(first);
  }
  expect(texts.parse('SELECT 0')).not.toBe(first);
  const long = `SELECT '${'x'.repeat(20_000)}'`;
  expect(texts.parse(long)).not.toBe(texts.parse(long));
});

test('the second text that differs in its constants alone shares a tree with all that follow', () => {
  expect(texts.lift('SELECT 1')).toBeUndefined();
  const second = texts.lift('SELECT 2');
  expect(second?.literals).toEqual(['2']);
  expect(texts.lift('SELECT 3')?.template).toBe(second?.template);
  texts.parse('SELECT 4');
  expect(texts.lift('SELECT 4')).toBeUndefined();
});

test.each(['SELECT ', "BACKUP INTO 'nodelocal://1/", 'SELECT 1 AS OF SYSTEM TIME ', 'SHOW '])(
  'texts like %s1 are taken as they are',
  (start) => {
    const end = start.includes("'") ? "'" : '';
    const trees = [1, 2, 3].map((n) =>
      texts.lift(`${start === 'SELECT ' ? 'SELEC ' : start}${n}${end}`),
    );
    expect(trees).toEqual([undefined, undefined, undefined]);
  },
);

test('templates that were used longest ago are forgotten first', () => {
  texts.lift('SELECT 1');
  const kept = texts.lift('SELECT 2')?.template;
  for (let i = 0; i < 4_000; i++) {
    texts.lift(`SELECT 1 AS c${i}`);
    if (i % 1_000 === 0) expect(texts.lift('SELECT 3')?.template).toBe(kept);
  }
  expect(texts.lift('SELECT 4')?.template).toBe(kept);
  for (let i = 0; i < 2_000; i++) texts.lift(`SELECT 1 AS d${i}`);
  expect(texts.lift('SELECT 5')).toBeUndefined();
});
