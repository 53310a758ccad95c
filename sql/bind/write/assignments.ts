import { notSupported, SqlError } from '../../../base/errors';
import type { ColumnInfo, TableInfo } from '../../../catalog/table-info';
import type { MultiAssignRef, PgNode, ResTarget, SelectStmt } from '../../parse/pg-tree';
import { newAlias } from '../binder';
import type { Expr, Query, Source } from '../expr';
import { outputColumn } from '../expr';
import type { Scope } from '../scope';
import { selectOf } from '../select-of';
import { storedColumns } from './inputs';
import {
  assignable,
  cellOf,
  checkAssignedOnce,
  checkNotIdentity,
  onUpdateOf,
  targetColumn,
  type WriteBinder,
} from './write-binder';

export interface Assignments {
  /** Positions of the assigned columns in the table's row. */
  readonly positions: number[];
  /** Their new values. */
  readonly exprs: Expr[];
}

/** SET, and what ON UPDATE of columns adds to it: `a = 1`, `a = DEFAULT`, `(a, b) = (1, DEFAULT)`, `(a, b) = (SELECT …)`. */
export function bindAssignments(
  write: WriteBinder,
  table: TableInfo,
  targets: readonly { readonly ResTarget: ResTarget }[],
  scope: Scope,
): Assignments {
  const stored = storedColumns(table);
  const columns = targets.map(({ ResTarget: { name, indirection } }) => {
    if (indirection !== undefined) throw notSupported('assigning to a part of a value');
    return targetColumn(table, name ?? '');
  });
  checkAssignedOnce(columns);
  const queries = new Map<SelectStmt, Query>();
  const exprs = targets.map(({ ResTarget: { val } }, i) => {
    const column = columns[i];
    if (column === undefined || val === undefined) throw notSupported('this assignment');
    if (!isDefaultOf(val)) checkNotIdentity(column, 'update');
    const bind = (node: PgNode) => write.binder.bindExpr(node, scope);
    if (!('MultiAssignRef' in val)) return cellOf(write, val, column, bind);
    return multiple(write, val.MultiAssignRef, column, scope, queries);
  });
  const positions = columns.map((column) => stored.findIndex(({ id }) => id === column.id));
  for (const [i, column] of stored.entries()) {
    if (column.onUpdateExpr === undefined || positions.includes(i)) continue;
    positions.push(i);
    exprs.push(onUpdateOf(write, column));
  }
  return { positions, exprs };
}

/** DEFAULT itself, or in its place of a tuple. */
function isDefaultOf(node: PgNode): boolean {
  if ('SetToDefault' in node) return true;
  if (!('MultiAssignRef' in node)) return false;
  const { source, colno } = node.MultiAssignRef;
  const item = 'RowExpr' in source ? source.RowExpr.args?.[(colno ?? 1) - 1] : undefined;
  return item !== undefined && 'SetToDefault' in item;
}

function multiple(
  write: WriteBinder,
  ref: MultiAssignRef,
  column: ColumnInfo,
  scope: Scope,
  queries: Map<SelectStmt, Query>,
): Expr {
  const { source } = ref;
  const at = (ref.colno ?? 1) - 1;
  if ('RowExpr' in source) {
    const items = source.RowExpr.args ?? [];
    checkWidth(ref, items.length);
    const item = items[at];
    if (item === undefined) throw notSupported('this assignment');
    return cellOf(write, item, column, (node) => write.binder.bindExpr(node, scope));
  }
  if (!('SubLink' in source) || !('SelectStmt' in source.SubLink.subselect))
    throw notSupported('this assignment to several columns');
  const select = source.SubLink.subselect.SelectStmt;
  const query = queries.get(select) ?? write.binder.bindQuery(select, scope, scope.ctes);
  queries.set(select, query);
  checkWidth(ref, query.outputs.length);
  return assignable(write.binder, columnOfQuery(query, at, newAlias(write.binder)), column);
}

function checkWidth(ref: MultiAssignRef, found: number): void {
  const wanted = ref.ncolumns ?? found;
  if (wanted === found) return;
  throw new SqlError(
    'syntaxError',
    `number of columns (${wanted}) does not match number of values (${found})`,
  );
}

/** One column of a query that gives one row. */
function columnOfQuery(query: Query, index: number, source: Source): Expr {
  const output = query.outputs[index];
  if (output === undefined) throw notSupported('this assignment');
  const { type } = output;
  const expr = outputColumn(source, output, index);
  const one = selectOf([expr], { from: [{ kind: 'subquery', source, query }] });
  return { kind: 'subquery', type, form: 'scalar', left: undefined, query: one };
}
