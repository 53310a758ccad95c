import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type { TableInfo } from '../../catalog/table-info';
import type { SqlType } from '../../catalog/types/sql-type';
import { STRING, tuple, UNKNOWN } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { MAKE_TUPLE } from '../builtins/tuples';
import type { ChangeStatement } from '../parse/changes';
import type { PgNode, SelectStmt, WithClause } from '../parse/pg-tree';
import { call } from './calls';
import type { BindContext, CatalogView, MaterializedTable } from './catalog-view';
import type { Expr, Query } from './expr';
import type { CteBinding, Scope } from './scope';
import type { SettingChange } from './set-config';
import {
  type Bound,
  canBecome,
  indeterminate,
  isUntyped,
  naturalType,
  nullOf,
  type ParameterTypes,
  settleAs,
  type UntypedRow,
} from './untyped';

/** What the parts of the binder share. Expressions and queries contain each other, so both are reached through this. */
export interface Binder {
  readonly context: BindContext;
  readonly types: ParameterTypes;
  readonly facts: StatementFacts;
  /** The same statement, with names looked up in another database. */
  withCatalog(catalog: CatalogView): Binder;
  bindExpr(node: PgNode, scope: Scope): Bound;
  bindQuery(
    statement: SelectStmt,
    outer: Scope | undefined,
    ctes: ReadonlyMap<string, CteBinding>,
  ): Query;
}

/** What binding a query needs of the changes around it; see write/steps.ts. */
export interface StatementChanges {
  /** The WITH whose queries may change data. */
  readonly topLevel: WithClause | undefined;
  /** @param node INSERT, UPDATE or DELETE in WITH */
  inWith(node: PgNode, ctes: ReadonlyMap<string, CteBinding>): ChangedRows;
  inBrackets(statement: ChangeStatement): ChangedRows;
  /** A query in the same WITH, to be computed once. @returns its SQLite name */
  keep(query: Query): string;
  /** A query or change is read by its SQLite name. */
  use(sqliteName: string): void;
  /** What is bound from here on runs while the table is written. */
  begin(tableId: number): void;
  /** The SQLite name of a table as the statement found it. */
  nameOf(table: TableInfo): string;
}

export interface ChangedRows {
  readonly sqliteName: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
}

/** What was learned about the statement as a whole. */
export interface StatementFacts {
  nextAlias: number;
  depth: number;
  /** Changes data (nextval …). */
  writes: boolean;
  /** Calls volatile functions. */
  volatile: boolean;
  /** Acts on other sessions: pg_cancel_backend() and its kin. */
  signals: boolean;
  /** Settings to change before it runs: set_config(). */
  readonly settings: SettingChange[];
  /** Parts of the statement that change data; none where nothing may. */
  readonly changes: StatementChanges | undefined;
  /** Rows to hand over, by their SQLite name. */
  readonly materialized: Map<string, MaterializedTable>;
  /** Tables, views and sequences the statement reads: for privileges and cache invalidation. */
  readonly relationIds: Set<number>;
}

export function newAlias(binder: Binder): { readonly alias: string } {
  return { alias: `s${binder.facts.nextAlias++}` };
}

export function enter<T>(binder: Binder, body: () => T): T {
  if (++binder.facts.depth > limits.sqlDepthMax)
    throw new SqlError('statementTooComplex', 'statement is nested too deeply');
  try {
    return body();
  } finally {
    binder.facts.depth--;
  }
}

/** Gives a bound expression a type: the wanted one when it is free, else its own. */
export function settle(binder: Binder, bound: Bound, wanted?: SqlType): Expr {
  if (!isUntyped(bound)) return bound;
  if (bound.kind === 'placeholder') {
    const type = binder.types.get(bound.index) ?? wanted;
    if (type === undefined) throw indeterminate(bound.index);
    return binder.types.settle(bound.index, type);
  }
  if (bound.kind === 'tuple') return tupleValue(binder, bound, wanted);
  if (wanted !== undefined && wanted.family !== 'any' && canBecome(bound, wanted))
    return settleAs(bound, wanted, binder.types);
  return settleAs(bound, naturalType(bound) ?? UNKNOWN, binder.types);
}

/** A row as a value of its own, to be shown or kept. */
function tupleValue(binder: Binder, row: UntypedRow, wanted?: SqlType): Expr {
  const items = row.items.map((item, i) => {
    const expr = settle(binder, item, wanted?.fields?.[i]);
    return expr.type.family === 'unknown' ? nullOf(STRING) : expr;
  });
  const type = tuple(
    items.map((item) => item.type),
    row.labels,
  );
  return call(MAKE_TUPLE, type, items);
}

/** The type as far as it is known without a context. */
export function knownType(binder: Binder, bound: Bound): SqlType | undefined {
  if (!isUntyped(bound)) return bound.type;
  return bound.kind === 'placeholder' ? binder.types.get(bound.index) : undefined;
}

/** For messages. */
export function describeBound(binder: Binder, bound: Bound): string {
  const type = knownType(binder, bound) ?? (isUntyped(bound) ? naturalType(bound) : undefined);
  return type === undefined ? 'anyelement' : messageTypeName(type);
}

/** Binds an expression that must have the type. @throws SqlError datatypeMismatch (42804). */
export function bindTyped(
  binder: Binder,
  node: PgNode,
  scope: Scope,
  type: SqlType,
  what: string,
): Expr {
  const expr = settle(binder, binder.bindExpr(node, scope), type);
  if (expr.type.family === type.family || expr.type.family === 'unknown') return expr;
  throw new SqlError(
    'datatypeMismatch',
    `argument of ${what} must be type ${messageTypeName(type)}, not type ${messageTypeName(expr.type)}`,
  );
}
