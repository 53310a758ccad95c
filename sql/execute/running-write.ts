import { SqlError } from '../../base/errors';
import type { Repr } from '../../catalog/types/sql-type';
import type { SessionValues } from '../builtins/repr';
import type { CompiledWrite } from '../emit/compiled-write';
import type { RowBatch } from '../engine';
import type { RowFormat } from './data-row';
import type { AdvancedSequences, GivenRows, RowsTable, UnmatchedReference } from './messages';
import type { QueryHost } from './query-host';
import { openedFirst, type Writer } from './snapshots';

export interface RunWriteInput {
  readonly write: CompiledWrite;
  readonly parameters: readonly Repr[];
  readonly session: SessionValues;
  readonly formats: RowFormat;
  readonly tables: readonly RowsTable[];
  /** Of the rows that are written: nanoseconds since 1970. */
  readonly timestamp: bigint;
  readonly given?: GivenRows;
  /** The block's transaction; undefined: one of its own. */
  readonly writer: Writer | undefined;
  /** In a block of the main thread it may run there. */
  readonly isShort?: boolean;
}

/** A statement that writes. The caller holds the write lock until `start` is over. Must be closed. */
export class RunningWrite {
  private host: QueryHost;
  private readonly connection: number;
  private readonly cursor: number;
  private readonly input: RunWriteInput;
  private sent = false;
  private finished = false;
  private canceled = false;
  /** Rows written. */
  affected = 0;
  readonly advanced: AdvancedSequences[number][] = [];
  /** See GivenRows. */
  unmatched: readonly UnmatchedReference[] = [];

  constructor(host: QueryHost, connection: number, cursor: number, input: RunWriteInput) {
    this.host = host;
    this.connection = connection;
    this.cursor = cursor;
    this.input = input;
  }

  /**
   * Writes all rows and, outside of a block, commits; gives the first batch of what RETURNING says.
   * @throws SqlError
   */
  async start(rowsMax: number): Promise<RowBatch> {
    if (this.canceled) throw new SqlError('queryCanceled', 'query execution canceled');
    const { write, writer, isShort = false, ...about } = this.input;
    const { cursor, connection } = this;
    this.sent = true;
    try {
      if (writer !== undefined) {
        if (writer.keepsWaiting(isShort)) await writer.inPlace(isShort);
        this.host = writer.host;
      }
      const { writeId, write: unknown } = this.host.introduce(write);
      const batch = this.batch({
        kind: 'write',
        cursor,
        connection,
        writeId,
        write: unknown,
        ...about,
        alone: writer === undefined,
        rowsMax,
      });
      if (writer?.isOpening === true) await openedFirst(writer, batch);
      return await batch;
    } catch (error) {
      // A thread that was lost may still be inside of the transaction.
      await this.host.released();
      throw error;
    }
  }

  /** The next batch. */
  async next(rowsMax: number): Promise<RowBatch> {
    if (this.finished) return { bytes: new Uint8Array(0), rowCount: 0, done: true };
    return await this.batch({ kind: 'next', cursor: this.cursor, rowsMax });
  }

  private async batch(request: Parameters<QueryHost['batch']>[0]): Promise<RowBatch> {
    try {
      const reply = await this.host.batch(request);
      this.affected += reply.affected ?? 0;
      this.unmatched = reply.unmatched ?? this.unmatched;
      this.advanced.push(...reply.advanced);
      if (reply.done) this.finish();
      const { bytes, rowCount, done } = reply;
      return { bytes, rowCount, done };
    } catch (error) {
      this.finish();
      throw error;
    }
  }

  cancel(): void {
    if (this.finished) return;
    this.canceled = true;
    this.host.cancel(this.connection, this.cursor);
  }

  close(): void {
    if (this.finished) return;
    if (this.sent) this.host.tell({ kind: 'close', cursor: this.cursor });
    this.finish();
  }

  private finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.host.clearCancel(this.connection);
    if (this.input.writer === undefined) this.host.releaseConnection(this.connection);
    else this.input.writer.leave();
  }
}
