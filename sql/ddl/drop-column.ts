import { SqlError } from '../../base/errors';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { retireTableData } from '../../catalog/drop-database';
import { regionColumnName } from '../../catalog/regional-rows';
import { findColumn, removeColumn } from '../../catalog/table-builder';
import { deleteComment } from '../../storage/ranges/comment-rows';
import type { AlterTableCommand } from '../parse/ddl-ast';
import {
  dropKeysNeeding,
  dropUniqueWithoutIndex,
  noticeReclaimed,
  removeIndex,
} from './alter-indexes';
import { forgetSequenceUse } from './columns';
import { dropRelation, viewDepends } from './drop';
import { columnsNamedBy } from './expressions';
import { removeForeignKey } from './foreign-keys';
import { dropPhysicalColumn } from './physical-column';
import type { DdlRun } from './run';

/** ALTER TABLE … DROP COLUMN, with the indexes and constraints that need the column. */
export function dropColumn(
  table: TableDescriptor,
  command: Extract<AlterTableCommand, { kind: 'dropColumn' }>,
  run: DdlRun,
): void {
  const column = findColumn(table, command.column);
  if (column === undefined) {
    if (command.ifExists) return;
    throw new SqlError('undefinedColumn', `column "${command.column}" does not exist`);
  }
  const cascade = command.behavior === 'cascade';
  dropViewsOf(table, column, cascade, run);
  refuse(table, column, run);
  dropIndexes(table, column, cascade, run);
  for (const key of [...table.outboundFks]) {
    if (key.originColumnIds.includes(column.id)) removeForeignKey(key, run);
  }
  table.checks = table.checks.filter((check) => !check.columnIds.includes(column.id));
  for (const unique of [...table.uniqueWithoutIndexConstraints]) {
    if (unique.columnIds.includes(column.id)) dropUniqueWithoutIndex(table, unique, cascade, run);
  }
  forgetSequenceUse(table, column, run);
  for (const id of column.ownsSequenceIds) {
    if ((run.tableIfKept(id)?.dependedOnBy.length ?? 0) > 0 && !cascade) {
      throw new SqlError(
        'dependentObjectsStillExist',
        `cannot drop sequence ${run.catalog.tableDescriptor(id)?.name ?? ''} because other objects depend on it`,
      );
    }
    retireTableData(run.db, id, run.nowNanos);
    run.remove(id);
  }
  removeColumn(table, column);
  deleteComment(run.db, COLUMN_COMMENT, table.id, column.id);
  if (!column.virtual) dropPhysicalColumn(table, column, run);
}

const COLUMN_COMMENT = 2;

/** @throws SqlError dependentObjectsStillExist (2BP01) without CASCADE */
function dropViewsOf(
  table: TableDescriptor,
  column: ColumnDescriptor,
  cascade: boolean,
  run: DdlRun,
): void {
  for (const reference of [...table.dependedOnBy]) {
    if (!reference.columnIds.includes(column.id) || run.isRemoved(reference.id)) continue;
    const view = run.catalog.tableById(reference.id);
    if (view === undefined) continue;
    if (!cascade) throw viewDepends(`drop column "${column.name}"`, view, table, run);
    dropRelation(view, 'cascade', new Set([view.id]), run);
  }
}

/** @throws SqlError invalidColumnReference (42P10) */
function refuse(table: TableDescriptor, column: ColumnDescriptor, run: DdlRun): void {
  if (regionColumnName(table) === column.name) {
    throw new SqlError(
      'invalidColumnReference',
      `cannot drop column ${column.name} as it is used to store the region in a REGIONAL BY ROW table`,
      {
        hint: 'You must change the table locality before dropping this table or alter the table to use a different column to use for the region.',
      },
    );
  }
  if (table.primaryIndex?.keyColumnIds.includes(column.id)) {
    throw new SqlError(
      'invalidColumnReference',
      `column "${column.name}" is referenced by the primary key`,
    );
  }
  for (const other of table.columns) {
    if (other.computeExpr === '' || other.id === column.id) continue;
    if (columnsNamedBy(other.computeExpr, table, run).includes(column.id)) {
      throw new SqlError(
        'invalidColumnReference',
        `column "${column.name}" is referenced by computed column "${other.name}"`,
      );
    }
  }
  for (const index of table.indexes) {
    if (index.predicate === '') continue;
    if (!columnsNamedBy(index.predicate, table, run).includes(column.id)) continue;
    throw new SqlError(
      'invalidColumnReference',
      `column "${column.name}" cannot be dropped because it is referenced by partial index "${index.name}"`,
      { hint: 'drop the partial index first, then drop the column' },
    );
  }
  for (const { name, predicate } of table.uniqueWithoutIndexConstraints) {
    if (predicate === '') continue;
    if (!columnsNamedBy(predicate, table, run).includes(column.id)) continue;
    throw new SqlError(
      'invalidColumnReference',
      `column "${column.name}" cannot be dropped because it is referenced by partial unique constraint "${name}"`,
      { hint: 'drop the unique constraint first, then drop the column' },
    );
  }
}

/** An index goes with any of its columns, stored ones included. */
function dropIndexes(
  table: TableDescriptor,
  column: ColumnDescriptor,
  cascade: boolean,
  run: DdlRun,
): void {
  let dropped = false;
  for (const index of [...table.indexes]) {
    const ids = [...index.keyColumnIds, ...index.storeColumnIds];
    if (!ids.includes(column.id)) continue;
    if (index.unique) dropKeysNeeding(table, index, cascade, run);
    removeIndex(table, index, run);
    dropped = true;
  }
  if (dropped) noticeReclaimed(run);
}
