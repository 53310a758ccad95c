import { limits } from '../../base/limits';
import type { Repr } from '../../catalog/types/sql-type';
import { type Connection, connectStore } from '../../storage/ranges/connection';
import type { SessionValues } from '../builtins/repr';
import type { CompiledQuery } from '../emit/compiled-query';
import type { RowBatch } from '../engine';
import { openRowWriter, type RowFormat, type RowWriter } from './data-row';
import { bindSlots, prepare, toQueryError } from './execute-on';
import { prepareConnection, registerFunctions } from './functions';
import { isShortQuery } from './short-plan';

/**
 * Runs queries that are proven to be short (short-plan.ts) on a connection of the main thread: handing one to a query thread and
 * back takes longer than running it. Everything else goes to the threads, so that no client waits for another's long query.
 */

const CACHE_BYTES = 32 << 20;

/** Texts whose verdict is remembered. */
const VERDICTS_MAX = 4_096;

/** A row or two. */
const FEW_ROWS = {
  capacityBytes: limits.rowBatchBytesMax,
  firstBytes: 128,
  isPooled: true,
} as const;

export interface InlineInput {
  readonly query: CompiledQuery;
  readonly parameters: readonly Repr[];
  readonly session: SessionValues;
  readonly formats: RowFormat;
}

export class InlineQueries {
  private readonly storeDirectory: string;
  private opened: Connection | undefined;
  private verdicts = new Map<string, boolean>();
  private version = -1;

  constructor(storeDirectory: string) {
    this.storeDirectory = storeDirectory;
  }

  private get db(): Connection {
    if (this.opened === undefined) {
      this.opened = connectStore(this.storeDirectory, { readonly: true, cacheBytes: CACHE_BYTES });
      prepareConnection(this.opened);
    }
    return this.opened;
  }

  /** @param version the catalog's: an index may have come or gone since the last time */
  isShort(query: CompiledQuery, version: number): boolean {
    if (version !== this.version || this.verdicts.size >= VERDICTS_MAX) {
      this.verdicts.clear();
      this.version = version;
    }
    let verdict = this.verdicts.get(query.sql);
    if (verdict === undefined) {
      verdict = this.judge(query);
      this.verdicts.set(query.sql, verdict);
    }
    return verdict;
  }

  /** What does not even prepare here fails in a thread, with the error that belongs to it. */
  private judge(query: CompiledQuery): boolean {
    try {
      registerFunctions(this.db, query.functions);
      return isShortQuery(this.db, query);
    } catch {
      return false;
    }
  }

  /** Runs a short query to its end. @throws SqlError as in a query thread */
  run({ query, parameters, session, formats }: InlineInput): InlineRows {
    const { db } = this;
    try {
      const rows = prepare(db, query).all(bindSlots(query.slots, parameters, session));
      const { columns } = query;
      const writer = openRowWriter(columns, formats, session, FEW_ROWS);
      return new InlineRows(rows as Repr[][], writer);
    } catch (error) {
      throw toQueryError(error, db);
    }
  }

  close(): void {
    this.opened?.close();
    this.opened = undefined;
  }
}

/** The rows of a short query, given in batches. */
export class InlineRows {
  private readonly rows: readonly Repr[][];
  private readonly writer: RowWriter;
  private given = 0;

  constructor(rows: readonly Repr[][], writer: RowWriter) {
    this.rows = rows;
    this.writer = writer;
  }

  /** @param rowsMax 0 = as many as one batch holds */
  next(rowsMax: number): RowBatch {
    const { rows, writer } = this;
    const end = rowsMax === 0 ? rows.length : Math.min(rows.length, this.given + rowsMax);
    while (this.given < end && writer.length < limits.rowBatchBytesMax)
      writer.row(rows[this.given++] ?? []);
    const { rowCount } = writer;
    return {
      bytes: rowCount === 0 ? NOTHING : writer.take(),
      rowCount,
      done: this.given >= rows.length,
    };
  }
}

const NOTHING = new Uint8Array(0);
