import { notSupported } from '../../../base/errors';
import type { ColumnInfo, TableInfo } from '../../../catalog/table-info';
import type { ChangeStatement } from '../../parse/changes';
import type {
  InsertStmt,
  PgNode,
  RangeVar,
  ResTarget,
  SelectStmt,
  WithClause,
} from '../../parse/pg-tree';
import { makeBinder } from '../bind-select';
import type { MaterializedTable } from '../catalog-view';
import type { Query } from '../expr';
import { EMPTY_CTES } from '../scope';
import { bindInsertSource } from './insert-source';
import type { BoundInsertSource } from './plan';
import {
  checkAssignedOnce,
  targetColumn,
  type WriteBinder,
  type WriteContext,
} from './write-binder';

/**
 * Changes of a table of the system database, whose rows are not in a table of SQLite: the queries for the rows that are meant,
 * with the types that the columns ask for.
 */
export interface SystemRows {
  readonly source: BoundInsertSource;
  /** What the source's columns are, or are to be. */
  readonly columns: readonly ColumnInfo[];
  /** Queries by their ProgramId. */
  readonly programs: readonly Query[];
  readonly materialized: ReadonlyMap<string, MaterializedTable>;
  readonly relationIds: ReadonlySet<number>;
}

/** An INSERT's rows. For UPDATE and DELETE: each row as it is, then the new values of the columns that are set. */
export function bindSystemRows(
  statement: ChangeStatement,
  table: TableInfo,
  context: WriteContext,
): SystemRows {
  const what = `a statement that writes system.${table.name}`;
  if (statement.asOf !== null) throw notSupported(`AS OF SYSTEM TIME in ${what}`);
  if (statement.tree.returningClause !== undefined) throw notSupported(`RETURNING in ${what}`);
  const binder = makeBinder(context);
  const programs: Query[] = [];
  const write: WriteBinder = { binder, context, programs, ctes: EMPTY_CTES, several: false };
  const { select, named } = rowsOf(statement, table);
  const names = { ctes: EMPTY_CTES, definitions: [] };
  const { source, columns } =
    select === undefined
      ? { source: NO_CELLS, columns: [] }
      : bindInsertSource(write, table, named, select, names);
  if (binder.types.all().length > 0) {
    throw notSupported(`placeholders in ${what}`, 'Write the values into the statement.');
  }
  if (binder.facts.writes) throw notSupported(`nextval() and setval() in ${what}`);
  const { materialized, relationIds } = binder.facts;
  return { source, columns, programs, materialized, relationIds };
}

const NO_CELLS: BoundInsertSource = { kind: 'cells', rows: [[]], fills: [], programs: [] };

interface Rows {
  /** Undefined: DEFAULT VALUES. */
  readonly select: SelectStmt | undefined;
  readonly named: readonly ColumnInfo[] | undefined;
}

function rowsOf(statement: ChangeStatement, table: TableInfo): Rows {
  if (statement.kind === 'Insert') return insertedRows(statement.tree, table);
  if (statement.limit !== null) throw notSupported('LIMIT in a change of a system table');
  const { tree } = statement;
  if (statement.kind === 'Delete') {
    const { usingClause = [], whereClause, withClause } = statement.tree;
    return changedRows({ ...tree, others: usingClause, whereClause, withClause, set: [] }, table);
  }
  const { fromClause = [], targetList, whereClause, withClause } = statement.tree;
  const set = targetList.map(({ ResTarget: target }) => target);
  return changedRows({ ...tree, others: fromClause, whereClause, withClause, set }, table);
}

function insertedRows({ cols, selectStmt, withClause }: InsertStmt, table: TableInfo): Rows {
  const named = cols?.map(({ ResTarget: { name, indirection } }) => {
    if (indirection !== undefined) throw notSupported('inserting into a part of a value');
    return targetColumn(table, name ?? '');
  });
  if (named !== undefined) checkAssignedOnce(named);
  if (selectStmt === undefined) return { select: undefined, named };
  if (!('SelectStmt' in selectStmt)) throw notSupported('this source of INSERT');
  return { select: withNames(selectStmt.SelectStmt, withClause), named };
}

function withNames(select: SelectStmt, withClause: WithClause | undefined): SelectStmt {
  if (withClause === undefined) return select;
  if (select.withClause !== undefined) throw notSupported('WITH twice in a change of system rows');
  return { ...select, withClause };
}

interface Change {
  readonly relation: RangeVar;
  readonly others: readonly PgNode[];
  readonly whereClause: PgNode | undefined;
  readonly withClause: WithClause | undefined;
  readonly set: readonly ResTarget[];
}

function changedRows(change: Change, table: TableInfo): Rows {
  const { relation, others, whereClause, withClause, set } = change;
  const assigned = set.map(({ name }) => targetColumn(table, name ?? ''));
  checkAssignedOnce(assigned);
  const alias = relation.alias?.aliasname ?? relation.relname;
  const own = table.columns.map(({ name }) => ({
    ColumnRef: { fields: [{ String: { sval: alias } }, { String: { sval: name } }] },
  }));
  const values = [...own, ...set.map(newValue)];
  const select: SelectStmt = {
    op: 'SETOP_NONE',
    targetList: values.map((val) => ({ ResTarget: { val } })),
    fromClause: [{ RangeVar: relation }, ...others],
    ...(whereClause === undefined ? {} : { whereClause }),
  };
  return { select: withNames(select, withClause), named: [...table.columns, ...assigned] };
}

function newValue({ val, indirection }: ResTarget): PgNode {
  const isPart = indirection !== undefined || val === undefined || 'MultiAssignRef' in val;
  if (isPart || 'SetToDefault' in val) throw notSupported('this assignment to a system table');
  return val;
}
