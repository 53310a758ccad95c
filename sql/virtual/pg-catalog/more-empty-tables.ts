import { lineTables } from '../line-tables';

/** What else of PostgreSQL v21.2 has the columns and no rows of. */
export const morePgTables = lineTables('pg_catalog', {
  pg_available_extension_versions:
    'name name, version text, installed bool, superuser bool, trusted bool, ' +
    'relocatable bool, schema name, requires _name, comment text',
  pg_file_settings:
    'sourcefile text, sourceline int4, seqno int4, name text, setting text, applied bool, ' +
    'error text',
  pg_hba_file_rules:
    'line_number int4, type text, database _text, user_name _text, address text, ' +
    'netmask text, auth_method text, options _text, error text',
  pg_replication_origin_status: 'local_id oid, external_id text, remote_lsn text, local_lsn text',
  pg_replication_slots:
    'slot_name name, plugin name, slot_type text, datoid oid, database name, temporary bool, ' +
    'active bool, active_pid int4, xmin int8, catalog_xmin int8, restart_lsn text, ' +
    'confirmed_flush_lsn text, wal_status text, safe_wal_size int8, two_phase bool',
  pg_shmem_allocations: 'name text, off int8, size int8, allocated_size int8',
  pg_timezone_names: 'name text, abbrev text, utc_offset interval, is_dst bool',
  pg_transform: 'oid oid, trftype oid, trflang oid, trffromsql regproc, trftosql regproc',
  pg_ts_config_map: 'mapcfg oid, maptokentype int4, mapseqno int4, mapdict oid',
  pg_ts_parser:
    'oid oid, prsname name, prsnamespace oid, prsstart regproc, prstoken regproc, ' +
    'prsend regproc, prsheadline regproc, prslextype regproc',
  pg_ts_template: 'oid oid, tmplname name, tmplnamespace oid, tmplinit regproc, tmpllexize regproc',
  pg_user_mappings: 'umid oid, srvid oid, srvname name, umuser oid, usename name, umoptions _text',
});
