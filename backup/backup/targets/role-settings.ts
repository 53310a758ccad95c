import { SYSTEM_DATABASE_ID } from '../../../catalog/constants';
import type { Descriptor } from '../../../catalog/descriptor/gen/descriptor_pb';
import { arrayToRepr } from '../../../catalog/types/array';
import type { Repr } from '../../../catalog/types/sql-type';
import { arrayOf, STRING } from '../../../catalog/types/table';
import type { Connection } from '../../../storage/ranges/connection';
import { BEGAN_COLUMN, metaSqlOfVersions } from '../../../storage/ranges/meta-history-reads';
import { END_COLUMN } from '../../../storage/ranges/physical-table';
import { type RoleSettingRow, startSettingsOf } from '../../../storage/ranges/role-setting-rows';
import type { Window } from './revisions';

/**
 * system.database_role_settings, what ALTER ROLE … SET has set: a table that v21.2 has and its early alphas have not. Those leave out
 * system tables that they do not know; backups have it only when there is something in it (docs/decisions/0044-role-settings-and-default-privileges.md).
 */
export const ROLE_SETTINGS = 'database_role_settings';

export const isRoleSettings = ({ union }: Descriptor): boolean =>
  union.case === 'table' &&
  union.value.parentId === SYSTEM_DATABASE_ID &&
  union.value.name === ROLE_SETTINGS;

/** Whether there were any at some time of the window. */
export function hadRoleSettings(db: Connection, { start, end }: Window): boolean {
  const condition = `${BEGAN_COLUMN} <= ? AND (${END_COLUMN} IS NULL OR ${END_COLUMN} > ?)`;
  const sql = `SELECT 1 FROM role_settings WHERE ${condition} LIMIT 1`;
  return db.prepare(metaSqlOfVersions(db, sql, 'role_settings')).get(end, start) !== undefined;
}

const SETTINGS = arrayOf(STRING);

/** @param settings in the order of database, role and name @returns a row for each database and role */
export const roleSettingRows = (
  settings: readonly Readonly<Record<string, Repr>>[],
): Readonly<Record<string, Repr>>[] =>
  startSettingsOf(settings as unknown as readonly RoleSettingRow[]).map((row) => ({
    database_id: row.databaseId,
    role_name: row.role,
    settings: arrayToRepr(SETTINGS, row.settings),
  }));
