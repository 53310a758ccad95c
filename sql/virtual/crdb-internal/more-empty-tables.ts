import { lineTables } from '../line-tables';

/** What v21.2 tells of its nodes, its contention and its statistics, and one node here has none of. */
export const moreInternalTables = lineTables('crdb_internal', {
  cluster_contended_indexes:
    'database_name text, schema_name text, table_name text, index_name text, num_contention_events int8',
  cluster_contended_keys:
    'database_name text, schema_name text, table_name text, index_name text, key bytea, ' +
    'num_contention_events int8',
  cluster_contended_tables:
    'database_name text, schema_name text, table_name text, num_contention_events int8',
  cluster_contention_events:
    'table_id int8, index_id int8, num_contention_events int8, cumulative_contention_time interval, ' +
    'key bytea, txn_id uuid, count int8',
  cluster_distsql_flows: 'flow_id uuid, node_id int8, stmt text, since timestamptz, status text',
  cluster_inflight_traces:
    'trace_id int8, node_id int8, root_op_name text, trace_str text, jaeger_json text',
  cluster_statement_statistics:
    'aggregated_ts timestamptz, fingerprint_id bytea, transaction_fingerprint_id bytea, plan_hash bytea, ' +
    'app_name text, metadata jsonb, statistics jsonb, sampled_plan jsonb, aggregation_interval interval',
  cluster_transaction_statistics:
    'aggregated_ts timestamptz, fingerprint_id bytea, app_name text, metadata jsonb, statistics jsonb, ' +
    'aggregation_interval interval',
  cross_db_references:
    'object_database text, object_schema text, object_name text, referenced_object_database text, ' +
    'referenced_object_schema text, referenced_object_name text, cross_database_reference_description text',
  gossip_alerts: 'node_id int8, store_id int8, category text, description text, value float8',
  gossip_network: 'source_id int8, target_id int8',
  index_usage_statistics: 'table_id int8, index_id int8, total_reads int8, last_read timestamptz',
  interleaved:
    'database_name text, schema_name text, table_name text, index_name text, parent_index text',
  invalid_objects: 'id int8, database_name text, schema_name text, obj_name text, error text',
  lost_descriptors_with_data: 'descid int8',
  node_contention_events:
    'table_id int8, index_id int8, num_contention_events int8, cumulative_contention_time interval, ' +
    'key bytea, txn_id uuid, count int8',
  node_distsql_flows: 'flow_id uuid, node_id int8, stmt text, since timestamptz, status text',
  node_inflight_trace_spans:
    'trace_id int8, parent_span_id int8, span_id int8, goroutine_id int8, finished bool, ' +
    'start_time timestamptz, duration interval, operation text',
  node_metrics: 'store_id int8, name text, value float8',
  node_transaction_statistics:
    'node_id int8, application_name text, key text, statement_ids _text, count int8, max_retries int8, ' +
    'service_lat_avg float8, service_lat_var float8, retry_lat_avg float8, retry_lat_var float8, ' +
    'commit_lat_avg float8, commit_lat_var float8, rows_read_avg float8, rows_read_var float8, ' +
    'network_bytes_avg float8, network_bytes_var float8, network_msgs_avg float8, network_msgs_var float8, ' +
    'max_mem_usage_avg float8, max_mem_usage_var float8, max_disk_usage_avg float8, ' +
    'max_disk_usage_var float8, contention_time_avg float8, contention_time_var float8',
  node_txn_stats:
    'node_id int8, application_name text, txn_count int8, txn_time_avg_sec float8, ' +
    'txn_time_var_sec float8, committed_count int8, implicit_count int8',
  session_trace:
    'span_idx int8, message_idx int8, timestamp timestamptz, duration interval, operation text, ' +
    'loc text, tag text, message text, age interval',
  statement_statistics:
    'aggregated_ts timestamptz, fingerprint_id bytea, transaction_fingerprint_id bytea, plan_hash bytea, ' +
    'app_name text, metadata jsonb, statistics jsonb, sampled_plan jsonb, aggregation_interval interval',
  tenant_usage_details: 'tenant_id int8, total_consumption jsonb',
  transaction_statistics:
    'aggregated_ts timestamptz, fingerprint_id bytea, app_name text, metadata jsonb, statistics jsonb, ' +
    'aggregation_interval interval',
});
