import { SqlError } from '../../../base/errors';
import { defined } from '../../../base/invariant';
import type { UniqueInfo } from '../../../catalog/table-constraints';
import type { ColumnInfo, TableInfo } from '../../../catalog/table-info';
import { BOOL } from '../../../catalog/types/table';
import { AND } from '../../builtins/control';
import type { InferClause, OnConflictClause, PgNode } from '../../parse/pg-tree';
import { bindTyped, newAlias, settle } from '../binder';
import { call } from '../calls';
import { castExpr } from '../cast';
import { bindComparison } from '../compare';
import type { Expr } from '../expr';
import { sameExpr } from '../grouping';
import { EMPTY_CTES, makeScope, type ScopeColumn, withoutAggregates } from '../scope';
import { selectOf } from '../select-of';
import { systemColumns } from '../system-columns';
import { bindAssignments } from './assignments';
import { inputColumns, inputExpr, storedColumns } from './inputs';
import type { SourceNames } from './insert-source';
import type { ConflictPlan } from './plan';
import { openTable } from './table-plan';
import { addProgram, onUpdateOf, type WriteBinder } from './write-binder';

/** ON CONFLICT and UPSERT: which rows count as the same, and what becomes of the one that is there. */

export function bindConflict(
  write: WriteBinder,
  table: TableInfo,
  name: string,
  clause: OnConflictClause | undefined,
  names: SourceNames,
): ConflictPlan | undefined {
  if (clause === undefined || clause.action === 'ONCONFLICT_NONE') return undefined;
  const arbiters = bindArbiters(write, table, clause.infer);
  if (clause.action === 'ONCONFLICT_NOTHING')
    return { arbiters, action: 'nothing', positions: [], values: undefined, hasWhere: false };
  if (clause.infer === undefined)
    throw new SqlError(
      'syntaxError',
      'ON CONFLICT DO UPDATE requires inference specification or constraint name',
    );
  const present = inputColumns(write.binder, table, 'v', name);
  const columns = [
    ...inputColumns(write.binder, table, 'e', 'excluded'),
    ...present,
    ...presentSystemColumns(write, table, name, present),
  ];
  const scope = withoutAggregates(makeScope(columns, names), 'ON CONFLICT');
  const set = bindAssignments(write, table, clause.targetList ?? [], scope);
  const exprs = [...set.exprs];
  if (clause.whereClause !== undefined)
    exprs.push(bindTyped(write.binder, clause.whereClause, scope, BOOL, 'WHERE'));
  return {
    arbiters,
    action: 'update',
    positions: set.positions,
    values: addProgram(write, selectOf(exprs, { ctes: names.definitions })),
    hasWhere: clause.whereClause !== undefined,
  };
}

/** Those of the row that is there, which are none of its inputs: read where they are named. */
function presentSystemColumns(
  write: WriteBinder,
  table: TableInfo,
  name: string,
  present: readonly ScopeColumn[],
): ScopeColumn[] {
  const { binder } = write;
  const keyIds = (table.primaryIndex?.keyColumns ?? []).map(({ columnId }) => columnId);
  const keyAt = keyIds.map((id) => table.columns.findIndex((column) => column.id === id));
  const lookup = (at: number): Expr => {
    const { item, columns } = openTable(binder, table);
    const tests = keyAt.map((key) =>
      bindComparison(
        binder,
        '=',
        defined(columns[key], 'a key column').expr(),
        defined(present[key], 'its input').expr(),
      ),
    );
    const expr = defined(columns[at], 'a system column').expr();
    const query = selectOf([expr], { from: [item], where: call(AND, BOOL, tests) });
    return { kind: 'subquery', type: expr.type, form: 'scalar', left: undefined, query };
  };
  const qualifiers = name === table.name ? [table.databaseName, table.schemaName] : [];
  return systemColumns(table, newAlias(binder)).map((column, i) => ({
    ...column,
    table: name,
    qualifiers,
    expr: () => lookup(table.columns.length + i),
  }));
}

/** UPSERT: the row of the same primary key takes the values of the named columns, of all without a list. */
export function upsertConflict(
  write: WriteBinder,
  table: TableInfo,
  named: readonly ColumnInfo[] | undefined,
): ConflictPlan {
  const stored = storedColumns(table);
  const assigned = new Set((named ?? stored).map((column) => column.id));
  const positions = stored.flatMap(({ id, computeExpr }, i) =>
    assigned.has(id) && computeExpr === undefined ? [i] : [],
  );
  const plan = { arbiters: [0], action: 'update', hasWhere: false } as const;
  const updated = stored.flatMap(({ id, onUpdateExpr }, i) =>
    onUpdateExpr === undefined || assigned.has(id) ? [] : [i],
  );
  if (updated.length === 0) return { ...plan, positions, values: undefined };
  const exprs = [
    ...positions.map((at) => inputExpr('e', at, defined(stored[at], 'a column').type)),
    ...updated.map((at) => onUpdateOf(write, defined(stored[at], 'a column'))),
  ];
  return {
    ...plan,
    positions: [...positions, ...updated],
    values: addProgram(write, selectOf(exprs)),
  };
}

/** @throws SqlError invalidColumnReference (42P10) when no unique constraint is meant */
function bindArbiters(
  write: WriteBinder,
  table: TableInfo,
  infer: InferClause | undefined,
): number[] {
  const { uniques } = write.context.constraintsOf(table.id);
  if (infer === undefined) return uniques.map((_, i) => i);
  const found = uniques.flatMap((unique, i) => (isMeant(write, table, infer, unique) ? [i] : []));
  if (found.length > 0) return found;
  if (infer.conname !== undefined)
    throw new SqlError(
      'undefinedObject',
      `constraint "${infer.conname}" for table "${table.name}" does not exist`,
    );
  throw new SqlError(
    'invalidColumnReference',
    'there is no unique or exclusion constraint matching the ON CONFLICT specification',
  );
}

function isMeant(
  write: WriteBinder,
  table: TableInfo,
  infer: InferClause,
  unique: UniqueInfo,
): boolean {
  if (infer.conname !== undefined) return unique.name === infer.conname;
  const wanted = new Set(
    (infer.indexElems ?? []).map(({ IndexElem: { name, expr } }) => {
      if (name === undefined) return expressionId(write, table, expr);
      const column = table.columns.find((candidate) => candidate.name === name);
      if (column === undefined)
        throw new SqlError('undefinedColumn', `column "${name}" does not exist`);
      return column.id;
    }),
  );
  const same =
    wanted.size === unique.columnIds.length && unique.columnIds.every((id) => wanted.has(id));
  if (!same || unique.predicate === undefined) return same;
  return infer.whereClause !== undefined && samePredicate(write, table, infer, unique.predicate);
}

/** The column that stands for the expression of an index; 0: there is none. */
function expressionId(write: WriteBinder, table: TableInfo, expr: PgNode | undefined): number {
  if (expr === undefined) return 0;
  const { binder } = write;
  const columns = inputColumns(binder, table, 'v', table.name);
  const scope = withoutAggregates(makeScope(columns, { ctes: EMPTY_CTES }), 'ON CONFLICT');
  const wanted = settle(binder, binder.bindExpr(expr, scope));
  const found = table.columns.find((column, i) => {
    if (column.inaccessible !== true) return false;
    const own = columns[i]?.expr();
    return own !== undefined && sameExpr(own, castExpr(wanted, column.type));
  });
  return found?.id ?? 0;
}

/** Only the index's own predicate is recognised, not one that follows from it. */
function samePredicate(
  write: WriteBinder,
  table: TableInfo,
  infer: InferClause,
  predicate: string,
): boolean {
  const { binder, context } = write;
  const columns = inputColumns(binder, table, 'v', table.name);
  const scope = withoutAggregates(makeScope(columns, { ctes: EMPTY_CTES }), 'ON CONFLICT');
  const bind = (node: Parameters<typeof bindTyped>[1]) =>
    bindTyped(binder, node, scope, BOOL, 'WHERE');
  const where = defined(infer.whereClause, 'a predicate');
  return sameExpr(bind(where), bind(context.parseExpression(predicate)));
}
