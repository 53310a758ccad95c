import type { Repr, SqlType, TypeFamily } from '../../catalog/types/sql-type';

/** Builtins, operators, casts and control structures are rows of these shapes. */

export type Volatility = 'immutable' | 'stable' | 'volatile';

/** Session values that functions may ask for; appended to their arguments and bound when the statement runs. */
export type ContextName =
  | 'transactionTimestamp'
  | 'statementTimestamp'
  /** Of the cluster's clock: nanoseconds since 1970. */
  | 'logicalTimestamp'
  | 'timeZone'
  | 'extraFloatDigits'
  | 'intervalStyle'
  | 'byteaOutput'
  /** `ISO, MDY`, `ISO, DMY` or `ISO, YMD`. */
  | 'dateStyle'
  | 'user'
  | 'sessionUser'
  | 'database'
  | 'schema'
  | 'searchPath'
  | 'backendPid'
  | 'applicationName'
  /** Of this node, as SHOW LOCALITY gives it. */
  | 'locality'
  /** Of the current database: the primary one, then all, with a NUL between two; NULL: it has none. */
  | 'databaseRegions'
  /** JSON: what may be done to which session, for pg_cancel_backend and its kin; see execute/signal-functions.ts. */
  | 'backends'
  /** JSON: what nextval gave in this session, for currval and lastval. */
  | 'sequenceState';

/** `array`: any array; `strings`: an array of strings; `element`: the element type of the first `array`, or any type all `element`s agree on. */
export type ArgSpec = TypeFamily | 'element' | 'strings';

/** A type, or the type of an argument, or a rule over the argument types. */
export type ReturnSpec = SqlType | ((args: readonly SqlType[]) => SqlType);

export type Udf = (...args: never[]) => Repr;

export interface SqlTemplate {
  readonly kind: 'sql';
  readonly render: (args: readonly string[]) => string;
  /** The result may be a REAL that stands for an overflow: checked at the root of the arithmetic. */
  readonly overflows?: boolean;
}

/** A function over representations, registered with SQLite under the row's id. */
export interface UdfBody {
  readonly kind: 'udf';
  readonly fn: Udf;
  /** SQL of SQLite's own that gives the same, where the text of the last argument, a constant, tells that it does. */
  readonly plain?: (args: readonly string[]) => string | undefined;
}

/** A function made for the types of one call; registered when a statement that needs it is prepared. */
export interface UdfFactory {
  readonly kind: 'factory';
  readonly make: (args: readonly SqlType[], returns: SqlType) => Udf;
}

export interface FunctionRow {
  readonly name: string;
  readonly args: readonly ArgSpec[];
  /** More arguments of this kind may follow. */
  readonly rest?: ArgSpec;
  readonly returns: ReturnSpec;
  readonly volatility: Volatility;
  /** NULL in any argument gives NULL without a call. */
  readonly strict: boolean;
  readonly context: readonly ContextName[];
  readonly body: SqlTemplate | UdfBody | UdfFactory;
  /** Changes data (nextval, setval): the statement needs the write lock. */
  readonly writes?: boolean;
  /** Acts on other sessions: only where a client's own query calls it. */
  readonly signals?: boolean;
  /** Chosen over equally good ones when arguments have no type of their own. */
  readonly preferred?: boolean;
}

/** Step and result of an aggregate over representations; `start` makes the state of one group. */
export interface AggregateBody<State> {
  readonly start: () => State;
  readonly step: (state: State, ...args: Repr[]) => State;
  /** Undoes the oldest step. Without it a window whose start moves is computed anew for each row. */
  readonly inverse?: (state: State, ...args: Repr[]) => State;
  readonly result: (state: State) => Repr;
}

export type AggregateImplementation =
  | {
      readonly kind: 'sql';
      readonly render: (args: readonly string[], modifiers: AggregateModifiers) => string;
    }
  | {
      readonly kind: 'udf';
      readonly make: (args: readonly SqlType[], returns: SqlType) => AggregateBody<unknown>;
    };

export interface AggregateModifiers {
  /** `DISTINCT ` or empty. */
  readonly distinct: string;
  /** ` ORDER BY …` or empty; goes before the closing parenthesis. */
  readonly orderBy: string;
  /** ` FILTER (WHERE …)` or empty; of window functions with ` OVER (…)` after it. */
  readonly filter: string;
}

export interface AggregateRow {
  readonly name: string;
  readonly args: readonly ArgSpec[];
  readonly returns: ReturnSpec;
  /** Rows whose first argument is NULL are skipped. */
  readonly skipsNull: boolean;
  /** Called with WITHIN GROUP (ORDER BY …), whose expression is its last argument. */
  readonly orderedSet?: true;
  readonly implementation: AggregateImplementation;
}
