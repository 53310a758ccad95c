import { notSupported, SqlError } from '../../base/errors';
import type { ColumnInfo, IndexInfo, TableInfo } from '../../catalog/table-info';
import { BOOL, INT8 } from '../../catalog/types/table';
import { AND } from '../builtins/control';
import { lateralColumn } from '../builtins/lateral';
import type { Statement } from '../parse/ast';
import { isChange } from '../parse/changes';
import type { Alias, JoinExpr, PgNode, RangeVar } from '../parse/pg-tree';
import { bindFunctionFrom } from './bind-table-functions';
import { type Binder, bindTyped, type ChangedRows, newAlias } from './binder';
import { call } from './calls';
import type { MaterializedTable } from './catalog-view';
import { bindComparison } from './compare';
import { computedExpr } from './computed-columns';
import type { Expr, FromItem, JoinType, Query, Source } from './expr';
import { outputName } from './expr';
import { readsFrom } from './grouping';
import { fullJoinColumn } from './merged-column';
import { names, tagOf } from './pg-access';
import { relationOf } from './relation-of';
import { EMPTY_CTES, makeScope, type Scope, type ScopeColumn, withoutAggregates } from './scope';
import { systemColumns } from './system-columns';
import { constant } from './untyped';

/** FROM: tables, views, subqueries, joins; each gives a SQLite source and the columns that may be named. */

export interface BoundFrom {
  readonly item: FromItem;
  readonly columns: readonly ScopeColumn[];
}

/** @param before columns of the items before it: functions may name them */
export function bindFromItem(
  binder: Binder,
  node: PgNode,
  outer: Scope,
  before: readonly ScopeColumn[],
): BoundFrom {
  if ('RangeVar' in node) return bindRelation(binder, node.RangeVar, outer);
  if ('JoinExpr' in node) return bindJoin(binder, node.JoinExpr, outer, before);
  if ('RangeSubselect' in node) {
    const { subquery, alias, lateral } = node.RangeSubselect;
    if (!('SelectStmt' in subquery)) throw notSupported('this subquery');
    if (lateral === true) {
      const scope = makeScope(before, outer);
      const query = binder.bindQuery(subquery.SelectStmt, scope, outer.ctes);
      const names = alias?.aliasname ?? '';
      const correlated = readsFrom(
        query,
        before.map((column) => column.expr()),
      );
      return correlated
        ? fromLateral(binder, query, alias, names)
        : fromQuery(binder, query, alias, names);
    }
    const query = binder.bindQuery(subquery.SelectStmt, outer.parent, outer.ctes);
    return fromQuery(binder, query, alias, alias?.aliasname ?? '');
  }
  if ('RangeFunction' in node) {
    const bound = bindFunctionFrom(binder, node.RangeFunction, makeScope(before, outer));
    return { item: bound.item, columns: renamed(bound.columns, node.RangeFunction.alias) };
  }
  if ('RangeTableSample' in node) throw notSupported('TABLESAMPLE');
  throw notSupported(`${tagOf(node)} in FROM`);
}

/** `AS t(a, b)`: new names for the first columns. */
function renamed(columns: readonly ScopeColumn[], alias: Alias | undefined): ScopeColumn[] {
  if (alias === undefined) return [...columns];
  const wanted = names(alias.colnames);
  const visible = columns.filter((column) => !column.hidden);
  if (wanted.length > visible.length)
    throw new SqlError(
      'invalidColumnReference',
      `source "${alias.aliasname}" has ${visible.length} columns available but ${wanted.length} columns specified`,
    );
  let next = 0;
  return columns.map((column) => {
    const name = column.hidden ? column.name : (wanted[next++] ?? column.name);
    const expr = (): Expr => {
      const inner = column.expr();
      return inner.kind === 'column' ? { ...inner, name } : inner;
    };
    return { ...column, name, table: alias.aliasname, qualifiers: [], expr };
  });
}

function fromQuery(
  binder: Binder,
  query: Query,
  alias: Alias | undefined,
  table: string,
): BoundFrom {
  const source = newAlias(binder);
  const columns = query.outputs.map((output, i) =>
    simpleColumn(source, table, output.name, outputName(i), output),
  );
  return { item: { kind: 'subquery', source, query }, columns: renamed(columns, alias) };
}

/** A query that reads columns of the items before it. */
function fromLateral(
  binder: Binder,
  query: Query,
  alias: Alias | undefined,
  table: string,
): BoundFrom {
  const source = newAlias(binder);
  const columns = query.outputs.map((output, i): ScopeColumn => {
    const plain = simpleColumn(source, table, output.name, 'value', { type: output.type });
    return {
      ...plain,
      expr: () => call(lateralColumn(i, output.type), output.type, [plain.expr()]),
    };
  });
  return { item: { kind: 'lateral', source, query }, columns: renamed(columns, alias) };
}

function simpleColumn(
  source: Source,
  table: string,
  name: string,
  column: string,
  about: {
    readonly type: ScopeColumn['type'];
    readonly tableId?: number;
    readonly columnId?: number;
    readonly hidden?: boolean;
  },
): ScopeColumn {
  const expr: Expr = {
    kind: 'column',
    type: about.type,
    source,
    column,
    name,
    tableId: about.tableId ?? 0,
    columnId: about.columnId ?? 0,
  };
  const hidden = about.hidden === true;
  return { name, table, qualifiers: [], type: about.type, hidden, merged: false, expr: () => expr };
}

function bindRelation(binder: Binder, node: RangeVar, outer: Scope): BoundFrom {
  const { alias } = node;
  if (node.statement !== undefined) return fromBrackets(binder, node.statement, alias);
  const parts = [node.catalogname, node.schemaname, node.relname].filter((p) => p !== undefined);
  const cte = parts.length === 1 ? outer.ctes.get(node.relname) : undefined;
  if (cte !== undefined && node.tableId === undefined) {
    if (cte.columns.length === 0)
      throw new SqlError(
        'featureNotSupported',
        `WITH clause "${cte.name}" does not return any columns`,
      );
    return fromNamed(binder, cte, cte.name, alias);
  }
  const { catalog } = binder.context;
  const table = relationOf(catalog, node);
  binder.facts.relationIds.add(table.id);
  catalog.requireAccess?.(table, ['SELECT']);
  checkIndexHint(node, table);
  return fromTable(binder, table, alias);
}

/** Rows that the statement has by a SQLite name. */
function fromNamed(
  binder: Binder,
  rows: ChangedRows,
  table: string,
  alias: Alias | undefined,
): BoundFrom {
  const source = newAlias(binder);
  binder.facts.changes?.use(rows.sqliteName);
  const columns = rows.columns.map((column, i) =>
    simpleColumn(source, table, column.name, outputName(i), column),
  );
  return {
    item: { kind: 'named', source, name: rows.sqliteName },
    columns: renamed(columns, alias),
  };
}

/** `[SHOW …]`, `[INSERT … RETURNING …]`, `[SELECT …]`: no name around the brackets is known inside. */
function fromBrackets(binder: Binder, statement: Statement, alias: Alias | undefined): BoundFrom {
  if (statement.kind === 'Select')
    return fromQuery(
      binder,
      binder.bindQuery(statement.tree, undefined, EMPTY_CTES),
      alias,
      alias?.aliasname ?? '',
    );
  if (!isChange(statement))
    return fromRows(binder, binder.context.showSource(statement), alias, 'show');
  const { changes } = binder.facts;
  if (changes === undefined) throw notSupported('a statement that changes data in this place');
  const rows = changes.inBrackets(statement);
  if (rows.columns.length === 0)
    throw new SqlError('undefinedColumn', 'statement source does not return any columns');
  return fromNamed(binder, rows, alias?.aliasname ?? '', alias);
}

/** An index hint changes no answer; an index that does not exist is an error. */
function checkIndexHint(node: RangeVar, table: TableInfo): void {
  const hint = node.indexHint;
  if (hint === undefined) return;
  const indexes = [...table.secondaryIndexes];
  if (table.primaryIndex !== undefined) indexes.push(table.primaryIndex);
  const known =
    (hint.index === null && hint.indexId === null) ||
    indexes.some((index) => index.name === hint.index || index.id === hint.indexId);
  if (!known)
    throw new SqlError('undefinedObject', `index "${hint.index ?? `[${hint.indexId}]`}" not found`);
}

function fromTable(binder: Binder, table: TableInfo, alias: Alias | undefined): BoundFrom {
  switch (table.kind) {
    case 'view':
      return fromView(binder, table, alias);
    case 'sequence':
      return fromSequence(binder, table, alias);
    case 'system': {
      const rows = binder.context.systemTable(table);
      if (rows === undefined) throw notSupported(`table ${table.schemaName}.${table.name}`);
      const bound = fromRows(binder, rows, alias, table.name);
      if (alias !== undefined) return bound;
      const qualifiers = [table.databaseName, table.schemaName];
      return { ...bound, columns: bound.columns.map((column) => ({ ...column, qualifiers })) };
    }
    case 'table':
    case 'materialized view': {
      const keys = { key: primaryKey(table), indexes: wholeIndexes(table) };
      const source: Source = { ...newAlias(binder), ...keys };
      const columns = [...tableColumns(binder, table, source), ...systemColumns(table, source)];
      return {
        item: { kind: 'table', source, sqliteName: sqliteNameOf(binder, table) },
        columns: renamed(columns, alias),
      };
    }
  }
}

/** In a statement that writes the table as well, what it was before. */
function sqliteNameOf(binder: Binder, table: TableInfo): string {
  return binder.facts.changes?.nameOf(table) ?? table.sqliteName;
}

function wholeIndexes(table: TableInfo): string[][] {
  return table.secondaryIndexes
    .filter((index) => !index.inverted && index.predicate === undefined)
    .map((index) => storedColumns(table, index));
}

const primaryKey = (table: TableInfo): string[] =>
  table.primaryIndex === undefined ? [] : storedColumns(table, table.primaryIndex);

function storedColumns(table: TableInfo, { keyColumns }: IndexInfo): string[] {
  const ids = keyColumns.map((column) => column.columnId);
  const columns = ids.map((id) => table.columns.find((column) => column.id === id));
  return columns.flatMap((column) =>
    column === undefined || column.virtual ? [] : column.sqliteName,
  );
}

/** What users may call a column: nothing, when it is the expression of an index. */
export const columnNameOf = (info: ColumnInfo): string =>
  info.inaccessible === true ? '' : info.name;

/** A table's columns as they may be named; virtual ones are bound when they are. */
export function tableColumns(binder: Binder, table: TableInfo, source: Source): ScopeColumn[] {
  const qualifiers = [table.databaseName, table.schemaName];
  const columns: ScopeColumn[] = [];
  for (const info of table.columns) {
    const stored = simpleColumn(source, table.name, columnNameOf(info), info.sqliteName, {
      type: info.type,
      tableId: table.id,
      columnId: info.id,
      hidden: info.hidden,
    });
    const expr = info.virtual ? computedExpr(binder, info, columns) : stored.expr;
    columns.push({ ...stored, qualifiers, expr });
  }
  return columns;
}

function fromView(binder: Binder, table: TableInfo, alias: Alias | undefined): BoundFrom {
  const { context } = binder;
  const statement = context.parseQuery(table.viewQuery ?? '');
  // Names in a stored query are those of the view's own database, whatever the session's is.
  const inView = binder.withCatalog(context.catalog.inDatabase(table.databaseId));
  const query = inView.bindQuery(statement, undefined, new Map());
  const source = newAlias(binder);
  const columns = table.columns.map((column, i) => {
    const output = query.outputs[i];
    if (output === undefined) throw notSupported(`view "${table.name}" as it is stored`);
    return {
      ...simpleColumn(source, table.name, column.name, outputName(i), output),
      qualifiers: [table.databaseName, table.schemaName],
    };
  });
  return { item: { kind: 'subquery', source, query }, columns: renamed(columns, alias) };
}

function fromSequence(binder: Binder, table: TableInfo, alias: Alias | undefined): BoundFrom {
  const source = newAlias(binder);
  const start = table.sequence?.start ?? 1n;
  const increment = table.sequence?.increment ?? 1n;
  const columns = [
    simpleColumn(source, table.name, 'last_value', outputName(0), { type: INT8 }),
    simpleColumn(source, table.name, 'log_cnt', outputName(1), { type: INT8 }),
    simpleColumn(source, table.name, 'is_called', outputName(2), { type: BOOL }),
  ];
  const item: FromItem = { kind: 'sequence', source, id: table.id, unused: start - increment };
  return { item, columns: renamed(columns, alias) };
}

function fromRows(
  binder: Binder,
  rows: MaterializedTable,
  alias: Alias | undefined,
  table: string,
): BoundFrom {
  const source = newAlias(binder);
  const name = `m${binder.facts.materialized.size + 1}`;
  binder.facts.materialized.set(name, rows);
  const columns = rows.columns.map((column, i) =>
    simpleColumn(source, table, column.name, outputName(i), column),
  );
  return { item: { kind: 'named', source, name }, columns: renamed(columns, alias) };
}

const JOIN_TYPES: { readonly [J in JoinExpr['jointype']]: JoinType } = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
};

function bindJoin(
  binder: Binder,
  node: JoinExpr,
  outer: Scope,
  before: readonly ScopeColumn[],
): BoundFrom {
  if (node.join_using_alias !== undefined) throw notSupported('an alias of USING');
  const join = JOIN_TYPES[node.jointype];
  const left = bindFromItem(binder, node.larg, outer, before);
  const visible = join === 'inner' || join === 'left' ? [...before, ...left.columns] : [];
  const right = bindFromItem(binder, node.rarg, outer, visible);
  const shared =
    node.isNatural === true ? commonNames(left.columns, right.columns) : names(node.usingClause);
  const merge = shared.length > 0 ? mergeColumns(binder, join, left, right, shared) : undefined;
  const columns = merge?.columns ?? [...left.columns, ...right.columns];
  let on = merge?.on;
  if (node.quals !== undefined) {
    const scope = withoutAggregates(makeScope(columns, outer), 'JOIN conditions');
    on = bindTyped(binder, node.quals, scope, BOOL, 'ON');
  }
  if (on === undefined && join !== 'inner') on = constant(BOOL, 1n);
  const kind = on === undefined ? 'cross' : join;
  const item: FromItem = { kind: 'join', join: kind, left: left.item, right: right.item, on };
  return { item, columns: renamed(columns, node.alias) };
}

function commonNames(left: readonly ScopeColumn[], right: readonly ScopeColumn[]): string[] {
  const visible = (column: ScopeColumn): boolean => !column.hidden && !column.merged;
  const found = new Set(right.filter(visible).map((column) => column.name));
  return left.filter((column) => visible(column) && found.has(column.name)).map((c) => c.name);
}

function usingColumn(columns: readonly ScopeColumn[], name: string, side: string): ScopeColumn {
  const found = columns.filter((column) => column.name === name && !column.merged);
  if (found.length > 1)
    throw new SqlError('ambiguousColumn', `column reference "${name}" is ambiguous`);
  const column = found[0];
  if (column === undefined)
    throw new SqlError(
      'undefinedColumn',
      `column "${name}" specified in USING clause does not exist in ${side} table`,
    );
  return column;
}

/** USING (a): one column `a`, first; those of the tables stay reachable by their qualified names. */
function mergeColumns(
  binder: Binder,
  join: JoinType,
  left: BoundFrom,
  right: BoundFrom,
  shared: readonly string[],
): { readonly columns: ScopeColumn[]; readonly on: Expr } {
  const merged: ScopeColumn[] = [];
  const gone = new Set<ScopeColumn>();
  const tests: Expr[] = [];
  for (const name of shared) {
    const a = usingColumn(left.columns, name, 'left');
    const b = usingColumn(right.columns, name, 'right');
    const test = bindComparison(binder, '=', a.expr(), b.expr());
    tests.push(test);
    gone.add(a).add(b);
    const [first, second] = join === 'right' ? [b, a] : [a, b];
    const expr = join === 'full' ? fullJoinColumn(name, first.expr(), second.expr()) : first.expr();
    const { type } = expr;
    merged.push({ ...first, table: '', qualifiers: [], type, merged: false, expr: () => expr });
  }
  const rest = [...left.columns, ...right.columns].map((column) =>
    gone.has(column) ? { ...column, merged: true } : column,
  );
  const only = tests.length === 1 ? tests[0] : undefined;
  return { columns: [...merged, ...rest], on: only ?? call(AND, BOOL, tests) };
}
