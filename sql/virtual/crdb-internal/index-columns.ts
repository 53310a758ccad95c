import { BOOL, INT8, STRING } from '../../../catalog/types/table';
import { columnName } from '../catalog-objects';
import { systemTable } from '../system-table';

export const indexColumns = systemTable({
  schema: 'crdb_internal',
  name: 'index_columns',
  columns: {
    descriptor_id: INT8,
    descriptor_name: STRING,
    index_id: INT8,
    index_name: STRING,
    column_type: STRING,
    column_id: INT8,
    column_name: STRING,
    column_direction: STRING,
    implicit: BOOL,
  },
  *rows({ objects }) {
    for (const { relation, index, info } of objects.indexes()) {
      const common = {
        descriptor_id: relation.oid,
        descriptor_name: relation.info.name,
        index_id: index.id,
        index_name: index.name,
      };
      const name = (id: number): string => columnName(relation.table, id);
      for (const id of info.implicitColumnIds ?? [])
        yield {
          ...common,
          column_type: 'key',
          column_id: id,
          column_name: name(id),
          column_direction: 'ASC',
          implicit: true,
        };
      for (const { columnId, descending } of info.keyColumns)
        yield {
          ...common,
          column_type: 'key',
          column_id: columnId,
          column_name: name(columnId),
          column_direction: descending ? 'DESC' : 'ASC',
          implicit: false,
        };
      for (const id of info.storedColumnIds)
        yield {
          ...common,
          column_type: 'storing',
          column_id: id,
          column_name: name(id),
          implicit: false,
        };
      for (const id of info.suffixColumnIds)
        yield {
          ...common,
          column_type: 'extra',
          column_id: id,
          column_name: name(id),
          implicit: true,
        };
    }
  },
});
