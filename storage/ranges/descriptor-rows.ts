import { type Connection, statement } from './connection';
import { advanceCounter, readCounter } from './counters';
import { noteDescriptor } from './descriptor-history';

/** One descriptor; its contents are the catalog's business. */
export interface DescriptorRow {
  readonly id: number;
  /** The database's id, 0 for databases. */
  readonly parentId: number;
  /** The schema's id, 0 for databases and schemas. */
  readonly parentSchemaId: number;
  readonly name: string;
  /** Being dropped: keeps its id, has given up its name. */
  readonly dropped: boolean;
  readonly descriptor: Uint8Array;
}

interface RawRow {
  id: number;
  parent_id: number;
  parent_schema_id: number;
  name: string;
  dropped: number;
  descriptor: Uint8Array;
}

const COLUMNS = 'id, parent_id, parent_schema_id, name, dropped, descriptor';

function fromRaw(raw: RawRow): DescriptorRow {
  return {
    id: raw.id,
    parentId: raw.parent_id,
    parentSchemaId: raw.parent_schema_id,
    name: raw.name,
    dropped: raw.dropped !== 0,
    descriptor: raw.descriptor,
  };
}

/** Grows with every change to descriptors; caches made from them carry the version that they were made from. */
export function catalogVersion(db: Connection): number {
  return readCounter(db, 'catalog_version');
}

/** For changes to what the catalog shows beside descriptors (comments, users); descriptor writes do it by themselves. */
export function bumpCatalogVersion(db: Connection): void {
  advanceCounter(db, 'catalog_version', 1);
}

/**
 * Inserts or replaces a descriptor in the caller's write transaction.
 * @param nowNanos the time of the change, for those who read the past
 * @throws SqliteError SQLITE_CONSTRAINT_UNIQUE (see `isUniqueViolation`) when another one has its name
 */
export function putDescriptor(db: Connection, row: DescriptorRow, nowNanos: bigint): void {
  statement(
    db,
    `INSERT INTO descriptors (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id,
       parent_schema_id = excluded.parent_schema_id, name = excluded.name,
       dropped = excluded.dropped, descriptor = excluded.descriptor`,
  ).run(row.id, row.parentId, row.parentSchemaId, row.name, row.dropped ? 1 : 0, row.descriptor);
  noteDescriptor(db, row.id, nowNanos, row.descriptor);
  bumpCatalogVersion(db);
}

export function deleteDescriptor(db: Connection, id: number, nowNanos: bigint): void {
  statement(db, 'DELETE FROM descriptors WHERE id = ?').run(id);
  noteDescriptor(db, id, nowNanos, null);
  bumpCatalogVersion(db);
}

export function getDescriptor(db: Connection, id: number): DescriptorRow | undefined {
  const raw = statement(db, `SELECT ${COLUMNS} FROM descriptors WHERE id = ?`).get(id);
  return raw === undefined ? undefined : fromRaw(raw as RawRow);
}

/** All descriptors, dropped ones included, by id. */
export function listDescriptors(db: Connection): DescriptorRow[] {
  const rows = statement(db, `SELECT ${COLUMNS} FROM descriptors ORDER BY id`).all() as RawRow[];
  return rows.map(fromRaw);
}

/** The id that a name stands for; dropped descriptors have none. */
export function lookupName(
  db: Connection,
  parentId: number,
  parentSchemaId: number,
  name: string,
): number | undefined {
  const found = statement(
    db,
    `SELECT id FROM descriptors
     WHERE parent_id = ? AND parent_schema_id = ? AND name = ? AND dropped = 0`,
  ).get(parentId, parentSchemaId, name) as { id: number } | undefined;
  return found?.id;
}
