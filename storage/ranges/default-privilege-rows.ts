import { type Connection, statement } from './connection';

/** What new objects grant by themselves: ALTER DEFAULT PRIVILEGES. */
export interface DefaultPrivilegeRow {
  readonly databaseId: number;
  /** 0: in every schema. */
  readonly schemaId: number;
  /** Whose objects; empty: anybody's. */
  readonly role: string;
  readonly objectType: string;
  readonly grantee: string;
  /** Bits as descriptors have them; 0 where the built-in default (USAGE of types) was revoked. */
  readonly mask: bigint;
}

interface RawRow extends Omit<DefaultPrivilegeRow, 'mask'> {
  readonly mask: number;
}

export function listDefaultPrivileges(db: Connection): DefaultPrivilegeRow[] {
  const sql = `SELECT database_id AS "databaseId", schema_id AS "schemaId", role,
      object_type AS "objectType", grantee, mask FROM default_privileges
    ORDER BY database_id, schema_id, role, object_type, grantee`;
  return (statement(db, sql).all() as RawRow[]).map((raw) => ({ ...raw, mask: BigInt(raw.mask) }));
}

export function putDefaultPrivilege(db: Connection, row: DefaultPrivilegeRow): void {
  statement(db, 'INSERT OR REPLACE INTO default_privileges VALUES (?, ?, ?, ?, ?, ?)').run(
    row.databaseId,
    row.schemaId,
    row.role,
    row.objectType,
    row.grantee,
    row.mask,
  );
}

export function deleteDefaultPrivilege(db: Connection, row: DefaultPrivilegeRow): void {
  statement(
    db,
    `DELETE FROM default_privileges WHERE database_id = ? AND schema_id = ? AND role = ?
     AND object_type = ? AND grantee = ?`,
  ).run(row.databaseId, row.schemaId, row.role, row.objectType, row.grantee);
}

/** When the database or schema is dropped. */
export function deleteDefaultPrivilegesIn(db: Connection, id: number): void {
  statement(db, 'DELETE FROM default_privileges WHERE database_id = ? OR schema_id = ?').run(
    id,
    id,
  );
}
