import { BOOL, BYTES, INT8, STRING, TIMESTAMP } from '../../../catalog/types/table';
import { emptyTable, type UnnumberedTable } from '../system-table';

/** What a single server has none of: schema changes in flight, zones, transactions of others. */

const empty = (name: string, columns: Parameters<typeof emptyTable>[2]): UnnumberedTable =>
  emptyTable('crdb_internal', name, columns);

export const emptyInternalTables: readonly UnnumberedTable[] = [
  empty('schema_changes', {
    table_id: INT8,
    parent_id: INT8,
    name: STRING,
    type: STRING,
    target_id: INT8,
    target_name: STRING,
    state: STRING,
    direction: STRING,
  }),
  empty('zones', {
    zone_id: INT8,
    subzone_id: INT8,
    target: STRING,
    range_name: STRING,
    database_name: STRING,
    schema_name: STRING,
    table_name: STRING,
    index_name: STRING,
    partition_name: STRING,
    raw_config_yaml: STRING,
    raw_config_sql: STRING,
    raw_config_protobuf: BYTES,
    full_config_yaml: STRING,
    full_config_sql: STRING,
  }),
  empty('leases', {
    node_id: INT8,
    table_id: INT8,
    name: STRING,
    parent_id: INT8,
    expiration: TIMESTAMP,
    deleted: BOOL,
  }),
  empty('partitions', {
    table_id: INT8,
    index_id: INT8,
    parent_name: STRING,
    name: STRING,
    columns: INT8,
    column_names: STRING,
    list_value: STRING,
    range_value: STRING,
    zone_id: INT8,
    subzone_id: INT8,
  }),
  empty('feature_usage', { feature_name: STRING, usage_count: INT8 }),
];
