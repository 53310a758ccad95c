import { SqlError } from '../../base/errors';
import type { Repr } from '../../catalog/types/sql-type';
import type { Lease, WriteLocker } from '../../storage/ranges/write-lock';
import { readTables, writtenTables } from '../bind/write/plan';
import type { SessionValues } from '../builtins/repr';
import type { Cursor, ResultColumn, RowBatch } from '../engine';
import type { EngineContext } from '../engine-context';
import type { RowFormat } from '../execute/data-row';
import type { RunningWrite, RunWriteInput } from '../execute/running-write';
import type { OpenedWrite } from '../execute/write/open-write';
import type { PreparedWrite } from './compile-query';
import type { SequenceValues } from './sequence-values';
import type { StatementRun } from './statement-run';
import type { OpenWriter } from './write-block';

export interface WriteCursorOptions {
  readonly session: SessionValues;
  readonly formats: RowFormat;
  readonly run: StatementRun;
  readonly sequences: SequenceValues;
  /** The block's write transaction, begun when it has none; undefined outside of a block. */
  readonly block: ((isShort: () => boolean) => Promise<OpenWriter>) | undefined;
  /** The catalog's of now, as the session sees it. */
  readonly catalogVersion: () => number;
  /** The statement as it is to be run under the catalog of now. */
  readonly recompile: () => Promise<PreparedWrite>;
}

/** A statement that writes; it runs at the first `next`, to its end. */
export class WriteCursor implements Cursor {
  readonly columns: readonly ResultColumn[] | null;
  private readonly engine: EngineContext;
  private readonly query: PreparedWrite;
  private readonly parameters: readonly Repr[];
  private readonly options: WriteCursorOptions;
  private running: RunningWrite | undefined;
  /** Of a write that is short enough for the main thread. */
  private inline: OpenedWrite | undefined;

  constructor(
    engine: EngineContext,
    query: PreparedWrite,
    parameters: readonly Repr[],
    options: WriteCursorOptions,
  ) {
    this.engine = engine;
    this.query = query;
    this.columns = query.compiled.plan.columns;
    this.parameters = parameters;
    this.options = options;
  }

  async next(rowsMax: number): Promise<RowBatch> {
    const { run } = this.options;
    run.throwIfAborted();
    run.startTimer();
    try {
      if (this.inline !== undefined) return this.nextInline(rowsMax);
      if (this.running !== undefined) return await this.running.next(rowsMax);
      return await this.start(rowsMax);
    } catch (error) {
      const canceled = error instanceof SqlError && error.sqlstate === '57014';
      throw canceled ? (run.abortedBy ?? error) : error;
    } finally {
      if (rowsMax > 0) run.stopTimer();
    }
  }

  private async start(rowsMax: number): Promise<RowBatch> {
    const { block, run } = this.options;
    if (block !== undefined) {
      const writing = await block(() => this.isShort(this.query));
      const { touched } = writing;
      const query = await this.current(this.query);
      touched.noteReads(readTables(query.compiled.plan));
      touched.noteWritten(writtenTables(query.compiled.plan));
      return await this.writeIn(writing, query, rowsMax);
    }
    const { writeLock, tableWrites, inlineWrites } = this.engine;
    const { lease, query } = await this.locked(writeLock, run);
    try {
      try {
        if (this.isShort(query)) {
          this.writeInline(query);
        } else return await this.writeAlone(query, rowsMax);
      } finally {
        tableWrites.note(writtenTables(query.compiled.plan));
      }
    } finally {
      lease.release();
    }
    await inlineWrites.synced();
    return this.nextInline(rowsMax);
  }

  private isShort({ compiled, tables, version }: PreparedWrite): boolean {
    return tables.length === 0 && this.engine.inlineWrites.isShort(compiled, version);
  }

  private writeInline({ compiled }: PreparedWrite): void {
    const { session, formats } = this.options;
    const timestamp = this.engine.clock.next();
    const { parameters } = this;
    this.inline = this.engine.inlineWrites.run(compiled, {
      parameters,
      session,
      formats,
      timestamp,
    });
  }

  private nextInline(rowsMax: number): RowBatch {
    return (
      this.inline?.cursor.next(rowsMax) ?? { bytes: new Uint8Array(0), rowCount: 0, done: true }
    );
  }

  /** The statement as it is to be run, and the right to run it: asked for again when it has come to be another one. */
  private async locked(
    lock: WriteLocker,
    run: StatementRun,
  ): Promise<{ readonly lease: Lease; readonly query: PreparedWrite }> {
    let query = this.query;
    for (;;) {
      const { plan } = query.compiled;
      const lease =
        lock.tryAcquire('statement') ??
        (await run.lock(lock, 'statement', {
          reads: readTables(plan),
          writes: writtenTables(plan),
        }));
      try {
        const now = await this.current(query);
        if (now === query) return { lease, query };
        query = now;
      } catch (error) {
        lease.release();
        throw error;
      }
      lease.release();
    }
  }

  /** Others may have changed the catalog while this one waited for the lock. */
  private async current(known: PreparedWrite): Promise<PreparedWrite> {
    if (this.options.catalogVersion() === known.version) return known;
    const query = await this.options.recompile();
    if (sameShape(query, this.query)) return query;
    throw new SqlError('featureNotSupported', 'cached plan must not change result type');
  }

  /** Who reads the past waits until it is there. */
  private async writeAlone(query: PreparedWrite, rowsMax: number): Promise<RowBatch> {
    const { timestamp, end } = this.engine.clock.begin();
    try {
      return await this.write(query, { writer: undefined, timestamp }, rowsMax);
    } finally {
      end();
    }
  }

  /** Parts of a statement see the rows that do not carry its time. */
  private async writeIn(
    writing: OpenWriter,
    query: PreparedWrite,
    rowsMax: number,
  ): Promise<RowBatch> {
    const { plan } = query.compiled;
    const isApart = (plan.snapshots ?? []).length > 0;
    const timestamp = isApart ? writing.furtherTimestamp() : writing.timestamp;
    const { writer } = writing;
    const isShort = writer.isInline && this.isShort(query);
    return await this.write(query, { writer, timestamp, isShort }, rowsMax);
  }

  private async write(
    query: PreparedWrite,
    transaction: Pick<RunWriteInput, 'writer' | 'timestamp' | 'isShort'>,
    rowsMax: number,
  ): Promise<RowBatch> {
    const { run, session, formats, sequences } = this.options;
    const running = this.engine.queries.write({
      write: query.compiled,
      tables: query.tables,
      parameters: this.parameters,
      session,
      formats,
      ...transaction,
    });
    this.running = running;
    run.onAbort(this.cancel);
    if (run.abortedBy !== undefined) this.cancel();
    try {
      return await running.start(rowsMax);
    } finally {
      sequences.note(running.advanced);
    }
  }

  private readonly cancel = (): void => this.running?.cancel();

  commandTag(rowsSent: number): string {
    const affected = (this.inline ?? this.running)?.affected ?? 0;
    switch (this.query.compiled.plan.kind) {
      case 'insert':
        return `INSERT 0 ${affected}`;
      case 'update':
        return `UPDATE ${affected}`;
      case 'read':
        return `SELECT ${rowsSent}`;
      case 'delete':
        return `DELETE ${affected}`;
    }
  }

  close(): void {
    const { run } = this.options;
    run.offAbort(this.cancel);
    run.end();
    this.inline?.cursor.close();
    this.running?.close();
  }
}

function sameShape(a: PreparedWrite, b: PreparedWrite): boolean {
  const oids = ({ compiled: { plan } }: PreparedWrite): string =>
    JSON.stringify([
      plan.parameterTypes.map((type) => type.oid),
      plan.columns?.map((column) => column.type.oid) ?? null,
    ]);
  return oids(a) === oids(b);
}
