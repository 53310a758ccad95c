import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import type { SessionValues } from '../builtins/repr';
import type { CompiledQuery } from '../emit/compiled-query';

import type { ResultColumn } from '../engine';

import { type CancelFlag, queryCanceled } from './cancel';
import { FULL_BATCH, openRowWriter, type RowFormat, type RowWriter } from './data-row';
import { executeOn, type RowIterator, toQueryError } from './execute-on';
import type { RowsTable } from './messages';

/** A running query in its thread. */

export interface CursorInput {
  readonly query: CompiledQuery;
  readonly parameters: readonly Repr[];
  readonly session: SessionValues;
  readonly formats: RowFormat;
  readonly tables: readonly RowsTable[];
}

export interface CursorOutput {
  readonly columns: readonly ResultColumn[];
  readonly formats: RowFormat;
  readonly session: SessionValues;
}

/** Where a cursor's rows come from; closed also when opening it failed. */
export interface RowSource {
  /** Nothing that happens on the connection changes what it gives. */
  readonly independent?: true;
  open(): RowIterator;
  close(): void;
}

export interface CursorBatch {
  readonly bytes: Uint8Array;
  readonly rowCount: number;
  readonly done: boolean;
}

/** A batch that took this long is sent even when it is small, so that a client sees rows as they come. */
const BATCH_MS_MAX = 200;

const EMPTY = new Uint8Array(0);

export class ThreadCursor {
  private readonly db: Connection;
  private readonly cancel: CancelFlag;
  private readonly writer: RowWriter;
  private readonly source: RowSource;
  private rows: RowIterator | undefined;
  private detached = false;

  /** @throws SqlError from opening the source */
  constructor(db: Connection, cancel: CancelFlag, output: CursorOutput, source: RowSource) {
    this.db = db;
    this.cancel = cancel;
    const { columns, formats, session } = output;
    this.writer = openRowWriter(columns, formats, session, FULL_BATCH);
    this.source = source;
    try {
      this.rows = source.open();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get done(): boolean {
    return this.rows === undefined;
  }

  /** At most `rowsMax` rows (0 = no such limit) and about one batch of bytes. @throws SqlError, also queryCanceled */
  next(rowsMax: number): CursorBatch {
    const { rows, writer } = this;
    if (rows === undefined) return { bytes: EMPTY, rowCount: 0, done: true };
    const startedAt = performance.now();
    try {
      while (!this.isFull(rowsMax, startedAt)) {
        if (this.cancel[0] !== 0) throw queryCanceled();
        const step = rows.next();
        if (step.done === true) {
          this.close();
          break;
        }
        writer.row(step.value);
      }
    } catch (error) {
      this.close();
      throw toQueryError(error, this.db);
    }
    const { rowCount } = writer;
    return { bytes: rowCount === 0 ? EMPTY : writer.take(), rowCount, done: this.done };
  }

  private isFull(rowsMax: number, startedAt: number): boolean {
    const { rowCount, length: sizeBytes } = this.writer;
    if (rowsMax > 0 && rowCount >= rowsMax) return true;
    if (sizeBytes >= limits.rowBatchBytesMax) return true;
    return rowCount > 0 && (rowCount & 63) === 0 && performance.now() - startedAt > BATCH_MS_MAX;
  }

  /**
   * Reads what is left into memory, so that the connection has no open statement of this cursor.
   * @param isEnd of the connection's transaction: then nothing may depend on it
   */
  detach(isEnd = false): void {
    const { rows } = this;
    if (rows === undefined || this.detached) return;
    if (this.source.independent === true && !isEnd) return;
    const kept: Repr[][] = [];
    let values = 0;
    for (const row of rows) {
      kept.push(row);
      values += row.length;
      if (values > limits.detachedValuesMax)
        throw new SqlError(
          'programLimitExceeded',
          'too many rows are left in another open cursor of this transaction',
          { hint: 'Read that cursor to its end, or close it, before this statement.' },
        );
    }
    this.rows = kept[Symbol.iterator]() as RowIterator;
    this.detached = true;
    // Its temporary tables go: another statement may need their names.
    this.source.close();
  }

  close(): void {
    const { rows } = this;
    this.rows = undefined;
    rows?.return?.();
    if (!this.detached) this.source.close();
  }
}

/** A cursor over a query. @throws SqlError from binding parameters or preparing */
export function queryCursor(db: Connection, cancel: CancelFlag, input: CursorInput): ThreadCursor {
  const { query, parameters, session, formats, tables } = input;
  return new ThreadCursor(
    db,
    cancel,
    { columns: query.columns, formats, session },
    {
      open() {
        loadTables(db, tables);
        return executeOn(db, query, parameters, session);
      },
      close: () => dropTables(db, tables),
    },
  );
}

export function dropTables(db: Connection, tables: readonly RowsTable[]): void {
  for (const table of tables) db.exec(`DROP TABLE IF EXISTS temp.${table.name}`);
}

export function loadTables(db: Connection, tables: readonly RowsTable[]): void {
  for (const table of tables) {
    const { names } = table;
    db.exec(`CREATE TEMP TABLE ${table.name} (${names.join(', ')})`);
    if (table.rows.length === 0) continue;
    const marks = names.map(() => '?').join(', ');
    const insert = db.prepare(`INSERT INTO temp.${table.name} VALUES (${marks})`);
    for (const row of table.rows) insert.run(row.map(toSqlite));
    if (table.keyColumns === undefined) continue;
    const keys = names.slice(0, table.keyColumns).join(', ');
    db.exec(`CREATE INDEX temp.${table.name}_keys ON ${table.name} (${keys})`);
  }
}

/** INTEGERs may come as safe numbers, which better-sqlite3 would store as REAL. */
function toSqlite(value: Repr): Repr {
  return typeof value === 'number' && !Object.is(value, -0) ? BigInt(value) : value;
}
