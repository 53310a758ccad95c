import { sqliteColumnName, sqliteTableName } from '../../../catalog/build-table-info';
import type { Repr } from '../../../catalog/types/sql-type';
import type { PageRun } from '../../../storage/pages/page-run';
import type { Connection } from '../../../storage/ranges/connection';
import { quoteName, TIMESTAMP_COLUMN } from '../../../storage/ranges/physical-table';
import { CHUNK_TABLE, RowChunks } from '../../../storage/ranges/row-chunks';
import { RecordReader } from '../../../storage/staging/record-reader';
import type { TableImage } from '../../../storage/staging/table-image';
import { bindKey, type KeySteps, keySteps, stepsFrom } from './key-steps';
import type { TableEncoding } from './table-encoding';
import type { RowExpressions } from './table-source';

/** Rows of a table in the order of its primary key, from any row on. */

export interface RowScanOptions {
  readonly tableId: number;
  /** SQLite's name of the table, where it is not that of the one of now. */
  readonly table?: string;
  readonly encoding: TableEncoding;
  /** Columns that are read; the others are NULL. */
  readonly columnIds: ReadonlySet<number>;
  readonly expressions: RowExpressions;
  /** Of rows without a time of their own. */
  readonly endTime: bigint;
  /** SQL of a row's time from SQL of the one that it carries; undefined: the same. */
  readonly timeSql?: ((written: string) => string) | undefined;
  /** Values of the primary key of the first row; undefined: the table's first. */
  readonly from: readonly Repr[] | undefined;
  /** At most so many rows. */
  readonly rowsMax: number;
}

/** Rows one after the other. */
export interface Rows {
  /** The current row: a slot for each column of the encoding, and its time. */
  readonly row: RecordReader;
  /** Moves to the next row. */
  next(): boolean;
  close(): void;
}

/** Rows by the thousand, or one after the other. */
export interface RowSource extends Rows {
  /** To be used instead of `next`. @returns rows that follow those before; good until this is called again; undefined: there are none */
  nextChunk(): TableImage | PageRun | undefined;
  /** Moves to the next row of the chunk. @returns false at its end */
  nextInChunk(): boolean;
  /** Moves to any row of the chunk. @param offset of its cell */
  readCell(offset: number): void;
}

/** What reads of a chunk: rows one after the other, or any of them. */
interface Chunk<Reader> {
  next(row: Reader): boolean;
  readCell(row: Reader, offset: number): void;
}

/** Rows of one chunk after the other. */
export abstract class ChunkedRows<Reader extends RecordReader, Rows extends Chunk<Reader>> {
  abstract readonly row: Reader;
  protected chunk: Rows | undefined;

  abstract nextChunk(): Rows | undefined;

  next(): boolean {
    do {
      if (this.nextInChunk()) return true;
    } while (this.nextChunk() !== undefined);
    return false;
  }

  nextInChunk(): boolean {
    return this.chunk?.next(this.row) === true;
  }

  readCell(offset: number): void {
    this.chunk?.readCell(this.row, offset);
  }
}

/** Reads with SQLite, which computes what is to be computed. */
export class RowScan extends ChunkedRows<RecordReader, TableImage> implements RowSource {
  readonly row: RecordReader;
  private readonly expressions: RowExpressions;
  private readonly keySlots: readonly number[];
  private readonly steps: KeySteps;
  private readonly chunks: RowChunks;
  private rowsLeft: number;
  /** A key: what has been read ends there, or, at first, the row with it is the first. */
  private key: readonly Repr[] | undefined;
  private isFirst = true;
  private isEnd = false;

  constructor(db: Connection, options: RowScanOptions) {
    super();
    const { encoding, from, rowsMax, expressions } = options;
    const width = encoding.rows.columns.length;
    this.row = new RecordReader(width + 1);
    this.chunks = new RowChunks(db, width + 1);
    this.expressions = expressions;
    this.keySlots = encoding.keySlots;
    this.rowsLeft = rowsMax;
    this.key = from;
    const outputs = outputsOf(options);
    const table = options.table ?? sqliteTableName(options.tableId);
    this.steps = keySteps(table, encoding, expressions, (rest) =>
      db.prepare(`INSERT INTO ${CHUNK_TABLE} SELECT ${outputs} ${rest} LIMIT @limit`),
    );
  }

  /** The last row of the chunk before has to be the current one. */
  nextChunk(): TableImage | undefined {
    if (this.chunk !== undefined) {
      this.key = this.keySlots.map((slot) => this.row.value(slot));
      this.isFirst = false;
    }
    const isDone = this.isEnd || this.rowsLeft === 0;
    this.chunk = isDone ? undefined : this.chunks.fill(this.insert, this.rowsLeft);
    return this.chunk;
  }

  private readonly insert = (rowsMax: number): number => {
    let count = 0;
    for (const statement of stepsFrom(this.steps, this.key, this.isFirst)) {
      const limit = BigInt(rowsMax - count);
      count += statement.run({
        ...this.expressions.parameters,
        ...bindKey(this.key),
        limit,
      }).changes;
      if (count === rowsMax) break;
    }
    this.isEnd = count < rowsMax;
    this.rowsLeft -= count;
    return count;
  };

  close(): void {
    this.chunks.close();
  }
}

function outputsOf({ endTime, timeSql, ...options }: RowScanOptions): string {
  const time = `${options.expressions.alias}.${quoteName(TIMESTAMP_COLUMN)}`;
  return `${columnsSql(options)}, ifnull(${timeSql?.(time) ?? time}, ${endTime})`;
}

/** A slot for each column of the encoding. */
export function columnsSql({
  encoding,
  columnIds,
  expressions: { alias, texts },
}: Pick<RowScanOptions, 'encoding' | 'columnIds' | 'expressions'>): string {
  return encoding.rows.columns
    .map(({ id }, slot) => {
      if (!columnIds.has(id)) return 'NULL';
      const virtual = texts[slot - encoding.storedCount];
      if (slot >= encoding.storedCount) return `(${virtual ?? 'NULL'})`;
      return `${alias}.${quoteName(sqliteColumnName(id))}`;
    })
    .join(', ');
}
