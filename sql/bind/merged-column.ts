import { notSupported } from '../../base/errors';
import { DECIMAL, sameKind } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { COALESCE } from '../builtins/control';
import { call } from './calls';
import { castExpr } from './cast';
import type { Expr } from './expr';

/**
 * The column that FULL JOIN … USING makes of two: the left row's value, or the right one's where there is no left row. Both
 * have to be of one type, or each would be shown as a value of the other's.
 * @throws SqlError featureNotSupported (0A000) for types that compare with each other and have no exact common type
 */
export function fullJoinColumn(name: string, left: Expr, right: Expr): Expr {
  const either = left.type.family === 'unknown' ? right.type : left.type;
  const families = [left.type.family, right.type.family];
  if (sameKind(left.type, right.type) || families.includes('unknown')) {
    return call(COALESCE, either, [left, right]);
  }
  if (families.includes('int') && families.includes('decimal')) {
    return call(COALESCE, DECIMAL, [castExpr(left, DECIMAL), castExpr(right, DECIMAL)]);
  }
  throw notSupported(
    `FULL JOIN USING (${name}) over ${messageTypeName(left.type)} and ${messageTypeName(right.type)}`,
    'Cast one of the columns in a subquery.',
  );
}
