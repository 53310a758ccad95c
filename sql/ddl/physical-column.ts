import { sqliteColumnName, sqliteTableName } from '../../catalog/build-table-info';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { SqlType } from '../../catalog/types/sql-type';
import { sqliteColumn } from '../../catalog/types/table';
import { quoteName } from '../../storage/ranges/physical-table';
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
  run.db.exec(
    `ALTER TABLE ${quoteName(sqliteTableName(table.id))} ADD COLUMN ${quoteName(sqliteColumnName(column.id))} ${physical.type}${collate}`,
  );
}

export function dropPhysicalColumn(
  table: TableDescriptor,
  column: ColumnDescriptor,
  run: DdlRun,
): void {
  run.db.exec(
    `ALTER TABLE ${quoteName(sqliteTableName(table.id))} DROP COLUMN ${quoteName(sqliteColumnName(column.id))}`,
  );
}
