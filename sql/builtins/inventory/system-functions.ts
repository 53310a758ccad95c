import type { InventorySection } from './inventory';

/** Functions about the server and the catalog, and PostgreSQL's. */

export const systemFunctions: readonly InventorySection[] = [
  {
    category: 'System',
    functions: `
      cluster_logical_timestamp: ()
      current_database: ()
      current_schema: ()
      current_schemas: bool
      current_user: ()
      session_user: ()
      version: ()
      crdb_internal.approximate_timestamp: decimal
      crdb_internal.check_consistency: bool bytes bytes
      crdb_internal.cluster_id: ()
      crdb_internal.cluster_name: ()
      crdb_internal.complete_stream_ingestion_job: int timestamptz
      crdb_internal.completed_migrations: ()
      crdb_internal.create_join_token: ()
      crdb_internal.create_tenant: int
      crdb_internal.datums_to_bytes: anyelement...
      crdb_internal.destroy_tenant: int | int bool
      crdb_internal.encode_key: int int anyelement
      crdb_internal.filter_multiregion_fields_from_zone_config_sql: string
      crdb_internal.force_assertion_error: string
      crdb_internal.force_delete_table_data: int
      crdb_internal.force_error: string string
      crdb_internal.force_log_fatal: string
      crdb_internal.force_panic: string
      crdb_internal.force_retry: interval
      crdb_internal.gc_tenant: int
      crdb_internal.get_database_id: string
      crdb_internal.get_namespace_id: int string | int int string
      crdb_internal.get_vmodule: ()
      crdb_internal.get_zone_config: int
      crdb_internal.has_role_option: string
      crdb_internal.is_admin: ()
      crdb_internal.json_to_pb: string jsonb
      crdb_internal.lease_holder: bytes
      crdb_internal.list_sql_keys_in_range: int
      crdb_internal.locality_value: string
      crdb_internal.no_constant_folding: anyelement
      crdb_internal.node_executable_version: ()
      crdb_internal.node_id: ()
      crdb_internal.notice: string | string string
      crdb_internal.num_geo_inverted_index_entries: int int geography | int int geometry
      crdb_internal.num_inverted_index_entries: anyelement[] | anyelement[] int | jsonb | jsonb int
      crdb_internal.payloads_for_span: int
      crdb_internal.payloads_for_trace: int
      crdb_internal.pb_to_json: string bytes | string bytes bool
      crdb_internal.pretty_key: bytes int
      crdb_internal.range_stats: bytes
      crdb_internal.read_file: string
      crdb_internal.reset_index_usage_stats: ()
      crdb_internal.reset_multi_region_zone_configs_for_database: int
      crdb_internal.reset_multi_region_zone_configs_for_table: int
      crdb_internal.reset_sql_stats: ()
      crdb_internal.round_decimal_values: decimal int | decimal[] int
      crdb_internal.set_trace_verbose: int bool
      crdb_internal.set_vmodule: string
      crdb_internal.sql_stats_compact: ()
      crdb_internal.testing_callback: string
      crdb_internal.trace_id: ()
      crdb_internal.unsafe_clear_gossip_info: string
      crdb_internal.unsafe_delete_descriptor: int | int bool
      crdb_internal.unsafe_delete_namespace_entry: int int string int | int int string int bool
      crdb_internal.unsafe_upsert_descriptor: int bytes | int bytes bool
      crdb_internal.unsafe_upsert_namespace_entry: int int string int | int int string int bool
      crdb_internal.validate_multi_region_zone_configs: ()
      crdb_internal.write_file: bytes string
      default_to_database_primary_region: string
      gateway_region: ()
    `,
  },
];

export const compatibilityFunctions: readonly InventorySection[] = [
  {
    category: 'PostgreSQL compatibility',
    functions: `
      col_description: oid int
      current_setting: string | string bool
      format_type: oid int
      getdatabaseencoding: ()
      inet_client_addr: ()
      inet_client_port: ()
      inet_server_addr: ()
      inet_server_port: ()
      obj_description: oid | oid string
      pg_advisory_lock: int | int int
      pg_advisory_lock_shared: int | int int
      pg_advisory_unlock: int | int int
      pg_advisory_unlock_all: ()
      pg_advisory_unlock_shared: int | int int
      pg_advisory_xact_lock: int | int int
      pg_advisory_xact_lock_shared: int | int int
      pg_backend_pid: ()
      pg_char_to_encoding: string
      pg_client_encoding: ()
      pg_collation_is_visible: oid
      pg_column_is_updatable: oid int bool
      pg_column_size: anyelement...
      pg_conversion_is_visible: oid
      pg_database_size: string | oid
      pg_encoding_to_char: int
      pg_function_is_visible: oid
      pg_get_constraintdef: oid | oid bool
      pg_get_expr: string oid | string oid bool
      pg_get_function_arg_default: oid int
      pg_get_function_arguments: oid
      pg_get_function_identity_arguments: oid
      pg_get_function_result: oid
      pg_get_functiondef: oid
      pg_get_indexdef: oid | oid int bool
      pg_get_partition_constraintdef: oid
      pg_get_partkeydef: oid
      pg_get_ruledef: oid
      pg_get_triggerdef: oid | oid bool
      pg_get_userbyid: oid
      pg_get_viewdef: oid | oid bool
      pg_has_role: string string | string string string
      pg_is_in_recovery: ()
      pg_is_xlog_replay_paused: ()
      pg_is_other_temp_schema: oid
      pg_my_temp_schema: ()
      pg_opclass_is_visible: oid
      pg_operator_is_visible: oid
      pg_opfamily_is_visible: oid
      pg_postmaster_start_time: ()
      pg_relation_is_updatable: oid bool
      pg_relation_size: oid
      pg_sequence_last_value: oid
      pg_sleep: float
      pg_statistics_obj_is_visible: oid
      pg_table_is_visible: oid
      pg_table_size: oid
      pg_total_relation_size: oid
      pg_try_advisory_lock: int | int int
      pg_try_advisory_lock_shared: int | int int
      pg_try_advisory_xact_lock: int | int int
      pg_try_advisory_xact_lock_shared: int | int int
      pg_ts_config_is_visible: oid
      pg_ts_dict_is_visible: oid
      pg_ts_parser_is_visible: oid
      pg_ts_template_is_visible: oid
      pg_type_is_visible: oid
      pg_typeof: anyelement
      set_config: string string bool
      shobj_description: oid string
      to_regclass: string
      to_regnamespace: string
      to_regproc: string
      to_regprocedure: string
      to_regrole: string
      to_regtype: string
      txid_current: ()
      information_schema._pg_char_max_length: oid int
      information_schema._pg_char_octet_length: oid int
      information_schema._pg_datetime_precision: oid int
      information_schema._pg_index_position: oid int
      information_schema._pg_interval_type: oid int
      information_schema._pg_numeric_precision: oid int
      information_schema._pg_numeric_precision_radix: oid int
      information_schema._pg_numeric_scale: oid int
      has_any_column_privilege: string string | oid string | string string string | string oid string
      has_column_privilege: string string string | string int string | oid string string | oid int string
      has_database_privilege: string string | oid string | string string string
      has_foreign_data_wrapper_privilege: string string | oid string | string string string
      has_function_privilege: string string | oid string | string string string
      has_language_privilege: string string | oid string | string string string
      has_schema_privilege: string string | oid string | string string string
      has_sequence_privilege: string string | oid string | string string string
      has_server_privilege: string string | oid string | string string string
      has_table_privilege: string string | oid string | string string string
      has_tablespace_privilege: string string | oid string | string string string
      has_type_privilege: string string | oid string | string string string
    `,
  },
];
