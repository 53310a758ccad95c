import { notSupported, SqlError } from '../../../base/errors';
import type { PrivilegeName } from '../../../catalog/privileges';
import { isSystemColumn } from '../../../catalog/table-builder';
import type { TableConstraints } from '../../../catalog/table-constraints';
import type { ColumnInfo, TableInfo } from '../../../catalog/table-info';
import { sameKind, UNKNOWN } from '../../../catalog/types/table';
import { messageTypeName } from '../../../catalog/types/type-name';
import type { PgNode, RangeVar } from '../../parse/pg-tree';
import { wantedArrayOf } from '../bind-expr';
import { type Binder, settle } from '../binder';
import type { BindContext } from '../catalog-view';
import type { Expr, Query } from '../expr';
import { asWanted } from '../now-like';
import { relationOf } from '../relation-of';
import { type CteBinding, EMPTY_SCOPE } from '../scope';
import { type Bound, isNullConst, nullOf } from '../untyped';
import type { ProgramId } from './plan';

/** What the parts of binding a write share. */

export interface WriteContext extends BindContext {
  /** Checks, unique and foreign keys of a table. */
  constraintsOf(tableId: number): TableConstraints;
}

export interface WriteBinder {
  readonly binder: Binder;
  readonly context: WriteContext;
  /** Queries by their ProgramId. */
  readonly programs: Query[];
  /** WITH of the statement around this one. */
  readonly ctes: ReadonlyMap<string, CteBinding>;
  /** Another part of the statement writes as well: foreign keys hold when all of it is done. */
  readonly several: boolean;
}

export function addProgram(write: WriteBinder, query: Query): ProgramId {
  write.programs.push(query);
  return write.programs.length - 1;
}

/** Tables that CockroachDB's admins may write, and what does it here. */
const WRITTEN_OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['system.users', 'INSERT, UPSERT, UPDATE or DELETE with the name system.users'],
  ['system.role_options', 'INSERT, UPSERT, UPDATE or DELETE with the name system.role_options'],
  ['system.role_members', 'INSERT, UPSERT, UPDATE or DELETE with the name system.role_members'],
  ['system.settings', 'SET CLUSTER SETTING'],
  ['system.zones', 'ALTER … CONFIGURE ZONE'],
  ['system.comments', 'COMMENT ON'],
  ['system.jobs', 'PAUSE JOB, RESUME JOB and CANCEL JOB'],
]);

/** The table that a statement writes. @throws SqlError undefinedTable, wrongObjectType (42809) */
export function resolveTarget(
  write: WriteBinder,
  node: RangeVar,
  privileges: readonly PrivilegeName[],
): TableInfo {
  const { catalog } = write.context;
  if (node.statement !== undefined) throw notSupported('writing to a statement in brackets');
  const table = relationOf(catalog, node);
  if (table.kind === 'system') {
    const instead = WRITTEN_OTHERWISE.get(table.systemTable ?? '');
    if (instead !== undefined)
      throw notSupported(`writing to ${table.systemTable} so`, `Use ${instead}.`);
    // Nobody has it, as in CockroachDB nobody but its node.
    const user = String(write.context.settings?.['user'] ?? '');
    throw new SqlError(
      'insufficientPrivilege',
      `user ${user} does not have ${privileges[0] ?? 'INSERT'} privilege on relation ${table.name}`,
    );
  }
  if (table.kind === 'materialized view')
    throw new SqlError('wrongObjectType', `cannot mutate materialized view "${table.name}"`);
  if (table.kind !== 'table')
    throw new SqlError('wrongObjectType', `"${table.name}" is not a table`);
  for (const privilege of privileges) catalog.requireAccess?.(table, [privilege]);
  return table;
}

/** A column by its name, of those a statement may assign. */
export function targetColumn(table: TableInfo, name: string): ColumnInfo {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (isSystemColumn(name))
    throw new SqlError('invalidColumnReference', `cannot modify system column "${name}"`);
  if (column === undefined)
    throw new SqlError('undefinedColumn', `column "${name}" does not exist`);
  checkWritable(column);
  return column;
}

export function checkWritable(column: ColumnInfo): void {
  if (column.computeExpr === undefined) return;
  throw new SqlError(
    'objectNotInPrerequisiteState',
    `cannot write directly to computed column "${column.name}"`,
  );
}

/** @throws SqlError generatedAlways (428C9) when something else than DEFAULT is written to GENERATED ALWAYS AS IDENTITY */
export function checkNotIdentity(column: ColumnInfo, verb: 'insert' | 'update'): void {
  if (column.alwaysIdentity !== true) return;
  throw new SqlError(
    'generatedAlways',
    verb === 'insert'
      ? `cannot insert into column "${column.name}"`
      : `column "${column.name}" can only be updated to DEFAULT`,
    { detail: `Column "${column.name}" is an identity column defined as GENERATED ALWAYS` },
  );
}

/** What ON UPDATE of a column sets it to. */
export function onUpdateOf(write: WriteBinder, column: ColumnInfo): Expr {
  const node = write.context.parseExpression(column.onUpdateExpr ?? 'NULL');
  return assignable(write.binder, write.binder.bindExpr(node, EMPTY_SCOPE), column);
}

export function checkAssignedOnce(columns: readonly ColumnInfo[]): void {
  const seen = new Set<number>();
  for (const { id, name } of columns) {
    if (seen.has(id))
      throw new SqlError('syntaxError', `multiple assignments to the same column "${name}"`);
    seen.add(id);
  }
}

/** A value of the column's family; its width is applied when it is written. @throws SqlError datatypeMismatch (42804) */
export function assignable(binder: Binder, bound: Bound, column: ColumnInfo): Expr {
  const expr = settle(binder, bound, column.type);
  if (expr.type.family === 'unknown')
    return expr.kind === 'const' ? nullOf(column.type) : { ...expr, type: column.type };
  if (sameKind(expr.type, column.type)) return expr;
  throw new SqlError(
    'datatypeMismatch',
    `value type ${messageTypeName(expr.type)} doesn't match type ${messageTypeName(column.type)} of column "${column.name}"`,
  );
}

/** A column's DEFAULT. */
export function defaultOf(write: WriteBinder, column: ColumnInfo): Expr {
  checkWritable(column);
  if (column.defaultExpr === undefined) return nullOf(column.type);
  const node = write.context.parseExpression(column.defaultExpr);
  // Names inside are ids, or those of the table's own database.
  return assignable(write.binder, write.binder.bindExpr(node, EMPTY_SCOPE), column);
}

/** DEFAULT or an expression, for a column. */
export function cellOf(
  write: WriteBinder,
  node: PgNode,
  column: ColumnInfo,
  bind: (node: PgNode) => Bound,
): Expr {
  if ('SetToDefault' in node) return defaultOf(write, column);
  checkWritable(column);
  const bound =
    wantedArrayOf(write.binder, node, column.type, bind) ?? bind(asWanted(node, column.type));
  return assignable(write.binder, bound, column);
}

export const isNullConstant = (expr: Expr): boolean =>
  isNullConst(expr) || (expr.kind === 'const' && expr.type === UNKNOWN);
