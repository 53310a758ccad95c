import type { Awaitable } from '../../base/awaitable';
import { SqlError } from '../../base/errors';
import type { Repr } from '../../catalog/types/sql-type';
import type { SessionValues } from '../builtins/repr';
import type { Cursor, Notice, ResultColumn, RowBatch } from '../engine';
import type { EngineContext } from '../engine-context';
import type { RowFormat } from '../execute/data-row';
import type { InlineRows } from '../execute/inline-queries';
import type { RunningQuery } from '../execute/query-pool';
import type { PinnedSnapshot, Snapshot } from '../execute/snapshots';
import { sendSignals } from './backend-signals';
import type { PreparedQuery } from './compile-query';
import type { SequenceValues } from './sequence-values';
import type { StatementRun } from './statement-run';

export interface QueryCursorOptions {
  readonly session: SessionValues;
  readonly formats: RowFormat;
  readonly run: StatementRun;
  /** The block's; none outside of a block. */
  readonly snapshot: PinnedSnapshot | undefined;
  /** Its own, closed with it. */
  readonly sight?: Pick<Snapshot, 'close'>;
  /** The block holds the write lock already. */
  readonly holdsLock: boolean;
  readonly notice: (notice: Notice) => void;
  /** Told of the values that nextval and setval handed out. */
  readonly sequences: SequenceValues;
}

/** More than any batch holds: the thread does not work ahead, as it would when it is asked for 0 = any number. */
const ROWS_OF_ONE_BATCH = 1 << 30;

/** A query in a query thread; runs from the first `next`. */
export class QueryCursor implements Cursor {
  private readonly engine: EngineContext;
  private readonly query: PreparedQuery;
  private readonly parameters: readonly Repr[];
  private readonly options: QueryCursorOptions;
  private running: RunningQuery | undefined;
  /** Of a query that is short enough for the main thread. */
  private inline: InlineRows | undefined;
  private advancedSeen = 0;

  constructor(
    engine: EngineContext,
    query: PreparedQuery,
    parameters: readonly Repr[],
    options: QueryCursorOptions,
  ) {
    this.engine = engine;
    this.query = query;
    this.parameters = parameters;
    this.options = options;
    options.snapshot?.onOpen?.();
  }

  get columns(): readonly ResultColumn[] {
    return this.query.compiled.columns;
  }

  next(rowsMax: number): Awaitable<RowBatch> {
    this.options.run.throwIfAborted();
    if (this.running === undefined && this.isInline()) return this.nextInline(rowsMax);
    return this.nextOfThread(rowsMax);
  }

  private async nextOfThread(rowsMax: number): Promise<RowBatch> {
    const { run } = this.options;
    run.startTimer();
    try {
      const running = this.running ?? this.start(rowsMax);
      if (this.query.compiled.writes) return await this.nextWriting(running, rowsMax);
      if (this.query.signals === true) return await this.nextSending(running, rowsMax);
      return await running.next(rowsMax);
    } catch (error) {
      const canceled = error instanceof SqlError && error.sqlstate === '57014';
      throw canceled ? (run.abortedBy ?? error) : error;
    } finally {
      if (rowsMax > 0) run.stopTimer();
    }
  }

  private isInline(): boolean {
    if (this.inline !== undefined) return true;
    const { compiled, tables, version } = this.query;
    if (this.options.snapshot !== undefined || tables.length > 0) return false;
    return this.engine.inline.isShort(compiled, version);
  }

  private nextInline(rowsMax: number): RowBatch {
    const { session, formats } = this.options;
    this.inline ??= this.engine.inline.run({
      query: this.query.compiled,
      parameters: this.parameters,
      session,
      formats,
    });
    return this.inline.next(rowsMax);
  }

  /** What a batch has sent is done before its rows are: the thread does not work ahead. */
  private async nextSending(running: RunningQuery, rowsMax: number): Promise<RowBatch> {
    const batch = await running.next(rowsMax === 0 ? ROWS_OF_ONE_BATCH : rowsMax);
    const { signals } = running;
    running.signals = [];
    sendSignals(signals, this.engine.sessions, this.options.notice);
    return batch;
  }

  /** Sequences advance under the write lock, held for one batch: a suspended portal must not keep it. */
  private async nextWriting(running: RunningQuery, rowsMax: number): Promise<RowBatch> {
    const { run, sequences, holdsLock } = this.options;
    const lease = holdsLock ? undefined : await run.lock(this.engine.writeLock, 'sequence');
    const write = holdsLock ? undefined : this.engine.clock.begin();
    try {
      const rows = rowsMax === 0 ? ROWS_OF_ONE_BATCH : rowsMax;
      return await running.next(rows, write?.timestamp);
    } finally {
      write?.end();
      lease?.release();
      sequences.note(running.advanced.slice(this.advancedSeen));
      this.advancedSeen = running.advanced.length;
    }
  }

  /** In a block: it may run in the main thread, all at once. */
  private isShort(rowsMax: number): boolean {
    const { snapshot, sight } = this.options;
    if (rowsMax > 0 || snapshot === undefined || sight !== undefined) return false;
    const { compiled, tables, version, signals } = this.query;
    if (tables.length > 0 || signals === true) return false;
    return this.engine.inline.isShort(compiled, version);
  }

  private start(rowsMax: number): RunningQuery {
    const { run, session, formats, snapshot } = this.options;
    const { compiled, tables } = this.query;
    const running = this.engine.queries.run({
      query: compiled,
      parameters: this.parameters,
      session,
      formats,
      tables,
      isShort: this.isShort(rowsMax),
      ...(snapshot === undefined ? {} : { snapshot }),
    });
    this.running = running;
    run.onAbort(this.cancel);
    return running;
  }

  private readonly cancel = (): void => this.running?.cancel();

  commandTag(rowsSent: number): string {
    return `SELECT ${rowsSent}`;
  }

  close(): Awaitable<void> {
    const { run } = this.options;
    run.offAbort(this.cancel);
    run.end();
    const { sight } = this.options;
    return sight === undefined ? this.running?.close() : this.closeWith(sight);
  }

  private async closeWith(sight: Pick<Snapshot, 'close'>): Promise<void> {
    try {
      await this.running?.close();
    } finally {
      sight.close();
    }
  }
}
