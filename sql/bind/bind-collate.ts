import { SqlError } from '../../base/errors';
import { collationKey } from '../../catalog/types/collation-key';
import { collated, STRING } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { COLLATE_AS } from '../builtins/comparisons';
import type { CollateClause } from '../parse/pg-tree';
import { type Binder, settle } from './binder';
import { call } from './calls';
import type { Expr } from './expr';
import { names } from './pg-access';
import type { Scope } from './scope';

/** Names of the collation that strings have anyway. */
export const PLAIN_COLLATIONS: ReadonlySet<string> = new Set([
  'default',
  'C',
  'POSIX',
  'ucs_basic',
]);

/** `text COLLATE locale`: the same text of a type that compares by the locale's rules. */
export function bindCollate(binder: Binder, node: CollateClause, scope: Scope): Expr {
  const locale = names(node.collname).at(-1) ?? '';
  const arg = settle(binder, binder.bindExpr(node.arg, scope), STRING);
  const { family } = arg.type;
  if (family !== 'string' && family !== 'collatedstring' && family !== 'unknown')
    throw new SqlError(
      'datatypeMismatch',
      `incompatible type for COLLATE: ${messageTypeName(arg.type)}`,
    );
  if (PLAIN_COLLATIONS.has(locale)) return arg;
  // Throws for what is no locale.
  collationKey(locale, '');
  return call(COLLATE_AS, collated(locale), [arg]);
}
