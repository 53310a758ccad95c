import { invariant } from '../../base/invariant';
import type { Connection } from './connection';

/** What of a table SQLite has to know. Types of SQL are not known here: docs/decisions/0002-value-representation.md. */
export interface PhysicalTable {
  /** `t<descriptor id>`. */
  readonly name: string;
  readonly columns: readonly PhysicalColumn[];
  readonly primaryKey: readonly PhysicalKeyColumn[];
  readonly indexes: readonly PhysicalIndex[];
}

export interface PhysicalColumn {
  readonly name: string;
  readonly type: 'INTEGER' | 'TEXT' | 'BLOB' | 'ANY';
  readonly collate?: 'RTRIM' | 'NOCASE';
  readonly notNull: boolean;
}

export interface PhysicalKeyColumn {
  readonly column: string;
  readonly descending: boolean;
}

export interface PhysicalIndex {
  /** Unique in the store: `t<descriptor id>_i<index id>`. */
  readonly name: string;
  readonly unique: boolean;
  readonly columns: readonly PhysicalKeyColumn[];
  /** A SQLite expression: only rows for which it is true are indexed. */
  readonly where?: string;
}

/**
 * The hidden last column of every table: when the row was written, as the INTEGER of walltime nanoseconds since 1970, or
 * as the TEXT `<walltime>.<logical>` when the logical part is not 0.
 */
export const TIMESTAMP_COLUMN = '_ts';

/** When a version ended: the last column of a history table. */
export const END_COLUMN = '_end';

/** The table of a table's earlier versions. @param table `t<descriptor id>` */
export const historyName = (table: string): string => `h${table.slice(1)}`;

/** A name as SQLite reads it: quoted, so that any text is a name. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The CREATE TABLE of a table. One ascending INTEGER key column makes a rowid table, SQLite's smallest and fastest form;
 * anything else makes a WITHOUT ROWID table that is kept in the order of its key. Collations come from the columns.
 */
export function createTableSql(table: PhysicalTable): string {
  invariant(table.primaryKey.length > 0, `${table.name} has no primary key`);
  const rowid = isRowidTable(table);
  const parts = table.columns.map((column) => {
    const collate = column.collate === undefined ? '' : ` COLLATE ${column.collate}`;
    const notNull = column.notNull ? ' NOT NULL' : '';
    const key = rowid && column.name === table.primaryKey[0]?.column ? ' PRIMARY KEY' : '';
    return `${quoteName(column.name)} ${column.type}${key}${collate}${notNull}`;
  });
  parts.push(`${TIMESTAMP_COLUMN} ANY`);
  if (!rowid) parts.push(`PRIMARY KEY (${keyList(table.primaryKey)})`);
  const options = rowid ? 'STRICT' : 'STRICT, WITHOUT ROWID';
  return `CREATE TABLE ${quoteName(table.name)} (${parts.join(', ')}) ${options}`;
}

/** The same columns without their rules, in the order in which versions ended. See history-tables.ts. */
export function createHistorySql({
  name,
  columns,
}: Pick<PhysicalTable, 'name' | 'columns'>): string {
  const parts = columns.map((column) => {
    const collate = column.collate === undefined ? '' : ` COLLATE ${column.collate}`;
    return `${quoteName(column.name)} ${column.type}${collate}`;
  });
  parts.push(`${TIMESTAMP_COLUMN} ANY`, `${END_COLUMN} INTEGER NOT NULL`);
  return `CREATE TABLE ${quoteName(historyName(name))} (${parts.join(', ')}) STRICT`;
}

/** Whether the key is SQLite's rowid. */
export function isRowidTable(table: PhysicalTable): boolean {
  const [key, ...rest] = table.primaryKey;
  if (key === undefined || rest.length > 0 || key.descending) return false;
  return table.columns.some((column) => column.name === key.column && column.type === 'INTEGER');
}

export function createIndexSql(table: PhysicalTable, index: PhysicalIndex): string {
  const unique = index.unique ? 'UNIQUE ' : '';
  const where = index.where === undefined ? '' : ` WHERE ${index.where}`;
  const columns = keyList(index.columns);
  return `CREATE ${unique}INDEX ${quoteName(index.name)} ON ${quoteName(table.name)} (${columns})${where}`;
}

function keyList(columns: readonly PhysicalKeyColumn[]): string {
  return columns
    .map(({ column, descending }) => `${quoteName(column)}${descending ? ' DESC' : ''}`)
    .join(', ');
}

/** Creates the table, its history and its indexes; inside the caller's transaction. */
export function createPhysicalTable(db: Connection, table: PhysicalTable): void {
  db.exec(createTableSql(table));
  db.exec(createHistorySql(table));
  for (const index of table.indexes) db.exec(createIndexSql(table, index));
}

/** Creates one index over the rows that are there. */
export function createPhysicalIndex(
  db: Connection,
  table: PhysicalTable,
  index: PhysicalIndex,
): void {
  db.exec(createIndexSql(table, index));
}

export function dropPhysicalIndex(db: Connection, name: string): void {
  db.exec(`DROP INDEX IF EXISTS ${quoteName(name)}`);
}

/** Drops the table with its indexes, rows and history. No error when it does not exist: reverting a job may come here twice. */
export function dropPhysicalTable(db: Connection, name: string): void {
  db.exec(`DROP TABLE IF EXISTS ${quoteName(name)}`);
  db.exec(`DROP TABLE IF EXISTS ${quoteName(historyName(name))}`);
}

/** Names of all tables that hold rows of users, but for those that were dropped. */
export function listPhysicalTables(db: Connection): string[] {
  const sql = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 't[0-9]*'
    AND name NOT IN (SELECT name FROM retired_tables)`;
  return db.prepare(sql).pluck().all() as string[];
}
