import { notSupported } from '../../base/errors';
import { defined } from '../../base/invariant';
import type { SqlType } from '../../catalog/types/sql-type';
import { arrayOf } from '../../catalog/types/table';
import { MAKE_ARRAY } from '../builtins/arrays';
import { COALESCE } from '../builtins/control';
import { aggregateRows } from '../builtins/registry';
import { type Binder, newAlias } from './binder';
import { call } from './calls';
import type { Expr, Query } from './expr';
import { outputColumn, outputName } from './expr';
import { selectOf } from './select-of';

/** `ARRAY(SELECT …)`: the values of the one column in the order of the rows; an empty array when there are none. */
export function arrayOfRows(binder: Binder, query: Query, element: SqlType): Expr {
  if (element.family === 'array') throw notSupported('arrays of arrays');
  const type = arrayOf(element);
  const source = newAlias(binder);
  const value = outputColumn(source, { name: outputName(0), type: element }, 0);
  const gathered: Expr = {
    kind: 'aggregate',
    type,
    fn: defined(aggregateRows('array_agg')[0], 'array_agg'),
    args: [value],
    distinct: false,
    filter: undefined,
    orderBy: [],
  };
  const array = call(COALESCE, type, [gathered, call(MAKE_ARRAY, type, [])]);
  const outer = selectOf([array], {
    outputs: [{ name: 'array', type, tableId: 0, columnId: 0 }],
    from: [{ kind: 'subquery', source, query }],
    grouped: true,
  });
  return { kind: 'subquery', type, form: 'scalar', left: undefined, query: outer };
}
