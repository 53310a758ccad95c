import type { ColumnInfo } from '../../catalog/table-info';
import { type Binder, settle } from './binder';
import { castExpr } from './cast';
import type { Expr } from './expr';
import { EMPTY_CTES, makeScope, type ScopeColumn, withoutAggregates } from './scope';

/** A computed column's expression over the columns beside it, bound when it is first asked for. */
export function computedExpr(
  binder: Binder,
  info: ColumnInfo,
  columns: readonly ScopeColumn[],
): () => Expr {
  let bound: Expr | undefined;
  return () => {
    if (bound === undefined) {
      const node = binder.context.parseExpression(info.computeExpr ?? 'NULL');
      const scope = withoutAggregates(makeScope(columns, { ctes: EMPTY_CTES }), 'computed columns');
      bound = castExpr(settle(binder, binder.bindExpr(node, scope), info.type), info.type);
    }
    return bound;
  };
}
