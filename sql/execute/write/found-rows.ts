import { defined } from '../../../base/invariant';
import { historyName, quoteName } from '../../../storage/ranges/physical-table';
import type { TablePlan } from '../../bind/write/plan';
import { LIVE_ROW } from '../../emit/cancel-checks';
import type { CompiledQuery } from '../../emit/compiled-query';
import type { Programs } from './programs';

/**
 * The rows that an UPDATE or DELETE changes, when SQLite has found them once: to look for them once more by the same condition, or to
 * come to them otherwise. Only what is faster is decided here.
 */
export class FoundRows {
  private readonly programs: Programs;
  private readonly target: TablePlan;
  readonly query: CompiledQuery;

  /** @param query as what follows FROM */
  constructor(programs: Programs, target: TablePlan, query: CompiledQuery) {
    this.programs = programs;
    this.target = target;
    this.query = query;
  }

  /** The table, of rows. */
  hasNoMoreThan(count: number): boolean {
    const sql = `SELECT 1 FROM ${quoteName(this.target.sqliteName)} LIMIT 1 OFFSET ?`;
    return this.programs.prepare(sql).get(BigInt(count)) === undefined;
  }

  /**
   * Whether to find `count` rows once more SQLite would look at so many others that it is better to come to each by its key.
   * @param cost of that, in rows that are looked at
   */
  areFewerThanRead(count: number, cost: number): boolean {
    if (!this.areScanned()) return false;
    // A function of ours takes as long as some rows.
    const rows = this.query.functions.length > 0 ? cost / ROWS_PER_CALL : cost;
    return !this.hasNoMoreThan(Math.ceil(count * rows));
  }

  /** How best to delete them. @param kept the number of them, which were the last that were kept in the table's history */
  deletion(kept: number): { readonly sql: string; readonly byKey: boolean } {
    const plain = `DELETE FROM ${this.query.sql}`;
    if (kept > ROWS_AT_A_STRETCH_MAX || !this.areScanned()) return { sql: plain, byKey: false };
    if (this.areFewerThanRead(kept, ROWS_READ_PER_DELETED))
      return { sql: this.deletionByKey(), byKey: true };
    // The table has not so many more rows that somebody could want to cancel what is left.
    return { sql: plain.replace(` ${LIVE_ROW} AND `, ' '), byKey: false };
  }

  private areScanned(): boolean {
    const known = scanned.get(this.query);
    if (known !== undefined) return known;
    const sql = `EXPLAIN QUERY PLAN SELECT * FROM ${this.query.sql}`;
    const plan = this.programs.allAlone({ ...this.query, sql });
    const found = plan.some(([, , , detail]) => String(detail).startsWith('SCAN '));
    scanned.set(this.query, found);
    return found;
  }

  private deletionByKey(): string {
    const { sqliteName, key, columns } = this.target;
    const history = `main.${quoteName(historyName(sqliteName))}`;
    const names = key.map((at) => quoteName(defined(columns[at], 'a column').sqliteName));
    const list = names.join(', ');
    const left = names.length === 1 ? list : `(${list})`;
    return (
      `DELETE FROM ${quoteName(sqliteName)} WHERE ${left} IN (SELECT ${list} FROM ${history} ` +
      `WHERE rowid > (SELECT max(rowid) FROM ${history}) - @kept)`
    );
  }
}

/** To delete a row that was kept by its key takes as long as to look at so many more. */
const ROWS_READ_PER_DELETED = 6;
const ROWS_PER_CALL = 6;

/** So many are deleted without a look at the cancel flag. */
const ROWS_AT_A_STRETCH_MAX = 100_000;

/** Whether SQLite looks at all rows of the table. */
const scanned = new WeakMap<CompiledQuery, boolean>();
