import { defined } from '../../../base/invariant';
import type { Connection } from '../../../storage/ranges/connection';
import { keepVersionsSql } from '../../../storage/ranges/history-tables';
import { quoteName, TIMESTAMP_COLUMN } from '../../../storage/ranges/physical-table';
import type { TablePlan } from '../../bind/write/plan';
import { storedColumns } from './stored-columns';

/** The SQL that writes a table's rows one by one, as text: made once a plan, as each run of one has writers of its own. */
export class TableSql {
  private readonly plan: TablePlan;
  private readonly table: string;
  /** Of a row by its key. */
  private readonly where: string;
  readonly insert: string;
  readonly delete: string;
  private readonly updates = new Map<string, string>();
  private version: string | undefined;

  private static readonly known = new WeakMap<TablePlan, TableSql>();

  static of(plan: TablePlan): TableSql {
    let sql = TableSql.known.get(plan);
    if (sql === undefined) {
      sql = new TableSql(plan);
      TableSql.known.set(plan, sql);
    }
    return sql;
  }

  private constructor(plan: TablePlan) {
    this.plan = plan;
    this.table = quoteName(plan.sqliteName);
    this.where = `WHERE ${plan.key.map((position) => `${this.column(position)} = ?`).join(' AND ')}`;
    const names = [...plan.columns.map((column) => column.sqliteName), TIMESTAMP_COLUMN];
    const marks = names.map(() => '?').join(', ');
    this.insert = `INSERT INTO ${this.table} (${names.map(quoteName).join(', ')}) VALUES (${marks})`;
    this.delete = `DELETE FROM ${this.table} ${this.where}`;
  }

  private column(position: number): string {
    return quoteName(defined(this.plan.columns[position], 'a column').sqliteName);
  }

  /** Parameters: the values of the columns, the time of the write, the key. */
  update(positions: readonly number[]): string {
    const id = positions.join(',');
    let sql = this.updates.get(id);
    if (sql === undefined) {
      const names = [...positions.map((position) => this.column(position)), TIMESTAMP_COLUMN];
      const set = names.map((name) => `${name} = ?`).join(', ');
      sql = `UPDATE ${this.table} SET ${set} ${this.where}`;
      this.updates.set(id, sql);
    }
    return sql;
  }

  /** Keeps a row that this very write has not made. Parameters: the time of the write, the key, the time once more. */
  keepVersion(db: Connection): string {
    this.version ??= keepVersionsSql(
      this.plan.sqliteName,
      storedColumns(db, this.plan),
      `main.${this.table} ${this.where} AND ${TIMESTAMP_COLUMN} IS NOT ?`,
      '?',
    );
    return this.version;
  }
}
