import { setImmediate } from 'node:timers/promises';
import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type { Repr } from '../../catalog/types/sql-type';
import { readTables, writtenTables } from '../bind/write/plan';
import type { SessionValues } from '../builtins/repr';
import { BinaryReader } from '../copy/binary-reader';
import { CsvReader } from '../copy/csv-reader';
import type { CopyOptions } from '../copy/options';
import { type CopyColumn, lineContext, RowDecoder } from '../copy/row-decoder';
import type { RawRow, RowReader } from '../copy/row-reader';
import { TextReader } from '../copy/text-reader';
import type { CompiledWrite } from '../emit/compiled-write';
import type { CopyInput, Cursor, RowBatch } from '../engine';
import type { EngineContext } from '../engine-context';
import type { GivenRows, UnmatchedReference } from '../execute/messages';
import type { RunningWrite } from '../execute/running-write';
import type { BlockSnapshot } from './block-snapshot';
import type { PreparedWrite } from './compile-query';
import type { SequenceValues } from './sequence-values';
import type { StatementRun } from './statement-run';
import { TransactionState } from './transaction';
import { type OpenWriter, openWriter } from './write-block';

export interface CopyInOptions {
  readonly engine: EngineContext;
  /** The client's block; undefined outside of one. */
  readonly block: TransactionState<BlockSnapshot> | undefined;
  readonly sequences: SequenceValues;
  readonly session: SessionValues;
  readonly run: StatementRun;
  readonly table: string;
  readonly columns: readonly CopyColumn[];
  readonly options: CopyOptions;
  /** The catalog's of now. */
  readonly catalogVersion: () => number;
  readonly recompile: () => Promise<PreparedWrite>;
}

/** Some milliseconds of work. */
const PART_BYTES = 64 << 10;

const NO_ROWS: RowBatch = { bytes: new Uint8Array(0), rowCount: 0, done: true };

/**
 * COPY … FROM STDIN: rows are read as bytes come, and inserted in batches; one is written while the next is being read. All of
 * them are in one transaction, begun with the first batch: the block's, or one that ends with the statement.
 */
export class CopyInCursor implements Cursor {
  readonly columns = null;
  readonly copyIn: CopyInput;
  private readonly about: CopyInOptions;
  private readonly reader: RowReader;
  private readonly decoder: RowDecoder;
  private readonly transaction: TransactionState<BlockSnapshot>;
  private query: PreparedWrite;
  /** `query` with its rows given at each run. */
  private write: CompiledWrite | undefined;
  private rows: Repr[][] = [];
  private lines: number[] = [];
  /** Of the input that `rows` were made of. */
  private sizeBytes = 0;
  /** The batch that is being written. */
  private writing: Promise<void> = Promise.resolve();
  private copied = 0;
  /** What rows that have been written refer to, and that was not there with them. */
  private readonly unmatched: UnmatchedReference[] = [];

  constructor(query: PreparedWrite, about: CopyInOptions) {
    this.about = about;
    this.query = query;
    const { options, columns, table, session, run } = about;
    const isBinary = options.format === 'binary';
    const names = columns.map(({ name }) => name);
    this.reader = readerOf(options, names);
    this.decoder = new RowDecoder(table, columns, isBinary, session);
    this.transaction = about.block ?? new TransactionState();
    this.copyIn = {
      isBinary,
      columnCount: columns.length,
      signal: run.signal,
      write: (chunk) => this.take(chunk),
    };
    run.startTimer();
  }

  /** A client may send all it has in one message: others have their turns between its parts. */
  private async take(chunk: Uint8Array): Promise<void> {
    if (chunk.length <= PART_BYTES) {
      await this.takePart(chunk);
      return;
    }
    const own = Buffer.from(chunk);
    for (let from = 0; from < own.length; from += PART_BYTES) {
      await this.takePart(own.subarray(from, from + PART_BYTES));
      await setImmediate();
    }
  }

  private async takePart(chunk: Uint8Array): Promise<void> {
    this.about.run.throwIfAborted();
    this.sizeBytes += chunk.length;
    this.decode(this.reader.read(chunk));
    if (this.sizeBytes >= limits.copyBatchBytesTarget) await this.flush(true);
  }

  private decode(rows: readonly RawRow[]): void {
    for (const row of rows) {
      this.rows.push(this.decoder.row(row));
      this.lines.push(row.line);
    }
  }

  /** Hands the rows on once the batch before them is written. @param more others may come */
  private async flush(more: boolean): Promise<void> {
    await this.writing;
    const unmatched = more ? [] : this.unmatched;
    const given = { rows: this.rows, lines: this.lines, more, unmatched };
    this.rows = [];
    this.lines = [];
    this.sizeBytes = 0;
    if (given.rows.length === 0 && unmatched.length === 0) return;
    this.writing = this.insert(given);
    // Looked at with the next batch, or at the end.
    this.writing.catch(() => undefined);
  }

  private async insert(given: GivenRows): Promise<void> {
    const { engine, run, session, sequences } = this.about;
    const { writer, touched, timestamp } = await this.writer();
    const write = await this.current();
    touched.noteReads(readTables(write.plan));
    touched.noteWritten(writtenTables(write.plan));
    const running = engine.queries.write({
      write,
      given,
      tables: this.query.tables,
      parameters: [],
      session,
      formats: [],
      timestamp,
      writer,
    });
    try {
      await this.start(running);
      this.copied += running.affected;
      this.noteUnmatched(running.unmatched);
    } catch (error) {
      const canceled = error instanceof SqlError && error.sqlstate === '57014';
      throw canceled ? (run.abortedBy ?? error) : error;
    } finally {
      sequences.note(running.advanced);
      running.close();
    }
  }

  private noteUnmatched(unmatched: readonly UnmatchedReference[]): void {
    if (this.unmatched.length + unmatched.length > limits.cascadesPendingMax) {
      throw new SqlError(
        'programLimitExceeded',
        `more than ${limits.cascadesPendingMax} rows refer to rows that come after them`,
        { hint: 'Put rows before those that refer to them.' },
      );
    }
    for (const reference of unmatched) this.unmatched.push(reference);
  }

  private async start(running: RunningWrite): Promise<void> {
    const { run } = this.about;
    const cancel = (): void => running.cancel();
    run.onAbort(cancel);
    if (run.abortedBy !== undefined) running.cancel();
    try {
      await running.start(0);
    } finally {
      run.offAbort(cancel);
    }
  }

  private async writer(): Promise<OpenWriter> {
    const { engine, block, run } = this.about;
    if (block === undefined && this.transaction.status === 'I') this.transaction.begin();
    return await openWriter(engine, this.transaction, run);
  }

  /** Others may have changed the catalog while this one waited for the lock. @throws SqlError 0A000 */
  private async current(): Promise<CompiledWrite> {
    if (this.about.catalogVersion() !== this.query.version) {
      const { parameterTypes } = this.query.compiled.plan;
      this.query = await this.about.recompile();
      this.write = undefined;
      const now = this.query.compiled.plan.parameterTypes;
      if (now.some((type, i) => type.oid !== parameterTypes[i]?.oid)) {
        throw new SqlError('featureNotSupported', 'cached plan must not change result type');
      }
    }
    this.write ??= withGivenRows(this.query.compiled);
    return this.write;
  }

  /** The client has sent everything. */
  async next(): Promise<RowBatch> {
    const { run } = this.about;
    run.throwIfAborted();
    try {
      this.decode(this.reader.finish());
    } catch (error) {
      throw error instanceof SqlError ? error.inContext(this.lastLine()) : error;
    }
    await this.flush(false);
    await this.writing;
    run.throwIfAborted();
    if (this.about.block === undefined) {
      const { snapshot } = this.transaction;
      try {
        await snapshot?.writing?.commit();
      } finally {
        this.transaction.release();
      }
    }
    run.stopTimer();
    return NO_ROWS;
  }

  private lastLine(): string {
    return lineContext(this.about.table, (this.lines.at(-1) ?? 0) + 1);
  }

  commandTag(): string {
    return `COPY ${this.copied}`;
  }

  async close(): Promise<void> {
    await this.writing.catch(() => undefined);
    try {
      // Nothing is left of a transaction that was committed.
      if (this.about.block === undefined) await this.transaction.snapshot?.writing?.rollback();
    } finally {
      if (this.about.block === undefined) this.transaction.release();
      this.about.run.end();
    }
  }
}

function readerOf(options: CopyOptions, names: readonly string[]): RowReader {
  switch (options.format) {
    case 'text':
      return new TextReader(options);
    case 'csv':
      return new CsvReader(options, names);
    case 'binary':
      return new BinaryReader(names.length);
  }
}

function withGivenRows(write: CompiledWrite): CompiledWrite {
  const { plan } = write;
  if (plan.kind !== 'insert') return write;
  return { ...write, plan: { ...plan, source: { kind: 'given' } } };
}
