import { type Connection, wideStatement } from './connection';

/** Rows of system tables that come with a cluster and are only shown. Values as SQLite holds them. */

type Value = bigint | string | Uint8Array | null;

function rows<Name extends string>(db: Connection, sql: string): Record<Name, Value>[] {
  return wideStatement(db, sql).all() as Record<Name, Value>[];
}

/** Empty: those that every cluster starts with. */
export const listLocations = (db: Connection) =>
  rows<'localityKey' | 'localityValue' | 'latitude' | 'longitude'>(
    db,
    `SELECT locality_key AS "localityKey", locality_value AS "localityValue", latitude, longitude
     FROM locations ORDER BY locality_key, locality_value`,
  );

export const listUiData = (db: Connection) =>
  rows<'key' | 'value' | 'lastUpdated'>(
    db,
    `SELECT key, value, last_updated AS "lastUpdated" FROM ui ORDER BY key`,
  );

export const listScheduledJobs = (db: Connection) =>
  rows<
    | 'schedule_id'
    | 'schedule_name'
    | 'created'
    | 'owner'
    | 'next_run'
    | 'schedule_state'
    | 'schedule_expr'
    | 'schedule_details'
    | 'executor_type'
    | 'execution_args'
  >(db, 'SELECT * FROM scheduled_jobs ORDER BY schedule_id');
