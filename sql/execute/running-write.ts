import { SqlError } from '../../base/errors';
import type { Repr } from '../../catalog/types/sql-type';
import type { SessionValues } from '../builtins/repr';
import type { CompiledWrite } from '../emit/compiled-write';
import type { RowBatch } from '../engine';
import type { RowFormat } from './data-row';
import type { AdvancedSequences, GivenRows, RowsTable, UnmatchedReference } from './messages';
import type { PoolThread } from './pool-thread';
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
}

/** A statement that writes. The caller holds the write lock until `start` is over. Must be closed. */
export class RunningWrite {
  private readonly thread: PoolThread;
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

  constructor(thread: PoolThread, connection: number, cursor: number, input: RunWriteInput) {
    this.thread = thread;
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
    const { write, writer, ...about } = this.input;
    const { cursor, connection } = this;
    this.sent = true;
    try {
      if (writer?.isAway === true) await writer.inPlace();
      const { writeId, write: unknown } = this.thread.introduce(write);
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
      await this.thread.released();
      throw error;
    }
  }

  /** The next batch. */
  async next(rowsMax: number): Promise<RowBatch> {
    if (this.finished) return { bytes: new Uint8Array(0), rowCount: 0, done: true };
    return await this.batch({ kind: 'next', cursor: this.cursor, rowsMax });
  }

  private async batch(request: Parameters<PoolThread['batch']>[0]): Promise<RowBatch> {
    try {
      const reply = await this.thread.batch(request);
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
    this.thread.cancel(this.connection, this.cursor);
  }

  close(): void {
    if (this.finished) return;
    if (this.sent) this.thread.tell({ kind: 'close', cursor: this.cursor });
    this.finish();
  }

  private finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.thread.clearCancel(this.connection);
    if (this.input.writer === undefined) this.thread.releaseConnection(this.connection);
    else this.input.writer.leave();
  }
}
