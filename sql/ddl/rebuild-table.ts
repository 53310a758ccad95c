import { sqliteTableName } from '../../catalog/build-table-info';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { physicalTable } from '../../catalog/physical';
import { setTableAside } from '../../storage/ranges/history-tables';
import {
  createPhysicalIndex,
  createPhysicalTable,
  dropPhysicalTable,
  quoteName,
  TIMESTAMP_COLUMN,
} from '../../storage/ranges/physical-table';
import type { DdlRun } from './run';

/** Where SQLite can't change a table in place (its key, the type of a column), its rows are copied into a new one. */

/**
 * @param copy runs `INSERT … SELECT … FROM source`: what it makes of a column comes from `expressions`
 */
export function rebuildTable(
  after: TableDescriptor,
  run: DdlRun,
  copy: (source: string, insert: (expressions: ReadonlyMap<string, string>) => string) => void = (
    _,
    insert,
  ) => run.db.exec(insert(new Map())),
): void {
  run.passRows(after.id);
  const made = physicalTable(after, (id) => run.catalog.enumMetadata(id));
  const target = sqliteTableName(after.id);
  const { name: source, isKept } = setTableAside(run.db, after.id, run.nowNanos);
  createPhysicalTable(run.db, { ...made, indexes: [] });
  const names = made.columns.map((column) => quoteName(column.name));
  copy(source, (expressions) => {
    const values = names.map((name) => expressions.get(name) ?? name);
    return (
      `INSERT INTO ${quoteName(target)} (${names.join(', ')}, ${TIMESTAMP_COLUMN}) ` +
      `SELECT ${values.join(', ')}, ${run.nowNanos} FROM ${quoteName(source)} AS r`
    );
  });
  if (!isKept) dropPhysicalTable(run.db, source);
  for (const index of made.indexes) createPhysicalIndex(run.db, made, index);
}
