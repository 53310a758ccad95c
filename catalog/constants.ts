/** Fixed ids and names of the catalog. Source: format reference 05 §1. */

export const SYSTEM_DATABASE_ID = 1;
/** Stands for every database's `public` schema; there is no such descriptor. */
export const PUBLIC_SCHEMA_ID = 29;
export const DEFAULTDB_ID = 50;
export const POSTGRES_ID = 51;
/** OID of a user-defined type = descriptor id + this. */
export const USER_TYPE_OID_BASE = 100_000;

/** Schemas whose tables are made on the fly. */
export const VIRTUAL_SCHEMAS = [
  'crdb_internal',
  'information_schema',
  'pg_catalog',
  'pg_extension',
] as const;
