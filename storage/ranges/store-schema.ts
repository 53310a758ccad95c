import type { Connection } from './connection';

/** Raised by every change that an older program could not read. */
export const STORE_VERSION = 1;

/** Marks `store.db` as ours ("OOTH"). Source: SQLite, PRAGMA application_id. */
export const APPLICATION_ID = 0x4f4f5448;

/** Ids below belong to system objects: system = 1, defaultdb = 50, postgres = 51. Source: CockroachDB v21.2. */
export const FIRST_DESCRIPTOR_ID = 52;

/**
 * The meta tables. Rows of user tables live beside them in tables named `t<descriptor id>`, their earlier versions in
 * `h<descriptor id>`. Times are microseconds since 1970 UTC, those of writes (`…_ts`) nanoseconds; descriptors, payloads and progress are opaque here.
 */
const DDL = `
CREATE TABLE store_info (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE descriptors (
  id INTEGER PRIMARY KEY,
  parent_id INTEGER NOT NULL,
  parent_schema_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  dropped INTEGER NOT NULL,
  descriptor BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX namespace ON descriptors (parent_id, parent_schema_id, name) WHERE dropped = 0;

CREATE TABLE ranges (
  range_id INTEGER PRIMARY KEY,
  table_id INTEGER NOT NULL,
  start_key BLOB NOT NULL,
  end_key BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'ready')),
  job_id INTEGER,
  size_bytes INTEGER NOT NULL,
  row_count INTEGER NOT NULL,
  index_entries INTEGER NOT NULL,
  source TEXT NOT NULL
) STRICT;
CREATE INDEX ranges_by_table ON ranges (table_id, start_key);
CREATE INDEX ranges_by_job ON ranges (job_id, state, range_id);

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  description TEXT NOT NULL,
  statement TEXT NOT NULL,
  user_name TEXT NOT NULL,
  status TEXT NOT NULL,
  running_status TEXT,
  created INTEGER NOT NULL,
  started INTEGER,
  finished INTEGER,
  modified INTEGER NOT NULL,
  fraction_completed REAL NOT NULL,
  error TEXT NOT NULL,
  error_code TEXT,
  outcome TEXT,
  coordinator_id INTEGER,
  payload BLOB NOT NULL,
  progress BLOB NOT NULL,
  num_runs INTEGER NOT NULL,
  last_run INTEGER
) STRICT;
CREATE INDEX jobs_by_status ON jobs (status);

CREATE TABLE sequences (table_id INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT;

CREATE TABLE users (
  username TEXT PRIMARY KEY, hashed_password BLOB, is_role INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE role_options (
  username TEXT NOT NULL, option TEXT NOT NULL, value TEXT, PRIMARY KEY (username, option)
) STRICT, WITHOUT ROWID;
CREATE TABLE role_members (
  role TEXT NOT NULL, member TEXT NOT NULL, is_admin INTEGER NOT NULL, PRIMARY KEY (role, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT PRIMARY KEY, value TEXT NOT NULL, value_type TEXT NOT NULL, last_updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE comments (
  type INTEGER NOT NULL, object_id INTEGER NOT NULL, sub_id INTEGER NOT NULL, comment TEXT NOT NULL,
  PRIMARY KEY (type, object_id, sub_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE table_statistics (
  table_id INTEGER NOT NULL,
  statistic_id INTEGER NOT NULL,
  name TEXT,
  column_ids TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  row_count INTEGER NOT NULL,
  distinct_count INTEGER NOT NULL,
  null_count INTEGER NOT NULL,
  histogram BLOB,
  PRIMARY KEY (table_id, statistic_id)
) STRICT, WITHOUT ROWID;
`;

/** What stores of an earlier program lack: made when such a store is opened. */
const LATER_DDL = `
CREATE TABLE IF NOT EXISTS zones (
  id INTEGER NOT NULL, sub_id INTEGER NOT NULL, config TEXT, PRIMARY KEY (id, sub_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS locations (
  locality_key TEXT NOT NULL, locality_value TEXT NOT NULL, latitude ANY NOT NULL, longitude ANY NOT NULL,
  PRIMARY KEY (locality_key, locality_value)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ui (
  key TEXT PRIMARY KEY, value BLOB, last_updated ANY NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scheduled_jobs (
  schedule_id INTEGER PRIMARY KEY, schedule_name TEXT NOT NULL, created ANY, owner TEXT NOT NULL, next_run ANY,
  schedule_state BLOB, schedule_expr TEXT, schedule_details BLOB, executor_type TEXT NOT NULL, execution_args BLOB
) STRICT;
CREATE TABLE IF NOT EXISTS schedule_runs (
  job_id INTEGER PRIMARY KEY, schedule_id INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS role_settings (
  database_id INTEGER NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (database_id, role, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS userfiles (
  file_id INTEGER PRIMARY KEY AUTOINCREMENT,
  prefix TEXT NOT NULL, filename TEXT NOT NULL, size_bytes INTEGER NOT NULL, username TEXT NOT NULL,
  upload_time INTEGER NOT NULL, complete INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS userfiles_by_name ON userfiles (prefix, filename) WHERE complete = 1;
CREATE TABLE IF NOT EXISTS userfile_payload (
  file_id INTEGER NOT NULL, byte_offset INTEGER NOT NULL, payload BLOB NOT NULL, PRIMARY KEY (file_id, byte_offset)
) STRICT;
CREATE TABLE IF NOT EXISTS external_connections (
  connection_name TEXT PRIMARY KEY, uri TEXT NOT NULL, owner TEXT NOT NULL, created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS descriptor_history (
  id INTEGER NOT NULL, ts INTEGER NOT NULL, descriptor BLOB, PRIMARY KEY (id, ts)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS descriptor_history_by_time ON descriptor_history (ts);
CREATE TABLE IF NOT EXISTS retired_tables (
  table_id INTEGER NOT NULL, from_ts INTEGER NOT NULL, to_ts INTEGER NOT NULL,
  name TEXT NOT NULL, history_name TEXT NOT NULL, PRIMARY KEY (table_id, to_ts)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retired_columns (
  table_id INTEGER NOT NULL, column_name TEXT NOT NULL, dropped_ts INTEGER NOT NULL,
  PRIMARY KEY (table_id, column_name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS collected (table_id INTEGER PRIMARY KEY, until_ts INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS pushed_writes (
  table_id INTEGER NOT NULL, first_ts INTEGER NOT NULL, last_ts INTEGER NOT NULL,
  PRIMARY KEY (table_id, first_ts)
) STRICT, WITHOUT ROWID;
`;

/** What uploads that a process did not live to finish have left. */
const UNFINISHED_UPLOADS = `
DELETE FROM userfile_payload WHERE file_id IN (SELECT file_id FROM userfiles WHERE complete = 0);
DELETE FROM userfiles WHERE complete = 0;
`;

/** Columns of the same kind: each can be added to a table with rows. */
const LATER_COLUMNS: ReadonlyArray<readonly [table: string, name: string, definition: string]> = [
  ['jobs', 'trace_id', 'INTEGER'],
  ['jobs', 'next_run', 'INTEGER'],
  ['jobs', 'failures', 'INTEGER NOT NULL DEFAULT 0'],
  ['jobs', 'execution_errors', "TEXT NOT NULL DEFAULT '[]'"],
  ['jobs', 'created_by_type', 'TEXT'],
  ['jobs', 'created_by_id', 'INTEGER'],
  ['jobs', 'descriptor_ids', "TEXT NOT NULL DEFAULT '[]'"],
  ['scheduled_jobs', 'runs_here', 'INTEGER NOT NULL DEFAULT 0'],
];

export function createLaterTables(db: Connection): void {
  db.exec(LATER_DDL);
  db.exec(UNFINISHED_UPLOADS);
  for (const [table, name, definition] of LATER_COLUMNS) {
    const found = db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, name);
    if (found === undefined) db.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${definition}`);
  }
}

/** Creates the meta tables of an empty store; call inside a transaction. */
export function createMetaTables(db: Connection, clusterId: string, createdMicros: number): void {
  db.exec(DDL);
  createLaterTables(db);
  const info = db.prepare('INSERT INTO store_info VALUES (?, ?)');
  info.run('cluster_id', clusterId);
  info.run('created', String(createdMicros));
  const counter = db.prepare('INSERT INTO counters VALUES (?, ?)');
  counter.run('catalog_version', 1);
  counter.run('next_descriptor_id', FIRST_DESCRIPTOR_ID);
  counter.run('next_range_id', 1);
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${STORE_VERSION}`);
}
