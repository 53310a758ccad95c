import { NAME, OID, STRING } from '../../../catalog/types/table';
import { indexDefinition } from '../definitions';
import { systemTable } from '../system-table';

export const pgIndexes = systemTable({
  schema: 'pg_catalog',
  name: 'pg_indexes',
  columns: {
    crdb_oid: OID,
    schemaname: NAME,
    tablename: NAME,
    indexname: NAME,
    tablespace: NAME,
    indexdef: STRING,
  },
  *rows({ objects, catalog }) {
    for (const { oid, relation, index } of objects.indexes())
      yield {
        crdb_oid: oid,
        schemaname: relation.namespace.name,
        tablename: relation.info.name,
        indexname: index.name,
        indexdef: indexDefinition(relation.table, index, catalog),
      };
  },
});
