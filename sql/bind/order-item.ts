import { notSupported } from '../../base/errors';
import type { Expr, OrderItem } from './expr';

/** Direction and place of NULLs. */
export function orderItem(
  sort: { readonly sortby_dir: string; readonly sortby_nulls: string },
  expr: Expr,
): OrderItem {
  if (sort.sortby_dir === 'SORTBY_USING') throw notSupported('ORDER BY … USING');
  const nulls = sort.sortby_nulls;
  return {
    expr,
    descending: sort.sortby_dir === 'SORTBY_DESC',
    nullsFirst: nulls === 'SORTBY_NULLS_DEFAULT' ? undefined : nulls === 'SORTBY_NULLS_FIRST',
  };
}
