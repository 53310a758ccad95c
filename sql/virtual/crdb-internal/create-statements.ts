import { showCreate } from '../../../catalog/show-create';
import { arrayOf, BOOL, INT8, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const createStatements = systemTable({
  schema: 'crdb_internal',
  name: 'create_statements',
  columns: {
    database_id: INT8,
    database_name: STRING,
    schema_name: STRING,
    descriptor_id: INT8,
    descriptor_type: STRING,
    descriptor_name: STRING,
    create_statement: STRING,
    state: STRING,
    create_nofks: STRING,
    alter_statements: arrayOf(STRING),
    validate_statements: arrayOf(STRING),
    has_partitions: BOOL,
    is_multi_region: BOOL,
    is_virtual: BOOL,
    is_temporary: BOOL,
  },
  *rows({ database, objects, catalog }) {
    for (const { oid, info, table, namespace } of objects.relations)
      yield {
        database_id: database.id,
        database_name: database.name,
        schema_name: namespace.name,
        descriptor_id: oid,
        descriptor_type: info.kind === 'materialized view' ? 'view' : info.kind,
        descriptor_name: info.name,
        create_statement: showCreate(table, catalog),
        state: 'PUBLIC',
        create_nofks: table.outboundFks.length > 0 ? undefined : showCreate(table, catalog),
        alter_statements: [],
        validate_statements: [],
        has_partitions: (table.primaryIndex?.partitioning?.numColumns ?? 0) > 0,
        is_multi_region: table.localityConfig !== undefined,
        is_virtual: false,
        is_temporary: table.temporary,
      };
  },
});
