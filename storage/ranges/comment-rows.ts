import { type Connection, statement } from './connection';

/** A comment on a database, table, column or index. */
export interface CommentRow {
  /** 0 database, 1 table, 2 column, 3 index. Source: CockroachDB, system.comments. */
  readonly type: number;
  readonly objectId: number;
  /** Column or index id, else 0. */
  readonly subId: number;
  readonly comment: string;
}

const COLUMNS = 'type, object_id AS "objectId", sub_id AS "subId", comment';

export function listComments(db: Connection): CommentRow[] {
  const sql = `SELECT ${COLUMNS} FROM comments ORDER BY type, object_id, sub_id`;
  return statement(db, sql).all() as CommentRow[];
}

export function putComment(db: Connection, row: CommentRow): void {
  statement(db, 'INSERT OR REPLACE INTO comments VALUES (?, ?, ?, ?)').run(
    row.type,
    row.objectId,
    row.subId,
    row.comment,
  );
}

export function deleteComment(db: Connection, type: number, objectId: number, subId: number): void {
  statement(db, 'DELETE FROM comments WHERE type = ? AND object_id = ? AND sub_id = ?').run(
    type,
    objectId,
    subId,
  );
}

/** All comments of one object, of its columns and indexes too. */
export function deleteCommentsOf(db: Connection, objectId: number): void {
  statement(db, 'DELETE FROM comments WHERE object_id = ?').run(objectId);
}
