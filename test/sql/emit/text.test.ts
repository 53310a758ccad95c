import { type Harness, makeHarness } from '../support/harness';

let db: Harness;
beforeAll(async () => {
  db = await makeHarness({ t: { columns: ['id int', 'a int', 's string', 'd decimal'] } });
});

test('the example of docs/architecture/life-of-a-query.md', () => {
  const query = db.bind('SELECT d, count(*) FROM t WHERE a + 1 > $1 GROUP BY d ORDER BY d');
  const table = db.relations.get('t')?.sqliteName ?? '';
  expect(query.sql.replace(table, 't52')).toBe(
    'SELECT s1.c4 AS o1, count(*) AS o2 FROM "t52" AS s1 ' +
      'WHERE (i_check((s1.c2 + 1)) > :p1) GROUP BY s1.c4 COLLATE RTRIM ORDER BY 1 COLLATE RTRIM',
  );
  expect(query.slots).toEqual([{ kind: 'param', index: 1 }]);
});

test('a compiled query survives structured clone', () => {
  const query = db.bind("SELECT d::STRING, ARRAY[a], 'x' || s FROM t");
  expect(structuredClone(query)).toEqual(query);
});
