import { SqlError } from '../../base/errors';
import type { Repr } from '../../catalog/types/sql-type';
import type { Lease } from '../../storage/ranges/write-lock';
import type { SessionValues } from '../builtins/repr';
import type { Cursor, FormatCode, ResultColumn, RowBatch } from '../engine';
import type { EngineContext } from '../engine-context';
import type { RunningQuery, Snapshot } from '../execute/query-pool';
import type { PreparedQuery } from './compile-query';
import type { TransactionState } from './transaction';

export interface QueryCursorOptions {
  readonly session: SessionValues;
  readonly formats: readonly FormatCode[];
  /** Aborted by a CancelRequest. */
  readonly signal: AbortSignal;
  /** statement_timeout; 0 = none. */
  readonly timeoutMs: number;
}

/** A query in a query thread. Runs from the first `next`; holds the write lock meanwhile when it advances sequences. */
export class QueryCursor implements Cursor {
  private readonly engine: EngineContext;
  private readonly transaction: TransactionState<Snapshot>;
  private readonly query: PreparedQuery;
  private readonly parameters: readonly Repr[];
  private readonly options: QueryCursorOptions;
  private running: RunningQuery | undefined;
  private lease: Lease | undefined;
  private timer: NodeJS.Timeout | undefined;
  private timedOut = false;

  constructor(
    engine: EngineContext,
    transaction: TransactionState<Snapshot>,
    query: PreparedQuery,
    parameters: readonly Repr[],
    options: QueryCursorOptions,
  ) {
    this.engine = engine;
    this.transaction = transaction;
    this.query = query;
    this.parameters = parameters;
    this.options = options;
  }

  get columns(): readonly ResultColumn[] {
    return this.query.compiled.columns;
  }

  async next(rowsMax: number): Promise<RowBatch> {
    try {
      const running = this.running ?? (await this.start());
      return await running.next(rowsMax);
    } catch (error) {
      if (this.timedOut) {
        throw new SqlError('queryCanceled', 'query execution canceled due to statement timeout');
      }
      throw error;
    }
  }

  private async start(): Promise<RunningQuery> {
    const { signal, session, formats, timeoutMs } = this.options;
    const { compiled, tables } = this.query;
    signal.throwIfAborted();
    if (compiled.writes) this.lease = await this.engine.writeLock.acquire('sequence', signal);
    const snapshot = await this.snapshot();
    const running = this.engine.queries.run({
      query: compiled,
      parameters: this.parameters,
      session,
      formats,
      tables,
      ...(snapshot === undefined ? {} : { snapshot }),
    });
    this.running = running;
    signal.addEventListener('abort', this.cancel, { once: true });
    if (signal.aborted) this.cancel();
    if (timeoutMs > 0) {
      this.timer = setTimeout(() => {
        this.timedOut = true;
        this.cancel();
      }, timeoutMs);
    }
    return running;
  }

  /** Queries of a transaction block see the rows as its first query did. */
  private async snapshot(): Promise<Snapshot | undefined> {
    if (this.transaction.status !== 'T') return undefined;
    this.transaction.snapshot ??= await this.engine.queries.openSnapshot();
    return this.transaction.snapshot;
  }

  private readonly cancel = (): void => this.running?.cancel();

  commandTag(rowsSent: number): string {
    return `SELECT ${rowsSent}`;
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.options.signal.removeEventListener('abort', this.cancel);
    try {
      await this.running?.close();
    } finally {
      this.lease?.release();
      this.lease = undefined;
    }
  }
}
