import type { Awaitable } from '../base/awaitable';
import type { SqlError } from '../base/errors';
import type { SqlType } from '../catalog/types/sql-type';
import type { HostRules } from './cluster-settings/host-rules';

/**
 * What `server/` needs of `sql/`: sessions that prepare and run statements and give rows as ready DataRow messages.
 * The server keeps names of prepared statements and portals; the session keeps the transaction, settings and the catalog.
 */

export interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
  /** Descriptor id of the table and column id, 0 when the column is an expression. */
  readonly tableId: number;
  readonly columnId: number;
}

/** Complete DataRow ('D') messages, back to back. */
export interface RowBatch {
  /** Memory of its own: the server keeps it until the socket has taken it. */
  readonly bytes: Uint8Array;
  readonly rowCount: number;
  /** No more rows will come. */
  readonly done: boolean;
}

/** What COPY says of its data before the first of it. */
export interface CopyShape {
  readonly isBinary: boolean;
  readonly columnCount: number;
}

/** COPY … FROM STDIN: what takes the client's bytes, before `next` makes rows of the last of them. */
export interface CopyInput extends CopyShape {
  /** Aborted when the statement is to end, also while the client sends nothing; its reason is the error. */
  readonly signal: AbortSignal;
  /**
   * Bytes as they come, cut anywhere; they are good until it returns. Waits while enough of them are at work.
   * @throws SqlError; no more may be written then
   */
  write(chunk: Uint8Array): Promise<void>;
}

/** A running statement (a portal's contents). Must be closed, also after an error. */
export interface Cursor {
  /** COPY … TO STDOUT: the batches are CopyData messages. */
  readonly copyOut?: CopyShape;
  readonly copyIn?: CopyInput;
  /** `null`: the statement returns no rows (not even zero of them). */
  readonly columns: readonly ResultColumn[] | null;
  /** At most `rowsMax` rows, 0 = as many as one batch holds. Runs the statement when it has no columns. */
  next(rowsMax: number): Awaitable<RowBatch>;
  /** After `done`: the CommandComplete tag, e.g. `SELECT 3`, `CREATE DATABASE`. `rowsSent` counts all batches. */
  commandTag(rowsSent: number): string;
  close(): Awaitable<void>;
}

/** One statement of a text, not yet bound: binding happens right before it runs, after the ones before it. */
export interface StatementText {
  readonly sql: string;
  /** Offset of `sql` in the client's text, in characters: added to error positions. */
  readonly offset: number;
}

export interface PreparedStatement {
  readonly sql: string;
  readonly parameterTypes: readonly SqlType[];
  /** `null`: returns no rows. */
  readonly columns: readonly ResultColumn[] | null;
  /** The empty statement: the server answers EmptyQueryResponse. */
  readonly empty: boolean;
}

/** 0 = text, 1 = binary. */
export type FormatCode = 0 | 1;

export interface Notice {
  readonly severity: 'NOTICE' | 'WARNING' | 'INFO' | 'LOG' | 'DEBUG';
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

export interface SessionListener {
  onNotice(notice: Notice): void;
  /** A setting that clients are told of changed (ParameterStatus). */
  onParameterStatus(name: string, value: string): void;
  /** DEALLOCATE: drops a prepared statement, `null` = all. @returns false: there is none of that name */
  onDeallocate(name: string | null): boolean;
  /** CANCEL SESSION on another connection: the running statement ends, and the client is sent away. */
  onTerminate(): void;
}

/** ReadyForQuery's status byte: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E';

/** How long a client may leave its session alone. */
export interface IdleLimit {
  readonly ms: number;
  /** What it is told when it did for longer. */
  readonly error: SqlError;
}

export interface Session {
  readonly transactionStatus: TransactionStatus;
  /** What to send as ParameterStatus at startup, in order. */
  parameterStatuses(): ReadonlyArray<readonly [name: string, value: string]>;
  /** Splits a simple query's text; an empty text gives one empty statement. @throws SqlError syntaxError. */
  split(sql: string): Awaitable<readonly StatementText[]>;
  /** @param parameterOids as declared in Parse; 0 or missing = infer. */
  prepare(statement: StatementText, parameterOids: readonly number[]): Awaitable<PreparedStatement>;
  /** @param resultFormats none = all text, one = for all columns, else one a column. */
  execute(
    prepared: PreparedStatement,
    parameters: readonly (Uint8Array | null)[],
    parameterFormats: readonly FormatCode[],
    resultFormats: readonly FormatCode[],
  ): Awaitable<Cursor>;
  /** From now on, between two of the client's messages; undefined: no limit. */
  idleLimit(): IdleLimit | undefined;
  /** An error reached the client: a transaction block becomes failed, an implicit transaction ends. */
  fail(): Promise<void>;
  /** Implicit transaction around the statements of one simple query or up to Sync. */
  beginImplicit(): void;
  endImplicit(): Awaitable<void>;
  /** Asked for on another connection (CancelRequest): the running statement ends with 57014. */
  cancel(): void;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly user: string;
  readonly database: string;
  /** Settings from the startup packet (application_name, options=-c …), lower-case names. */
  readonly settings: ReadonlyMap<string, string>;
  readonly remoteAddress: string;
  /** What clients and other sessions know it by: BackendKeyData's, and pg_backend_pid(). */
  readonly backendPid: number;
}

/** What proving to be a user asks for. */
export interface Login {
  /** The name as it is stored. */
  readonly user: string;
  /** As system.users has it; null or empty: no password opens this user, or there is no such user. */
  readonly hashedPassword: Uint8Array | null;
  /** When the password ends, in milliseconds since 1970. */
  readonly expiresMs: number | undefined;
}

export interface Engine {
  /** Who may connect from where. */
  hostRules(): HostRules;
  login(user: string): Login;
  /** @throws SqlError invalidAuthorizationSpecification (28000), invalidCatalogName (3D000). */
  openSession(options: SessionOptions, listener: SessionListener): Promise<Session>;
  /**
   * A query is at work that SQLite may not let go of. Node waits for such threads when it exits, however long that takes; after
   * `close()` nothing is lost by ending the process with SIGKILL instead.
   */
  readonly holdsProcess: boolean;
  /** Ends jobs and queries, checkpoints the WAL, releases the store. */
  close(): Promise<void>;
}
