import type { Connection } from './connection';
import { collectedUntil, requireAfter } from './history-reads';
import {
  META_TABLE_ID,
  type MetaTable,
  metaHistoryName,
  metaShape,
  sameKey,
  THERE_COLUMN,
} from './meta-history';
import { END_COLUMN, quoteName } from './physical-table';

/** Meta tables as they were (see `meta-history.ts`), on a connection that is in a read transaction. */

/** Of a query over all versions of a meta table's rows; 0: since before what is known. */
export const BEGAN_COLUMN = '_began';

/** @throws SqlError snapshotTooOld (72000): the states of `time` may be gone */
export function requireMetaHistory(db: Connection, time: bigint): void {
  requireAfter(collectedUntil(db, META_TABLE_ID), time);
}

/**
 * A query over a meta table as one over all versions of its rows, with the times from which (`_began`) and up to which (`_end`, NULL: they
 * are there) they were there.
 */
export function metaSqlOfVersions(db: Connection, sql: string, table: MetaTable): string {
  return `WITH ${table} AS NOT MATERIALIZED (${versions(db, table)}) ${sql}`;
}

const list = (names: readonly string[], prefix = ''): string =>
  names.map((name) => `${prefix}${quoteName(name)}`).join(', ');

function versions(db: Connection, table: MetaTable): string {
  const { columns, keys } = metaShape(db, table);
  const history = `main.${metaHistoryName(table)}`;
  return `SELECT ${list(columns)}, ${BEGAN_COLUMN}, ${END_COLUMN} FROM (
      SELECT *, coalesce(lag(${END_COLUMN}) OVER (PARTITION BY ${list(keys)} ORDER BY ${END_COLUMN}), 0)
        AS ${BEGAN_COLUMN} FROM ${history}) WHERE ${THERE_COLUMN}
    UNION ALL SELECT ${list(columns)}, coalesce((
      SELECT max(e.${END_COLUMN}) FROM ${history} AS e WHERE ${sameKey(keys, 'e', 'r')}), 0), NULL
    FROM main.${table} AS r`;
}
