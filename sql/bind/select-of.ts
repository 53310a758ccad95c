import type { Expr, FromItem, SelectQuery } from './expr';

/** A query of expressions, over sources or over nothing. */
export function selectOf(
  exprs: readonly Expr[],
  parts: Partial<
    Pick<SelectQuery, 'outputs' | 'from' | 'where' | 'grouped' | 'orderBy' | 'limit' | 'ctes'>
  > = {},
): SelectQuery {
  return {
    kind: 'select',
    outputs: exprs.map(({ type }) => ({ name: '', type, tableId: 0, columnId: 0 })),
    exprs,
    from: [] as readonly FromItem[],
    where: undefined,
    groupBy: [],
    having: undefined,
    grouped: false,
    distinct: false,
    distinctOn: [],
    orderBy: [],
    ctes: [],
    limit: undefined,
    offset: undefined,
    ...parts,
  };
}
