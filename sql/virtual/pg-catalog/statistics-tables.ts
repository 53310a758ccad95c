import { lineTables } from '../line-tables';

/** Statistics that v21.2 does not collect: empty there, too. */
export const emptyStatisticsTables = lineTables('pg_catalog', {
  pg_stat_all_indexes:
    'relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, ' +
    'idx_scan int8, idx_tup_read int8, idx_tup_fetch int8',
  pg_stat_all_tables:
    'relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, ' +
    'idx_scan int8, idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, ' +
    'n_tup_hot_upd int8, n_live_tup int8, n_dead_tup int8, n_mod_since_analyze int8, ' +
    'n_ins_since_vacuum int8, last_vacuum timestamptz, last_autovacuum timestamptz, ' +
    'last_analyze timestamptz, last_autoanalyze timestamptz, vacuum_count int8, ' +
    'autovacuum_count int8, analyze_count int8, autoanalyze_count int8',
  pg_stat_archiver:
    'archived_count int8, last_archived_wal text, last_archived_time timestamptz, ' +
    'failed_count int8, last_failed_wal text, last_failed_time timestamptz, ' +
    'stats_reset timestamptz',
  pg_stat_bgwriter:
    'checkpoints_timed int8, checkpoints_req int8, checkpoint_write_time float8, ' +
    'checkpoint_sync_time float8, buffers_checkpoint int8, buffers_clean int8, ' +
    'maxwritten_clean int8, buffers_backend int8, buffers_backend_fsync int8, ' +
    'buffers_alloc int8, stats_reset timestamptz',
  pg_stat_database:
    'datid oid, datname name, numbackends int4, xact_commit int8, xact_rollback int8, ' +
    'blks_read int8, blks_hit int8, tup_returned int8, tup_fetched int8, tup_inserted int8, ' +
    'tup_updated int8, tup_deleted int8, conflicts int8, temp_files int8, temp_bytes int8, ' +
    'deadlocks int8, checksum_failures int8, checksum_last_failure timestamptz, ' +
    'blk_read_time float8, blk_write_time float8, session_time float8, active_time float8, ' +
    'idle_in_transaction_time float8, sessions int8, sessions_abandoned int8, ' +
    'sessions_fatal int8, sessions_killed int8, stats_reset timestamptz',
  pg_stat_database_conflicts:
    'datid oid, datname name, confl_tablespace int8, confl_lock int8, confl_snapshot int8, ' +
    'confl_bufferpin int8, confl_deadlock int8',
  pg_stat_gssapi: 'pid int4, gss_authenticated bool, principal text, encrypted bool',
  pg_stat_progress_analyze:
    'pid int4, datid oid, datname name, relid oid, phase text, sample_blks_total int8, ' +
    'sample_blks_scanned int8, ext_stats_total int8, ext_stats_computed int8, ' +
    'child_tables_total int8, child_tables_done int8, current_child_table_relid oid',
  pg_stat_progress_basebackup:
    'pid int4, phase text, backup_total int8, backup_streamed int8, tablespaces_total int8, ' +
    'tablespaces_streamed int8',
  pg_stat_progress_cluster:
    'pid int4, datid oid, datname name, relid oid, command text, phase text, ' +
    'cluster_index_relid oid, heap_tuples_scanned int8, heap_tuples_written int8, ' +
    'heap_blks_total int8, heap_blks_scanned int8, index_rebuild_count int8',
  pg_stat_progress_create_index:
    'pid int4, datid oid, datname name, relid oid, index_relid oid, command text, ' +
    'phase text, lockers_total int8, lockers_done int8, current_locker_pid int8, ' +
    'blocks_total int8, blocks_done int8, tuples_total int8, tuples_done int8, ' +
    'partitions_total int8, partitions_done int8',
  pg_stat_progress_vacuum:
    'pid int4, datid oid, datname name, relid oid, phase text, heap_blks_total int8, ' +
    'heap_blks_scanned int8, heap_blks_vacuumed int8, index_vacuum_count int8, ' +
    'max_dead_tuples int8, num_dead_tuples int8',
  pg_stat_replication:
    'pid int4, usesysid oid, usename name, application_name text, client_addr inet, ' +
    'client_hostname text, client_port int4, backend_start timestamptz, backend_xmin int8, ' +
    'state text, sent_lsn text, write_lsn text, flush_lsn text, replay_lsn text, ' +
    'write_lag interval, flush_lag interval, replay_lag interval, sync_priority int4, ' +
    'sync_state text, reply_time timestamptz',
  pg_stat_slru:
    'name text, blks_zeroed int8, blks_hit int8, blks_read int8, blks_written int8, ' +
    'blks_exists int8, flushes int8, truncates int8, stats_reset timestamptz',
  pg_stat_ssl:
    'pid int4, ssl bool, version text, cipher text, bits int4, client_dn text, ' +
    'client_serial numeric, issuer_dn text',
  pg_stat_subscription:
    'subid oid, subname name, pid int4, relid oid, received_lsn text, ' +
    'last_msg_send_time timestamptz, last_msg_receipt_time timestamptz, latest_end_lsn text, ' +
    'latest_end_time timestamptz',
  pg_stat_sys_indexes:
    'relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, ' +
    'idx_scan int8, idx_tup_read int8, idx_tup_fetch int8',
  pg_stat_sys_tables:
    'relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, ' +
    'idx_scan int8, idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, ' +
    'n_tup_hot_upd int8, n_live_tup int8, n_dead_tup int8, n_mod_since_analyze int8, ' +
    'n_ins_since_vacuum int8, last_vacuum timestamptz, last_autovacuum timestamptz, ' +
    'last_analyze timestamptz, last_autoanalyze timestamptz, vacuum_count int8, ' +
    'autovacuum_count int8, analyze_count int8, autoanalyze_count int8',
  pg_stat_user_functions:
    'funcid oid, schemaname name, funcname name, calls int8, total_time float8, ' +
    'self_time float8',
  pg_stat_user_indexes:
    'relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, ' +
    'idx_scan int8, idx_tup_read int8, idx_tup_fetch int8',
  pg_stat_user_tables:
    'relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, ' +
    'idx_scan int8, idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, ' +
    'n_tup_hot_upd int8, n_live_tup int8, n_dead_tup int8, n_mod_since_analyze int8, ' +
    'n_ins_since_vacuum int8, last_vacuum timestamptz, last_autovacuum timestamptz, ' +
    'last_analyze timestamptz, last_autoanalyze timestamptz, vacuum_count int8, ' +
    'autovacuum_count int8, analyze_count int8, autoanalyze_count int8',
  pg_stat_wal_receiver:
    'pid int4, status text, receive_start_lsn text, receive_start_tli int4, ' +
    'written_lsn text, flushed_lsn text, received_tli int4, last_msg_send_time timestamptz, ' +
    'last_msg_receipt_time timestamptz, latest_end_lsn text, latest_end_time timestamptz, ' +
    'slot_name text, sender_host text, sender_port int4, conninfo text',
  pg_stat_xact_all_tables:
    'relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, ' +
    'idx_scan int8, idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, ' +
    'n_tup_hot_upd int8',
  pg_stat_xact_sys_tables:
    'relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, ' +
    'idx_scan int8, idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, ' +
    'n_tup_hot_upd int8',
  pg_stat_xact_user_functions:
    'funcid oid, schemaname name, funcname name, calls int8, total_time float8, ' +
    'self_time float8',
  pg_stat_xact_user_tables:
    'relid oid, schemaname name, relname name, seq_scan int8, seq_tup_read int8, ' +
    'idx_scan int8, idx_tup_fetch int8, n_tup_ins int8, n_tup_upd int8, n_tup_del int8, ' +
    'n_tup_hot_upd int8',
  pg_statio_all_indexes:
    'relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, ' +
    'idx_blks_read int8, idx_blks_hit int8',
  pg_statio_all_sequences:
    'relid oid, schemaname name, relname name, blks_read int8, blks_hit int8',
  pg_statio_all_tables:
    'relid oid, schemaname name, relname name, heap_blks_read int8, heap_blks_hit int8, ' +
    'idx_blks_read int8, idx_blks_hit int8, toast_blks_read int8, toast_blks_hit int8, ' +
    'tidx_blks_read int8, tidx_blks_hit int8',
  pg_statio_sys_indexes:
    'relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, ' +
    'idx_blks_read int8, idx_blks_hit int8',
  pg_statio_sys_sequences:
    'relid oid, schemaname name, relname name, blks_read int8, blks_hit int8',
  pg_statio_sys_tables:
    'relid oid, schemaname name, relname name, heap_blks_read int8, heap_blks_hit int8, ' +
    'idx_blks_read int8, idx_blks_hit int8, toast_blks_read int8, toast_blks_hit int8, ' +
    'tidx_blks_read int8, tidx_blks_hit int8',
  pg_statio_user_indexes:
    'relid oid, indexrelid oid, schemaname name, relname name, indexrelname name, ' +
    'idx_blks_read int8, idx_blks_hit int8',
  pg_statio_user_sequences:
    'relid oid, schemaname name, relname name, blks_read int8, blks_hit int8',
  pg_statio_user_tables:
    'relid oid, schemaname name, relname name, heap_blks_read int8, heap_blks_hit int8, ' +
    'idx_blks_read int8, idx_blks_hit int8, toast_blks_read int8, toast_blks_hit int8, ' +
    'tidx_blks_read int8, tidx_blks_hit int8',
  pg_statistic:
    'starelid oid, staattnum int2, stainherit bool, stanullfrac float4, stawidth int4, ' +
    'stadistinct float4, stakind1 int2, stakind2 int2, stakind3 int2, stakind4 int2, ' +
    'stakind5 int2, staop1 oid, staop2 oid, staop3 oid, staop4 oid, staop5 oid, ' +
    'stacoll1 oid, stacoll2 oid, stacoll3 oid, stacoll4 oid, stacoll5 oid, ' +
    'stanumbers1 _float4, stanumbers2 _float4, stanumbers3 _float4, stanumbers4 _float4, ' +
    'stanumbers5 _float4, stavalues1 text, stavalues2 text, stavalues3 text, ' +
    'stavalues4 text, stavalues5 text',
  pg_statistic_ext_data:
    'stxoid oid, stxdinherit bool, stxdndistinct text, stxddependencies text, stxdmcv text, ' +
    'stxdexpr text',
  pg_stats_ext:
    'schemaname name, tablename name, statistics_schemaname name, statistics_name name, ' +
    'statistics_owner name, attnames _name, exprs _text, kinds _char, inherited bool, ' +
    'n_distinct text, dependencies text, most_common_vals _text, ' +
    'most_common_val_nulls _bool, most_common_freqs _float8, most_common_base_freqs _float8',
});
