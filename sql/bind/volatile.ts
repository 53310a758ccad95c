import type { Expr, Query } from './expr';

/** True when a query's outputs call volatile functions. */
export function isVolatile(query: Query): boolean {
  switch (query.kind) {
    case 'select':
      return query.exprs.some(exprIsVolatile);
    case 'values':
      return query.rows.some((row) => row.some(exprIsVolatile));
    case 'set':
      return isVolatile(query.left) || isVolatile(query.right);
  }
}

/** True when evaluating twice may give two values. */
export function exprIsVolatile(expr: Expr): boolean {
  switch (expr.kind) {
    case 'call':
      return expr.fn.volatility === 'volatile' || expr.args.some(exprIsVolatile);
    case 'aggregate':
    case 'window':
      return expr.args.some(exprIsVolatile);
    case 'row':
      return expr.items.some(exprIsVolatile);
    case 'subquery':
      return isVolatile(expr.query) || (expr.test !== undefined && exprIsVolatile(expr.test));
    default:
      return false;
  }
}
