import { type Connection, statement, wideStatement } from './connection';
import { dropColumn, type RetiredTable } from './history-tables';
import { META_TABLE_ID, META_TABLES, metaHistoryName } from './meta-history';
import { END_COLUMN, historyName, quoteName } from './physical-table';
import { CATALOG_TABLE_ID } from './pushed-writes';

/**
 * Garbage collection of earlier versions. Each function looks whether there is something to do, without a transaction, and gives the
 * next part of it, to be done in one: a part says whether there may be more.
 */

type Batch = (() => boolean) | undefined;

/** Rows of one transaction. */
const ROWS_MAX = 500;

/** A column is dropped from tables with no more rows: SQLite writes each of them again. */
const COLUMN_ROWS_MAX = 10_000;

/** Ids of the tables that may have earlier versions. */
export function historyTableIds(db: Connection): number[] {
  const sql = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'h[0-9]*'`;
  const rows = statement(db, sql).all() as { name: string }[];
  return rows.map(({ name }) => Number(name.slice(1)));
}

function noteCollected(db: Connection, tableId: number, until: bigint): void {
  wideStatement(
    db,
    `INSERT INTO collected VALUES (?, ?)
     ON CONFLICT (table_id) DO UPDATE SET until_ts = max(until_ts, excluded.until_ts)`,
  ).run(tableId, until);
}

/** Versions that ended up to `until`. The last one stays, so that numbers of versions only grow. */
export function collectVersions(db: Connection, tableId: number, until: bigint): Batch {
  const table = quoteName(historyName(`t${tableId}`));
  const old = `${END_COLUMN} <= ? AND _rowid_ < (SELECT max(_rowid_) FROM ${table})`;
  const first = `_rowid_ = (SELECT min(_rowid_) FROM ${table})`;
  const found = db.prepare(`SELECT 1 FROM ${table} WHERE ${first} AND ${old}`);
  if (found.get(until) === undefined) return undefined;
  return () => {
    noteCollected(db, tableId, until);
    const oldest = `SELECT _rowid_ FROM ${table} ORDER BY _rowid_ LIMIT ${ROWS_MAX}`;
    const sql = `DELETE FROM ${table} WHERE _rowid_ IN (${oldest}) AND ${old}`;
    return db.prepare(sql).run(until).changes === ROWS_MAX;
  };
}

/** A table that nobody can ask for any more, with its history. */
export function collectRetired(db: Connection, table: RetiredTable): Batch {
  const { tableId, to, name, history } = table;
  return () => {
    noteCollected(db, tableId, to);
    for (const each of [name, history]) {
      const sql = `DELETE FROM ${quoteName(each)} LIMIT ${ROWS_MAX}`;
      if (db.prepare(sql).run().changes > 0) return true;
    }
    db.exec(`DROP TABLE ${quoteName(name)}; DROP TABLE ${quoteName(history)}`);
    wideStatement(db, 'DELETE FROM retired_tables WHERE table_id = ? AND to_ts = ?').run(
      tableId,
      to,
    );
    return false;
  };
}

/** @param until by a table's id: columns that were dropped up to then */
export function dropRetiredColumns(db: Connection, until: (tableId: number) => bigint): Batch {
  const rows = wideStatement(
    db,
    'SELECT table_id AS id, column_name AS name, dropped_ts AS dropped FROM retired_columns',
  ).all() as { id: bigint; name: string; dropped: bigint }[];
  const found = rows.find(
    ({ id, dropped }) => dropped <= until(Number(id)) && isSmall(db, `t${id}`),
  );
  if (found === undefined) return undefined;
  const tableId = Number(found.id);
  return () => {
    noteCollected(db, tableId, found.dropped);
    dropColumn(db, tableId, found.name);
    wideStatement(db, 'DELETE FROM retired_columns WHERE table_id = ? AND column_name = ?').run(
      tableId,
      found.name,
    );
    return true;
  };
}

function isSmall(db: Connection, table: string): boolean {
  const exists = statement(db, 'SELECT 1 FROM sqlite_schema WHERE name = ?').get(table);
  if (exists === undefined) return true;
  return [table, historyName(table)].every((each) => {
    const sql = `SELECT 1 FROM ${quoteName(each)} LIMIT 1 OFFSET ${COLUMN_ROWS_MAX}`;
    return db.prepare(sql).get() === undefined;
  });
}

/** States of descriptors that held up to `until` only, and what else has to be known of transactions of then. */
export function collectDescriptors(db: Connection, until: bigint): Batch {
  const old = `ts <= @until AND (descriptor IS NULL AND ts > 0 OR EXISTS (
    SELECT 1 FROM descriptor_history AS later
    WHERE later.id = descriptor_history.id AND later.ts > descriptor_history.ts AND later.ts <= @until))`;
  const found = wideStatement(db, `SELECT 1 FROM descriptor_history WHERE ${old} LIMIT 1`);
  const pushed = wideStatement(db, 'SELECT 1 FROM pushed_writes WHERE last_ts <= ? LIMIT 1');
  if (found.get({ until }) === undefined && pushed.get(until) === undefined) return undefined;
  return () => {
    noteCollected(db, CATALOG_TABLE_ID, until);
    wideStatement(db, 'DELETE FROM pushed_writes WHERE last_ts <= ?').run(until);
    const sql = `DELETE FROM descriptor_history WHERE (id, ts) IN (
      SELECT id, ts FROM descriptor_history WHERE ${old} ORDER BY ts LIMIT ${ROWS_MAX})`;
    wideStatement(db, sql).run({ until });
    return true;
  };
}

/** States of meta tables that ended up to `until`. */
export function collectMeta(db: Connection, until: bigint): Batch {
  const old = `${END_COLUMN} <= ?`;
  const table = META_TABLES.filter((name) => name !== 'sequences')
    .map(metaHistoryName)
    .find((name) => wideStatement(db, `SELECT 1 FROM ${name} WHERE ${old} LIMIT 1`).get(until));
  if (table === undefined) return undefined;
  return () => {
    noteCollected(db, META_TABLE_ID, until);
    wideStatement(db, `DELETE FROM ${table} WHERE ${old} LIMIT ${ROWS_MAX}`).run(until);
    return true;
  };
}

/** Ids of sequences that may have earlier values. */
export function sequenceHistoryIds(db: Connection): number[] {
  const history = metaHistoryName('sequences');
  const next = wideStatement(db, `SELECT min(table_id) AS id FROM ${history} WHERE table_id > ?`);
  const ids: number[] = [];
  for (let last = -1; ; ) {
    const { id } = next.get(last) as { readonly id: bigint | null };
    if (id === null) return ids;
    last = Number(id);
    ids.push(last);
  }
}

/** Values of a sequence that ended up to `until`. */
export function collectValues(db: Connection, tableId: number, until: bigint): Batch {
  const history = metaHistoryName('sequences');
  const old = `table_id = ? AND ${END_COLUMN} <= ?`;
  const found = wideStatement(db, `SELECT 1 FROM ${history} WHERE ${old} LIMIT 1`);
  if (found.get(tableId, until) === undefined) return undefined;
  return () => {
    noteCollected(db, tableId, until);
    const remove = `DELETE FROM ${history} WHERE ${old} LIMIT ${ROWS_MAX}`;
    return wideStatement(db, remove).run(tableId, until).changes === ROWS_MAX;
  };
}

const CLOCK = 'clock';

/** The latest time that a write has had, about: after a restart none gets an earlier one. */
export function noteClock(db: Connection, time: bigint): void {
  statement(db, 'INSERT OR REPLACE INTO store_info VALUES (?, ?)').run(CLOCK, String(time));
}

/** What the store knows of the latest time of a write. */
export function latestTime(db: Connection): bigint {
  const row = statement(db, 'SELECT value FROM store_info WHERE name = ?').get(CLOCK);
  const { value = '0' } = (row ?? {}) as { readonly value?: string };
  const { ts } = wideStatement(
    db,
    `SELECT max(ts) AS ts FROM (SELECT max(ts) AS ts FROM descriptor_history
     UNION ALL SELECT max(last_ts) FROM pushed_writes UNION ALL SELECT max(to_ts) FROM retired_tables)`,
  ).get() as { readonly ts: bigint | null };
  const noted = BigInt(value);
  return ts !== null && ts > noted ? ts : noted;
}
