import type { IndexInfo, TableInfo } from '../../../catalog/table-info';
import { INT8, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { yesOrNo } from './yes-or-no';

interface IndexPart {
  readonly column: string;
  readonly direction: 'ASC' | 'DESC' | 'N/A';
  readonly storing: boolean;
  readonly implicit: boolean;
}

/** Columns of a hash-sharded index that nobody wrote. */
const SHARD_PREFIX = 'crdb_internal_';

/** Key columns, stored columns, then the rest of the primary key that makes entries unique. */
function indexParts(table: TableInfo, index: IndexInfo): IndexPart[] {
  const names = new Map(table.columns.map((column) => [column.id, column.name]));
  const nameOf = (id: number): string => names.get(id) ?? `[${id}]`;
  const stored = index.id === table.primaryIndex?.id ? [] : index.storedColumnIds;
  return [
    ...(index.implicitColumnIds ?? []).map(
      (id): IndexPart => ({ column: nameOf(id), direction: 'ASC', storing: false, implicit: true }),
    ),
    ...index.keyColumns.map(({ columnId, descending }): IndexPart => {
      const column = nameOf(columnId);
      const direction = descending ? 'DESC' : 'ASC';
      return { column, direction, storing: false, implicit: column.startsWith(SHARD_PREFIX) };
    }),
    ...stored.map(
      (id): IndexPart => ({ column: nameOf(id), direction: 'N/A', storing: true, implicit: false }),
    ),
    ...index.suffixColumnIds.map(
      (id): IndexPart => ({ column: nameOf(id), direction: 'ASC', storing: false, implicit: true }),
    ),
  ];
}

export const statistics = systemTable({
  schema: 'information_schema',
  name: 'statistics',
  columns: {
    table_catalog: STRING,
    table_schema: STRING,
    table_name: STRING,
    non_unique: STRING,
    index_schema: STRING,
    index_name: STRING,
    seq_in_index: INT8,
    column_name: STRING,
    collation: STRING,
    cardinality: INT8,
    direction: STRING,
    storing: STRING,
    implicit: STRING,
  },
  *rows({ database, objects }) {
    for (const { info, namespace } of objects.relations) {
      const primary = info.primaryIndex === undefined ? [] : [info.primaryIndex];
      if (info.kind === 'view') continue;
      for (const index of [...primary, ...info.secondaryIndexes])
        for (const [i, part] of indexParts(info, index).entries())
          yield {
            table_catalog: database.name,
            table_schema: namespace.name,
            table_name: info.name,
            non_unique: yesOrNo(!index.unique),
            index_schema: namespace.name,
            index_name: index.name,
            seq_in_index: i + 1,
            column_name: part.column,
            direction: part.direction,
            storing: yesOrNo(part.storing),
            implicit: yesOrNo(part.implicit),
          };
    }
  },
});
