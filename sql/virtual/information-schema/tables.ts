import type { RelationKind } from '../../../catalog/table-info';
import { INT8, STRING } from '../../../catalog/types/table';
import { schemaOf, systemTable } from '../system-table';
import { yesOrNo } from './yes-or-no';

const TYPES: { readonly [K in RelationKind]: string | undefined } = {
  table: 'BASE TABLE',
  view: 'VIEW',
  'materialized view': 'MATERIALIZED VIEW',
  sequence: undefined,
  system: 'SYSTEM VIEW',
};

export const tables = systemTable({
  schema: 'information_schema',
  name: 'tables',
  columns: {
    table_catalog: STRING,
    table_schema: STRING,
    table_name: STRING,
    table_type: STRING,
    is_insertable_into: STRING,
    version: INT8,
  },
  *rows({ database, objects, systemTables }) {
    for (const listed of systemTables)
      yield {
        table_catalog: database.name,
        table_schema: schemaOf(listed),
        table_name: listed.name,
        table_type: listed.schema === 'system' ? TYPES.table : TYPES.system,
        is_insertable_into: 'NO',
        version: 1,
      };
    for (const { info, table, namespace } of objects.relations) {
      const type = info.kind === 'table' && table.temporary ? 'LOCAL TEMPORARY' : TYPES[info.kind];
      if (type === undefined) continue;
      yield {
        table_catalog: database.name,
        table_schema: namespace.name,
        table_name: info.name,
        table_type: type,
        is_insertable_into: yesOrNo(info.kind === 'table'),
        version: table.version,
      };
    }
  },
});
