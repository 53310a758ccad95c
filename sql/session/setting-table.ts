import {
  bool,
  clientEncoding,
  dateStyle,
  duration,
  floatBetween,
  integerBetween,
  intervalStyle,
  intSize,
  oneOf,
  only,
  searchPath,
  serialNormalization,
  timeZone,
} from './setting-checks';

/**
 * Session variables as data: one row each, with CockroachDB v21.2's names, defaults and checks.
 * `SHOW`, `SET`, `RESET`, the startup packet, ParameterStatus and pg_settings all read these rows.
 *
 * A variable is honoured, or accepted because no value of it changes an answer here (`tuning`: plans and placement), or refused
 * (`only`) when a value would have to change one.
 */

export const SERVER_VERSION = '13.0.0';
/** What the server calls itself: clients look for the first word and the version number. */
export const CRDB_VERSION = 'CockroachDB CCL v21.2.0 (Ootheca 0.1.0)';

export interface SettingRow {
  readonly name: string;
  readonly default: string;
  /** SET is refused: `parameter "x" cannot be changed` (55P02). */
  readonly readOnly?: true;
  /** Not in SHOW ALL. */
  readonly hidden?: true;
  /** Sent to the client as ParameterStatus under this name, at startup and when it changes. */
  readonly reportedAs?: string;
  /** Turns what the user wrote into the stored value; throws 22023. */
  readonly check?: (value: string, name: string, get: (name: string) => string) => string;
  /** The cluster setting that gives new sessions their default. */
  readonly clusterSetting?: string;
}

const readOnly = (name: string, value: string, more: Partial<SettingRow> = {}): SettingRow => ({
  name,
  default: value,
  readOnly: true,
  ...more,
});

const setting = (
  name: string,
  value: string,
  check: NonNullable<SettingRow['check']>,
  more: Partial<SettingRow> = {},
): SettingRow => ({ name, default: value, check, ...more });

const tuning = (name: string, value: 'on' | 'off', clusterSetting?: string): SettingRow =>
  setting(name, value, bool, clusterSetting === undefined ? {} : { clusterSetting });

const ISOLATION = only(
  'serializable',
  'default',
  'read committed',
  'repeatable read',
  'read uncommitted',
  'snapshot',
);
const NO_LIMIT = only('0', '0s', '0ms');
const LOCALE = only('C.UTF-8', 'C');
const BIG = Number.MAX_SAFE_INTEGER;

const POSTGRES: readonly SettingRow[] = [
  { name: 'application_name', default: '', reportedAs: 'application_name' },
  setting('backslash_quote', 'safe_encoding', only('safe_encoding')),
  setting('bytea_output', 'hex', oneOf('hex', 'escape', 'base64')),
  tuning('check_function_bodies', 'on'),
  setting('client_encoding', 'UTF8', clientEncoding, { reportedAs: 'client_encoding' }),
  setting(
    'client_min_messages',
    'notice',
    oneOf(
      'debug5',
      'debug4',
      'debug3',
      'debug2',
      'debug1',
      'debug',
      'log',
      'notice',
      'warning',
      'error',
    ),
  ),
  setting('datestyle', 'ISO, MDY', dateStyle, { reportedAs: 'DateStyle' }),
  setting('default_tablespace', '', only('')),
  setting('default_transaction_isolation', 'serializable', ISOLATION),
  setting('default_transaction_read_only', 'off', bool),
  setting('default_with_oids', 'off', only('off', 'false')),
  tuning('enable_seqscan', 'on'),
  tuning('escape_string_warning', 'on'),
  setting('extra_float_digits', '0', integerBetween(-15, 3)),
  setting('idle_in_session_timeout', '0', duration),
  setting('idle_in_transaction_session_timeout', '0', duration),
  readOnly('integer_datetimes', 'on', { reportedAs: 'integer_datetimes' }),
  setting('intervalstyle', 'postgres', intervalStyle, { reportedAs: 'IntervalStyle' }),
  readOnly('is_superuser', 'on', { reportedAs: 'is_superuser' }),
  readOnly('lc_collate', 'C.UTF-8'),
  readOnly('lc_ctype', 'C.UTF-8'),
  setting('lc_messages', 'C.UTF-8', LOCALE),
  setting('lc_monetary', 'C.UTF-8', LOCALE),
  setting('lc_numeric', 'C.UTF-8', LOCALE),
  setting('lc_time', 'C.UTF-8', LOCALE),
  setting('lock_timeout', '0', duration),
  readOnly('max_identifier_length', '128'),
  readOnly('max_index_keys', '32'),
  readOnly('max_prepared_transactions', '0'),
  readOnly('role', 'none', { hidden: true }),
  setting('row_security', 'off', only('off', 'false', 'no', '0')),
  setting('search_path', '"$user", public', searchPath),
  readOnly('server_encoding', 'UTF8', { reportedAs: 'server_encoding' }),
  readOnly('server_version', SERVER_VERSION, { reportedAs: 'server_version' }),
  readOnly('server_version_num', '130000'),
  readOnly('session_authorization', 'root', { reportedAs: 'session_authorization', hidden: true }),
  readOnly('session_user', 'root'),
  readOnly('ssl', 'off', { hidden: true }),
  setting('ssl_renegotiation_limit', '0', only('0')),
  setting('standard_conforming_strings', 'on', only('on', 'true', '1', 'yes'), {
    reportedAs: 'standard_conforming_strings',
  }),
  setting('statement_timeout', '0', duration),
  tuning('synchronize_seqscans', 'on'),
  setting('synchronous_commit', 'on', only('on', 'true', 'local', 'remote_write', 'remote_apply')),
  setting('timezone', 'UTC', timeZone, { reportedAs: 'TimeZone' }),
  setting('transaction_isolation', 'serializable', ISOLATION),
  setting('transaction_read_only', 'off', bool),
  setting('xmloption', 'content', only('content')),
];

/** CockroachDB's own, that something here depends on. */
const COCKROACH: readonly SettingRow[] = [
  readOnly('crdb_version', CRDB_VERSION, { reportedAs: 'crdb_version' }),
  { name: 'database', default: 'defaultdb' },
  setting('datestyle_enabled', 'off', bool),
  setting('default_int_size', '8', intSize, {
    clusterSetting: 'sql.defaults.default_int_size',
  }),
  setting('default_transaction_priority', 'normal', oneOf('low', 'normal', 'high')),
  setting('default_transaction_use_follower_reads', 'off', only('off', 'false')),
  setting('disallow_full_table_scans', 'off', only('off', 'false'), {
    clusterSetting: 'sql.defaults.disallow_full_table_scans.enabled',
  }),
  tuning('enable_drop_enum_value', 'off', 'sql.defaults.drop_enum_value.enabled'),
  setting('force_savepoint_restart', 'off', only('off', 'false')),
  setting('intervalstyle_enabled', 'off', bool),
  readOnly('locality', ''),
  readOnly('node_id', '1'),
  setting('require_explicit_primary_keys', 'off', only('off', 'false'), {
    clusterSetting: 'sql.defaults.require_explicit_primary_keys.enabled',
  }),
  readOnly('results_buffer_size', '16384'),
  setting('serial_normalization', 'rowid', serialNormalization, {
    clusterSetting: 'sql.defaults.serial_normalization',
  }),
  readOnly('session_id', ''),
  setting('sql_safe_updates', 'off', bool),
  setting('stub_catalog_tables', 'on', only('on', 'true'), {
    clusterSetting: 'sql.defaults.stub_catalog_tables.enabled',
  }),
  readOnly('tracing', 'off'),
  readOnly('transaction_priority', 'normal'),
  setting('transaction_rows_read_err', '0', NO_LIMIT, {
    clusterSetting: 'sql.defaults.transaction_rows_read_err',
  }),
  setting('transaction_rows_written_err', '0', NO_LIMIT, {
    clusterSetting: 'sql.defaults.transaction_rows_written_err',
  }),
  readOnly('transaction_status', 'NoTxn'),
];

/** How CockroachDB plans, places and logs: any value gives the same answers on this one node. */
const TUNING: readonly SettingRow[] = [
  tuning('disable_partially_distributed_plans', 'off'),
  tuning('disable_plan_gists', 'off'),
  setting('distsql', 'auto', oneOf('off', 'auto', 'on', 'always', '2.0-auto', '2.0-off'), {
    clusterSetting: 'sql.defaults.distsql',
  }),
  tuning('enable_copying_partitioning_when_deinterleaving_table', 'off'),
  tuning(
    'enable_experimental_alter_column_type_general',
    'off',
    'sql.defaults.experimental_alter_column_type.enabled',
  ),
  tuning(
    'enable_experimental_stream_replication',
    'off',
    'sql.defaults.experimental_stream_replication.enabled',
  ),
  tuning(
    'enable_implicit_select_for_update',
    'on',
    'sql.defaults.implicit_select_for_update.enabled',
  ),
  tuning('enable_insert_fast_path', 'on', 'sql.defaults.insert_fast_path.enabled'),
  tuning(
    'enable_multiregion_placement_policy',
    'off',
    'sql.defaults.multiregion_placement_policy.enabled',
  ),
  tuning('enable_zigzag_join', 'on', 'sql.defaults.zigzag_join.enabled'),
  setting('experimental_distsql_planning', 'off', oneOf('off', 'on', 'always'), {
    clusterSetting: 'sql.defaults.experimental_distsql_planning',
  }),
  tuning(
    'experimental_enable_auto_rehoming',
    'off',
    'sql.defaults.experimental_auto_rehoming.enabled',
  ),
  tuning(
    'experimental_enable_hash_sharded_indexes',
    'off',
    'sql.defaults.experimental_hash_sharded_indexes.enabled',
  ),
  tuning(
    'experimental_enable_implicit_column_partitioning',
    'off',
    'sql.defaults.experimental_implicit_column_partitioning.enabled',
  ),
  tuning(
    'experimental_enable_temp_tables',
    'off',
    'sql.defaults.experimental_temporary_tables.enabled',
  ),
  tuning(
    'experimental_enable_unique_without_index_constraints',
    'off',
    'sql.defaults.experimental_enable_unique_without_index_constraints.enabled',
  ),
  setting('experimental_computed_column_rewrites', '', only(''), { hidden: true }),
  setting('experimental_use_new_schema_changer', 'off', oneOf('off', 'on', 'unsafe_always'), {
    clusterSetting: 'sql.defaults.experimental_new_schema_changer.enabled',
  }),
  setting('foreign_key_cascades_limit', '10000', integerBetween(0, BIG), {
    clusterSetting: 'sql.defaults.foreign_key_cascades_limit',
  }),
  setting('large_full_scan_rows', '1000', floatBetween(0, BIG), {
    clusterSetting: 'sql.defaults.large_full_scan_rows',
  }),
  tuning(
    'locality_optimized_partitioned_index_scan',
    'on',
    'sql.defaults.locality_optimized_partitioned_index_scan.enabled',
  ),
  tuning('on_update_rehome_row_enabled', 'on', 'sql.defaults.on_update_rehome_row.enabled'),
  { ...tuning('optimizer', 'on'), hidden: true },
  tuning('optimizer_use_histograms', 'on', 'sql.defaults.optimizer_use_histograms.enabled'),
  tuning('optimizer_use_multicol_stats', 'on', 'sql.defaults.optimizer_use_multicol_stats.enabled'),
  tuning(
    'override_multi_region_zone_config',
    'off',
    'sql.defaults.override_multi_region_zone_config.enabled',
  ),
  tuning('parallelize_multi_key_lookup_joins_enabled', 'off'),
  tuning('prefer_lookup_joins_for_fks', 'off', 'sql.defaults.prefer_lookup_joins_for_fks.enabled'),
  tuning('propagate_input_ordering', 'off', 'sql.defaults.propagate_input_ordering.enabled'),
  setting('reorder_joins_limit', '8', integerBetween(0, 63), {
    clusterSetting: 'sql.defaults.reorder_joins_limit',
  }),
  tuning('testing_vectorize_inject_panics', 'off'),
  setting('transaction_rows_read_log', '0', integerBetween(0, BIG), {
    clusterSetting: 'sql.defaults.transaction_rows_read_log',
  }),
  setting('transaction_rows_written_log', '0', integerBetween(0, BIG), {
    clusterSetting: 'sql.defaults.transaction_rows_written_log',
  }),
  setting('vectorize', 'on', oneOf('on', 'off', 'experimental_always'), {
    clusterSetting: 'sql.defaults.vectorize',
  }),
];

/** By name, as SHOW ALL lists them. */
export const SETTING_ROWS: readonly SettingRow[] = [...POSTGRES, ...COCKROACH, ...TUNING].sort(
  (a, b) => (a.name < b.name ? -1 : 1),
);

/** Other spellings. */
export const SETTING_ALIASES: ReadonlyMap<string, string> = new Map([
  ['time zone', 'timezone'],
  ['names', 'client_encoding'],
  ['default_transaction_isolation_level', 'default_transaction_isolation'],
]);

/** Variables of PostgreSQL that a client may set there and CockroachDB knows and refuses. */
export const POSTGRES_ONLY: ReadonlySet<string> = new Set(
  (
    'array_nulls backend_flush_after commit_delay commit_siblings constraint_exclusion cpu_index_tuple_cost cpu_operator_cost ' +
    'cpu_tuple_cost cursor_tuple_fraction deadlock_timeout debug_deadlocks debug_pretty_print debug_print_parse ' +
    'debug_print_plan debug_print_rewritten default_statistics_target default_text_search_config ' +
    'default_transaction_deferrable dynamic_library_path effective_cache_size effective_io_concurrency enable_bitmapscan ' +
    'enable_gathermerge enable_hashagg enable_hashjoin enable_indexonlyscan enable_indexscan enable_material ' +
    'enable_mergejoin enable_nestloop enable_sort enable_tidscan exit_on_error force_parallel_mode from_collapse_limit geqo ' +
    'geqo_effort geqo_generations geqo_pool_size geqo_seed geqo_selection_bias geqo_threshold gin_fuzzy_search_limit ' +
    'gin_pending_list_limit ignore_checksum_failure join_collapse_limit lo_compat_privileges local_preload_libraries ' +
    'log_btree_build_stats log_duration log_error_verbosity log_executor_stats log_lock_waits log_min_duration_statement ' +
    'log_min_error_statement log_min_messages log_parser_stats log_planner_stats log_replication_commands log_statement ' +
    'log_statement_stats log_temp_files maintenance_work_mem max_parallel_workers max_parallel_workers_per_gather ' +
    'max_stack_depth min_parallel_index_scan_size min_parallel_table_scan_size operator_precedence_warning ' +
    'parallel_setup_cost parallel_tuple_cost password_encryption quote_all_identifiers random_page_cost ' +
    'replacement_sort_tuples seed seq_page_cost session_preload_libraries session_replication_role tcp_keepalives_count ' +
    'tcp_keepalives_idle tcp_keepalives_interval temp_buffers temp_file_limit temp_tablespaces timezone_abbreviations ' +
    'trace_lock_oidmin trace_lock_table trace_locks trace_notify trace_sort trace_syncscan trace_userlocks track_activities ' +
    'track_counts track_functions track_io_timing transaction_deferrable transform_null_equals update_process_title ' +
    'vacuum_cost_delay vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss ' +
    'vacuum_freeze_min_age vacuum_freeze_table_age vacuum_multixact_freeze_min_age vacuum_multixact_freeze_table_age ' +
    'wal_compression wal_consistency_checking wal_debug work_mem xmlbinary zero_damaged_pages'
  ).split(' '),
);
