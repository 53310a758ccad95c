import { SqlError } from '../../base/errors';
import type { SessionSettings } from '../session/settings';

/** @throws SqlError warning (01000) when the session asked to be kept from such statements */
export function refuseUnsafe(
  what: string,
  { settings }: { readonly settings: SessionSettings },
): void {
  if (settings.get('sql_safe_updates') !== 'on') return;
  throw new SqlError('warning', `rejected (sql_safe_updates = true): ${what}`);
}
