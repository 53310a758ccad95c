import { notSupported, SqlError } from '../../../base/errors';
import type { PrivilegeName } from '../../../catalog/privileges';
import type { ColumnInfo, TableInfo } from '../../../catalog/table-info';
import type { InsertStmt } from '../../parse/pg-tree';
import { bindCtes } from '../bind-ctes';
import type { CteDefinition } from '../expr';
import { selectOf } from '../select-of';
import { isVolatile } from '../volatile';
import { bindConflict, upsertConflict } from './conflict';
import { storedColumns } from './inputs';
import { type BoundSource, bindInsertSource } from './insert-source';
import type { InsertPlan } from './plan';
import { bindReturning } from './returning';
import { planTables } from './table-plan';
import {
  addProgram,
  checkAssignedOnce,
  defaultOf,
  isNullConstant,
  resolveTarget,
  targetColumn,
  type WriteBinder,
} from './write-binder';

/** What every plan has, added when the statement is bound. */
export type Unfinished<P> = Omit<P, 'parameterTypes' | 'relationIds'>;

export function bindInsert(
  write: WriteBinder,
  statement: InsertStmt,
  upsert: boolean,
): Unfinished<InsertPlan> {
  if ((statement.override ?? 'OVERRIDING_NOT_SET') !== 'OVERRIDING_NOT_SET')
    throw notSupported('OVERRIDING');
  const definitions: CteDefinition[] = [];
  const ctes =
    statement.withClause === undefined
      ? write.ctes
      : bindCtes(write.binder, statement.withClause, undefined, write.ctes, definitions);
  const table = resolveTarget(write, statement.relation, privilegesFor(statement, upsert));
  const name = statement.relation.alias?.aliasname ?? table.name;
  const named = statement.cols?.map(({ ResTarget: { name: column, indirection } }) => {
    if (indirection !== undefined) throw notSupported('inserting into a part of a value');
    return targetColumn(table, column ?? '');
  });
  if (named !== undefined) checkAssignedOnce(named);
  const { source, columns } = boundSource(write, statement, table, named, { ctes, definitions });
  write.binder.facts.changes?.begin(table.id);
  if (upsert && statement.onConflictClause !== undefined)
    throw new SqlError('syntaxError', 'UPSERT takes no ON CONFLICT');
  const conflict = upsert
    ? upsertConflict(write, table, named)
    : bindConflict(write, table, name, statement.onConflictClause, { ctes, definitions });
  const updates = conflict?.action === 'update';
  const stored = storedColumns(table);
  return {
    kind: 'insert',
    upsert,
    tables: planTables(write, table, { deletes: false, updates }),
    source,
    positions: columns.map((column) => stored.findIndex(({ id }) => id === column.id)),
    ...bindDefaults(write, stored, columns),
    conflict,
    ...bindReturning(write, statement.returningClause, table, name, { ctes, definitions }),
  };
}

/** What is looked up for conflicts is read, too. */
function privilegesFor(statement: InsertStmt, upsert: boolean): readonly PrivilegeName[] {
  const action = upsert ? 'ONCONFLICT_UPDATE' : statement.onConflictClause?.action;
  if (action === 'ONCONFLICT_UPDATE') return ['INSERT', 'SELECT', 'UPDATE'];
  return action === 'ONCONFLICT_NOTHING' ? ['INSERT', 'SELECT'] : ['INSERT'];
}

function boundSource(
  write: WriteBinder,
  statement: InsertStmt,
  table: TableInfo,
  named: readonly ColumnInfo[] | undefined,
  names: Parameters<typeof bindInsertSource>[4],
): BoundSource {
  const { selectStmt } = statement;
  if (selectStmt === undefined)
    return { source: { kind: 'cells', rows: [[]], fills: [], programs: [] }, columns: [] };
  if (!('SelectStmt' in selectStmt)) throw notSupported('this source of INSERT');
  return bindInsertSource(write, table, named, selectStmt.SelectStmt, names);
}

function bindDefaults(
  write: WriteBinder,
  stored: readonly ColumnInfo[],
  given: readonly ColumnInfo[],
): Pick<InsertPlan, 'defaults' | 'defaultPositions' | 'defaultsVolatile'> {
  const known = new Set(given.map((column) => column.id));
  const defaultPositions: number[] = [];
  const exprs = stored.flatMap((column, i) => {
    if (known.has(column.id) || column.computeExpr !== undefined) return [];
    const expr = defaultOf(write, column);
    if (isNullConstant(expr)) return [];
    defaultPositions.push(i);
    return [expr];
  });
  const query = selectOf(exprs);
  return {
    defaults: exprs.length === 0 ? undefined : addProgram(write, query),
    defaultPositions,
    defaultsVolatile: isVolatile(query),
  };
}
