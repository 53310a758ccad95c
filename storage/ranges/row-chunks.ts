import { invariant } from '../../base/invariant';
import { TableImage } from '../staging/table-image';
import type { Connection, Statement } from './connection';
import { sqliteCode, toStorageError } from './sqlite-errors';

/**
 * Rows by the thousand: SQLite copies them into a temporary table, and the image of that is read as the records that it holds. An
 * object for each value, which is what a query's rows cost, is never made: about a third of the time.
 *
 * The temporary table lives in memory (its cache is as large as it may grow) and belongs to the connection, which may be read-only.
 */

/** The temporary table, as SQL writes it; its last column is NOT NULL. */
export const CHUNK_TABLE = 'temp.chunk';

const PAGE_BYTES = 65_536;
/** What a chunk aims at. */
const CHUNK_BYTES = 1 << 20;
/** Beyond this SQLite refuses, and fewer rows are tried. */
const CHUNK_BYTES_MAX = 16 << 20;
/** Source: SQLite, SQLITE_MAX_LENGTH of the build that better-sqlite3 ships. */
export const ROW_BYTES_MAX = 1_000_000_000;
const ROWS_FIRST = 64;
const GROWTH_MAX = 8;
/** Of a database's header. Source: sqlite.org/fileformat2.html. */
const FREE_PAGES_OFFSET = 36;

/** Makes a connection ready for chunks; once, before anything temporary is made on it. */
export function prepareForChunks(db: Connection): void {
  db.pragma(`temp.page_size = ${PAGE_BYTES}`);
  db.pragma('temp.auto_vacuum = INCREMENTAL');
  db.pragma('temp.journal_mode = MEMORY');
  db.pragma(`temp.cache_size = -${(2 * CHUNK_BYTES_MAX) >> 10}`);
}

/** One chunk after the other, of one shape of rows; one `RowChunks` a connection at a time. */
export class RowChunks {
  private readonly db: Connection;
  private readonly rootPage: number;
  private readonly empty: Statement;
  private rows = ROWS_FIRST;
  private isSwollen = false;

  /** @param width columns of a row */
  constructor(db: Connection, width: number) {
    this.db = db;
    const columns = Array.from({ length: width }, (_, i) => `a${i}`).join(', ');
    db.exec(`DROP TABLE IF EXISTS ${CHUNK_TABLE}`);
    // A table with a constraint: a statement that SQLite gives up is undone alone, and the read transaction stays.
    db.exec(`CREATE TABLE ${CHUNK_TABLE} (${columns} NOT NULL)`);
    const root = `SELECT rootpage FROM temp.sqlite_schema WHERE name = 'chunk'`;
    this.rootPage = Number(db.prepare(root).pluck().get());
    this.empty = db.prepare(`DELETE FROM ${CHUNK_TABLE}`);
    this.limitTo(CHUNK_BYTES_MAX);
  }

  private limitTo(bytes: number): void {
    this.db.pragma(`temp.max_page_count = ${Math.ceil(bytes / PAGE_BYTES)}`);
  }

  /**
   * Makes the next chunk.
   * @param insert adds at most so many rows to the temporary table, and says how many it has added @param rowsMax more are not wanted
   * @returns its rows, good until this is called again; undefined: there are none
   */
  fill(insert: (rowsMax: number) => number, rowsMax: number): TableImage | undefined {
    this.empty.run();
    if (this.isSwollen) this.shrink();
    const count = this.insertSome(insert, Math.min(this.rows, rowsMax));
    if (count === 0) return undefined;
    invariant(this.db.inTransaction, 'a chunk is of the snapshot');
    const bytes = this.db.serialize({ attached: 'temp' });
    const used = Math.max(1, bytes.length - PAGE_BYTES * bytes.readUInt32BE(FREE_PAGES_OFFSET));
    const fitting = Math.floor((count * CHUNK_BYTES) / used);
    this.rows = Math.max(1, Math.min(fitting, count * GROWTH_MAX));
    return new TableImage(bytes, this.rootPage);
  }

  private insertSome(insert: (rowsMax: number) => number, rowsMax: number): number {
    for (let rows = rowsMax, bytesMax = CHUNK_BYTES_MAX; ; ) {
      try {
        return insert(rows);
      } catch (error) {
        if (sqliteCode(error) !== 'SQLITE_FULL') throw error;
        this.empty.run();
        if (rows > 1) rows >>= Math.min(3, Math.floor(Math.log2(rows)));
        else if (bytesMax < ROW_BYTES_MAX) {
          // A row that is larger than a chunk may be has one for itself.
          bytesMax *= 4;
          this.limitTo(bytesMax);
          this.isSwollen = true;
        } else throw toStorageError(error, this.db.name);
      }
    }
  }

  /** Gives back what one large row has taken. */
  private shrink(): void {
    this.db.pragma('temp.incremental_vacuum');
    this.limitTo(CHUNK_BYTES_MAX);
    this.isSwollen = false;
  }

  close(): void {
    this.db.exec(`DROP TABLE IF EXISTS ${CHUNK_TABLE}`);
  }
}
