import { type Connection, statement } from './connection';

/** A location with a name. Its URL holds secrets: it is shown redacted only. */
export interface ExternalConnectionRow {
  readonly name: string;
  readonly uri: string;
  readonly owner: string;
}

const COLUMNS = 'connection_name AS "name", uri, owner';

export function listExternalConnections(db: Connection): ExternalConnectionRow[] {
  const sql = `SELECT ${COLUMNS} FROM external_connections ORDER BY connection_name`;
  return statement(db, sql).all() as ExternalConnectionRow[];
}

export function findExternalConnection(
  db: Connection,
  name: string,
): ExternalConnectionRow | undefined {
  const sql = `SELECT ${COLUMNS} FROM external_connections WHERE connection_name = ?`;
  return statement(db, sql).get(name) as ExternalConnectionRow | undefined;
}

export function insertExternalConnection(db: Connection, row: ExternalConnectionRow): void {
  statement(db, 'INSERT INTO external_connections VALUES (?, ?, ?, ?)').run(
    row.name,
    row.uri,
    row.owner,
    Date.now() * 1000,
  );
}

export function deleteExternalConnection(db: Connection, name: string): void {
  statement(db, 'DELETE FROM external_connections WHERE connection_name = ?').run(name);
}
