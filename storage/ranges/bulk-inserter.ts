import type { Connection, Statement } from './connection';
import { type PhysicalTable, quoteName } from './physical-table';

/** A value as it is bound: see docs/decisions/0002-value-representation.md. */
export type BoundValue = null | bigint | number | string | Uint8Array;

/**
 * Rows of one INSERT. Measured with 9 columns, one secondary index, 200,000 rows: 1 row 285,000 rows/s, 8 rows 392,000,
 * 16 rows 404,000, 64 rows 365,000.
 */
const ROWS_PER_STATEMENT = 16;

/** Source: SQLITE_MAX_VARIABLE_NUMBER of the build that better-sqlite3 ships. */
const PARAMETERS_MAX = 32_766;

/**
 * Inserts many rows into one table, several a statement. Call inside a transaction; `flush` before it commits. An error
 * leaves an unknown part of the last rows undone: roll back.
 *
 * Two things that callers must know of values:
 * - byte views are bound at the next full statement or `flush`: they must stay unchanged until then;
 * - a JS number is bound as a REAL. An INTEGER column turns it into an integer, an ANY column keeps it as it is, so an
 *   integer for an ANY column has to be a bigint.
 */
export class BulkInserter {
  /** Rows added since construction, flushed or not. */
  rowCount = 0;
  private readonly width: number;
  private readonly many: Statement;
  private readonly one: Statement;
  private readonly buffer: BoundValue[];
  private used = 0;

  constructor(db: Connection, table: PhysicalTable) {
    this.width = table.columns.length + 1;
    const rows = Math.max(1, Math.min(ROWS_PER_STATEMENT, Math.floor(PARAMETERS_MAX / this.width)));
    this.one = db.prepare(insertSql(table, 1));
    this.many = rows === 1 ? this.one : db.prepare(insertSql(table, rows));
    this.buffer = new Array<BoundValue>(this.width * rows).fill(null);
  }

  /**
   * @param row one value a column, in the order of `PhysicalTable.columns`; may be reused after the call
   * @param timestamp the row's `_ts`: a bigint, or TEXT with a logical part; null for none
   */
  add(row: readonly BoundValue[], timestamp: bigint | string | null): void {
    const { buffer, width } = this;
    let at = this.used;
    for (let i = 0; i < width - 1; i++) buffer[at++] = row[i] as BoundValue;
    buffer[at++] = timestamp;
    this.rowCount++;
    if (at === buffer.length) {
      at = 0;
      this.many.run(buffer);
    }
    this.used = at;
  }

  /** Writes what is still held back. */
  flush(): void {
    for (let at = 0; at < this.used; at += this.width) {
      this.one.run(this.buffer.slice(at, at + this.width));
    }
    this.used = 0;
    this.buffer.fill(null);
  }
}

function insertSql(table: PhysicalTable, rows: number): string {
  const one = `(${new Array(table.columns.length + 1).fill('?').join(', ')})`;
  return `INSERT INTO ${quoteName(table.name)} VALUES ${new Array(rows).fill(one).join(', ')}`;
}
