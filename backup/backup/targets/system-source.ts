import { fromBinary } from '@bufbuild/protobuf';
import { defined } from '../../../base/invariant';
import { type Descriptor, DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import { INITIAL_LOCATIONS } from '../../../catalog/initial-locations';
import { type CatalogSnapshot, type DescriptorHeader, headerOf } from '../../../catalog/snapshot';
import { timestampOfMicros } from '../../../catalog/types/datetime';
import type { Repr } from '../../../catalog/types/sql-type';
import type { Connection } from '../../../storage/ranges/connection';
import type { MetaTable } from '../../../storage/ranges/meta-history';
import { BEGAN_COLUMN, metaSqlOfVersions } from '../../../storage/ranges/meta-history-reads';
import { END_COLUMN } from '../../../storage/ranges/physical-table';
import type { ZoneRow } from '../../../storage/ranges/zone-rows';
import { recordOf } from '../../../storage/staging/record-of';
import type { Rows } from '../rows/row-scan';
import type { IndexBuild } from './index-builds';
import type { Window } from './revisions';
import { ROLE_SETTINGS, roleSettingRows } from './role-settings';
import { SYSTEM_DESCRIPTORS } from './system-descriptors';
import { systemZones } from './zone-message';

/** System tables of a backup: what is kept otherwise here, as the rows that CockroachDB has. */

/** The system database and its tables that a full cluster backup holds. */
export const systemDescriptors = ({ roleSettings }: SystemContents): DescriptorHeader[] =>
  descriptorsWhere((name) => roleSettings || name !== ROLE_SETTINGS);

/** Whether all rows of a system table are kept: jobs here are no jobs of CockroachDB. */
export const isNamedSystemTable = (name: string): boolean =>
  SYSTEM_DESCRIPTORS.has(name) && name !== JOBS && name !== SYSTEM_DATABASE;

/** The system database and tables of it; none of them: nothing. */
export const namedSystemDescriptors = (names: readonly string[]): DescriptorHeader[] =>
  names.length === 0
    ? []
    : descriptorsWhere((name) => name === SYSTEM_DATABASE || names.includes(name));

const SYSTEM_DATABASE = 'system';
const JOBS = 'jobs';

const descriptorsWhere = (isMeant: (name: string) => boolean): DescriptorHeader[] =>
  [...SYSTEM_DESCRIPTORS]
    .filter(([name]) => isMeant(name))
    .map(([, bytes]) => defined(headerOf(decode(bytes)), 'a system descriptor'));

/** Tables that are not in each backup. */
export interface SystemContents {
  readonly roleSettings: boolean;
}

const decode = (bytes: string): Descriptor =>
  fromBinary(DescriptorSchema, Buffer.from(bytes, 'base64'));

type SystemRow = Readonly<Record<string, Repr>>;

/** A table whose rows are those of a meta table. Columns that are not there are NULL. */
interface Selection {
  readonly table: MetaTable;
  readonly columns: string;
  readonly condition?: string;
  /** Its primary key. */
  readonly order: string;
  readonly finish?: (row: SystemRow) => SystemRow;
}

const SELECTIONS: ReadonlyMap<string, Selection> = new Map<string, Selection>([
  [
    'users',
    {
      table: 'users',
      columns: `username, coalesce(hashed_password, x'') AS hashedPassword, is_role AS isRole`,
      order: 'username',
    },
  ],
  [
    'settings',
    {
      table: 'settings',
      columns: 'name, value, value_type AS valueType, last_updated AS micros',
      // Each cluster has a version of its own: it is no setting to take along.
      condition: `name <> 'version'`,
      order: 'name',
      finish: ({ micros, ...row }) => ({
        ...row,
        lastUpdated: timestampOfMicros(Number(micros)),
      }),
    },
  ],
  ['ui', { table: 'ui', columns: 'key, value, last_updated AS lastUpdated', order: 'key' }],
  [
    'role_members',
    { table: 'role_members', columns: 'role, member, is_admin AS isAdmin', order: 'role, member' },
  ],
  [
    'comments',
    {
      table: 'comments',
      columns: 'type, object_id, sub_id, comment',
      order: 'type, object_id, sub_id',
    },
  ],
  [
    'role_options',
    { table: 'role_options', columns: 'username, option, value', order: 'username, option' },
  ],
  ['scheduled_jobs', { table: 'scheduled_jobs', columns: '*', order: 'schedule_id' }],
]);

/** A table whose rows are made of several of a meta table, and of the catalog. */
interface Composition {
  readonly parts: Selection;
  readonly make: (parts: readonly SystemRow[], catalog: CatalogSnapshot) => SystemRow[];
}

const COMPOSITIONS: ReadonlyMap<string, Composition> = new Map<string, Composition>([
  [
    'zones',
    {
      parts: { table: 'zones', columns: 'id, sub_id AS "subId", config', order: 'id, sub_id' },
      make: zoneRows,
    },
  ],
  [
    'locations',
    {
      parts: {
        table: 'locations',
        columns:
          'locality_key AS localityKey, locality_value AS localityValue, latitude, longitude',
        order: 'locality_key, locality_value',
      },
      make: (rows) => (rows.length === 0 ? [...INITIAL_LOCATIONS] : [...rows]),
    },
  ],
  [
    ROLE_SETTINGS,
    {
      parts: {
        table: 'role_settings',
        columns: 'database_id AS "databaseId", role, name, value',
        order: 'database_id, role, name',
      },
      make: roleSettingRows,
    },
  ],
]);

/** A row of a system table, in the order of its columns, and when it was there. */
export interface RowVersion {
  readonly values: readonly Repr[];
  readonly began: bigint;
  /** Undefined: it is there at the window's end. */
  readonly ended: bigint | undefined;
}

/** The catalog through a window of time, as far as zone configurations follow from it. */
export interface CatalogTimes {
  at(time: bigint): CatalogSnapshot;
  /** When it changed. */
  readonly times: readonly bigint[];
}

type Lived = Omit<RowVersion, 'values'> & { readonly row: SystemRow };

/** Rows of system tables. */
export class SystemRows {
  private readonly db: Connection;
  private readonly builds: readonly IndexBuild[];
  private readonly tables: ReadonlyMap<number, TableDescriptor>;

  constructor(db: Connection, builds: readonly IndexBuild[]) {
    this.db = db;
    this.builds = builds;
    this.tables = new Map(
      systemDescriptors({ roleSettings: true }).flatMap(({ id, descriptor: { union } }) =>
        union.case === 'table' ? [[id, union.value]] : [],
      ),
    );
  }

  descriptor(id: number): TableDescriptor | undefined {
    return this.tables.get(id);
  }

  /** Those of now. @param endTime of the backup, which is the rows' */
  of(table: TableDescriptor, endTime: bigint, catalog: CatalogSnapshot): Rows {
    const rows = this.present(table.name, catalog);
    return new GivenRows(rows.map((row) => [...valuesOf(table, row), endTime]));
  }

  private present(name: string, catalog: CatalogSnapshot): SystemRow[] {
    if (name === JOBS) return this.builds.map(({ row }) => row);
    const composition = COMPOSITIONS.get(name);
    if (composition !== undefined) return composition.make(this.select(composition.parts), catalog);
    return this.select(defined(SELECTIONS.get(name), `rows of system.${name}`));
  }

  private select({ table, columns, condition = '1', order, finish }: Selection): SystemRow[] {
    const sql = `SELECT ${columns} FROM ${table} WHERE ${condition} ORDER BY ${order}`;
    const rows = this.db.prepare(sql).safeIntegers().all() as SystemRow[];
    return finish === undefined ? rows : rows.map(finish);
  }

  /** All that were there at some time of the window, in no order; those from before it begin with it. */
  *versions(
    table: TableDescriptor,
    { start, end }: Window,
    catalog: CatalogTimes,
  ): Generator<RowVersion> {
    for (const { row, began, ended } of this.lived(table.name, { start, end }, catalog)) {
      if (began > end || (ended !== undefined && ended <= start)) continue;
      yield {
        values: valuesOf(table, row),
        began: began > start ? began : start,
        ended: ended === undefined || ended > end ? undefined : ended,
      };
    }
  }

  private lived(name: string, window: Window, catalog: CatalogTimes): Iterable<Lived> {
    if (name === JOBS)
      return this.builds.map(({ row, from, to }) => ({ row, began: from, ended: to }));
    const composition = COMPOSITIONS.get(name);
    if (composition !== undefined) {
      return composedLives(this.selectLived(composition.parts), composition, window, catalog);
    }
    return this.selectLived(defined(SELECTIONS.get(name), `rows of system.${name}`));
  }

  private selectLived({ table, columns, condition = '1', order, finish }: Selection): Lived[] {
    const sql = `SELECT ${columns}, ${BEGAN_COLUMN}, ${END_COLUMN} FROM ${table}
      WHERE ${condition} ORDER BY ${order}`;
    const statement = this.db.prepare(metaSqlOfVersions(this.db, sql, table)).safeIntegers();
    return (statement.all() as SystemRow[]).map(
      ({ [BEGAN_COLUMN]: began, [END_COLUMN]: ended, ...row }) => ({
        row: finish === undefined ? row : finish(row),
        began: BigInt(String(began)),
        ended: typeof ended === 'bigint' ? ended : undefined,
      }),
    );
  }
}

const valuesOf = (table: TableDescriptor, row: SystemRow): Repr[] =>
  table.columns.map(({ name }) => row[name] ?? null);

function zoneRows(rows: readonly SystemRow[], catalog: CatalogSnapshot): SystemRow[] {
  const zones = rows as unknown as readonly ZoneRow[];
  return systemZones(
    zones.map((row) => ({ ...row, id: Number(row.id), subId: Number(row.subId) })),
    catalog,
  ).map(({ id, config }) => ({ id: BigInt(id), config }));
}

/** The rows are made for each time at which a part of them, or the catalog, has changed. @param parts in their order */
function composedLives(
  parts: readonly Lived[],
  { make }: Composition,
  { start, end }: Window,
  catalog: CatalogTimes,
): Lived[] {
  const changes = [
    ...parts.flatMap(({ began, ended = began }) => [began, ended]),
    ...catalog.times,
  ];
  const within = new Set(changes.filter((time) => time > start && time <= end));
  const times = [start, ...[...within].sort((a, b) => (a < b ? -1 : 1))];
  return times.flatMap((time, i) => {
    const there = parts.filter(
      ({ began, ended }) => began <= time && (ended === undefined || ended > time),
    );
    const rows = make(
      there.map(({ row }) => row),
      catalog.at(time),
    );
    return rows.map((row) => ({ row, began: time, ended: times[i + 1] }));
  });
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
