import { sqliteColumnName, sqliteTableName } from '../../catalog/build-table-info';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { SqlType } from '../../catalog/types/sql-type';
import { sqliteColumn } from '../../catalog/types/table';
import { retireColumn } from '../../storage/ranges/history-tables';
import { historyName, quoteName } from '../../storage/ranges/physical-table';
import type { DdlRun } from './run';

/** Columns of SQLite's tables, where ALTER TABLE does without a copy. */

export function addPhysicalColumn(
  table: TableDescriptor,
  column: ColumnDescriptor,
  type: SqlType,
  run: DdlRun,
): void {
  const physical = sqliteColumn(type);
  const collate = physical.collate === undefined ? '' : ` COLLATE ${physical.collate}`;
  const name = sqliteTableName(table.id);
  for (const each of [name, historyName(name)]) {
    run.db.exec(
      `ALTER TABLE ${quoteName(each)} ADD COLUMN ${quoteName(sqliteColumnName(column.id))} ${physical.type}${collate}`,
    );
  }
}

/** A column that readers of the past may yet ask for stays until they no longer can. */
export function dropPhysicalColumn(
  table: TableDescriptor,
  column: ColumnDescriptor,
  run: DdlRun,
): void {
  retireColumn(run.db, table.id, sqliteColumnName(column.id), run.nowNanos);
}
