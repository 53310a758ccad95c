import { invariant } from '../../base/invariant';
import type { PageFileWriter } from './page-file-writer';
import { RecordBuilder } from './record-builder';
import { writeVarint } from './varint';

/** The one table of a staging file. */
export const STAGED_TABLE = 'staged';

const DATABASE_HEADER_BYTES = 100;
/** Of SQLite 3.53.2: which one wrote the file. Source: SQLite, SQLITE_VERSION_NUMBER. */
const SQLITE_VERSION = 3_053_002;

/** Page 1: the database's header and a leaf with one row of sqlite_schema. @param sql of STAGED_TABLE */
export function schemaPage(sql: string, root: number, file: PageFileWriter): Buffer {
  const { pageBytes, pageCount } = file;
  const record = new RecordBuilder(5);
  record.clear();
  record.setString(0, 'table');
  record.setString(1, STAGED_TABLE);
  record.setString(2, STAGED_TABLE);
  record.setInteger(3, root);
  record.setString(4, sql);
  const length = record.measure();
  const page = Buffer.alloc(pageBytes);
  const cell = Buffer.alloc(length + 10);
  const end = record.write(cell, writeVarint(cell, writeVarint(cell, 0, length), 1));
  const start = pageBytes - end;
  invariant(start > DATABASE_HEADER_BYTES + 10 && length <= pageBytes - 35, 'schema fits');
  writeDatabaseHeader(page, pageCount);
  page[DATABASE_HEADER_BYTES] = 0x0d;
  page.writeUInt16BE(1, DATABASE_HEADER_BYTES + 3);
  page.writeUInt16BE(start, DATABASE_HEADER_BYTES + 5);
  page.writeUInt16BE(start, DATABASE_HEADER_BYTES + 8);
  cell.copy(page, start, 0, end);
  return page;
}

/** Source: sqlite.org/fileformat2.html, "The Database Header"; what is not set here is 0. */
function writeDatabaseHeader(page: Buffer, pageCount: number): void {
  page.write('SQLite format 3\0', 0, 'latin1');
  page.writeUInt16BE(page.length, 16);
  page[18] = 1; // written with a rollback journal
  page[19] = 1; // read likewise
  page[21] = 64; // payload fractions: fixed
  page[22] = 32;
  page[23] = 32;
  page.writeUInt32BE(1, 24); // change counter
  page.writeUInt32BE(pageCount, 28);
  page.writeUInt32BE(1, 40); // schema cookie
  page.writeUInt32BE(4, 44); // schema format
  page.writeUInt32BE(1, 56); // UTF-8
  page.writeUInt32BE(1, 92); // the change counter for which the page count is valid
  page.writeUInt32BE(SQLITE_VERSION, 96);
}
