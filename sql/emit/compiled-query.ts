import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { ContextName } from '../builtins/function-row';
import type { ResultColumn } from '../engine';

/** What emitting gives: data that can be sent to another thread and kept for the next run of the same text. */

/** What is bound to `:p1`, `:p2` … when the statement runs. */
export type ParameterSlot =
  | { readonly kind: 'const'; readonly value: Repr }
  /** The client's `$index`, 1-based. */
  | { readonly kind: 'param'; readonly index: number }
  | { readonly kind: 'context'; readonly name: ContextName };

/** A function that the text calls, to be registered before it is prepared. */
export interface FunctionUse {
  /** As the text calls it. */
  readonly sqliteName: string;
  /** See builtins/row-index.ts. */
  readonly rowId: string;
  readonly args: readonly SqlType[];
  readonly returns: SqlType;
  readonly variant?: AggregateVariant;
}

/**
 * Aggregates that step in JavaScript: each set of arguments once; a window whose rows only come; a window whose rows
 * also go, the oldest first.
 */
export type AggregateVariant = 'distinct' | 'growing' | 'sliding';

export interface CompiledQuery {
  readonly sql: string;
  /** The text for when these parameters (1-based) are LIKE patterns that begin with no wildcard: it uses indexes. */
  readonly prefixed?: { readonly sql: string; readonly patterns: readonly number[] };
  readonly slots: readonly ParameterSlot[];
  readonly functions: readonly FunctionUse[];
  readonly columns: readonly ResultColumn[];
  readonly parameterTypes: readonly SqlType[];
  /** Advances a sequence: the caller holds the write lock while it runs. */
  readonly writes: boolean;
  /** Tables are read as they were then, in nanoseconds since 1970, on a connection that is in a transaction. */
  readonly asOf?: bigint;
}
