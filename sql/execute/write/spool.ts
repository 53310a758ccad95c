import { limits } from '../../../base/limits';
import type { Repr } from '../../../catalog/types/sql-type';
import type { Connection, Statement } from '../../../storage/ranges/connection';

const PAGE_ROWS = 1_000;

/**
 * Rows that are kept while a statement runs: in memory while they are few, then in a temporary table, which SQLite moves to
 * a file. Rows come back in the order in which they were added.
 */
export class Spool {
  private readonly db: Connection;
  private readonly name: string;
  /** Values of a row: as many as the first one has. */
  private width = 1;
  private kept: Repr[][] = [];
  private insert: Statement | undefined;
  private count = 0;

  private static next = 1;

  constructor(db: Connection) {
    this.db = db;
    this.name = `spool${Spool.next++}`;
  }

  get rowCount(): number {
    return this.count;
  }

  add(row: Repr[]): void {
    this.count++;
    if (this.insert !== undefined) {
      this.insert.run(row);
      return;
    }
    if (this.kept.push(row) === 1) this.width = Math.max(1, row.length);
    if (this.kept.length * this.width > limits.spooledValuesMax) this.moveOut();
  }

  private moveOut(): void {
    const names = Array.from({ length: this.width }, (_, i) => `o${i + 1}`);
    this.db.exec(`CREATE TEMP TABLE ${this.name} (${names.join(', ')})`);
    const marks = names.map(() => '?').join(', ');
    this.insert = this.db.prepare(`INSERT INTO temp.${this.name} VALUES (${marks})`);
    for (const row of this.kept) this.insert.run(row);
    this.kept = [];
  }

  /** To be read once, after the last `add`. Between two rows no statement of SQLite is open. */
  rows(): IterableIterator<Repr[]> {
    return this.insert === undefined ? this.kept[Symbol.iterator]() : this.pages();
  }

  private *pages(): IterableIterator<Repr[]> {
    const sql = `SELECT * FROM temp.${this.name} WHERE rowid > ? ORDER BY rowid LIMIT ${PAGE_ROWS}`;
    const select = this.db.prepare(sql).raw(true).safeIntegers(true);
    for (let from = 0; ; from += PAGE_ROWS) {
      const page = select.all(from) as Repr[][];
      yield* page;
      if (page.length < PAGE_ROWS) return;
    }
  }

  close(): void {
    this.kept = [];
    if (this.insert === undefined) return;
    this.insert = undefined;
    this.db.exec(`DROP TABLE IF EXISTS temp.${this.name}`);
  }
}
