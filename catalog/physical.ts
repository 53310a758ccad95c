import { invariant } from '../base/invariant';
import type { PhysicalIndex, PhysicalTable } from '../storage/ranges/physical-table';
import { quoteName } from '../storage/ranges/physical-table';
import { sqliteColumnName, sqliteTableName } from './build-table-info';
import type { IndexDescriptor } from './descriptor/gen/index_pb';
import { IndexDescriptor_Direction, IndexDescriptor_Type } from './descriptor/gen/index_pb';
import type { TableDescriptor } from './descriptor/gen/table_pb';
import { explicitIndex, explicitKeyIds } from './regional-rows';
import type { EnumResolver } from './types/from-descriptor';
import { typeFromMessage } from './types/from-descriptor';
import { sqliteColumn } from './types/table';

/**
 * How a table lies in SQLite: one column a stored column of the descriptor, keyed by its primary index (without the region that
 * REGIONAL BY ROW puts in front: rows lie in another order than in a backup).
 * Inverted indexes have no SQLite counterpart and are left out, as are partial ones with a predicate that is more than tests for
 * NULL: they never change an answer.
 */
export function physicalTable(table: TableDescriptor, resolveEnum: EnumResolver): PhysicalTable {
  const primary = table.primaryIndex;
  invariant(primary !== undefined, `table ${table.id} has a primary index`);
  const keyIds = new Set(primary.keyColumnIds);
  return {
    name: sqliteTableName(table.id),
    columns: table.columns
      .filter((column) => !column.virtual)
      .map((column) => ({
        name: sqliteColumnName(column.id),
        ...sqliteColumn(typeFromMessage(column.type ?? {}, resolveEnum)),
        notNull: keyIds.has(column.id),
      })),
    primaryKey: keyColumns(primary),
    indexes: table.indexes.flatMap((index) => physicalIndex(table, index)),
  };
}

function physicalIndex(table: TableDescriptor, index: IndexDescriptor): PhysicalIndex[] {
  if (index.type === IndexDescriptor_Type.INVERTED) return [];
  const where = index.predicate === '' ? undefined : nullTests(table, index.predicate);
  if (index.predicate !== '' && where === undefined) return [];
  const columns = explicitKeyIds(index).map((id) =>
    table.columns.find((column) => column.id === id),
  );
  if (columns.some((column) => column === undefined || column.virtual)) return [];
  return [
    {
      name: `${sqliteTableName(table.id)}_i${index.id}`,
      // Of partial ones it is looked up: then no rule depends on which predicates are known here.
      unique: index.unique && where === undefined,
      ...(where === undefined ? {} : { where }),
      columns: keyColumns(index),
    },
  ];
}

/** As they were written: keys of tables that are REGIONAL BY ROW are unique in all regions. */
function keyColumns(index: IndexDescriptor) {
  const { keyColumnIds, keyColumnDirections } = explicitIndex(index);
  return keyColumnIds.map((columnId, i) => ({
    column: sqliteColumnName(columnId),
    descending: keyColumnDirections[i] === IndexDescriptor_Direction.DESC,
  }));
}

const NULL_TEST = /^\(?(?:"((?:[^"]|"")+)"|([a-z_][a-z0-9_$]*)) IS (NOT )?NULL\)?$/;

/** `a IS NULL`, `(a IS NULL) AND (b IS NOT NULL)` in SQLite's names; undefined for other predicates. */
function nullTests(table: TableDescriptor, predicate: string): string | undefined {
  const tests: string[] = [];
  for (const part of predicate.split(' AND ')) {
    const match = NULL_TEST.exec(part);
    const name = match?.[1]?.replaceAll('""', '"') ?? match?.[2];
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column === undefined || column.virtual) return undefined;
    tests.push(`${quoteName(sqliteColumnName(column.id))} IS ${match?.[3] ?? ''}NULL`);
  }
  return tests.join(' AND ');
}
