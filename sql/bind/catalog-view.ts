import type { PrivilegeName } from '../../catalog/privileges';
import type { TableInfo } from '../../catalog/table-info';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { LookupName } from '../builtins/catalog-lookups';
import type { ContextName } from '../builtins/function-row';
import type { Statement } from '../parse/ast';
import type { PgNode, SelectStmt } from '../parse/pg-tree';

/** What binding needs from outside; implemented by the session over one version of the catalog. */

export interface CatalogView {
  /** By one to three name parts, under the current database and search path. */
  resolveRelation(parts: readonly string[]): TableInfo | undefined;
  /**
   * Whether the statement's user may do this with the relation; whoever uses a view may read what it reads.
   * @throws SqlError insufficientPrivilege (42501)
   */
  requireAccess?(table: TableInfo, anyOf: readonly PrivilegeName[]): void;
  /** By descriptor id; for `[52 AS t]`, sequences and regclass. */
  relationById(id: number): TableInfo | undefined;
  /** User-defined types by name parts; built-in names never get here. */
  resolveType(parts: readonly string[]): SqlType | undefined;
  /** User-defined types by OID (descriptor id + 100000), as stored expressions spell them. */
  resolveTypeByOid(oid: number): SqlType | undefined;
  /** The same catalog seen from another database: views are bound in their own. */
  inDatabase(databaseId: number): CatalogView;
}

/** Rows made outside of SQLite (`[SHOW …]`, system tables): loaded before the statement runs. */
export interface MaterializedTable {
  readonly columns: readonly {
    readonly name: string;
    readonly type: SqlType;
    readonly hidden?: boolean;
  }[];
  readonly rows: Iterable<readonly Repr[]>;
  /** The first so many columns are indexed: rows are looked up by them. */
  readonly keyColumns?: number;
}

export interface BindContext {
  readonly catalog: CatalogView;
  /** Types of `$1`, `$2` … where the client declared them. */
  readonly parameterTypes: readonly (SqlType | undefined)[];
  /** Session values that constants depend on (`'today'::DATE`, TIMESTAMPTZ literals); part of the cache key. */
  readonly timeZone: string;
  /** Every session value, for literals parsed at bind time. */
  readonly settings: Readonly<Partial<Record<ContextName, Repr>>>;
  /** Rows of `[SHOW …]` in FROM. @throws SqlError featureNotSupported for statements that give none. */
  showSource(statement: Statement): MaterializedTable;
  /** Rows of a relation of kind `system`. */
  systemTable(table: TableInfo): MaterializedTable | undefined;
  /** What functions over OIDs give, by key; none where there is no catalog to ask. */
  lookupTable?(name: LookupName): MaterializedTable;
  /** A query that a client sent, and no part of something else: it may call set_config() and pg_cancel_backend(). */
  readonly isClientsQuery?: true;
  /** Parses a view's stored query; gives its tree. */
  parseQuery(sql: string): SelectStmt;
  /** Parses a stored scalar expression (computed columns). */
  parseExpression(sql: string): PgNode;
  /** Told which type an untyped constant was given; for expressions that are stored with their types. */
  readonly onConstant?: (untyped: object, type: SqlType) => void;
}
