import { STAGED_TABLE } from '../staging/schema-page';
import type { Connection } from './connection';
import { createTableSql, type PhysicalTable, quoteName, TIMESTAMP_COLUMN } from './physical-table';

/** Rows on their way from staging files into the store's tables. */

/** Columns of a table's staging files: its own and the timestamp, as SQL writes them. */
export function stagedColumns(table: PhysicalTable): string[] {
  return [...table.columns.map(({ name }) => quoteName(name)), TIMESTAMP_COLUMN];
}

/** CREATE TABLE of a staging file whose table is declared as the store's is. */
export const keyedStagedSql = (table: PhysicalTable): string =>
  createTableSql({ ...table, name: STAGED_TABLE });

/** Source: SQLITE_MAX_ATTACHED of the build that better-sqlite3 ships. */
export const ATTACHED_MAX = 10;

const schemaName = (place: number): string => `staging_${place}`;

/** Makes staging files known to a connection; outside a transaction. @param paths at most `ATTACHED_MAX` */
export function attachStaged(db: Connection, paths: readonly string[]): void {
  const attach = db.prepare('ATTACH ? AS ?');
  for (const [place, path] of paths.entries()) attach.run(path, schemaName(place));
}

/** Outside a transaction; those that were never attached are passed over. */
export function detachStaged(db: Connection): void {
  const attached = db.pragma('database_list') as { name: string }[];
  for (const { name } of attached) {
    if (name.startsWith(schemaName(0).slice(0, -1))) db.exec(`DETACH ${name}`);
  }
}

/**
 * Copies all rows of the staging file attached at `place` into a table, in the caller's transaction. SQLite checks them as it
 * checks any row: types, NOT NULL, the key; unless the file's table is declared as this one is and this one is empty: then records are
 * copied as they are. Both say `*`, which SQLite wants for that. @returns how many
 */
export function copyStaged(db: Connection, table: PhysicalTable, place: number): number {
  const rows = `SELECT * FROM ${schemaName(place)}.${STAGED_TABLE}`;
  return db.prepare(`INSERT INTO main.${quoteName(table.name)} ${rows}`).run().changes;
}
