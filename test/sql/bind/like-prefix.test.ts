import { prefixRange } from '../../../sql/builtins/like-prefix';
import { forPatterns } from '../../../sql/session/prefixed-query';
import { type Harness, makeHarness } from '../support/harness';

const TEXTS = [
  '',
  'a',
  'ab',
  'abc',
  'abd',
  'ab%',
  'ab_',
  'ab\\',
  'Ab',
  'b',
  '%',
  '_x',
  'a\u{d7ff}',
  'a\u{e000}',
  'a\u{ffff}',
  'a\u{10000}',
  'a\u{10ffff}',
  '\u{10ffff}',
  '\u{10ffff}\u{10ffff}x',
  'ä',
  'äb',
];

const PATTERNS = [
  '%',
  '',
  'a%',
  'a_',
  'ab',
  'ab%',
  'ab\\%%',
  'ab\\_',
  'ab\\\\',
  'a%c',
  '_b%',
  '%b',
  'A%',
  '\\%',
  '\\_x%',
  'ä%',
  'a\u{d7ff}%',
  'a\u{ffff}%',
  'a\u{10ffff}%',
  '\u{10ffff}%',
  '\u{10ffff}\u{10ffff}%',
];

let db: Harness;
beforeAll(async () => {
  const rows = [...TEXTS, null].map((text, i) => [String(i), text]);
  db = await makeHarness({
    t: {
      columns: ['id int', 's string', 'n name'],
      rows: rows.map((row) => [...row, row[1] ?? null]),
    },
  });
  const name = db.relations.get('t')?.sqliteName;
  db.db.exec(`CREATE INDEX by_s ON ${name} (c2)`);
});

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const plan = (sql: string): string =>
  db.db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(Object.fromEntries((sql.match(/:p\d+/g) ?? []).map((name) => [name.slice(1), ''])))
    .map((step) => (step as { detail: string }).detail)
    .join('\n');

describe('LIKE with the range of its pattern', () => {
  test.each(PATTERNS)('%j matches what the operator alone does', (pattern) => {
    for (const column of ['s', 'n']) {
      const alone = db.rows(
        `SELECT id, (${column} || '')::STRING LIKE ${quoted(pattern)} FROM t ORDER BY id`,
      );
      const sql = `SELECT id, ${column} LIKE ${quoted(pattern)} FROM t ORDER BY id`;
      expect(db.rows(sql)).toEqual(alone);
      const found = alone.filter((row) => row.endsWith('|t')).map((row) => row.split('|')[0]);
      const where = `SELECT id FROM t WHERE ${column} LIKE`;
      expect(db.rows(`${where} ${quoted(pattern)} ORDER BY id`)).toEqual(found);
      expect(db.rows(`${where} $1 ORDER BY id`, pattern)).toEqual(found);
      const absent = db.rows(`SELECT id FROM t WHERE NOT (${column} LIKE $1) ORDER BY id`, pattern);
      expect(absent).toHaveLength(TEXTS.length - found.length);
    }
  });

  test('every text that a prefix matches is in its range, and no text without the prefix', () => {
    for (const prefix of TEXTS.filter((text) => text !== '' && !/[%_\\]/.test(text))) {
      const range = prefixRange(`${prefix}%`);
      expect(range?.low).toBe(prefix);
      for (const text of TEXTS) {
        const bytes = Buffer.from(text);
        const above = range?.high === undefined || bytes.compare(Buffer.from(range.high)) < 0;
        expect(bytes.compare(Buffer.from(prefix)) >= 0 && above).toBe(text.startsWith(prefix));
      }
    }
  });

  test('a constant pattern uses the index, one that begins with a wildcard does not', () => {
    expect(plan(db.bind("SELECT id FROM t WHERE s LIKE 'ab%'").sql)).toContain('by_s');
    expect(plan(db.bind("SELECT id FROM t WHERE s LIKE '%ab'").sql)).toBe('SCAN s1');
    expect(plan(db.bind("SELECT id FROM t WHERE s ILIKE 'ab%'").sql)).toBe('SCAN s1');
  });

  test('a parameter uses the index when its value begins with a text', () => {
    const compiled = db.bind('SELECT id FROM t WHERE s LIKE $1 AND id > $2');
    const query = { compiled, tables: [], relationIds: new Set<number>(), version: 1 };
    const chosen = (pattern: string | null): string =>
      plan(forPatterns(query, [pattern, 0n]).compiled.sql);
    expect(chosen('ab%')).toContain('by_s');
    for (const pattern of ['%ab', '_', '', 'ab\\', null]) expect(chosen(pattern)).toBe('SCAN s1');
    expect(forPatterns(query, ['b%', 0n])).toBe(forPatterns(query, ['c%', 0n]));
  });

  test('the chosen form gives the same rows', () => {
    const { sql = '' } = db.bind('SELECT id FROM t WHERE s LIKE $1 ORDER BY id').prefixed ?? {};
    for (const pattern of PATTERNS) {
      const rows = db.db.prepare(sql).pluck().all({ p1: pattern }) as bigint[];
      expect(rows.map(String)).toEqual(
        db.rows('SELECT id FROM t WHERE s LIKE $1 ORDER BY id', pattern),
      );
    }
    expect(db.db.prepare(sql).all({ p1: null })).toEqual([]);
  });

  test('a pattern that ends in its escape is an error', () => {
    expect(db.error("SELECT id FROM t WHERE s LIKE 'ab\\'")).toMatch('22025');
    expect(db.error('SELECT id FROM t WHERE s LIKE $1', 'ab\\')).toMatch('22025');
  });
});
