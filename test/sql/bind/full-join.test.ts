import { type Harness, makeHarness } from '../support/harness';

/** FULL JOIN … USING over columns of two types: the merged column has one. */

let db: Harness;
beforeAll(async () => {
  db = await makeHarness({ t: { columns: ['id int'], rows: [] } });
});

const joined = (left: string, right: string): string =>
  `SELECT x FROM (VALUES (${left})) AS t (x) FULL OUTER JOIN (VALUES (${right})) AS u (x) USING (x) ORDER BY x`;

test.each([
  [joined("'-Infinity'::DECIMAL", '2'), ['-Infinity', '2']],
  [joined('2', '1.50'), ['1.50', '2']],
  [joined('2', '2.0'), ['2']],
  [joined('1::INT2', '2::INT8'), ['1', '2']],
  [joined('NULL', '2'), ['NULL', '2']],
  [joined("'a'", "'b'"), ['a', 'b']],
])('%s', (sql, rows) => expect(db.rows(sql)).toEqual(rows));

test('types without an exact one in common are refused by name', () => {
  expect(db.error(joined('1.5::FLOAT', '2'))).toBe(
    '0A000 FULL JOIN USING (x) over float and int is not supported',
  );
});
