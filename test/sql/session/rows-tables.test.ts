import { INT8, STRING } from '../../../catalog/types/table';
import { rowsTables } from '../../../sql/session/rows-tables';

const columns = ['a', 'b', 'c'].map((name, i) => ({ name, type: i === 0 ? INT8 : STRING }));
const rows = [
  [1n, 'x', 'p'],
  [2n, 'y', 'q'],
];

test('only the columns that the SQL names go with a query', () => {
  const sql = 'SELECT s1.o3 AS o1 FROM m1 AS s1, m10 AS s2 WHERE s2.o2 = 1';
  const [one, ten] = rowsTables(
    new Map([
      ['m1', { columns, rows }],
      ['m10', { columns, rows }],
    ]),
    sql,
  );
  expect(one).toEqual({ name: 'm1', names: ['o3'], rows: [['p'], ['q']] });
  expect(ten).toEqual({ name: 'm10', names: ['o2'], rows: [['x'], ['y']] });
});

test('every alias of a table counts, and one column is there to be counted', () => {
  const named = rowsTables(
    new Map([['m1', { columns, rows }]]),
    'm1 AS s1, m1 AS s22, s1.o1, s22.o2',
  );
  expect(named[0]?.names).toEqual(['o1', 'o2']);
  const counted = rowsTables(new Map([['m1', { columns, rows }]]), 'SELECT count(*) FROM m1 AS s1');
  expect(counted[0]?.names).toEqual(['o1']);
  expect(counted[0]?.rows).toHaveLength(2);
});

test('look-up tables and tables of statements without one text keep theirs', () => {
  const all = rowsTables(new Map([['m1', { columns, rows }]]));
  expect(all[0]?.names).toEqual(['o1', 'o2', 'o3']);
  const lookUp = rowsTables(new Map([['l_x', { columns, rows, keyColumns: 2 }]]), 's1.o3');
  expect(lookUp[0]).toEqual({ name: 'l_x', names: ['o1', 'o2', 'o3'], rows, keyColumns: 2 });
});
