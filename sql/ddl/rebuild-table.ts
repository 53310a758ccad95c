import { sqliteTableName } from '../../catalog/build-table-info';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { physicalTable } from '../../catalog/physical';
import {
  createPhysicalIndex,
  createTableSql,
  dropPhysicalIndex,
  dropPhysicalTable,
  quoteName,
  TIMESTAMP_COLUMN,
} from '../../storage/ranges/physical-table';
import type { DdlRun } from './run';

/** Where SQLite can't change a table in place (its key, the type of a column), its rows are copied into a new one. */

/**
 * @param before the descriptor that the rows were written with
 * @param copy runs `INSERT … SELECT … FROM source`: what it makes of a column comes from `expressions`
 */
export function rebuildTable(
  before: TableDescriptor,
  after: TableDescriptor,
  run: DdlRun,
  copy: (source: string, insert: (expressions: ReadonlyMap<string, string>) => string) => void = (
    _,
    insert,
  ) => run.db.exec(insert(new Map())),
): void {
  run.passRows(after.id);
  const types = (id: number) => run.catalog.enumMetadata(id);
  const [old, made] = [physicalTable(before, types), physicalTable(after, types)];
  const target = sqliteTableName(after.id);
  const source = `${target}_before`;
  for (const index of old.indexes) dropPhysicalIndex(run.db, index.name);
  run.db.exec(`ALTER TABLE ${quoteName(target)} RENAME TO ${quoteName(source)}`);
  run.db.exec(createTableSql(made));
  const names = made.columns.map((column) => quoteName(column.name));
  copy(source, (expressions) => {
    const values = names.map((name) => expressions.get(name) ?? name);
    return (
      `INSERT INTO ${quoteName(target)} (${names.join(', ')}, ${TIMESTAMP_COLUMN}) ` +
      `SELECT ${values.join(', ')}, ${run.nowNanos} FROM ${quoteName(source)} AS r`
    );
  });
  dropPhysicalTable(run.db, source);
  for (const index of made.indexes) createPhysicalIndex(run.db, made, index);
}
