import type { Repr } from '../../../catalog/types/sql-type';
import type { Connection, Statement } from '../../../storage/ranges/connection';
import type { VersionSource } from '../../../storage/ranges/history-reads';
import { END_COLUMN, quoteName, TIMESTAMP_COLUMN } from '../../../storage/ranges/physical-table';
import { CHUNK_TABLE, RowChunks } from '../../../storage/ranges/row-chunks';
import { RecordReader } from '../../../storage/staging/record-reader';
import type { TableImage } from '../../../storage/staging/table-image';
import { type KeyRange, keyRangeSql } from '../rows/key-steps';
import { ChunkedRows, columnsSql, type RowScanOptions, type RowSource } from '../rows/row-scan';

/** Versions of a table's rows that have ended, in the order in which they did. */

/** Slots of a row beside those of its columns: when it began, when it ended, and a number. */
export const HISTORY_SLOTS = 3;

export interface HistoryScanOptions
  extends Pick<RowScanOptions, 'encoding' | 'columnIds' | 'expressions' | 'timeSql'>,
    KeyRange {
  readonly source: VersionSource;
}

export class HistoryScan extends ChunkedRows<RecordReader, TableImage> implements RowSource {
  readonly row: RecordReader;
  /** Of the time at which a version began, and of that at which it ended. */
  readonly timeSlot: number;
  readonly endSlot: number;
  private readonly idSlot: number;
  private readonly chunks: RowChunks | undefined;
  private readonly statement: Statement | undefined;
  private readonly parameters: Record<string, Repr>;
  private last: bigint;

  constructor(db: Connection, options: HistoryScanOptions) {
    super();
    const { encoding, expressions, source } = options;
    const width = encoding.rows.columns.length;
    [this.timeSlot, this.endSlot, this.idSlot] = [width, width + 1, width + 2];
    this.row = new RecordReader(width + HISTORY_SLOTS);
    const range = keyRangeSql(encoding, expressions.alias, options);
    this.parameters = { ...expressions.parameters, ...range?.parameters };
    const { firstEnded } = source;
    this.last = (firstEnded ?? 0n) - 1n;
    if (firstEnded === undefined) return;
    this.chunks = new RowChunks(db, width + HISTORY_SLOTS);
    this.statement = db.prepare(insertSql(options, range?.condition));
  }

  /** The last row of the chunk before has to be the current one. */
  nextChunk(): TableImage | undefined {
    if (this.chunk !== undefined) this.last = this.row.value(this.idSlot) as bigint;
    this.chunk = this.chunks?.fill(this.insert, Number.MAX_SAFE_INTEGER);
    return this.chunk;
  }

  private readonly insert = (rowsMax: number): number => {
    const { last, parameters } = this;
    return this.statement?.run({ ...parameters, last, limit: BigInt(rowsMax) }).changes ?? 0;
  };

  close(): void {
    this.chunks?.close();
  }
}

function insertSql(
  { source, expressions, timeSql = (written) => written, ...options }: HistoryScanOptions,
  range: string | undefined,
): string {
  const { alias, condition } = expressions;
  const own = (name: string): string => `${alias}.${quoteName(name)}`;
  const conditions = [
    `${alias}.rowid > @last`,
    `${own(END_COLUMN)} > ${source.settled}`,
    ...[condition, range].flatMap((text) => (text === undefined ? [] : `(${text})`)),
  ];
  const outputs = [
    columnsSql({ ...options, expressions }),
    timeSql(own(TIMESTAMP_COLUMN)),
    timeSql(own(END_COLUMN)),
    `${alias}.rowid`,
  ];
  return (
    `INSERT INTO ${CHUNK_TABLE} SELECT ${outputs.join(', ')} FROM main.${quoteName(source.history)} ` +
    `AS ${alias} WHERE ${conditions.join(' AND ')} ORDER BY ${alias}.rowid LIMIT @limit`
  );
}
