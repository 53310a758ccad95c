import { SYSTEM_DATABASE_ID } from '../../catalog/constants';
import type { DatabaseDescriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Repr } from '../../catalog/types/sql-type';
import { OID } from '../../catalog/types/table';
import type { MaterializedTable } from '../bind/catalog-view';
import { hasAnyPrivilege, securedById } from '../privileges/access';
import { CatalogObjects } from './catalog-objects';
import { SYSTEM_TABLES } from './registry';
import { reprRows, type SystemContext, type SystemTable } from './system-table';

/** Rows of system tables for a session. */

interface KnownRows {
  readonly objects: CatalogObjects;
  readonly rows: Map<string, readonly (readonly Repr[])[]>;
}

/** By catalog version, database and reader: what follows from the catalog alone is made once. */
const known = new WeakMap<CatalogSnapshot, Map<string, KnownRows>>();

/** @param reader who sees only what they hold a privilege on; undefined: whoever sees everything */
function knownOf(
  catalog: CatalogSnapshot,
  database: DatabaseDescriptor,
  reader: string | undefined,
): KnownRows {
  let all = known.get(catalog);
  if (all === undefined) {
    all = new Map();
    known.set(catalog, all);
  }
  const key = reader === undefined ? `${database.id}` : `${database.id}/${reader}`;
  let found = all.get(key);
  if (found === undefined) {
    const isVisible =
      reader === undefined
        ? undefined
        : (id: number) =>
            hasAnyPrivilege({ catalog, user: reader }, securedById({ catalog, user: reader }, id));
    found = { objects: new CatalogObjects(catalog, database, isVisible), rows: new Map() };
    all.set(key, found);
  }
  return found;
}

/** Look-ups (they have no number) find what is there, tables show what the user may know of. */
function readerOf(table: SystemTable | undefined, session: SystemSession): string | undefined {
  const isLookup = table?.oid === 0;
  return isLookup || session.catalog.roles.isAdmin(session.user) ? undefined : session.user;
}

const TABLES_OF_EVERY_DATABASE = SYSTEM_TABLES.filter(({ schema }) => schema !== 'system');

/** Every table has it; named in a query, it tells catalogs apart. */
const TABLEOID = { name: 'tableoid', type: OID, hidden: true } as const;

export type SystemSession = Omit<SystemContext, 'objects' | 'systemTables' | 'database'>;

export function systemContext(
  session: SystemSession,
  database: DatabaseDescriptor,
  table?: SystemTable,
): SystemContext {
  const { objects } = knownOf(session.catalog, database, readerOf(table, session));
  const isSystem = database.id === SYSTEM_DATABASE_ID;
  const systemTables = isSystem ? SYSTEM_TABLES : TABLES_OF_EVERY_DATABASE;
  return { ...session, database, objects, systemTables };
}

/** The rows of a table, made when they are first asked for. */
export function systemRows(
  table: SystemTable,
  session: SystemSession,
  database: DatabaseDescriptor,
): MaterializedTable {
  const oid = BigInt(table.oid);
  const columns = [...table.columns, TABLEOID];
  const make = (): Repr[][] => {
    const made = [...reprRows(table, systemContext(session, database, table))];
    for (const row of made) row.push(oid);
    return made;
  };
  if (!table.stable) return { columns, rows: make() };
  const key = `${table.schema}.${table.name}`;
  const { rows } = knownOf(session.catalog, database, readerOf(table, session));
  let made = rows.get(key);
  if (made === undefined) {
    made = make();
    rows.set(key, made);
  }
  return { columns, rows: made };
}
