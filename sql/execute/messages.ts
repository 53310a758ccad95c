import type { TransferredError } from '../../base/error-transfer';
import { limits } from '../../base/limits';
import type { Repr } from '../../catalog/types/sql-type';
import type { Durability } from '../../storage/ranges/connection';
import type { PushedWrite } from '../../storage/ranges/pushed-writes';
import type { SessionValues } from '../builtins/repr';
import type { Definition, DefinitionResult } from '../ddl/definition';
import type { CompiledQuery } from '../emit/compiled-query';
import type { CompiledWrite } from '../emit/compiled-write';
import type { RowFormat } from './data-row';
import type { SentSignals } from './signal-functions';
import type { UnfinishedWrite } from './write/writing-connection';

/** What the main thread and a query thread say to each other. Connections and cursors are numbered by the main thread. */

/** The number of a thread's one connection that may write; in use by whoever holds the write lock, and cursors that follow. */
export const WRITING_CONNECTION = limits.queryConnectionsPerThreadMax;

/** Where the cancel flags hold the thread's own number, Linux's; 0: not known. */
export const THREAD_ID_SLOT = WRITING_CONNECTION + 1;

/** Rows that SQLite does not have: loaded into a temporary table for one statement. */
export interface RowsTable {
  readonly name: string;
  /** SQLite's names of the columns, `o1` …: of those that the query reads. */
  readonly names: readonly string[];
  readonly rows: readonly (readonly Repr[])[];
  /** The first so many columns are indexed. */
  readonly keyColumns?: number;
}

/** Values that are inserted, and where in the input each row was. */
export interface GivenRows {
  readonly rows: readonly (readonly Repr[])[];
  readonly lines: readonly number[];
  /** More rows of the same statement come: what theirs may yet satisfy is not looked at now. */
  readonly more: boolean;
  /** What earlier rows of the statement refer to, where it was not there then. */
  readonly unmatched: readonly UnmatchedReference[];
}

/** A row whose reference to its own table has no match so far. */
export interface UnmatchedReference {
  readonly constraint: string;
  /** NULL but for the columns of the constraint. */
  readonly row: readonly Repr[];
}

export type ThreadRequest =
  /** Opens a cursor and computes its first batch. */
  | {
      readonly kind: 'run';
      readonly cursor: number;
      readonly connection: number;
      readonly query: CompiledQuery;
      readonly parameters: readonly Repr[];
      readonly session: SessionValues;
      readonly formats: RowFormat;
      readonly tables: readonly RowsTable[];
      readonly rowsMax: number;
      /** Of what the batch hands out of sequences, outside of a write transaction. */
      readonly timestamp?: bigint | undefined;
    }
  | {
      readonly kind: 'next';
      readonly cursor: number;
      readonly rowsMax: number;
      readonly timestamp?: bigint | undefined;
    }
  | { readonly kind: 'close'; readonly cursor: number }
  /** Begins a read transaction on a connection: all its statements see the same rows. */
  | { readonly kind: 'begin'; readonly connection: number }
  | { readonly kind: 'end'; readonly connection: number }
  /** Cursors keep the rows that they have not given yet; a read transaction ends. */
  | { readonly kind: 'leave'; readonly connection: number }
  /** Runs a statement that writes on the thread's writing connection, and computes the first batch of its rows. */
  | {
      readonly kind: 'write';
      readonly cursor: number;
      readonly connection: number;
      readonly writeId: number;
      /** Absent when the thread has it already. */
      readonly write: CompiledWrite | undefined;
      readonly parameters: readonly Repr[];
      readonly session: SessionValues;
      readonly formats: RowFormat;
      readonly tables: readonly RowsTable[];
      readonly timestamp: bigint;
      /** Where the plan's source says so. */
      readonly given?: GivenRows;
      /** A transaction of its own, over before the first row is given. */
      readonly alone: boolean;
      readonly rowsMax: number;
    }
  /** Begins a write transaction with this many savepoints. The sender holds the write lock. */
  | {
      readonly kind: 'beginWrite';
      readonly connection: number;
      readonly savepoints: number;
      readonly timestamp: bigint;
    }
  | {
      readonly kind: 'endWrite';
      readonly connection: number;
      readonly command: 'COMMIT' | 'ROLLBACK';
      /** What is there later than its rows say. */
      readonly pushed: PushedWrite | undefined;
      /** Of what stays when it is rolled back: values of sequences. */
      readonly timestamp: bigint;
    }
  /** Rolls the write transaction back for now, so that others may write; and does all of it again. */
  | { readonly kind: 'makeWay'; readonly connection: number; readonly timestamp: bigint }
  | { readonly kind: 'comeBack'; readonly connection: number }
  /** Begins a write transaction that was put down elsewhere, as it was. The sender holds the write lock. */
  | { readonly kind: 'takeUp'; readonly connection: number; readonly unfinished: UnfinishedWrite }
  /** Savepoints are numbered from 0, the outermost. */
  | {
      readonly kind: 'savepoint';
      readonly connection: number;
      readonly command: 'SAVEPOINT' | 'RELEASE' | 'ROLLBACK TO';
      readonly depth: number;
    }
  /** Runs a statement that changes the schema, in the write transaction of the connection. */
  | {
      readonly kind: 'define';
      readonly cursor: number;
      readonly connection: number;
      readonly definition: Definition;
    }
  /** Brings what is in the WAL into the store, as far as no reader needs it. */
  | { readonly kind: 'checkpoint'; readonly cursor: number }
  | { readonly kind: 'stop' };

/** Sequence values handed out by a statement: what currval and lastval give from then on. */
export type AdvancedSequences = readonly (readonly [tableId: number, value: bigint])[];

export type ThreadReply =
  | {
      readonly kind: 'batch';
      readonly cursor: number;
      readonly bytes: Uint8Array;
      readonly rowCount: number;
      readonly done: boolean;
      readonly advanced: AdvancedSequences;
      readonly signals: SentSignals;
      /** Rows written, in the first batch of a statement that writes. */
      readonly affected?: number;
      /** In the same batch: what rows still to be given may satisfy. */
      readonly unmatched?: readonly UnmatchedReference[];
    }
  | { readonly kind: 'defined'; readonly cursor: number; readonly result: DefinitionResult }
  /** @see bringIn */
  | { readonly kind: 'checkpointed'; readonly cursor: number; readonly frames: number }
  | { readonly kind: 'error'; readonly cursor: number; readonly error: TransferredError }
  | { readonly kind: 'begun'; readonly connection: number }
  /** It could not make way: nothing has changed. */
  | { readonly kind: 'stayed'; readonly connection: number }
  | {
      readonly kind: 'failed';
      readonly connection: number;
      readonly error: TransferredError;
    };

export interface QueryThreadData {
  readonly storeDirectory: string;
  readonly durability: Durability;
  /** One Int32 a connection, the writing one last: set to 1 to end what runs on it. Then the thread's own number. */
  readonly cancelFlags: SharedArrayBuffer;
}
