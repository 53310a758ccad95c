import { defined } from '../../base/invariant';
import { sqliteColumnName, sqliteTableName } from '../../catalog/build-table-info';
import { SYSTEM_DATABASE_ID } from '../../catalog/constants';
import { isRegionalObject, withoutRegional } from '../../catalog/region-zones';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { arrayElements } from '../../catalog/types/array';
import { microsOfTimestamp } from '../../catalog/types/datetime';
import { arrayOf, STRING } from '../../catalog/types/table';
import { isInitialZone, NAMED_ZONES, type ZoneConfig } from '../../catalog/zones';
import type { Connection } from '../../storage/ranges/connection';
import { bumpCatalogVersion } from '../../storage/ranges/descriptor-rows';
import { quoteName } from '../../storage/ranges/physical-table';
import { putRoleSetting } from '../../storage/ranges/role-setting-rows';
import { putZone, type ZoneRow } from '../../storage/ranges/zone-rows';
import type { SystemTables } from './plan';
import { takeOverJobs } from './source-jobs';
import { zoneRows } from './zone-config';

/**
 * System tables of a full cluster backup: which are restored, and how their rows, restored into a table of their own, become
 * those of this cluster. What was there goes, except for the version and the jobs of this cluster (format reference 07 §9).
 */

export interface SystemTable {
  readonly db: Connection;
  /** With what is restored. */
  readonly catalog: CatalogSnapshot;
  /** Rows, each by column name as SQLite holds it; columns that the backup's release did not have are absent. */
  rows(): Iterable<Readonly<Record<string, unknown>>>;
}

type TakeOver = (source: SystemTable) => void;

/** Replaces the rows of `table` by those of the backup, column by column. */
const replacing =
  (table: string, columns: Readonly<Record<string, string>>): TakeOver =>
  ({ db, rows }) => {
    db.exec(`DELETE FROM ${table}`);
    const names = Object.keys(columns).join(', ');
    const marks = Object.keys(columns).map(() => '?');
    const insert = db.prepare(`INSERT INTO ${table} (${names}) VALUES (${marks.join(', ')})`);
    for (const row of rows()) {
      insert.run(Object.values(columns).map((column) => row[column] ?? null));
    }
  };

const TAKE_OVER: ReadonlyMap<string, TakeOver> = new Map<string, TakeOver>([
  [
    'users',
    replacing('users', {
      username: 'username',
      hashed_password: 'hashedPassword',
      is_role: 'isRole',
    }),
  ],
  [
    'role_members',
    replacing('role_members', { role: 'role', member: 'member', is_admin: 'isAdmin' }),
  ],
  [
    'role_options',
    replacing('role_options', { username: 'username', option: 'option', value: 'value' }),
  ],
  [
    'comments',
    replacing('comments', {
      type: 'type',
      object_id: 'object_id',
      sub_id: 'sub_id',
      comment: 'comment',
    }),
  ],
  [
    'locations',
    replacing('locations', {
      locality_key: 'localityKey',
      locality_value: 'localityValue',
      latitude: 'latitude',
      longitude: 'longitude',
    }),
  ],
  ['ui', replacing('ui', { key: 'key', value: 'value', last_updated: 'lastUpdated' })],
  [
    'scheduled_jobs',
    replacing('scheduled_jobs', {
      schedule_id: 'schedule_id',
      schedule_name: 'schedule_name',
      created: 'created',
      owner: 'owner',
      next_run: 'next_run',
      schedule_state: 'schedule_state',
      schedule_expr: 'schedule_expr',
      schedule_details: 'schedule_details',
      executor_type: 'executor_type',
      execution_args: 'execution_args',
    }),
  ],
  ['database_role_settings', takeOverRoleSettings],
  ['settings', takeOverSettings],
  ['zones', takeOverZones],
  ['jobs', takeOverJobs],
]);

export const RESTORED_SYSTEM_TABLES: ReadonlySet<string> = new Set(TAKE_OVER.keys());

/** In the caller's write transaction, once all data is there. @throws CorruptionError */
export function takeOverSystemTables(
  db: Connection,
  catalog: CatalogSnapshot,
  { tables }: SystemTables,
): void {
  for (const { name, id } of tables) {
    TAKE_OVER.get(name)?.({ db, catalog, rows: () => rowsOf(db, catalog, id) });
  }
  bumpCatalogVersion(db);
}

function rowsOf(db: Connection, catalog: CatalogSnapshot, id: number) {
  const { columns } = defined(catalog.tableDescriptor(id), `system table ${id}`);
  const selected = columns.map(
    (column) => `${sqliteColumnName(column.id)} AS ${quoteName(column.name)}`,
  );
  const sql = `SELECT ${selected.join(', ')} FROM ${sqliteTableName(id)}`;
  // All at once: what they become may be written while they are gone through.
  return db.prepare(sql).safeIntegers().all() as Record<string, unknown>[];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Of the setting that says which version a cluster is. */
const VERSION = 'version';

function takeOverSettings({ db, rows }: SystemTable): void {
  db.prepare('DELETE FROM settings WHERE name <> ?').run(VERSION);
  const insert = db.prepare('INSERT INTO settings VALUES (?, ?, ?, ?)');
  for (const { name, value, valueType, lastUpdated } of rows()) {
    if (name === VERSION) continue;
    const updated = typeof lastUpdated === 'bigint' ? microsOfTimestamp(lastUpdated) : 0n;
    insert.run(text(name), text(value), text(valueType), updated);
  }
}

function takeOverRoleSettings({ db, rows }: SystemTable): void {
  db.exec('DELETE FROM role_settings');
  for (const { database_id: id, role_name: role, settings } of rows()) {
    if (!(settings instanceof Uint8Array)) continue;
    for (const setting of arrayElements(arrayOf(STRING), settings)) {
      const [name = '', ...value] = text(setting).split('=');
      const row = { databaseId: Number(id), role: text(role), name, value: value.join('=') };
      putRoleSetting(db, row);
    }
  }
}

/** What follows from regions is not stored: see `catalog/region-zones.ts`. */
function takeOverZones({ db, catalog, rows }: SystemTable): void {
  db.exec('DELETE FROM zones');
  const seen = new Set<number>();
  for (const { id, config } of rows()) {
    if (!(config instanceof Uint8Array)) continue;
    seen.add(Number(id));
    for (const row of zoneRows(Number(id), config, 'system.zones')) {
      const own = ownZone(row, catalog);
      if (own !== undefined) putZone(db, own);
    }
  }
  // What the source had discarded stays discarded.
  for (const id of [SYSTEM_DATABASE_ID, ...NAMED_ZONES.values()]) {
    if (isInitialZone(id, 0) && !seen.has(id)) putZone(db, { id, subId: 0, config: null });
  }
}

/** Undefined: nothing is left of it without what regions decide. */
function ownZone(row: ZoneRow, catalog: CatalogSnapshot): ZoneRow | undefined {
  if (row.config === null || !isRegionalObject(row.id, catalog)) return row;
  const own = withoutRegional(JSON.parse(row.config) as ZoneConfig);
  return Object.keys(own).length === 0 ? undefined : { ...row, config: JSON.stringify(own) };
}
