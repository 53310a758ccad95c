import { SETTING_ROWS, type SettingRow } from '../session/setting-table';

/**
 * Cluster settings as data, with CockroachDB v21.2's names, types and defaults. Most tune what one node with one SQLite file does not
 * have: they are stored and shown and change nothing. Those of which a value would have to change an answer are `fixed`.
 */

/** One letter, as system.settings has it: bool, int, float, byte size, duration, string, enum, version. */
export type ClusterSettingType = 'b' | 'i' | 'f' | 'z' | 'd' | 's' | 'e' | 'm';

export interface ClusterSetting {
  readonly name: string;
  readonly type: ClusterSettingType;
  /** As it is shown; durations as `1h0m0s`, byte sizes as `64 MiB`. */
  readonly default: string;
  readonly description: string;
  /** Listed by SHOW CLUSTER SETTINGS. */
  readonly public: boolean;
  /** Of enums, in the order of their numbers. */
  readonly choices?: readonly string[];
  /** Any other value would promise what is not done here. */
  readonly fixed?: true;
  /** The session variable that new sessions get this value for. */
  readonly variable?: SettingRow;
}

/** What `SHOW CLUSTER SETTING version` says. */
export const CLUSTER_VERSION = '21.2';

const TYPES = new Set(['b', 'i', 'f', 'z', 'd', 's', 'e', 'm']);

/**
 * Lines of `name type default description`; the default is in single quotes when it has blanks or is empty. `!` before the type: fixed.
 * An enum's default is followed by its choices in parentheses.
 */
const PUBLIC = `
bulkio.stream_ingestion.minimum_flush_interval d 5s least time between flushes of an ingested stream
changefeed.node_throttle_config s '' limits of all changefeeds of a node
cloudstorage.azure.concurrent_upload_buffers i 1 buffers of an upload to Azure
cloudstorage.http.custom_ca s '' certificate authority for HTTPS storage
cloudstorage.timeout d 10m0s longest time of an operation on external storage
cluster.organization s '' name of the organization
cluster.preserve_downgrade_option s '' version that an upgrade is held back for
diagnostics.forced_sql_stat_reset.interval d 2h0m0s interval after which statistics of statements are reset
diagnostics.reporting.enabled b true whether usage is reported (never, here)
diagnostics.reporting.interval d 1h0m0s interval of usage reports
enterprise.license s '' the license key
external.graphite.endpoint s '' where metrics are pushed to
external.graphite.interval d 10s interval of pushing metrics
feature.backup.enabled b true whether BACKUP is allowed
feature.changefeed.enabled !b true whether changefeeds are allowed
feature.export.enabled !b true whether EXPORT is allowed
feature.import.enabled !b true whether IMPORT is allowed
feature.restore.enabled b true whether RESTORE is allowed
feature.schema_change.enabled !b true whether schema changes are allowed
feature.stats.enabled !b true whether CREATE STATISTICS is allowed
jobs.retention_time d 336h0m0s how long finished jobs are kept
kv.allocator.load_based_lease_rebalancing.enabled b true whether leases move by load
kv.allocator.load_based_rebalancing e 'leases and replicas' (off,leases,leases and replicas) whether replicas move by load
kv.allocator.qps_rebalance_threshold f 0.25 deviation of load that is tolerated
kv.allocator.range_rebalance_threshold f 0.05 deviation of range counts that is tolerated
kv.bulk_io_write.max_rate z '1.0 TiB' write rate of bulk operations
kv.bulk_sst.max_allowed_overage z '64 MiB' by how much an exported file may exceed its target
kv.closed_timestamp.follower_reads_enabled b true whether followers answer reads of the past
kv.log_range_and_node_events.enabled b true whether range events are logged
kv.protectedts.reconciliation.interval d 5m0s interval of checking protected timestamps
kv.range_split.by_load_enabled b true whether busy ranges are split
kv.range_split.load_qps_threshold i 2500 load at which a range is split
kv.rangefeed.enabled b false whether rangefeeds may be made
kv.replica_circuit_breaker.slow_replication_threshold d 0s time after which a slow range is given up
kv.replica_stats.addsst_request_size_factor i 50000 weight of bulk writes in a range's load
kv.replication_reports.interval d 1m0s interval of replication reports
kv.snapshot_rebalance.max_rate z '32 MiB' rate of moving replicas
kv.snapshot_recovery.max_rate z '32 MiB' rate of restoring replicas
kv.transaction.max_intents_bytes z '4.0 MiB' memory for the intents of a transaction
kv.transaction.max_refresh_spans_bytes z '256 KiB' memory for the reads of a transaction
kv.transaction.reject_over_max_intents_budget.enabled b false whether transactions over that memory fail
schedules.backup.gc_protection.enabled b false whether scheduled backups protect data from garbage collection
security.ocsp.mode e off (off,lax,strict) whether certificates are checked for revocation
security.ocsp.timeout d 3s time to wait for that check
server.auth_log.sql_connections.enabled b false whether connections are logged
server.auth_log.sql_sessions.enabled b false whether logins are logged
server.authentication_cache.enabled b true whether credentials are cached
server.clock.forward_jump_check_enabled b false whether a jumping clock ends the node
server.clock.persist_upper_bound_interval d 0s interval of persisting the clock's bound
server.consistency_check.max_rate z '8.0 MiB' rate of consistency checks
server.eventlog.enabled b true whether events are stored
server.eventlog.ttl d 2160h0m0s how long events are kept
server.host_based_authentication.configuration s '' rules of who may connect from where
server.identity_map.configuration !s '' map of system names to users
server.max_connections_per_gateway i -1 connections beyond which a node admits admins only; negative: no limit
server.oidc_authentication.autologin b false whether the console logs in by itself
server.oidc_authentication.button_text s 'Login with your OIDC provider' text of the console's login
server.oidc_authentication.claim_json_key s '' claim that names the user
server.oidc_authentication.client_id s '' client of the OIDC provider
server.oidc_authentication.client_secret s '' secret of that client
server.oidc_authentication.enabled !b false whether the console logs in with OIDC
server.oidc_authentication.principal_regex s (.+) what of the claim is the user
server.oidc_authentication.provider_url s '' where the provider is
server.oidc_authentication.redirect_url s https://localhost:8080/oidc/v1/callback where the provider leads back to
server.oidc_authentication.scopes s openid scopes asked for
server.rangelog.ttl d 720h0m0s how long range events are kept
server.remote_debugging.mode s local who may debug
server.shutdown.drain_wait d 0s time that a node tells it is leaving
server.shutdown.lease_transfer_wait d 5s time for handing leases over
server.shutdown.query_wait d 10s time for queries when a node leaves
server.time_until_store_dead d 5m0s time after which a silent store is given up
server.user_login.timeout d 10s time for a login
server.web_session.auto_logout.timeout d 168h0m0s idle time of the console
server.web_session.purge.max_deletions_per_cycle i 10 sessions removed at once
server.web_session.purge.period d 1h0m0s interval of removing sessions
server.web_session.purge.ttl d 1h0m0s how long ended sessions are kept
server.web_session_timeout d 168h0m0s longest session of the console
sql.contention.txn_id_cache.max_size z '64 MiB' memory for transaction ids
sql.cross_db_fks.enabled !b false whether foreign keys may lead to another database
sql.cross_db_sequence_owners.enabled !b false whether sequences may be owned by another database
sql.cross_db_sequence_references.enabled !b false whether sequences of another database may be used
sql.cross_db_views.enabled !b false whether views may read another database
sql.defaults.cost_scans_with_default_col_size.enabled b false whether scans are costed with a fixed column size
sql.defaults.datestyle !s 'iso, mdy' how dates are shown
sql.defaults.datestyle.enabled !b false whether DateStyle may be changed
sql.defaults.intervalstyle !e postgres (postgres,iso_8601,sql_standard) how intervals are shown
sql.defaults.intervalstyle.enabled !b false whether IntervalStyle may be changed
sql.defaults.idle_in_session_timeout !d 0s idle time of a session
sql.defaults.idle_in_transaction_session_timeout !d 0s idle time within a transaction
sql.defaults.lock_timeout !d 0s time to wait for a lock
sql.defaults.primary_region s '' region of new databases
sql.defaults.results_buffer.size z '16 KiB' buffer of results
sql.defaults.statement_timeout !d 0s longest time of a statement
sql.defaults.temporary_object_cleaner.batch_size i 50 temporary objects removed at once
sql.distsql.max_running_flows i -128 flows of a node
sql.distsql.temp_storage.workmem z '64 MiB' memory of an operator before it goes to disk
sql.guardrails.max_row_size_err z '512 MiB' size of a row that is refused
sql.guardrails.max_row_size_log z '64 MiB' size of a row that is logged
sql.log.slow_query.experimental_full_table_scans.enabled b false whether full scans are logged as slow
sql.log.slow_query.internal_queries.enabled b false whether internal slow queries are logged
sql.log.slow_query.latency_threshold d 0s time after which a query is logged
sql.metrics.index_usage_stats.enabled b true whether the use of indexes is counted
sql.metrics.max_mem_reported_stmt_fingerprints i 100000 statements that statistics are reported of
sql.metrics.max_mem_reported_txn_fingerprints i 100000 transactions that statistics are reported of
sql.metrics.max_mem_stmt_fingerprints i 100000 statements that statistics are kept of
sql.metrics.max_mem_txn_fingerprints i 100000 transactions that statistics are kept of
sql.metrics.statement_details.dump_to_logs b false whether statistics are logged when they are cleared
sql.metrics.statement_details.enabled b true whether statements are counted
sql.metrics.statement_details.plan_collection.enabled b true whether plans are sampled
sql.metrics.statement_details.plan_collection.period d 5m0s interval of sampling plans
sql.metrics.statement_details.threshold d 0s time below which statements are not counted
sql.metrics.transaction_details.enabled b true whether transactions are counted
sql.multiregion.drop_primary_region.enabled b true whether a primary region may be dropped
sql.notices.enabled !b true whether notices are sent
sql.optimizer.uniqueness_checks_for_gen_random_uuid.enabled b false whether random UUIDs are checked
sql.schema.telemetry.recurrence s @weekly when schemas are reported
sql.spatial.experimental_box2d_comparison_operators.enabled b false whether boxes can be compared
sql.stats.automatic_collection.enabled b true whether statistics are collected
sql.stats.automatic_collection.fraction_stale_rows f 0.2 share of changed rows that makes statistics stale
sql.stats.automatic_collection.min_stale_rows i 500 number of changed rows that makes statistics stale
sql.stats.cleanup.recurrence s @hourly when statistics are compacted
sql.stats.flush.enabled b true whether statistics are stored
sql.stats.flush.interval d 10m0s interval of storing statistics
sql.stats.histogram_collection.enabled b true whether histograms are made
sql.stats.multi_column_collection.enabled b true whether statistics of several columns are made
sql.stats.persisted_rows.max i 1000000 rows of statistics that are kept
sql.stats.post_events.enabled b false whether an event is written for each collection
sql.stats.response.max i 20000 statements in an answer of the console
sql.telemetry.query_sampling.enabled b false whether statements are sampled
sql.temp_object_cleaner.cleanup_interval d 30m0s interval of removing temporary objects
sql.temp_object_cleaner.wait_interval d 30m0s age of temporary objects that are removed
sql.trace.log_statement_execute b false whether statements are logged
sql.trace.session_eventlog.enabled b false whether events of sessions are logged
sql.trace.stmt.enable_threshold d 0s time after which a statement's trace is logged
sql.trace.txn.enable_threshold d 0s time after which a transaction's trace is logged
sql.ttl.default_delete_batch_size i 100 rows deleted at once
timeseries.storage.enabled b true whether metrics are stored
timeseries.storage.resolution_10s.ttl d 240h0m0s how long fine metrics are kept
timeseries.storage.resolution_30m.ttl d 2160h0m0s how long coarse metrics are kept
trace.debug.enable b false whether requests can be seen in the debug pages
trace.jaeger.agent s '' address of a Jaeger agent
trace.opentelemetry.collector s '' address of an OpenTelemetry collector
trace.zipkin.collector s '' address of a Zipkin collector
version !m ${CLUSTER_VERSION} the version of the cluster
`;

/** Not listed without ALL: what tests and scripts set all the same. */
const HIDDEN = `
admission.kv.enabled b false whether work in the storage is queued
admission.sql_kv_response.enabled b false whether answers of the storage are queued
admission.sql_sql_response.enabled b false whether answers of other nodes are queued
bulkio.backup.file_size z '128 MiB' size of a backup's files
bulkio.backup.read_timeout d 5m0s time for reading a backup's range
jobs.registry.interval.adopt d 30s interval of looking for jobs
jobs.registry.interval.base f 1 factor of the registry's intervals
jobs.registry.interval.cancel d 10s interval of looking for canceled jobs
jobs.registry.interval.gc d 1h0m0s interval of removing old jobs
jobs.registry.retry.initial_delay d 30s delay before a job is tried again
jobs.registry.retry.max_delay d 24h0m0s longest such delay
jobs.scheduler.enabled b true whether schedules are run
jobs.scheduler.max_jobs_per_iteration i 5 schedules that are begun at once; 0 is no limit
jobs.scheduler.pace d 1m0s longest time between two looks at schedules
kv.allocator.min_lease_transfer_interval d 1s least time between moves of a lease
kv.closed_timestamp.side_transport_interval d 200ms interval of closing timestamps
kv.closed_timestamp.target_duration d 3s how far closed timestamps trail the present
kv.raft_log.disable_synchronization_unsafe b false whether writes are left unsynced
kv.range_merge.queue_enabled b true whether small ranges are merged
kv.range_merge.queue_interval d 5s interval of merging ranges
kv.rangefeed.concurrent_catchup_iterators i 64 rangefeeds that catch up at once
schemachanger.backfiller.buffer_increment z '32 MiB' memory by which a backfill grows
schemachanger.backfiller.buffer_size z '32 MiB' memory of a backfill
schemachanger.backfiller.max_buffer_size z '512 MiB' most memory of a backfill
schemachanger.lease.duration d 5m0s time of a schema lease
schemachanger.lease.renew_fraction f 0.5 share of that time after which it is renewed
server.failed_reservation_timeout d 5s time that a full store is left alone
server.user_login.min_password_length i 1 least length of passwords that are set
sql.catalog.descriptor_lease_duration d 5m0s time of a descriptor's lease
sql.catalog.unsafe_skip_system_config_trigger b false whether the system configuration is gossiped
sql.conn.max_read_buffer_message_size z '16 MiB' longest message of a client
sql.crdb_internal.table_row_statistics.as_of_time d -10s age of the statistics that are shown
sql.query_cache.enabled b true whether plans are cached
sql.schema_changer.retry_backfill b false whether backfills are tried again
sql.show_tables.estimated_row_count.enabled !b true whether SHOW TABLES estimates
sql.tablecache.lease.refresh_limit i 50 leases that are refreshed
sql.testing.vectorize.batch_size i 0 rows of a batch
sql.txn_stats.sample_rate f 0.01 share of transactions that are sampled
`;

const LINE = /^(\S+) (!?)(\w) (?:'([^']*)'|(\S+)) (?:\(([^)]*)\) )?(.+)$/;

function parsed(lines: string, isPublic: boolean): ClusterSetting[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const match = LINE.exec(line);
      const [, name = '', fixed, type = '', quoted, bare, choices, description = ''] = match ?? [];
      if (!isType(type)) throw new Error(`cluster setting: ${line}`);
      return {
        name,
        type,
        default: quoted ?? bare ?? '',
        description,
        public: isPublic,
        ...(choices === undefined ? {} : { choices: choices.split(',') }),
        ...(fixed === '' ? {} : { fixed: true as const }),
      };
    });
}

const isType = (letter: string): letter is ClusterSettingType => TYPES.has(letter);

const NUMBER = /^\d+$/;

/** Numbers that CockroachDB stores for defaults of enumerations: a restored cluster brings them along. */
const CHOICES: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'sql.defaults.serial_normalization',
    ['rowid', 'virtual_sequence', 'sql_sequence', 'sql_sequence_cached'],
  ],
  ['sql.defaults.distsql', ['off', 'auto', 'on', 'always']],
  ['sql.defaults.experimental_distsql_planning', ['off', 'on']],
]);

/** `sql.defaults.…`: what new sessions start with. */
function defaultsOfSessions(): ClusterSetting[] {
  return SETTING_ROWS.flatMap((variable): ClusterSetting[] => {
    const { clusterSetting: name, default: value } = variable;
    if (name === undefined) return [];
    const isBool = value === 'on' || value === 'off';
    const type = isBool && name.endsWith('.enabled') ? 'b' : NUMBER.test(value) ? 'i' : 'e';
    const shown = type === 'b' ? String(value === 'on') : value;
    const description = `default of the session variable ${variable.name}`;
    const choices = type === 'e' ? CHOICES.get(name) : undefined;
    const row = { name, type, default: shown, description, public: true, variable } as const;
    return [choices === undefined ? row : { ...row, choices }];
  });
}

/** By name. */
export const CLUSTER_SETTINGS: ReadonlyMap<string, ClusterSetting> = new Map(
  [...parsed(PUBLIC, true), ...parsed(HIDDEN, false), ...defaultsOfSessions()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((setting) => [setting.name, setting]),
);
