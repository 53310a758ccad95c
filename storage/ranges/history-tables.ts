import { type Connection, statement, wideStatement } from './connection';
import { META_TABLE_ID, switchMetaHistory } from './meta-history';
import {
  createHistorySql,
  dropPhysicalTable,
  END_COLUMN,
  historyName,
  type PhysicalColumn,
  quoteName,
  TIMESTAMP_COLUMN,
} from './physical-table';
import { renameTables } from './rename-tables';

/**
 * Earlier versions of rows. A row's `_ts` says since when it is so; a version that was overwritten or deleted is kept in the
 * table's history table, `h<descriptor id>`, with the time at which it ended. Inserting costs nothing. A table whose rows are
 * replaced as a whole (DROP, TRUNCATE, another key) is kept as it is under another name: retired.
 */

/** SQLite's names of a table's columns, `_ts` last. */
export function columnsOf(db: Connection, table: string): string[] {
  const sql = 'SELECT name FROM pragma_table_info(?)';
  return (statement(db, sql).all(table) as { readonly name: string }[]).map(({ name }) => name);
}

/**
 * `INSERT` of what is about to be overwritten or deleted. Versions that this very write has made are nobody's past.
 * @param columns of the table, `_ts` included
 * @param from `"t52" AS x WHERE …`
 * @param timestamp of the write, or the parameter that it is given by
 */
export function keepVersionsSql(
  table: string,
  columns: readonly string[],
  from: string,
  timestamp: bigint | '?' | '@timestamp',
): string {
  const list = columns.map(quoteName).join(', ');
  return (
    `INSERT INTO main.${quoteName(historyName(table))} (${list}, ${END_COLUMN}) ` +
    `SELECT ${list}, ${timestamp} FROM ${from}`
  );
}

const HISTORY_START = 'history_start';

/** Before it nothing is known; undefined: history is switched off. */
export function historyStart(db: Connection): bigint | undefined {
  const row = statement(db, 'SELECT value FROM store_info WHERE name = ?').get(HISTORY_START);
  const { value = 'off' } = (row ?? {}) as { readonly value?: string };
  return value === 'off' ? undefined : BigInt(value);
}

const known = new WeakMap<Connection, boolean>();

/** Whether writes keep what they overwrite: the same for as long as the store is open. */
export function keepsHistory(db: Connection): boolean {
  let keeps = known.get(db);
  if (keeps === undefined) {
    keeps = historyStart(db) !== undefined;
    known.set(db, keeps);
  }
  return keeps;
}

/**
 * Switches history on or off, when the store is opened. What is there when it begins has been so since whenever it was written; it
 * can be read from `nowNanos` on.
 */
export function switchHistory(db: Connection, on: boolean, nowNanos: bigint): void {
  const put = statement(db, 'INSERT OR REPLACE INTO store_info VALUES (?, ?)');
  addMissingTables(db);
  const begins = switchMetaHistory(db, on);
  if (!on) {
    put.run(HISTORY_START, 'off');
    return;
  }
  if (historyStart(db) !== undefined) {
    // An earlier program had none of meta tables.
    const insert = 'INSERT OR REPLACE INTO collected VALUES (?, ?)';
    if (begins) wideStatement(db, insert).run(META_TABLE_ID, nowNanos);
    return;
  }
  for (const { name, history } of listRetiredTables(db))
    db.exec(`DROP TABLE ${quoteName(name)}; DROP TABLE ${quoteName(history)}`);
  db.exec(
    'DELETE FROM retired_tables; DELETE FROM pushed_writes; DELETE FROM collected; DELETE FROM descriptor_history',
  );
  for (const { name } of userTables(db)) db.exec(`DELETE FROM ${quoteName(historyName(name))}`);
  db.exec('INSERT INTO descriptor_history SELECT id, 0, descriptor FROM descriptors');
  put.run(HISTORY_START, String(nowNanos));
}

interface UserTable {
  readonly name: string;
  readonly sql: string;
}

function userTables(db: Connection): UserTable[] {
  const sql = `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name GLOB 't[0-9]*'`;
  return statement(db, sql).all() as UserTable[];
}

const exists = (db: Connection, name: string): boolean =>
  statement(db, `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(name) !==
  undefined;

const COLUMN = /"(c\d+)" (INTEGER|TEXT|BLOB|ANY)(?: PRIMARY KEY)?(?: COLLATE (\w+))?/g;

/** Of stores that an earlier program wrote. */
function addMissingTables(db: Connection): void {
  for (const { name, sql } of userTables(db)) {
    if (exists(db, historyName(name))) continue;
    const columns = [...sql.matchAll(COLUMN)].map(
      ([, column = '', type, collate]) =>
        ({
          name: column,
          type,
          notNull: false,
          ...(collate === undefined ? {} : { collate }),
        }) as PhysicalColumn,
    );
    db.exec(createHistorySql({ name, columns }));
  }
}

/** A table as it was until `to`: from then on it is another one, or none. */
export interface RetiredTable {
  readonly tableId: number;
  readonly from: bigint;
  readonly to: bigint;
  readonly name: string;
  readonly history: string;
}

/**
 * Takes a table that is dropped out of use and keeps its rows, where they are, for those who read the past; in the caller's write
 * transaction. Where nobody could ask for them, it is dropped.
 */
export function retireTable(db: Connection, tableId: number, nowNanos: bigint): void {
  const name = `t${tableId}`;
  if (!exists(db, name)) return;
  if (!isWorthKeeping(db, tableId, nowNanos)) dropPhysicalTable(db, name);
  else noteRetired(db, tableId, nowNanos, name, historyName(name));
}

function noteRetired(
  db: Connection,
  tableId: number,
  to: bigint,
  name: string,
  history: string,
): void {
  const from = retiredUntil(db, tableId);
  const insert = 'INSERT INTO retired_tables VALUES (?, ?, ?, ?, ?)';
  wideStatement(db, insert).run(tableId, from, to, name, history);
}

/**
 * Takes all rows of a table that stays. Those of a small one are copied into its history; a large one is set aside, and one like it is
 * made in its place.
 * @returns how many they were
 */
export function emptyTable(db: Connection, tableId: number, nowNanos: bigint): number {
  const name = `t${tableId}`;
  if (isWorthKeeping(db, tableId, nowNanos)) {
    const count = Number(
      db
        .prepare(`SELECT count(*) FROM ${quoteName(name)}`)
        .pluck()
        .get(),
    );
    if (count >= rowsWorthSettingAside(db)) {
      setRowsAside(db, tableId, nowNanos);
      return count;
    }
    const from = `main.${quoteName(name)} WHERE ${TIMESTAMP_COLUMN} IS NOT ${nowNanos}`;
    db.exec(keepVersionsSql(name, columnsOf(db, name), from, nowNanos));
  }
  return db.prepare(`DELETE FROM ${quoteName(name)}`).run().changes;
}

/**
 * To set a table aside, SQLite reads its schema anew, on each connection: in the time that it takes for one object of it,
 * some forty rows are copied. So stores in which many tables were set aside don't get many more.
 */
const ROWS_PER_OBJECT = 40;

function rowsWorthSettingAside(db: Connection): number {
  const objects = statement(db, 'SELECT count(*) FROM sqlite_schema').pluck().get() as number;
  return objects * ROWS_PER_OBJECT;
}

function setRowsAside(db: Connection, tableId: number, nowNanos: bigint): void {
  for (const sql of setTableAside(db, tableId, nowNanos).made) db.exec(sql);
}

/** Makes a table anew: who reads the past finds the old one. */
export function replaceTable(
  db: Connection,
  tableId: number,
  nowNanos: bigint,
  make: () => void,
): void {
  const { name, isKept } = setTableAside(db, tableId, nowNanos);
  if (!isKept) dropPhysicalTable(db, name);
  make();
}

/** The name of a table that is about to be made: one that was dropped may still have it, as a restored cluster brings its ids along. */
export function makeRoom(db: Connection, tableId: number): void {
  const name = `t${tableId}`;
  const holder = retiredTablesOf(db, tableId).find((table) => table.name === name);
  if (holder === undefined) return;
  const aside = renameTable(db, tableId, `${tableId}_${holder.to}`);
  wideStatement(
    db,
    'UPDATE retired_tables SET name = ?, history_name = ? WHERE table_id = ? AND to_ts = ?',
  ).run(aside.name, aside.history, tableId, holder.to);
}

/** History is kept, and the table was not made by this very transaction. */
function isWorthKeeping(db: Connection, tableId: number, nowNanos: bigint): boolean {
  return keepsHistory(db) && retiredUntil(db, tableId) < nowNanos;
}

/** Since when the table is the one that it is now, as far as it was another before; else 0. */
export function retiredUntil(db: Connection, tableId: number): bigint {
  const last = wideStatement(db, 'SELECT max(to_ts) AS ts FROM retired_tables WHERE table_id = ?');
  return (last.get(tableId) as { readonly ts: bigint | null }).ts ?? 0n;
}

/**
 * Gives a table another name, with its indexes, so that one can be made in its place.
 * @returns the name, whether readers of the past need it (else it is the caller's to drop), and what makes one like it
 */
export function setTableAside(
  db: Connection,
  tableId: number,
  nowNanos: bigint,
): { readonly name: string; readonly isKept: boolean; readonly made: readonly string[] } {
  const isKept = isWorthKeeping(db, tableId, nowNanos);
  const suffix = `${tableId}_${nowNanos}${isKept ? '' : '_own'}`;
  const { name, history, made } = renameTable(db, tableId, suffix);
  if (isKept) noteRetired(db, tableId, nowNanos, name, history);
  else db.exec(`DROP TABLE ${quoteName(history)}`);
  return { name, isKept, made };
}

/** The table with its indexes, and its history. */
function renameTable(
  db: Connection,
  tableId: number,
  suffix: string,
): { readonly name: string; readonly history: string; readonly made: readonly string[] } {
  const before = `t${tableId}`;
  const [name, history] = [`r${suffix}`, `rh${suffix}`];
  const names = [
    [before, name],
    [historyName(before), history],
  ] as const;
  const made = renameTables(db, new Map(names));
  return { name, history, made };
}

const RETIRED = `SELECT table_id AS "tableId", from_ts AS "from", to_ts AS "to", name,
  history_name AS history FROM retired_tables`;

const retired = (row: unknown): RetiredTable => {
  const raw = row as Omit<RetiredTable, 'tableId'> & { readonly tableId: bigint };
  return { ...raw, tableId: Number(raw.tableId) };
};

export function listRetiredTables(db: Connection): RetiredTable[] {
  return wideStatement(db, `${RETIRED} ORDER BY to_ts`).all().map(retired);
}

/** The times of a table that was retired, oldest first. */
export function retiredTablesOf(db: Connection, tableId: number): RetiredTable[] {
  return wideStatement(db, `${RETIRED} WHERE table_id = ? ORDER BY to_ts`)
    .all(tableId)
    .map(retired);
}

/** Takes a column out of use: dropped at once where history is not kept, else once nobody can ask for its values. */
export function retireColumn(
  db: Connection,
  tableId: number,
  column: string,
  nowNanos: bigint,
): void {
  if (!keepsHistory(db)) {
    dropColumn(db, tableId, column);
    return;
  }
  wideStatement(db, 'INSERT OR REPLACE INTO retired_columns VALUES (?, ?, ?)').run(
    tableId,
    column,
    nowNanos,
  );
}

/** From a table and its history, if they have it: a table that was made anew has not. */
export function dropColumn(db: Connection, tableId: number, column: string): void {
  const name = `t${tableId}`;
  for (const table of [name, historyName(name)]) {
    if (!columnsOf(db, table).includes(column)) continue;
    db.exec(`ALTER TABLE ${quoteName(table)} DROP COLUMN ${quoteName(column)}`);
  }
}
