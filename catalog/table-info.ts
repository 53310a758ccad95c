import type { SqlType } from './types/sql-type';

/**
 * What the binder sees of a table, view or sequence: names resolved, types hydrated, SQLite names given.
 * Made from a descriptor by `catalog/build-table-info.ts`; immutable.
 */

export type RelationKind = 'table' | 'view' | 'materialized view' | 'sequence' | 'system';

export interface ColumnInfo {
  readonly id: number;
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  /** Not part of `SELECT *`. */
  readonly hidden: boolean;
  /** SQL text as stored in the descriptor (ids inside); see catalog/expressions for what users are shown. */
  readonly defaultExpr: string | undefined;
  readonly computeExpr: string | undefined;
  /** What an UPDATE that does not name the column sets it to. */
  readonly onUpdateExpr?: string;
  /** The expression of an index: it has no name that users may say. */
  readonly inaccessible?: true;
  /** GENERATED ALWAYS AS IDENTITY: only the default may be written. */
  readonly alwaysIdentity?: true;
  /** Computed on read; has no SQLite column. */
  readonly virtual: boolean;
  /** `c<id>` */
  readonly sqliteName: string;
}

export interface IndexColumnInfo {
  readonly columnId: number;
  readonly descending: boolean;
}

export interface IndexInfo {
  readonly id: number;
  readonly name: string;
  readonly unique: boolean;
  readonly inverted: boolean;
  /** In front of the key, ascending: the region of tables that are REGIONAL BY ROW. */
  readonly implicitColumnIds?: readonly number[];
  /** As they were written. */
  readonly keyColumns: readonly IndexColumnInfo[];
  readonly suffixColumnIds: readonly number[];
  readonly storedColumnIds: readonly number[];
  readonly predicate: string | undefined;
}

export interface SequenceInfo {
  readonly increment: bigint;
  readonly minValue: bigint;
  readonly maxValue: bigint;
  readonly start: bigint;
  readonly cache: bigint;
  readonly virtual?: boolean;
}

export interface TableInfo {
  readonly id: number;
  readonly name: string;
  readonly databaseId: number;
  readonly databaseName: string;
  readonly schemaId: number;
  readonly schemaName: string;
  readonly kind: RelationKind;
  /** Public columns in ordinal order. */
  readonly columns: readonly ColumnInfo[];
  readonly primaryIndex: IndexInfo | undefined;
  readonly secondaryIndexes: readonly IndexInfo[];
  /** Views: the SELECT as stored. */
  readonly viewQuery: string | undefined;
  /** `t<id>`; views have none. */
  readonly sqliteName: string;
  /** Kind `sequence`. */
  readonly sequence?: SequenceInfo;
  /** Kind `system`: rows are made on the fly (crdb_internal, pg_catalog, information_schema). */
  readonly systemTable?: string;
}
