import { type Connection, wideStatement } from './connection';

/** Statistics of some columns of a table, as RESTORE takes them over and SHOW TABLES estimates by. */
export interface StatisticRow {
  readonly tableId: number;
  readonly statisticId: bigint;
  readonly name: string | null;
  readonly columnIds: readonly number[];
  /** Microseconds since 1970. */
  readonly createdMicros: number;
  readonly rowCount: number;
  readonly distinctCount: number;
  readonly nullCount: number;
  readonly histogram: Uint8Array | null;
}

interface RawStatistic {
  table_id: bigint;
  statistic_id: bigint;
  name: string | null;
  column_ids: string;
  created_at: bigint;
  row_count: bigint;
  distinct_count: bigint;
  null_count: bigint;
  histogram: Uint8Array | null;
}

export function putStatistic(db: Connection, row: StatisticRow): void {
  wideStatement(
    db,
    'INSERT OR REPLACE INTO table_statistics VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(
    row.tableId,
    row.statisticId,
    row.name,
    JSON.stringify(row.columnIds),
    row.createdMicros,
    row.rowCount,
    row.distinctCount,
    row.nullCount,
    row.histogram,
  );
}

/** Newest first. */
export function statisticsOfTable(db: Connection, tableId: number): StatisticRow[] {
  const sql =
    'SELECT * FROM table_statistics WHERE table_id = ? ORDER BY created_at DESC, statistic_id DESC';
  return (wideStatement(db, sql).all(tableId) as RawStatistic[]).map((raw) => ({
    tableId: Number(raw.table_id),
    statisticId: raw.statistic_id,
    name: raw.name,
    columnIds: JSON.parse(raw.column_ids) as number[],
    createdMicros: Number(raw.created_at),
    rowCount: Number(raw.row_count),
    distinctCount: Number(raw.distinct_count),
    nullCount: Number(raw.null_count),
    histogram: raw.histogram,
  }));
}

export function deleteStatisticsOfTable(db: Connection, tableId: number): void {
  wideStatement(db, 'DELETE FROM table_statistics WHERE table_id = ?').run(tableId);
}
