import { notSupported, SqlError } from '../../../base/errors';
import { isSystemColumn } from '../../../catalog/table-builder';
import type { TableInfo } from '../../../catalog/table-info';
import { BOOL } from '../../../catalog/types/table';
import type { MutationLimit } from '../../parse/ast';
import type { DeleteStmt, PgNode, RangeVar, UpdateStmt, WithClause } from '../../parse/pg-tree';
import { bindCtes } from '../bind-ctes';
import { bindFromItem } from '../bind-from';
import { bindCount } from '../bind-query';
import { bindTyped, settle } from '../binder';
import { comparable } from '../compare';
import type { CteDefinition, Expr, FromItem } from '../expr';
import { orderItem } from '../order-item';
import {
  type CteBinding,
  makeScope,
  type Scope,
  type ScopeColumn,
  withoutAggregates,
} from '../scope';
import { selectOf } from '../select-of';
import { bindAssignments } from './assignments';
import type { Unfinished } from './bind-insert';
import { inputExpr } from './inputs';
import type { DeletePlan, UpdatePlan } from './plan';
import { bindReturning } from './returning';
import { openTable, planTables, rowExprs } from './table-plan';
import { addProgram, resolveTarget, type WriteBinder } from './write-binder';

/** UPDATE and DELETE: a query for the rows that are meant, then what becomes of each. */

interface Rows {
  readonly table: TableInfo;
  readonly name: string;
  readonly row: readonly Expr[];
  readonly scope: Scope;
  readonly from: readonly FromItem[];
  readonly where: Expr | undefined;
  readonly ctes: ReadonlyMap<string, CteBinding>;
  readonly definitions: readonly CteDefinition[];
  /** Columns of the other tables. */
  readonly others: readonly ScopeColumn[];
}

interface Clauses {
  readonly relation: RangeVar;
  readonly withClause?: WithClause | undefined;
  readonly others: readonly PgNode[];
  readonly whereClause?: PgNode | undefined;
  readonly privilege: 'UPDATE' | 'DELETE';
}

function bindRows(write: WriteBinder, clauses: Clauses): Rows {
  const { binder } = write;
  const definitions: CteDefinition[] = [];
  const ctes =
    clauses.withClause === undefined
      ? write.ctes
      : bindCtes(binder, clauses.withClause, undefined, write.ctes, definitions);
  const table = resolveTarget(write, clauses.relation, [clauses.privilege, 'SELECT']);
  const name = clauses.relation.alias?.aliasname ?? table.name;
  const opened = openTable(binder, table);
  const qualified = name === table.name;
  const own = opened.columns.map((column) =>
    qualified ? column : { ...column, table: name, qualifiers: [] },
  );
  const base = makeScope([], { ctes });
  const from = [opened.item];
  const others: ScopeColumn[] = [];
  for (const node of clauses.others) {
    const bound = bindFromItem(binder, node, base, [...own, ...others]);
    if (bound.columns.some((column) => column.table === name))
      throw new SqlError(
        'duplicateAlias',
        `source name "${name}" specified more than once (missing AS clause)`,
      );
    from.push(bound.item);
    others.push(...bound.columns);
  }
  const scope = makeScope([...own, ...others], base);
  const where =
    clauses.whereClause === undefined
      ? undefined
      : bindTyped(binder, clauses.whereClause, withoutAggregates(scope, 'WHERE'), BOOL, 'WHERE');
  const row = rowExprs(opened, table);
  return { table, name, row, scope, from, where, ctes, definitions, others };
}

/** ORDER BY and LIMIT of the rows that are meant. @throws SqlError syntaxError when there is ORDER BY without LIMIT */
function bindLimit(write: WriteBinder, limit: MutationLimit | null, rows: Rows) {
  if (limit === null) return {};
  if (limit.limitCount === null)
    throw new SqlError(
      'syntaxError',
      'UPDATE or DELETE statement requires LIMIT when ORDER BY is used',
    );
  const scope = withoutAggregates(rows.scope, 'ORDER BY');
  return {
    orderBy: limit.sortClause.map((sort) =>
      orderItem(sort, comparable(settle(write.binder, write.binder.bindExpr(sort.node, scope)))),
    ),
    limit: bindCount(write.binder, limit.limitCount, scope, 'LIMIT'),
  };
}

/** Adds the rows' query. The other tables' columns follow what is asked for, and are inputs of RETURNING. */
function finish(
  write: WriteBinder,
  rows: Rows,
  exprs: readonly Expr[],
  limit: MutationLimit | null,
) {
  const others = rows.others.filter((column) => !(column.hidden && isSystemColumn(column.name)));
  const extras = others.map((column) => column.expr());
  const { from, where, definitions: ctes } = rows;
  const tail = bindLimit(write, limit, rows);
  const source = addProgram(
    write,
    selectOf([...rows.row, ...exprs, ...extras], { from, where, ctes, ...tail }),
  );
  write.binder.facts.changes?.begin(rows.table.id);
  const inputs = others.map((column, i): ScopeColumn => {
    const input = inputExpr('x', i, column.type);
    return { ...column, expr: () => input };
  });
  return { source, distinct: rows.others.length > 0, inputs };
}

export function bindUpdate(
  write: WriteBinder,
  statement: UpdateStmt,
  limit: MutationLimit | null,
): Unfinished<UpdatePlan> {
  const rows = bindRows(write, {
    privilege: 'UPDATE',
    relation: statement.relation,
    withClause: statement.withClause,
    others: statement.fromClause ?? [],
    whereClause: statement.whereClause,
  });
  const scope = withoutAggregates(rows.scope, 'UPDATE');
  const set = bindAssignments(write, rows.table, statement.targetList, scope);
  const { source, distinct, inputs } = finish(write, rows, set.exprs, limit);
  return {
    kind: 'update',
    tables: planTables(write, rows.table, { deletes: false, updates: true }),
    source,
    distinct,
    positions: set.positions,
    ...bindReturning(write, statement.returningClause, rows.table, rows.name, rows, inputs),
  };
}

export function bindDelete(
  write: WriteBinder,
  statement: DeleteStmt,
  limit: MutationLimit | null,
): Unfinished<DeletePlan> {
  if (statement.relation.statement !== undefined) throw notSupported('this target of DELETE');
  const rows = bindRows(write, {
    privilege: 'DELETE',
    relation: statement.relation,
    withClause: statement.withClause,
    others: statement.usingClause ?? [],
    whereClause: statement.whereClause,
  });
  const { source, distinct, inputs } = finish(write, rows, [], limit);
  return {
    kind: 'delete',
    tables: planTables(write, rows.table, { deletes: true, updates: false }),
    source,
    distinct,
    ...bindReturning(write, statement.returningClause, rows.table, rows.name, rows, inputs),
  };
}
