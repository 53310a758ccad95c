import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Repr } from '../../catalog/types/sql-type';
import type { SessionValues } from '../builtins/repr';
import type { Definer } from '../ddl/run';
import type { Notice } from '../engine';
import type { EngineContext } from '../engine-context';
import type { ExplainStatement, SelectStatement, StringOrPlaceholder } from '../parse/ast';
import type { PgNode } from '../parse/pg-tree';
import type { SequenceValues } from '../session/sequence-values';
import type { SessionSettings } from '../session/settings';

/** What a statement that is not a query sees of its session while it runs. */
export interface StatementContext {
  readonly engine: EngineContext;
  readonly catalog: CatalogSnapshot;
  readonly settings: SessionSettings;
  readonly user: string;
  /** From now on the session acts as another user. */
  setUser(name: string): void;
  /** The statement as the client sent it. */
  readonly sql: string;
  readonly inTransactionBlock: boolean;
  /** The block has written: nobody else can until it ends. */
  readonly holdsWriteLock: boolean;
  readonly signal: AbortSignal;
  readonly sequences: SequenceValues;
  /** Where schema changes are made: see `runDefinition`. */
  readonly definer: Definer;
  /** Values of the session that expressions depend on. */
  sessionValues(): SessionValues;
  notice(notice: Notice): void;
  /** Drops a prepared statement of the client, `null` = all. @returns false: there is none of that name */
  deallocate(name: string | null): boolean;
  /** Runs a query of this statement (job ids) and gives all its rows. */
  select(statement: SelectStatement): Promise<readonly (readonly Repr[])[]>;
  /** The lines of EXPLAIN. */
  explain(statement: ExplainStatement): Promise<readonly string[]>;
  /** Of the open block, the outermost first. */
  savepoints(): readonly { readonly name: string; readonly isInitial: boolean }[];
  /** Done when the block that holds the statement's changes has committed; outside of a block, now. */
  afterCommit(action: () => void): void;
  /** The same when it is over, committed or not. */
  afterBlock(action: () => void): void;
  /** The value of a lone expression: one row of one column. */
  evaluate(expression: PgNode): Promise<readonly (readonly Repr[])[]>;
  /** The text of a string constant or of a placeholder's value. */
  text(value: StringOrPlaceholder): string;
}
