import { SqlError } from '../../base/errors';
import type { WriteStatement } from '../parse/changes';
import type { SessionSettings } from './settings';

/** @throws SqlError warning (01000) when the session asked to be kept from such statements */
export function refuseUnsafe(
  what: string,
  { settings }: { readonly settings: SessionSettings },
): void {
  if (settings.get('sql_safe_updates') !== 'on') return;
  throw new SqlError('warning', `rejected (sql_safe_updates = true): ${what}`);
}

/** @throws SqlError warning (01000) for an UPDATE or DELETE of a whole table */
export function refuseUnsafeWrite(statement: WriteStatement, settings: SessionSettings): void {
  if (statement.kind !== 'Update' && statement.kind !== 'Delete') return;
  if (statement.tree.whereClause !== undefined) return;
  refuseUnsafe(`${statement.kind.toUpperCase()} without WHERE clause`, { settings });
}
