import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Connection } from '../../storage/ranges/connection';
import { listRoleSettings, type RoleSettingRow } from '../../storage/ranges/role-setting-rows';

/**
 * What ALTER ROLE … SET gave a new session, the strongest last: of all roles before the user's own, of every database before the
 * session's own. What the client asks for itself is stronger still.
 */
export function startSettings(
  db: Connection,
  catalog: CatalogSnapshot,
  session: { readonly user: string; readonly database: string },
): RoleSettingRow[] {
  const databaseId = catalog.database(session.database)?.id;
  const strength = (row: RoleSettingRow): number =>
    (row.role === '' ? 0 : 2) + (row.databaseId === 0 ? 0 : 1);
  return listRoleSettings(db)
    .filter((row) => row.role === '' || row.role === session.user)
    .filter((row) => row.databaseId === 0 || row.databaseId === databaseId)
    .sort((a, b) => strength(a) - strength(b));
}
