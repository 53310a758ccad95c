import type { Repr } from '../../../catalog/types/sql-type';
import type { Connection } from '../../../storage/ranges/connection';
import { quoteName, TIMESTAMP_COLUMN } from '../../../storage/ranges/physical-table';
import type { SnapshotPlan } from '../../bind/write/plan';

/** Temporary tables of a statement of several parts, dropped when it is done. */

export type TemporaryNames = { readonly kind: 'TABLE' | 'VIEW'; readonly name: string }[];

/** The rows that a step gives, for those after it. */
export function makeStepTable(
  db: Connection,
  name: string,
  width: number,
  names: TemporaryNames,
): { add(row: Repr[]): void } {
  const columns = Array.from({ length: width }, (_, i) => `o${i + 1}`);
  db.exec(`CREATE TEMP TABLE ${name} (${columns.join(', ')})`);
  names.push({ kind: 'TABLE', name });
  const insert = db.prepare(
    `INSERT INTO temp.${name} VALUES (${columns.map(() => '?').join(', ')})`,
  );
  return { add: (row) => void insert.run(row) };
}

/**
 * Views of the written tables as they were: what the statement writes carries its timestamp, and a row that it changes is
 * copied before.
 * @returns what copies a row, by the table's SQLite name
 */
export function takeSnapshots(
  db: Connection,
  plans: readonly SnapshotPlan[],
  timestamp: bigint,
  names: TemporaryNames,
): Map<string, (key: Repr[]) => void> {
  const keepers = new Map<string, (key: Repr[]) => void>();
  for (const { sqliteName, name, columns, key } of plans) {
    const list = [...columns, TIMESTAMP_COLUMN].map(quoteName).join(', ');
    const table = `main.${quoteName(sqliteName)}`;
    const kept = `${name}_kept`;
    db.exec(`CREATE TEMP TABLE ${kept} AS SELECT ${list} FROM ${table} WHERE 0`);
    names.push({ kind: 'TABLE', name: kept });
    const untouched = `SELECT ${list} FROM ${table} WHERE ${TIMESTAMP_COLUMN} IS NOT ${timestamp}`;
    db.exec(`CREATE TEMP VIEW ${name} AS ${untouched} UNION ALL SELECT ${list} FROM temp.${kept}`);
    names.push({ kind: 'VIEW', name });
    const test = key.map((column) => `${quoteName(column)} = ?`).join(' AND ');
    const keep = db.prepare(`INSERT INTO temp.${kept} ${untouched} AND ${test}`);
    keepers.set(sqliteName, (values) => void keep.run(values));
  }
  return keepers;
}
