import type { Statement } from './ast';
import type { LiftedLiteral } from './literal-slots';

/**
 * PostgreSQL's raw parse tree as libpg-query gives it (JSON of its protobuf form), as far as the binder reads it.
 *
 * A node is an object with exactly one key, its type's name. Fields that hold their type's default (0, false, '', no list)
 * are absent. `location` is a 0-based offset in UTF-16 code units into the ORIGINAL text: `parseStatement` maps it back.
 * Source of names and meanings: PostgreSQL 18, src/include/nodes/{parsenodes,primnodes}.h.
 *
 * Fields marked "ours" are added by to-postgres.ts for what PostgreSQL's grammar can't say.
 */
export type PgNode =
  | { readonly SelectStmt: SelectStmt }
  | { readonly InsertStmt: InsertStmt }
  | { readonly UpdateStmt: UpdateStmt }
  | { readonly DeleteStmt: DeleteStmt }
  | { readonly CopyStmt: CopyStmt }
  | { readonly RangeVar: RangeVar }
  | { readonly JoinExpr: JoinExpr }
  | { readonly RangeSubselect: RangeSubselect }
  | { readonly RangeFunction: RangeFunction }
  | { readonly RangeTableSample: RangeTableSample }
  | { readonly ResTarget: ResTarget }
  | { readonly ColumnRef: ColumnRef }
  | { readonly A_Star: Record<string, never> }
  | { readonly A_Const: AConst }
  | { readonly A_Expr: AExpr }
  | { readonly BoolExpr: BoolExpr }
  | { readonly NullTest: NullTest }
  | { readonly BooleanTest: BooleanTest }
  | { readonly FuncCall: FuncCall }
  | { readonly NamedArgExpr: NamedArgExpr }
  | { readonly TypeCast: TypeCast }
  | { readonly TypeName: TypeName }
  | { readonly SubLink: SubLink }
  | { readonly CaseExpr: CaseExpr }
  | { readonly CaseWhen: CaseWhen }
  | { readonly CoalesceExpr: CoalesceExpr }
  | { readonly MinMaxExpr: MinMaxExpr }
  | { readonly A_ArrayExpr: AArrayExpr }
  | { readonly A_Indirection: AIndirection }
  | { readonly A_Indices: AIndices }
  | { readonly RowExpr: RowExpr }
  | { readonly ParamRef: ParamRef }
  | { readonly SortBy: SortBy }
  | { readonly CommonTableExpr: CommonTableExpr }
  | { readonly CollateClause: CollateClause }
  | { readonly SQLValueFunction: SQLValueFunction }
  | { readonly WindowDef: WindowDef }
  | { readonly GroupingSet: GroupingSet }
  | { readonly GroupingFunc: GroupingFunc }
  | { readonly LockingClause: LockingClause }
  | { readonly SetToDefault: SetToDefault }
  | { readonly MultiAssignRef: MultiAssignRef }
  | { readonly List: PgList }
  | { readonly String: PgString }
  | { readonly Integer: PgInteger }
  | { readonly Float: PgFloat }
  | { readonly Boolean: PgBoolean }
  | { readonly BitString: PgBitString };

export interface PgString {
  readonly sval?: string;
}
/** 0 when absent. */
export interface PgInteger {
  readonly ival?: number;
}
/** A number that is no int4, as written: `1.50`, `1e400`, `9223372036854775808`. */
export interface PgFloat {
  readonly fval?: string;
}
export interface PgBoolean {
  readonly boolval?: boolean;
}
/** `x` + hex digits: a BYTES literal (b'…', x'…'); `b` + binary digits: a BIT literal (B'…'). */
export interface PgBitString {
  readonly bsval?: string;
}
export interface PgList {
  readonly items?: readonly PgNode[];
}

/** Exactly one of the values, or `isnull`. */
export interface AConst {
  readonly isnull?: boolean;
  readonly ival?: PgInteger;
  readonly fval?: PgFloat;
  readonly boolval?: PgBoolean;
  readonly sval?: PgString;
  /** See `PgBitString`: BYTES or BIT. */
  readonly bsval?: PgBitString;
  readonly location?: number;
  /** Its value is one of many that the tree stands for; what reads the fields above is told of. */
  readonly lifted?: LiftedLiteral;
}

export interface ColumnRef {
  /** `String` parts, the last may be `A_Star`. */
  readonly fields: readonly PgNode[];
  readonly location?: number;
}

/** 1-based. */
export interface ParamRef {
  readonly number?: number;
  readonly location?: number;
}

export type AExprKind =
  | 'AEXPR_OP'
  | 'AEXPR_OP_ANY'
  | 'AEXPR_OP_ALL'
  | 'AEXPR_DISTINCT'
  | 'AEXPR_NOT_DISTINCT'
  | 'AEXPR_NULLIF'
  /** `rexpr` is a List; `name` is `=` or `<>` (NOT IN). */
  | 'AEXPR_IN'
  /** `name` is `~~` or `!~~`. */
  | 'AEXPR_LIKE'
  | 'AEXPR_ILIKE'
  /** `rexpr` is a call of pg_catalog.similar_to_escape. */
  | 'AEXPR_SIMILAR'
  /** `rexpr` is a List of two. */
  | 'AEXPR_BETWEEN'
  | 'AEXPR_NOT_BETWEEN'
  | 'AEXPR_BETWEEN_SYM'
  | 'AEXPR_NOT_BETWEEN_SYM';

export interface AExpr {
  readonly kind: AExprKind;
  /** Operator, `String` parts; the name is CockroachDB's, e.g. `//`. */
  readonly name: readonly PgNode[];
  /** Absent for prefix operators. */
  readonly lexpr?: PgNode;
  readonly rexpr?: PgNode;
  /** Of the operator. */
  readonly location?: number;
}

export interface BoolExpr {
  readonly boolop: 'AND_EXPR' | 'OR_EXPR' | 'NOT_EXPR';
  readonly args: readonly PgNode[];
  readonly location?: number;
}

export interface NullTest {
  readonly arg: PgNode;
  readonly nulltesttype: 'IS_NULL' | 'IS_NOT_NULL';
  readonly location?: number;
}

export interface BooleanTest {
  readonly arg: PgNode;
  readonly booltesttype:
    | 'IS_TRUE'
    | 'IS_NOT_TRUE'
    | 'IS_FALSE'
    | 'IS_NOT_FALSE'
    | 'IS_UNKNOWN'
    | 'IS_NOT_UNKNOWN';
  readonly location?: number;
}

export interface FuncCall {
  /** `String` parts. Special syntax (EXTRACT, TRIM, POSITION, OVERLAY, AT TIME ZONE …) is `pg_catalog.extract` and so on. */
  readonly funcname: readonly PgNode[];
  readonly args?: readonly PgNode[];
  /** ORDER BY inside the parentheses, or of WITHIN GROUP. */
  readonly agg_order?: readonly { readonly SortBy: SortBy }[];
  readonly agg_filter?: PgNode;
  readonly over?: WindowDef;
  readonly agg_within_group?: boolean;
  /** `count(*)`. */
  readonly agg_star?: boolean;
  readonly agg_distinct?: boolean;
  readonly func_variadic?: boolean;
  /** `COERCE_SQL_SYNTAX` for the special syntax. */
  readonly funcformat?: string;
  readonly location?: number;
}

export interface NamedArgExpr {
  readonly arg?: PgNode;
  readonly name?: string;
  readonly location?: number;
}

export interface TypeCast {
  readonly arg: PgNode;
  readonly typeName: TypeName;
  /** Of `::` or `CAST`; -1 for `TYPE 'literal'`. */
  readonly location?: number;
  /** Ours: `:::`, a type annotation instead of a cast. */
  readonly annotation?: true;
}

export interface TypeName {
  /** `String` parts: CockroachDB's words as written (`string`), or `pg_catalog.int4` for PostgreSQL's own spellings. */
  readonly names?: readonly PgNode[];
  readonly setof?: boolean;
  /** Modifiers: width, precision and scale; interval fields and precision. */
  readonly typmods?: readonly PgNode[];
  readonly typemod?: number;
  /** One node for each dimension, `Integer` -1 when no bound is given. */
  readonly arrayBounds?: readonly PgNode[];
  readonly location?: number;
  /** Ours: `@123`, a reference by OID; `names` is then meaningless. */
  readonly oidReference?: number;
}

export interface SubLink {
  readonly subLinkType:
    | 'EXISTS_SUBLINK'
    | 'ALL_SUBLINK'
    | 'ANY_SUBLINK'
    | 'EXPR_SUBLINK'
    | 'ARRAY_SUBLINK';
  readonly testexpr?: PgNode;
  /** Absent for plain IN. */
  readonly operName?: readonly PgNode[];
  readonly subselect: PgNode;
  readonly location?: number;
}

export interface CaseExpr {
  readonly arg?: PgNode;
  readonly args: readonly { readonly CaseWhen: CaseWhen }[];
  readonly defresult?: PgNode;
  readonly location?: number;
}
export interface CaseWhen {
  readonly expr: PgNode;
  readonly result: PgNode;
  readonly location?: number;
}
export interface CoalesceExpr {
  readonly args: readonly PgNode[];
  readonly location?: number;
}
export interface MinMaxExpr {
  readonly op: 'IS_GREATEST' | 'IS_LEAST';
  readonly args: readonly PgNode[];
  readonly location?: number;
}
export interface AArrayExpr {
  readonly elements?: readonly PgNode[];
  readonly location?: number;
}
export interface AIndirection {
  readonly arg: PgNode;
  /** `A_Indices`, `String` or `A_Star`. */
  readonly indirection: readonly PgNode[];
}
export interface AIndices {
  readonly is_slice?: boolean;
  readonly lidx?: PgNode;
  readonly uidx?: PgNode;
}
export interface RowExpr {
  /** Ours: `((1, 2) AS a, b)`. */
  readonly labels?: readonly string[];
  readonly args?: readonly PgNode[];
  /** `COERCE_IMPLICIT_CAST` for `(a, b)` without ROW. */
  readonly row_format?: string;
  readonly location?: number;
}
export interface CollateClause {
  readonly arg: PgNode;
  readonly collname: readonly PgNode[];
  readonly location?: number;
}
export interface SQLValueFunction {
  readonly op:
    | 'SVFOP_CURRENT_DATE'
    | 'SVFOP_CURRENT_TIME'
    | 'SVFOP_CURRENT_TIME_N'
    | 'SVFOP_CURRENT_TIMESTAMP'
    | 'SVFOP_CURRENT_TIMESTAMP_N'
    | 'SVFOP_LOCALTIME'
    | 'SVFOP_LOCALTIME_N'
    | 'SVFOP_LOCALTIMESTAMP'
    | 'SVFOP_LOCALTIMESTAMP_N'
    | 'SVFOP_CURRENT_ROLE'
    | 'SVFOP_CURRENT_USER'
    | 'SVFOP_USER'
    | 'SVFOP_SESSION_USER'
    | 'SVFOP_CURRENT_CATALOG'
    | 'SVFOP_CURRENT_SCHEMA';
  readonly typmod?: number;
  readonly location?: number;
}
export interface GroupingFunc {
  readonly args?: readonly PgNode[];
  readonly location?: number;
}
export interface SetToDefault {
  readonly location?: number;
}
export interface MultiAssignRef {
  readonly source: PgNode;
  /** 1-based. */
  readonly colno?: number;
  readonly ncolumns?: number;
}

export interface ResTarget {
  readonly name?: string;
  readonly indirection?: readonly PgNode[];
  readonly val?: PgNode;
  readonly location?: number;
}

export interface Alias {
  readonly aliasname: string;
  /** `String` nodes. */
  readonly colnames?: readonly PgNode[];
}

export interface RangeVar {
  readonly catalogname?: string;
  readonly schemaname?: string;
  readonly relname: string;
  /** Absent with ONLY. */
  readonly inh?: boolean;
  readonly alias?: Alias;
  readonly location?: number;
  /** Ours: `[SHOW …]` and the like in FROM; `relname` is then meaningless. */
  readonly statement?: Statement;
  /** Ours: `[123 AS t]`, a table by descriptor id; `relname` is then meaningless. */
  readonly tableId?: number;
  /** Ours: `t@index`, `t@{…}`. */
  readonly indexHint?: IndexHint;
}

export interface IndexHint {
  /** Name of the index; `null` when the braces name none. */
  readonly index: string | null;
  /** Index id of `t@[2]`. */
  readonly indexId: number | null;
  /** What was written between the braces, '' without braces. */
  readonly flags: string;
  readonly location: number;
}

export interface JoinExpr {
  readonly jointype: 'JOIN_INNER' | 'JOIN_LEFT' | 'JOIN_FULL' | 'JOIN_RIGHT';
  readonly isNatural?: boolean;
  readonly larg: PgNode;
  readonly rarg: PgNode;
  /** `String` nodes. */
  readonly usingClause?: readonly PgNode[];
  readonly join_using_alias?: Alias;
  readonly quals?: PgNode;
  readonly alias?: Alias;
}

export interface RangeSubselect {
  readonly lateral?: boolean;
  readonly subquery: PgNode;
  readonly alias?: Alias;
}

export interface RangeFunction {
  readonly lateral?: boolean;
  readonly ordinality?: boolean;
  readonly is_rowsfrom?: boolean;
  /** A List for each function: the call and its column definitions. */
  readonly functions: readonly PgNode[];
  readonly alias?: Alias;
  readonly coldeflist?: readonly PgNode[];
}

export interface RangeTableSample {
  readonly relation: PgNode;
  readonly location?: number;
}

export interface SortBy {
  readonly node: PgNode;
  readonly sortby_dir: 'SORTBY_DEFAULT' | 'SORTBY_ASC' | 'SORTBY_DESC' | 'SORTBY_USING';
  readonly sortby_nulls: 'SORTBY_NULLS_DEFAULT' | 'SORTBY_NULLS_FIRST' | 'SORTBY_NULLS_LAST';
  readonly useOp?: readonly PgNode[];
  readonly location?: number;
}

export interface WindowDef {
  /** Of `WINDOW name AS`. */
  readonly name?: string;
  /** Of `OVER (name …)` or `OVER name`. */
  readonly refname?: string;
  readonly partitionClause?: readonly PgNode[];
  readonly orderClause?: readonly { readonly SortBy: SortBy }[];
  /** Bits FRAMEOPTION_*: PostgreSQL, src/include/nodes/parsenodes.h. */
  readonly frameOptions?: number;
  readonly startOffset?: PgNode;
  readonly endOffset?: PgNode;
  readonly location?: number;
}

export interface GroupingSet {
  readonly kind:
    | 'GROUPING_SET_EMPTY'
    | 'GROUPING_SET_SIMPLE'
    | 'GROUPING_SET_ROLLUP'
    | 'GROUPING_SET_CUBE'
    | 'GROUPING_SET_SETS';
  readonly content?: readonly PgNode[];
  readonly location?: number;
}

export interface LockingClause {
  readonly lockedRels?: readonly PgNode[];
  readonly strength: 'LCS_FORKEYSHARE' | 'LCS_FORSHARE' | 'LCS_FORNOKEYUPDATE' | 'LCS_FORUPDATE';
  readonly waitPolicy?: 'LockWaitBlock' | 'LockWaitSkip' | 'LockWaitError';
}

export interface WithClause {
  readonly ctes: readonly { readonly CommonTableExpr: CommonTableExpr }[];
  readonly recursive?: boolean;
  readonly location?: number;
}

export interface CommonTableExpr {
  readonly ctename: string;
  readonly aliascolnames?: readonly PgNode[];
  readonly ctematerialized?:
    | 'CTEMaterializeDefault'
    | 'CTEMaterializeAlways'
    | 'CTEMaterializeNever';
  readonly ctequery: PgNode;
  readonly search_clause?: unknown;
  readonly cycle_clause?: unknown;
  readonly location?: number;
}

export interface SelectStmt {
  /** `[{}]` (one empty object) for DISTINCT, expressions for DISTINCT ON. */
  readonly distinctClause?: readonly PgNode[];
  readonly intoClause?: unknown;
  readonly targetList?: readonly { readonly ResTarget: ResTarget }[];
  readonly fromClause?: readonly PgNode[];
  readonly whereClause?: PgNode;
  readonly groupClause?: readonly PgNode[];
  readonly groupDistinct?: boolean;
  readonly havingClause?: PgNode;
  readonly windowClause?: readonly { readonly WindowDef: WindowDef }[];
  /** A List for each row. */
  readonly valuesLists?: readonly { readonly List: PgList }[];
  readonly sortClause?: readonly { readonly SortBy: SortBy }[];
  readonly limitOffset?: PgNode;
  /** A_Const NULL for LIMIT ALL. */
  readonly limitCount?: PgNode;
  readonly limitOption?: 'LIMIT_OPTION_DEFAULT' | 'LIMIT_OPTION_COUNT' | 'LIMIT_OPTION_WITH_TIES';
  readonly lockingClause?: readonly { readonly LockingClause: LockingClause }[];
  readonly withClause?: WithClause;
  readonly op?: 'SETOP_NONE' | 'SETOP_UNION' | 'SETOP_INTERSECT' | 'SETOP_EXCEPT';
  readonly all?: boolean;
  readonly larg?: SelectStmt;
  readonly rarg?: SelectStmt;
}

export interface InferClause {
  readonly indexElems?: readonly { readonly IndexElem: IndexElem }[];
  readonly whereClause?: PgNode;
  readonly conname?: string;
  readonly location?: number;
}
export interface IndexElem {
  readonly name?: string;
  readonly expr?: PgNode;
}
export interface OnConflictClause {
  readonly action: 'ONCONFLICT_NONE' | 'ONCONFLICT_NOTHING' | 'ONCONFLICT_UPDATE';
  readonly infer?: InferClause;
  readonly targetList?: readonly { readonly ResTarget: ResTarget }[];
  readonly whereClause?: PgNode;
  readonly location?: number;
}
export interface ReturningClause {
  readonly exprs?: readonly { readonly ResTarget: ResTarget }[];
}

export interface InsertStmt {
  /** Ours: UPSERT. */
  readonly upsert?: true;
  readonly relation: RangeVar;
  readonly override?: string;
  readonly cols?: readonly { readonly ResTarget: ResTarget }[];
  /** Absent for DEFAULT VALUES. */
  readonly selectStmt?: PgNode;
  readonly onConflictClause?: OnConflictClause;
  readonly returningClause?: ReturningClause;
  readonly withClause?: WithClause;
}

/** An option of COPY. */
export interface DefElem {
  readonly defname: string;
  readonly arg?:
    | { readonly String: { readonly sval?: string } }
    | { readonly Boolean: { readonly boolval?: boolean } }
    | { readonly Integer: { readonly ival?: number } }
    | {
        readonly List: {
          readonly items?: readonly { readonly String: { readonly sval?: string } }[];
        };
      }
    | { readonly A_Star: Record<string, never> };
}

export interface CopyStmt {
  /** Absent when `query` is there. */
  readonly relation?: RangeVar;
  readonly query?: PgNode;
  readonly attlist?: readonly { readonly String: { readonly sval?: string } }[];
  readonly is_from?: boolean;
  readonly is_program?: boolean;
  /** Absent for STDIN and STDOUT. */
  readonly filename?: string;
  readonly options?: readonly { readonly DefElem: DefElem }[];
  readonly whereClause?: PgNode;
}

export interface UpdateStmt {
  readonly relation: RangeVar;
  readonly targetList: readonly { readonly ResTarget: ResTarget }[];
  readonly whereClause?: PgNode;
  readonly fromClause?: readonly PgNode[];
  readonly returningClause?: ReturningClause;
  readonly withClause?: WithClause;
}

export interface DeleteStmt {
  readonly relation: RangeVar;
  readonly usingClause?: readonly PgNode[];
  readonly whereClause?: PgNode;
  readonly returningClause?: ReturningClause;
  readonly withClause?: WithClause;
}
