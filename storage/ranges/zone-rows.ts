import { type Connection, statement } from './connection';

/** What was set of one zone configuration. What the fields mean is the catalog's business. */
export interface ZoneRow {
  /** Of a database, a table or a range of the system's; 0 is the default zone. */
  readonly id: number;
  /** An index of the table, else 0. */
  readonly subId: number;
  /** JSON, one text a field; `null` when the zone that the program knows by itself was discarded. */
  readonly config: string | null;
}

const COLUMNS = 'id, sub_id AS "subId", config';

export function listZones(db: Connection): ZoneRow[] {
  return statement(db, `SELECT ${COLUMNS} FROM zones ORDER BY id, sub_id`).all() as ZoneRow[];
}

export function putZone(db: Connection, { id, subId, config }: ZoneRow): void {
  statement(db, 'INSERT OR REPLACE INTO zones VALUES (?, ?, ?)').run(id, subId, config);
}

export function deleteZone(db: Connection, id: number, subId: number): void {
  statement(db, 'DELETE FROM zones WHERE id = ? AND sub_id = ?').run(id, subId);
}

/** All of one object, of its indexes too. */
export function deleteZonesOf(db: Connection, id: number): void {
  statement(db, 'DELETE FROM zones WHERE id = ?').run(id);
}
