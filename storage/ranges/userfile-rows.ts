import { type Connection, statement } from './connection';

/** Files of users, in the store: names in `userfiles`, their bytes in pieces in `userfile_payload`. */

export interface UserfileRow {
  readonly fileId: number;
  readonly filename: string;
  readonly sizeBytes: number;
}

/** Bytes of one row of payload; the last of a file has fewer. */
export const USERFILE_PIECE_BYTES = 256 << 10;

const COLUMNS = 'file_id AS "fileId", filename, size_bytes AS "sizeBytes"';

/** @param prefix the table prefix of the URL: `defaultdb.public.userfiles_<user>` */
export function findUserfile(
  db: Connection,
  prefix: string,
  filename: string,
): UserfileRow | undefined {
  const sql = `SELECT ${COLUMNS} FROM userfiles WHERE prefix = ? AND filename = ? AND complete = 1`;
  return statement(db, sql).get(prefix, filename) as UserfileRow | undefined;
}

/** Some of the files whose names come after one, in bytewise order. */
export function userfilesAfter(
  db: Connection,
  prefix: string,
  after: string,
  count: number,
): UserfileRow[] {
  const sql = `SELECT ${COLUMNS} FROM userfiles WHERE prefix = ? AND filename > ? AND complete = 1
    ORDER BY filename LIMIT ?`;
  return statement(db, sql).all(prefix, after, count) as UserfileRow[];
}

/** @returns the pieces that hold bytes [start, end), in order, each with its offset in the file */
export function userfilePieces(
  db: Connection,
  fileId: number,
  start: number,
  end: number,
): { readonly byteOffset: number; readonly payload: Buffer }[] {
  const sql = `SELECT byte_offset AS "byteOffset", payload FROM userfile_payload
    WHERE file_id = ? AND byte_offset >= ? AND byte_offset < ? ORDER BY byte_offset`;
  const first = start - (start % USERFILE_PIECE_BYTES);
  return statement(db, sql).all(fileId, first, end) as ReturnType<typeof userfilePieces>;
}

/** A file that nobody sees before `completeUserfile`. @returns its id */
export function beginUserfile(
  db: Connection,
  prefix: string,
  filename: string,
  user: string,
): number {
  const sql = `INSERT INTO userfiles (prefix, filename, size_bytes, username, upload_time, complete)
    VALUES (?, ?, 0, ?, ?, 0)`;
  const { lastInsertRowid } = statement(db, sql).run(prefix, filename, user, Date.now() * 1000);
  return Number(lastInsertRowid);
}

export function putUserfilePiece(
  db: Connection,
  fileId: number,
  byteOffset: number,
  payload: Uint8Array,
): void {
  statement(db, 'INSERT INTO userfile_payload VALUES (?, ?, ?)').run(fileId, byteOffset, payload);
}

/** The file takes the place of one of its name. */
export function completeUserfile(db: Connection, fileId: number, sizeBytes: number): void {
  const named = 'SELECT prefix, filename FROM userfiles WHERE file_id = ?';
  const { prefix, filename } = statement(db, named).get(fileId) as {
    prefix: string;
    filename: string;
  };
  const old = findUserfile(db, prefix, filename);
  if (old !== undefined) deleteUserfile(db, old.fileId);
  const sql = 'UPDATE userfiles SET size_bytes = ?, complete = 1 WHERE file_id = ?';
  statement(db, sql).run(sizeBytes, fileId);
}

export function deleteUserfile(db: Connection, fileId: number): void {
  statement(db, 'DELETE FROM userfile_payload WHERE file_id = ?').run(fileId);
  statement(db, 'DELETE FROM userfiles WHERE file_id = ?').run(fileId);
}
