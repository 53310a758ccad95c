import { SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import type { WindowDef } from '../parse/pg-tree';
import type { Expr, Source } from './expr';

/** Which names an expression may use, and what they stand for. */

export interface ScopeColumn {
  readonly name: string;
  /** Alias or name of the FROM item; empty for columns that USING merged. */
  readonly table: string;
  /** Set when the table was named without an alias: `db.schema.table.column` is then a name too. */
  readonly qualifiers: readonly string[];
  readonly type: SqlType;
  /** In no star, only by name. */
  readonly hidden: boolean;
  /** Went into a USING or NATURAL join column: only by qualified name. */
  readonly merged: boolean;
  /** Made on use: virtual computed columns are expressions over other columns. */
  readonly expr: () => Expr;
}

export interface CteBinding {
  readonly name: string;
  /** Its SQLite name. */
  readonly sqliteName: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
}

/** Calls in one select list: their rows come side by side. */
export interface Generators {
  readonly source: Source;
  readonly calls: GeneratorCall[];
}

/** A call as a SQLite table-valued function. */
export interface GeneratorCall {
  readonly sqliteName: string;
  readonly args: readonly Expr[];
  /** Columns that the call gives. */
  readonly width: number;
  /** Columns of the table-valued function before the row's number. */
  readonly tableWidth: number;
}

export interface Scope {
  readonly columns: readonly ScopeColumn[];
  /** The query around this one. */
  readonly parent: Scope | undefined;
  readonly ctes: ReadonlyMap<string, CteBinding>;
  /** Undefined: aggregates are allowed. Else the clause that the error names. */
  readonly noAggregatesIn: string | undefined;
  /** Undefined: window functions are allowed. Else the clause that the error names. */
  readonly noWindowsIn?: string | undefined;
  /** Of the WINDOW clause, by name. */
  readonly windows?: ReadonlyMap<string, WindowDef>;
  /** Set-returning functions of the select list go here; undefined where they may not stand. */
  readonly generators?: Generators | undefined;
  /** Counts the aggregates bound in this query. */
  readonly seen: { aggregates: number };
}

export const EMPTY_CTES: ReadonlyMap<string, CteBinding> = new Map();

export function makeScope(
  columns: readonly ScopeColumn[],
  outer: Pick<Scope, 'ctes'> & { readonly parent?: Scope | undefined },
): Scope {
  return {
    columns,
    parent: outer.parent,
    ctes: outer.ctes,
    noAggregatesIn: undefined,
    seen: { aggregates: 0 },
  };
}

export function withoutAggregates(scope: Scope, clause: string): Scope {
  return { ...scope, noAggregatesIn: clause, noWindowsIn: clause, generators: undefined };
}

export function withoutWindows(scope: Scope, clause: string): Scope {
  return { ...scope, noWindowsIn: clause, generators: undefined };
}

const describe = (column: ScopeColumn): string =>
  column.table === '' ? column.name : `${column.table}.${column.name}`;

function pick(matches: readonly ScopeColumn[], name: string): ScopeColumn | undefined {
  if (matches.length < 2) return matches[0];
  const candidates = matches.map(describe).join(', ');
  throw new SqlError(
    'ambiguousColumn',
    `column reference "${name}" is ambiguous (candidates: ${candidates})`,
  );
}

function matchesQualifiers(column: ScopeColumn, parts: readonly string[]): boolean {
  const table = parts[parts.length - 1];
  if (column.table !== table) return false;
  const outer = parts.slice(0, -1);
  if (outer.length === 0) return true;
  const known = column.qualifiers;
  if (known.length === 0) return false;
  // `schema.table`, `db.table` (public is left out) or `db.schema.table`.
  if (outer.length === 1) return known.includes(outer[0] ?? '');
  return outer.length === 2 && outer[0] === known[0] && outer[1] === known[1];
}

export interface Resolved {
  readonly column: ScopeColumn;
  /** 0 = this query, 1 = the one around it … */
  readonly level: number;
}

/** Finds a column by `[[database.]schema.]table.]name`. @throws SqlError ambiguousColumn (42702). */
export function findColumn(scope: Scope, parts: readonly string[]): Resolved | undefined {
  const name = parts[parts.length - 1] ?? '';
  const qualifiers = parts.slice(0, -1);
  let level = 0;
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const matches = at.columns.filter(
      (column) =>
        column.name === name &&
        (qualifiers.length === 0 ? !column.merged : matchesQualifiers(column, qualifiers)),
    );
    const visible = matches.length > 1 ? matches.filter((column) => !column.hidden) : matches;
    const column = pick(visible.length === 0 ? matches : visible, parts.join('.'));
    if (column !== undefined) return { column, level };
    level++;
  }
  return undefined;
}

/** True when some FROM item goes by that name. */
export function hasTable(scope: Scope, parts: readonly string[]): boolean {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent)
    if (at.columns.some((column) => matchesQualifiers(column, parts))) return true;
  return false;
}

export function undefinedColumn(parts: readonly string[]): SqlError {
  return new SqlError('undefinedColumn', `column "${parts.join('.')}" does not exist`);
}

export function noDataSource(parts: readonly string[]): SqlError {
  return new SqlError(
    'undefinedTable',
    `no data source matches prefix: ${parts.join('.')} in this context`,
  );
}

/** The columns of `*`. */
export function starColumns(scope: Scope): ScopeColumn[] {
  return scope.columns.filter((column) => !column.hidden && !column.merged);
}

/** The columns of `t.*`, of the nearest query that has a `t`. */
export function tableStarColumns(scope: Scope, parts: readonly string[]): ScopeColumn[] {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const columns = at.columns.filter((column) => matchesQualifiers(column, parts));
    if (columns.length > 0) return columns.filter((column) => !column.hidden);
  }
  throw noDataSource(parts);
}

/** For expressions that may name no column. */
export const EMPTY_SCOPE: Scope = {
  columns: [],
  parent: undefined,
  ctes: EMPTY_CTES,
  noAggregatesIn: 'this place',
  noWindowsIn: 'this place',
  seen: { aggregates: 0 },
};
