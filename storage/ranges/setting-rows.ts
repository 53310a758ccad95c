import { type Connection, statement } from './connection';

/** One cluster setting that was set. */
export interface SettingRow {
  readonly name: string;
  readonly value: string;
  /** One letter, as system.settings has it: s, i, f, b, z, d, e, m. */
  readonly valueType: string;
  /** Microseconds since 1970. */
  readonly lastUpdatedMicros: number;
}

export function listSettings(db: Connection): SettingRow[] {
  return statement(
    db,
    `SELECT name, value, value_type AS "valueType", last_updated AS "lastUpdatedMicros"
     FROM settings ORDER BY name`,
  ).all() as SettingRow[];
}

export function putSetting(db: Connection, row: SettingRow): void {
  statement(db, 'INSERT OR REPLACE INTO settings VALUES (?, ?, ?, ?)').run(
    row.name,
    row.value,
    row.valueType,
    row.lastUpdatedMicros,
  );
}

export function deleteSetting(db: Connection, name: string): void {
  statement(db, 'DELETE FROM settings WHERE name = ?').run(name);
}
