import { fromBinary } from '@bufbuild/protobuf';
import { defined } from '../../base/invariant';
import { CatalogReader } from '../../catalog/catalog-reader';
import { type Descriptor, DescriptorSchema } from '../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { type DescriptorHeader, headerOf } from '../../catalog/snapshot';
import { timestampOfMicros } from '../../catalog/types/datetime';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import { listZones } from '../../storage/ranges/zone-rows';
import { recordOf } from '../../storage/staging/record-of';
import type { IndexBuild } from './index-builds';
import type { Rows } from './row-scan';
import { SYSTEM_DESCRIPTORS } from './system-descriptors';
import { systemZones } from './zone-message';

/** System tables of a full cluster backup: what is kept otherwise here, as the rows that CockroachDB has. */

/** The system database and its tables that a full cluster backup holds. */
export function systemDescriptors(): DescriptorHeader[] {
  return [...SYSTEM_DESCRIPTORS.values()].map((bytes) =>
    defined(headerOf(decode(bytes)), 'a system descriptor'),
  );
}

const decode = (bytes: string): Descriptor =>
  fromBinary(DescriptorSchema, Buffer.from(bytes, 'base64'));

type RowsOf = (db: Connection, builds: readonly IndexBuild[]) => SystemRow[];

type SystemRow = Readonly<Record<string, Repr>>;

const select =
  (sql: string) =>
  (db: Connection): SystemRow[] =>
    db.prepare(sql).safeIntegers().all() as SystemRow[];

/** In the order of their primary keys; columns that are not there are NULL. */
const ROWS: ReadonlyMap<string, RowsOf> = new Map<string, RowsOf>([
  [
    'users',
    select(
      `SELECT username, coalesce(hashed_password, x'') AS hashedPassword, is_role AS isRole
         FROM users ORDER BY username`,
    ),
  ],
  ['zones', zoneRows],
  ['settings', settingRows],
  ['ui', select('SELECT key, value, last_updated AS lastUpdated FROM ui ORDER BY key')],
  ['jobs', (_db, builds) => builds.map(({ row }) => row)],
  [
    'locations',
    select(
      `SELECT locality_key AS localityKey, locality_value AS localityValue, latitude, longitude
         FROM locations ORDER BY locality_key, locality_value`,
    ),
  ],
  [
    'role_members',
    select('SELECT role, member, is_admin AS isAdmin FROM role_members ORDER BY role, member'),
  ],
  [
    'comments',
    select(
      `SELECT type, object_id, sub_id, comment FROM comments ORDER BY type, object_id, sub_id`,
    ),
  ],
  [
    'role_options',
    select('SELECT username, option, value FROM role_options ORDER BY username, option'),
  ],
  ['scheduled_jobs', select('SELECT * FROM scheduled_jobs ORDER BY schedule_id')],
]);

function zoneRows(db: Connection): SystemRow[] {
  const catalog = new CatalogReader().read(db);
  return systemZones(listZones(db), catalog).map(({ id, config }) => ({ id: BigInt(id), config }));
}

/** Each cluster has a version of its own: it is no setting to take along. */
function settingRows(db: Connection): SystemRow[] {
  const sql = `SELECT name, value, value_type AS valueType, last_updated AS micros
    FROM settings WHERE name <> 'version' ORDER BY name`;
  return select(sql)(db).map(({ micros, ...row }) => ({
    ...row,
    lastUpdated: timestampOfMicros(Number(micros)),
  }));
}

/** Rows of system tables. */
export class SystemRows {
  private readonly db: Connection;
  private readonly builds: readonly IndexBuild[];
  private readonly tables: ReadonlyMap<number, TableDescriptor>;

  constructor(db: Connection, builds: readonly IndexBuild[]) {
    this.db = db;
    this.builds = builds;
    this.tables = new Map(
      systemDescriptors().flatMap(({ id, descriptor: { union } }) =>
        union.case === 'table' ? [[id, union.value]] : [],
      ),
    );
  }

  descriptor(id: number): TableDescriptor | undefined {
    return this.tables.get(id);
  }

  /** @param endTime of the backup, which is the rows' */
  of(table: TableDescriptor, endTime: bigint): Rows {
    const rows = defined(ROWS.get(table.name), `rows of system.${table.name}`);
    const names = table.columns.map((column) => column.name);
    return new GivenRows(
      rows(this.db, this.builds).map((row) => [...names.map((name) => row[name] ?? null), endTime]),
    );
  }
}

class GivenRows implements Rows {
  row = recordOf([]);
  private readonly rows: IterableIterator<Repr[]>;

  constructor(rows: readonly Repr[][]) {
    this.rows = rows.values();
  }

  next(): boolean {
    const { done, value } = this.rows.next();
    if (done === true) return false;
    this.row = recordOf(value);
    return true;
  }

  close(): void {}
}
