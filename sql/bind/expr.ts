import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { AggregateRow, ContextName, FunctionRow } from '../builtins/function-row';
import type { LiftedLiteral } from '../parse/literal-slots';

/**
 * The typed, bound tree: what `bind/` makes of PostgreSQL's parse tree and `emit/` turns into SQLite SQL.
 * Every expression carries its type; names are resolved to sources and SQLite columns.
 */

/** A value known when the statement is bound. */
export interface ConstExpr {
  readonly kind: 'const';
  readonly type: SqlType;
  readonly value: Repr;
  /** The value is that of a parameter, unless it was read: then the statement holds for this value only. */
  readonly lifted?: { readonly literal: LiftedLiteral; readonly parameter: number };
}

/** A column of a source (FROM item) of this query or of one around it. */
export interface ColumnExpr {
  readonly kind: 'column';
  readonly type: SqlType;
  readonly source: Source;
  /** The SQLite column of that source. */
  readonly column: string;
  /** As the user sees it. */
  readonly name: string;
  /** Descriptor ids, 0 when the source is no table. */
  readonly tableId: number;
  readonly columnId: number;
}

/** A client parameter, `$index`; the type is shared with other uses of the same one. */
export interface ParamExpr {
  readonly kind: 'param';
  readonly type: SqlType;
  /** 1-based. */
  readonly index: number;
}

/** A value of the session or transaction, passed when the statement runs: keeps bound statements reusable. */
export interface ContextExpr {
  readonly kind: 'context';
  readonly type: SqlType;
  readonly name: ContextName;
}

/** Operators, casts, builtins and control structures: rows of tables (builtins/). */
export interface CallExpr {
  readonly kind: 'call';
  readonly type: SqlType;
  readonly fn: FunctionRow;
  readonly args: readonly Expr[];
}

export interface AggregateExpr {
  readonly kind: 'aggregate';
  readonly type: SqlType;
  readonly fn: AggregateRow;
  readonly args: readonly Expr[];
  readonly distinct: boolean;
  readonly filter: Expr | undefined;
  readonly orderBy: readonly OrderItem[];
}

/** A call with OVER. `fn` is a window function or an aggregate. */
export interface WindowExpr {
  readonly kind: 'window';
  readonly type: SqlType;
  readonly fn: AggregateRow;
  readonly args: readonly Expr[];
  readonly filter: Expr | undefined;
  readonly window: WindowSpec;
}

export interface WindowSpec {
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly OrderItem[];
  /** Undefined: from the first row to the last peer of the current one. */
  readonly frame: WindowFrame | undefined;
}

export interface WindowFrame {
  readonly mode: 'ROWS' | 'RANGE' | 'GROUPS';
  readonly start: FrameBound;
  readonly end: FrameBound;
  readonly exclude: 'CURRENT ROW' | 'GROUP' | 'TIES' | undefined;
}

export type FrameBound =
  | { readonly kind: 'UNBOUNDED PRECEDING' | 'UNBOUNDED FOLLOWING' | 'CURRENT ROW' }
  | { readonly kind: 'PRECEDING' | 'FOLLOWING'; readonly offset: Expr };

/** `(a, b)`: only compared or tested for NULL, never a value of its own. */
export interface RowExpr {
  readonly kind: 'row';
  readonly type: SqlType;
  readonly items: readonly Expr[];
}

export interface SubqueryExpr {
  readonly kind: 'subquery';
  readonly type: SqlType;
  /** scalar: one column, at most one row. in: `left IN (query)`. any, all: `test` of each row. */
  readonly form: 'scalar' | 'exists' | 'in' | 'any' | 'all';
  readonly left: Expr | undefined;
  readonly query: Query;
  /** Of ANY and ALL: a condition on the columns of `source`, which is the query. */
  readonly test?: Expr;
  readonly source?: Source;
}

export type Expr =
  | ConstExpr
  | ColumnExpr
  | ParamExpr
  | ContextExpr
  | CallExpr
  | AggregateExpr
  | WindowExpr
  | RowExpr
  | SubqueryExpr;

export interface OrderItem {
  readonly expr: Expr;
  readonly descending: boolean;
  /** Undefined: NULLs first when ascending, last when descending, which is SQLite's order too. */
  readonly nullsFirst: boolean | undefined;
}

/** Identity of a FROM item; `alias` is unique in the statement. */
export interface Source {
  readonly alias: string;
  /** Tables: the SQLite columns of the primary key. */
  readonly key?: readonly string[];
  /** Tables: the SQLite columns of the other indexes that hold all rows. */
  readonly indexes?: readonly (readonly string[])[];
}

export interface TableFrom {
  readonly kind: 'table';
  readonly source: Source;
  readonly sqliteName: string;
}

export interface SubqueryFrom {
  readonly kind: 'subquery';
  readonly source: Source;
  readonly query: Query;
}

/** A common table expression, or rows handed over with the statement, by its SQLite name. */
export interface NamedFrom {
  readonly kind: 'named';
  readonly source: Source;
  readonly name: string;
}

/** A set-returning function: a SQLite table-valued function of the same name as `fn`. */
export interface FunctionFrom {
  readonly kind: 'function';
  readonly source: Source;
  readonly name: string;
  readonly args: readonly Expr[];
}

/** LATERAL: a query that is computed for each row of the items before it. */
export interface LateralFrom {
  readonly kind: 'lateral';
  readonly source: Source;
  readonly query: Query;
}

/** One row: the state of a sequence. */
export interface SequenceFrom {
  readonly kind: 'sequence';
  readonly source: Source;
  readonly id: number;
  /** `last_value` of a sequence that was never advanced. */
  readonly unused: bigint;
}

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'cross';

export interface JoinFrom {
  readonly kind: 'join';
  readonly join: JoinType;
  readonly left: FromItem;
  readonly right: FromItem;
  readonly on: Expr | undefined;
}

export type FromItem =
  | TableFrom
  | SubqueryFrom
  | NamedFrom
  | FunctionFrom
  | LateralFrom
  | SequenceFrom
  | JoinFrom;

export interface OutputColumn {
  readonly name: string;
  readonly type: SqlType;
  /** Descriptor ids when the output is a plain column, else 0. */
  readonly tableId: number;
  readonly columnId: number;
}

export interface CteDefinition {
  readonly name: string;
  readonly query: Query;
  readonly recursive: boolean;
  readonly materialized: boolean;
}

interface QueryTail {
  readonly outputs: readonly OutputColumn[];
  readonly ctes: readonly CteDefinition[];
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expr | undefined;
  readonly offset: Expr | undefined;
}

export interface SelectQuery extends QueryTail {
  readonly kind: 'select';
  /** Parallel to `outputs`. */
  readonly exprs: readonly Expr[];
  readonly from: readonly FromItem[];
  readonly where: Expr | undefined;
  readonly groupBy: readonly Expr[];
  readonly having: Expr | undefined;
  /** Aggregates or GROUP BY are present. */
  readonly grouped: boolean;
  readonly distinct: boolean;
  /** DISTINCT ON. */
  readonly distinctOn: readonly Expr[];
}

export interface SetQuery extends QueryTail {
  readonly kind: 'set';
  readonly op: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly left: Query;
  readonly right: Query;
  /** What `orderBy` refers to: the combined rows. */
  readonly source: Source;
}

export interface ValuesQuery extends QueryTail {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expr[])[];
  readonly source: Source;
}

export type Query = SelectQuery | SetQuery | ValuesQuery;

/** SQLite's name of the n-th output (0-based) of any query. */
export function outputName(index: number): string {
  return `o${index + 1}`;
}

/** The n-th output (0-based) of a query, for whoever has it as a source. */
export function outputColumn(
  source: Source,
  { name, type }: Pick<OutputColumn, 'name' | 'type'>,
  index: number,
): Expr {
  return {
    kind: 'column',
    type,
    source,
    column: outputName(index),
    name,
    tableId: 0,
    columnId: 0,
  };
}
