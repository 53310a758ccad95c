import { notSupported } from '../../../base/errors';
import { defined } from '../../../base/invariant';
import type { ForeignKeyInfo, UniqueInfo } from '../../../catalog/table-constraints';
import type { ColumnInfo, TableInfo } from '../../../catalog/table-info';
import { BOOL } from '../../../catalog/types/table';
import { messageTypeName } from '../../../catalog/types/type-name';
import { AND } from '../../builtins/control';
import { comparesNatively } from '../../builtins/type-rules';
import { tableColumns } from '../bind-from';
import { type Binder, bindTyped, newAlias } from '../binder';
import { call } from '../calls';
import { bindComparison } from '../compare';
import type { Expr, FromItem } from '../expr';
import { EMPTY_CTES, makeScope, type ScopeColumn, withoutAggregates } from '../scope';
import { selectOf } from '../select-of';
import { systemColumns } from '../system-columns';
import { constant } from '../untyped';
import { inputColumns, storedColumns } from './inputs';
import type { InboundPlan, OutboundPlan, ProgramId, TablePlan, UniquePlan } from './plan';
import { addProgram, defaultOf, type WriteBinder } from './write-binder';

/** What rows of a table have to fulfil, as programs; and the tables that foreign key actions write as well. */

/** What a statement does to rows that are there already: decides which foreign keys it can break. */
export interface Changes {
  readonly deletes: boolean;
  readonly updates: boolean;
}

interface Entry {
  readonly table: TableInfo;
  changes: Changes;
}

/** Plans of the target and of every table that a foreign key action may reach from it. */
export function planTables(write: WriteBinder, target: TableInfo, changes: Changes): TablePlan[] {
  const entries = reach(write, { table: target, changes });
  const indexes = new Map([...entries.keys()].map((id, i) => [id, i]));
  return [...entries.values()].map((entry) => planTable(write, entry, indexes));
}

const acts = (key: ForeignKeyInfo, { deletes, updates }: Changes): boolean =>
  (deletes && key.onDelete !== 'no action') || (updates && key.onUpdate !== 'no action');

/** What an action does to the child's rows. */
function effect(key: ForeignKeyInfo, { deletes, updates }: Changes): Changes {
  const cascadesDelete = deletes && key.onDelete === 'cascade';
  return {
    deletes: cascadesDelete,
    updates:
      (deletes && key.onDelete !== 'no action' && !cascadesDelete) ||
      (updates && key.onUpdate !== 'no action'),
  };
}

function reach(write: WriteBinder, first: Entry): Map<number, Entry> {
  const entries = new Map<number, Entry>([[first.table.id, first]]);
  const queue = [first];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const key of write.context.constraintsOf(at.table.id).inbound) {
      if (!acts(key, at.changes)) continue;
      const does = effect(key, at.changes);
      const known = entries.get(key.originTableId);
      const before = known?.changes ?? { deletes: false, updates: false };
      const changes = {
        deletes: before.deletes || does.deletes,
        updates: before.updates || does.updates,
      };
      if (
        known !== undefined &&
        before.deletes === changes.deletes &&
        before.updates === changes.updates
      )
        continue;
      const child = known ?? { table: relation(write, key.originTableId), changes };
      child.changes = changes;
      entries.set(key.originTableId, child);
      queue.push(child);
    }
  }
  return entries;
}

function relation(write: WriteBinder, id: number): TableInfo {
  return defined(write.context.catalog.relationById(id), `table ${id}`);
}

function planTable(
  write: WriteBinder,
  { table, changes }: Entry,
  indexes: ReadonlyMap<number, number>,
): TablePlan {
  const { context } = write;
  const stored = storedColumns(table);
  const constraints = context.constraintsOf(table.id);
  const derived = derivation(write, table, stored);
  const inbound = changes.deletes || changes.updates ? constraints.inbound : [];
  return {
    id: table.id,
    name: table.name,
    sqliteName: table.sqliteName,
    columns: stored.map(({ name, sqliteName, type, nullable }) => ({
      name,
      sqliteName,
      type,
      nullable,
    })),
    key: positionsOf(
      stored,
      (table.primaryIndex?.keyColumns ?? []).map(({ columnId }) => columnId),
    ),
    ...derived,
    uniques: constraints.uniques.map((unique) => planUnique(write, table, stored, unique)),
    outbound: constraints.outbound.map((key) => planOutbound(write, table, key, indexes)),
    inbound: inbound.map((key) => planInbound(write, table, key, indexes)),
  };
}

function positionsOf(stored: readonly ColumnInfo[], ids: readonly number[]): number[] {
  return ids.map((id) => stored.findIndex((column) => column.id === id));
}

function nameOf(table: TableInfo, id: number): string {
  return defined(
    table.columns.find((column) => column.id === id),
    `column ${id} of ${table.name}`,
  ).name;
}

/** For details of errors: an index on an expression has its text for a name. */
function shownName(table: TableInfo, id: number): string {
  const column = table.columns.find((candidate) => candidate.id === id);
  if (column?.inaccessible === true) return column.computeExpr ?? '';
  return nameOf(table, id);
}

function derivation(
  write: WriteBinder,
  table: TableInfo,
  stored: readonly ColumnInfo[],
): Pick<TablePlan, 'derive' | 'computed' | 'checks'> {
  const { binder, context } = write;
  const columns = inputColumns(binder, table, 'v', table.name, true);
  const scope = withoutAggregates(makeScope(columns, { ctes: EMPTY_CTES }), 'CHECK');
  const computed: number[] = [];
  const exprs: Expr[] = [];
  for (const [i, { id, computeExpr }] of stored.entries()) {
    if (computeExpr === undefined) continue;
    computed.push(i);
    const column = table.columns.findIndex((candidate) => candidate.id === id);
    exprs.push(defined(columns[column], `column ${id}`).expr());
  }
  const { checks } = context.constraintsOf(table.id);
  for (const check of checks)
    exprs.push(bindTyped(binder, context.parseExpression(check.expr), scope, BOOL, 'CHECK'));
  return {
    derive: exprs.length === 0 ? undefined : addProgram(write, selectOf(exprs)),
    computed,
    checks: checks.map(({ name, shown }) => ({ name, shown })),
  };
}

/** A table as a source, with its columns. */
interface Opened {
  readonly item: FromItem;
  readonly columns: readonly ScopeColumn[];
}

export function openTable(binder: Binder, table: TableInfo): Opened {
  const source = newAlias(binder);
  return {
    item: { kind: 'table', source, sqliteName: table.sqliteName },
    columns: [...tableColumns(binder, table, source), ...systemColumns(table, source)],
  };
}

function columnOf(columns: readonly ScopeColumn[], table: TableInfo, id: number): ScopeColumn {
  const at = table.columns.findIndex((column) => column.id === id);
  return defined(columns[at], `column ${id} of ${table.name}`);
}

/** The stored columns of a source, in the order of a row. */
export function rowExprs(opened: Opened, table: TableInfo): Expr[] {
  return table.columns.flatMap((column, i) =>
    column.virtual ? [] : [defined(opened.columns[i], column.name).expr()],
  );
}

/** @throws SqlError featureNotSupported when SQLite can't compare the type as CockroachDB does */
function equal(write: WriteBinder, a: ScopeColumn, b: ScopeColumn, constraint: string): Expr {
  for (const { type } of [a, b])
    if (!comparesNatively(type))
      throw notSupported(
        `writing to a table with the constraint "${constraint}" over values of type ${messageTypeName(type)}`,
      );
  return bindComparison(write.binder, '=', a.expr(), b.expr());
}

/** Rows of `table` whose columns are equal to the inputs' columns. */
function lookup(
  write: WriteBinder,
  table: TableInfo,
  columnIds: readonly number[],
  inputs: readonly ScopeColumn[],
  options: { readonly constraint: string; readonly more?: (opened: Opened) => Expr[] },
): ProgramId {
  const opened = openTable(write.binder, table);
  const tests = columnIds.map((id, i) =>
    equal(
      write,
      columnOf(opened.columns, table, id),
      defined(inputs[i], 'an input'),
      options.constraint,
    ),
  );
  tests.push(...(options.more?.(opened) ?? []));
  const where = tests.length === 1 ? tests[0] : call(AND, BOOL, tests);
  return addProgram(write, selectOf(rowExprs(opened, table), { from: [opened.item], where }));
}

function planUnique(
  write: WriteBinder,
  table: TableInfo,
  stored: readonly ColumnInfo[],
  unique: UniqueInfo,
): UniquePlan {
  const { binder, context } = write;
  const columns = inputColumns(binder, table, 'v', table.name);
  const inputs = unique.columnIds.map((id) => columnOf(columns, table, id));
  const { predicate } = unique;
  const holds = (scopeColumns: readonly ScopeColumn[]): Expr => {
    const scope = withoutAggregates(makeScope(scopeColumns, { ctes: EMPTY_CTES }), 'predicates');
    const node = context.parseExpression(predicate ?? 'true');
    return bindTyped(binder, node, scope, BOOL, 'WHERE');
  };
  const more = (opened: Opened): Expr[] =>
    predicate === undefined ? [] : [holds(opened.columns), holds(columns)];
  return {
    name: unique.name,
    columns: unique.columnIds.map((id) => shownName(table, id)),
    positions: positionsOf(stored, unique.columnIds),
    lookup: lookup(write, table, unique.columnIds, inputs, { constraint: unique.name, more }),
    physical: unique.physical,
  };
}

function planOutbound(
  write: WriteBinder,
  table: TableInfo,
  key: ForeignKeyInfo,
  written: ReadonlyMap<number, number>,
): OutboundPlan {
  const referenced = relation(write, key.referencedTableId);
  const columns = inputColumns(write.binder, table, 'v', table.name);
  const inputs = key.originColumnIds.map((id) => columnOf(columns, table, id));
  return {
    name: key.name,
    positions: positionsOf(storedColumns(table), key.originColumnIds),
    columns: key.originColumnIds.map((id) => nameOf(table, id)),
    referencedTable: referenced.name,
    referencedTableId: referenced.id,
    matchFull: key.matchFull,
    exists: lookup(write, referenced, key.referencedColumnIds, inputs, { constraint: key.name }),
    deferred: write.several || written.has(key.referencedTableId),
  };
}

function planInbound(
  write: WriteBinder,
  table: TableInfo,
  key: ForeignKeyInfo,
  indexes: ReadonlyMap<number, number>,
): InboundPlan {
  const child = relation(write, key.originTableId);
  const columns = inputColumns(write.binder, table, 'v', table.name);
  const inputs = key.referencedColumnIds.map((id) => columnOf(columns, table, id));
  const about = { constraint: key.name };
  const childStored = storedColumns(child);
  const setsDefault = key.onDelete === 'set default' || key.onUpdate === 'set default';
  const acted = key.onDelete !== 'no action' || key.onUpdate !== 'no action';
  return {
    name: key.name,
    positions: positionsOf(storedColumns(table), key.referencedColumnIds),
    columns: key.referencedColumnIds.map((id) => nameOf(table, id)),
    childTable: child.name,
    childTableId: child.id,
    children: lookup(write, child, key.originColumnIds, inputs, about),
    present: lookup(write, table, key.referencedColumnIds, inputs, about),
    onDelete: key.onDelete,
    onUpdate: key.onUpdate,
    child: acted ? indexes.get(child.id) : undefined,
    childPositions: positionsOf(childStored, key.originColumnIds),
    defaults: setsDefault ? defaultsProgram(write, child, key.originColumnIds) : undefined,
  };
}

export function defaultsProgram(
  write: WriteBinder,
  table: TableInfo,
  ids: readonly number[],
): ProgramId {
  const exprs = ids.map((id) => {
    const column = table.columns.find((candidate) => candidate.id === id);
    return defaultOf(write, defined(column, `column ${id}`));
  });
  return addProgram(write, selectOf(exprs));
}

/** A condition that is always true. */
export const TRUE: Expr = constant(BOOL, 1n);
