import { type Connection, statement } from './connection';

/** Values that sessions start with: ALTER ROLE … SET. */
export interface RoleSettingRow {
  /** 0: in every database. */
  readonly databaseId: number;
  /** Empty: of all roles. */
  readonly role: string;
  readonly name: string;
  readonly value: string;
}

export function listRoleSettings(db: Connection): RoleSettingRow[] {
  const sql = `SELECT database_id AS "databaseId", role, name, value FROM role_settings
    ORDER BY database_id, role, name`;
  return statement(db, sql).all() as RoleSettingRow[];
}

/** All settings of a role in a database, as CockroachDB keeps them. */
export interface StartSettings extends Pick<RoleSettingRow, 'databaseId' | 'role'> {
  /** `name=value`. */
  readonly settings: readonly string[];
}

export function listStartSettings(db: Connection): StartSettings[] {
  return startSettingsOf(listRoleSettings(db));
}

/** @param rows of a role in a database one after the other */
export function startSettingsOf(rows: readonly RoleSettingRow[]): StartSettings[] {
  const found: (StartSettings & { readonly settings: string[] })[] = [];
  for (const { databaseId, role, name, value } of rows) {
    const last = found.at(-1);
    const setting = `${name}=${value}`;
    if (last?.databaseId === databaseId && last.role === role) last.settings.push(setting);
    else found.push({ databaseId, role, settings: [setting] });
  }
  return found;
}

export function putRoleSetting(db: Connection, row: RoleSettingRow): void {
  statement(db, 'INSERT OR REPLACE INTO role_settings VALUES (?, ?, ?, ?)').run(
    row.databaseId,
    row.role,
    row.name,
    row.value,
  );
}

/** @param name undefined: all of them */
export function deleteRoleSettings(
  db: Connection,
  databaseId: number,
  role: string,
  name?: string,
): void {
  statement(
    db,
    'DELETE FROM role_settings WHERE database_id = ? AND role = ? AND name = coalesce(?, name)',
  ).run(databaseId, role, name ?? null);
}

/** When the database is dropped. */
export function deleteSettingsIn(db: Connection, databaseId: number): void {
  statement(db, 'DELETE FROM role_settings WHERE database_id = ?').run(databaseId);
}

/** When the role is dropped. */
export function deleteSettingsOfRole(db: Connection, role: string): void {
  statement(db, 'DELETE FROM role_settings WHERE role = ?').run(role);
}
