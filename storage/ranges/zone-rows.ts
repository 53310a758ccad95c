import { type Connection, statement, wideStatement } from './connection';
import { metaHistoryName, THERE_COLUMN } from './meta-history';
import { END_COLUMN } from './physical-table';

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

/** One that is there no more, as it last was. */
export interface LastZone extends ZoneRow {
  /** When it ceased to be. */
  readonly end: bigint;
}

/** Of whole objects that have no zone configuration now, what they last had, as far back as there is a history. */
export function listLastZones(db: Connection): LastZone[] {
  const rows = wideStatement(
    db,
    `SELECT id, config, max(${END_COLUMN}) AS "end" FROM ${metaHistoryName('zones')} AS h
     WHERE sub_id = 0 AND ${THERE_COLUMN} AND id NOT IN (SELECT id FROM zones WHERE sub_id = 0)
     GROUP BY id`,
  ).all() as { readonly id: bigint; readonly config: string | null; readonly end: bigint }[];
  return rows.map(({ id, config, end }) => ({ id: Number(id), subId: 0, config, end }));
}
