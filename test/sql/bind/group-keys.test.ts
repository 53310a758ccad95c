import { type Harness, makeHarness } from '../support/harness';

let db: Harness;
beforeAll(async () => {
  const rows = Array.from({ length: 60 }, (_, i) => [i, i % 7, i % 5, i % 3].map(String));
  db = await makeHarness({
    t: { columns: ['id int', 'a int', 'b int', 'c int'], rows },
    u: { columns: ['id int', 'a int', 'b int', 'c int'], rows },
  });
  const table = db.relations.get('t');
  if (table === undefined) throw new Error('no table t');
  const [, a, b] = table.columns.map((column) => column.sqliteName);
  db.db.exec(`CREATE INDEX by_a_b ON ${table.sqliteName} (${a}, ${b})`);
  const index = {
    id: 2,
    name: 'by_a_b',
    unique: false,
    inverted: false,
    keyColumns: [2, 3].map((columnId) => ({ columnId, descending: false })),
    suffixColumnIds: [],
    storedColumnIds: [],
    predicate: undefined,
  };
  db.relations.set('t', { ...table, secondaryIndexes: [index] });
});

const plan = (sql: string): string =>
  db.db
    .prepare(`EXPLAIN QUERY PLAN ${db.bind(sql).sql}`)
    .all({ p1: 0n })
    .map((step) => (step as { detail: string }).detail)
    .join('; ');

describe('groups that an index orders', () => {
  test.each([
    ['SELECT a, sum(c) FROM t GROUP BY a', 'SCAN s1; USE TEMP B-TREE FOR GROUP BY'],
    [
      'SELECT a, sum(b) FROM t GROUP BY a HAVING max(c) > 1',
      'SCAN s1; USE TEMP B-TREE FOR GROUP BY',
    ],
    ['SELECT a, sum(b) FROM t GROUP BY a ORDER BY sum(c) LIMIT 2', 'FOR GROUP BY'],
    ['SELECT a, sum(b) FROM t WHERE a = 3 AND c = 1 GROUP BY a', 'SEARCH s1 USING INDEX by_a_b'],
    ['SELECT a, sum(b) FROM t GROUP BY a', 'COVERING INDEX by_a_b'],
    ['SELECT a, b, sum(c) FROM t GROUP BY a, b ORDER BY a LIMIT 2', 'SCAN s1 USING INDEX by_a_b'],
    ['SELECT a, sum(c) FROM t GROUP BY a LIMIT 2', 'SCAN s1 USING INDEX by_a_b'],
  ])('%s', (sql, expected) => {
    expect(plan(sql)).toContain(expected);
    const sorted = (text: string): string[] => [...db.rows(text)].sort();
    expect(sorted(sql)).toEqual(sorted(sql.replace('FROM t', 'FROM u')));
  });
});
