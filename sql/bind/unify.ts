import { SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { DECIMAL, sameKind, UNKNOWN } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { type Binder, knownType, settle } from './binder';
import type { Expr } from './expr';
import { type Bound, isUntyped, naturalType, nullOf } from './untyped';

/** One type for several expressions: branches of CASE, COALESCE, VALUES columns, UNION columns, array elements. */

/** The type they agree on; UNKNOWN when all are NULL. */
export function commonType(binder: Binder, bounds: readonly Bound[], wanted?: SqlType): SqlType {
  let known: SqlType | undefined;
  for (const bound of bounds) {
    const type = knownType(binder, bound);
    if (type !== undefined && type.family !== 'unknown') known ??= type;
  }
  if (known !== undefined) return known;
  if (wanted !== undefined && wanted.family !== 'any') return wanted;
  let natural: SqlType | undefined;
  for (const bound of bounds) {
    const type = isUntyped(bound) ? naturalType(bound) : bound.type;
    if (type === undefined || type.family === 'unknown') continue;
    if (natural === undefined || (natural.family === 'int' && type.family === 'decimal'))
      natural = type.family === 'decimal' ? DECIMAL : type;
  }
  return natural ?? UNKNOWN;
}

/** Gives all of them that type. @throws SqlError datatypeMismatch (42804), naming `what`. */
export function unify(
  binder: Binder,
  bounds: readonly Bound[],
  what: string,
  wanted?: SqlType,
): { readonly type: SqlType; readonly exprs: Expr[] } {
  const rows = bounds.map((bound) => (bound.kind === 'tuple' ? settle(binder, bound) : bound));
  const type = commonType(binder, rows, wanted);
  const exprs = rows.map((bound) => {
    const expr = settle(binder, bound, type);
    if (expr.type.family === 'unknown' && type.family !== 'unknown')
      return expr.kind === 'const' ? nullOf(type) : expr;
    if (sameKind(expr.type, type)) return expr;
    throw new SqlError(
      'datatypeMismatch',
      `${what} types ${messageTypeName(type)} and ${messageTypeName(expr.type)} cannot be matched`,
    );
  });
  return { type, exprs };
}
