import { defined } from '../../../base/invariant';
import { keepVersionsSql } from '../../../storage/ranges/history-tables';
import { historyName, quoteName } from '../../../storage/ranges/physical-table';
import type { TablePlan } from '../../bind/write/plan';
import { LIVE_ROW } from '../../emit/cancel-checks';
import type { CompiledQuery } from '../../emit/compiled-query';
import type { Programs } from './programs';
import { storedColumns } from './stored-columns';

/**
 * The rows that an UPDATE or DELETE changes, when SQLite has found them once: to look for them once more by the same condition, or to
 * come to them otherwise. Only what is faster is decided here.
 */
export class FoundRows {
  private readonly programs: Programs;
  private readonly target: TablePlan;
  private readonly texts: FoundTexts;
  /** Of the table, where it has few and they were counted. */
  private rowCount: number | undefined;

  /** @param query as what follows FROM */
  constructor(programs: Programs, target: TablePlan, query: CompiledQuery) {
    this.programs = programs;
    this.target = target;
    this.texts = FoundTexts.of(query, target);
  }

  /** The table, of rows. */
  hasNoMoreThan(count: number): boolean {
    if (this.rowCount !== undefined) return this.rowCount <= count;
    return this.programs.prepare(this.texts.probe).get(BigInt(count)) === undefined;
  }

  /**
   * Whether to find `count` rows once more SQLite would look at so many others that it is better to come to each by its key.
   * @param cost of that, in rows that are looked at
   */
  areFewerThanRead(count: number, cost: number): boolean {
    if (!this.texts.areScanned(this.programs)) return false;
    // A function of ours takes as long as some rows.
    const rows = this.texts.query.functions.length > 0 ? cost / ROWS_PER_CALL : cost;
    return !this.hasNoMoreThan(Math.ceil(count * rows));
  }

  /** Keeps all of them in the table's history, as long as they are there. Parameter: `@timestamp`. */
  keeping(): CompiledQuery {
    const { programs, texts } = this;
    const keep = texts.keep(storedColumns(programs.db, this.target));
    // Whether a table that is not scanned is small would take longer to find out than to look at the cancel flag.
    if (!texts.areScanned(programs)) return keep.watched;
    if (!this.hasNoMoreThan(ROWS_AT_A_STRETCH_MAX)) return keep.watched;
    this.rowCount ??= Number(programs.allAlone(texts.count)[0]?.[0]);
    return keep.plain;
  }

  /**
   * How best to delete them.
   * @param kept the number of them, which were the last that were kept in the table's history. A parameter, where it is `byKey`
   * @param millis that it took to find them
   */
  deletion(
    kept: number,
    millis: number,
  ): { readonly query: CompiledQuery; readonly byKey: boolean } {
    const { texts } = this;
    if (kept > ROWS_AT_A_STRETCH_MAX) return { query: texts.watchedDeletion, byKey: false };
    if (this.areFewerThanRead(kept, ROWS_READ_PER_DELETED))
      return { query: texts.deletionByKey, byKey: true };
    // To find them once more takes no longer than the first time: nobody will want to cancel that.
    const isShort = this.rowCount !== undefined || millis < FOUND_AT_A_STRETCH_MILLIS;
    return { query: isShort ? texts.plainDeletion : texts.watchedDeletion, byKey: false };
  }

  /** Of the whole table. */
  get deletionOfAll(): CompiledQuery {
    return this.texts.deletionOfAll;
  }
}

/** To delete a row that was kept by its key takes as long as to look at so many more. */
const ROWS_READ_PER_DELETED = 6;
const ROWS_PER_CALL = 6;

/**
 * So many are kept and deleted without a look at the cancel flag. It costs more than the call: a statement that calls a function might fail,
 * so SQLite first writes down each page that it changes, to be able to take it back.
 */
const ROWS_AT_A_STRETCH_MAX = 100_000;
const FOUND_AT_A_STRETCH_MILLIS = 500;

interface KeepingQueries {
  /** Looks at the cancel flag. */
  readonly watched: CompiledQuery;
  readonly plain: CompiledQuery;
}

/** SQL about found rows: made once a statement, as each run of one asks for it anew. */
class FoundTexts {
  readonly query: CompiledQuery;
  private readonly target: TablePlan;
  readonly probe: string;
  readonly count: CompiledQuery;
  readonly watchedDeletion: CompiledQuery;
  readonly plainDeletion: CompiledQuery;
  readonly deletionOfAll: CompiledQuery;
  private byKey: CompiledQuery | undefined;
  private keeping: KeepingQueries | undefined;
  private scanned: boolean | undefined;

  private static readonly known = new WeakMap<CompiledQuery, FoundTexts>();

  static of(query: CompiledQuery, target: TablePlan): FoundTexts {
    let texts = FoundTexts.known.get(query);
    if (texts === undefined) {
      texts = new FoundTexts(query, target);
      FoundTexts.known.set(query, texts);
    }
    return texts;
  }

  private constructor(query: CompiledQuery, target: TablePlan) {
    this.query = query;
    this.target = target;
    const table = quoteName(target.sqliteName);
    this.probe = `SELECT 1 FROM ${table} LIMIT 1 OFFSET ?`;
    this.count = { ...query, sql: `SELECT count(*) FROM ${table}`, slots: [] };
    this.watchedDeletion = { ...query, sql: `DELETE FROM ${query.sql}` };
    this.plainDeletion = { ...query, sql: `DELETE FROM ${this.unwatched}` };
    this.deletionOfAll = { ...query, sql: `DELETE FROM ${table}`, slots: [] };
  }

  private get unwatched(): string {
    return this.query.sql.replace(` ${LIVE_ROW} AND `, ' ');
  }

  /** @param columns what SQLite has of the table */
  keep(columns: readonly string[]): KeepingQueries {
    const { query, target } = this;
    const keeping = (from: string): CompiledQuery => {
      const sql = keepVersionsSql(target.sqliteName, columns, from, '@timestamp');
      return { ...query, sql };
    };
    this.keeping ??= { watched: keeping(query.sql), plain: keeping(this.unwatched) };
    return this.keeping;
  }

  get deletionByKey(): CompiledQuery {
    const { sqliteName, key, columns } = this.target;
    const history = `main.${quoteName(historyName(sqliteName))}`;
    const names = key.map((at) => quoteName(defined(columns[at], 'a column').sqliteName));
    const list = names.join(', ');
    const left = names.length === 1 ? list : `(${list})`;
    const sql =
      `DELETE FROM ${quoteName(sqliteName)} WHERE ${left} IN (SELECT ${list} FROM ${history} ` +
      `WHERE rowid > (SELECT max(rowid) FROM ${history}) - @kept)`;
    this.byKey ??= { ...this.query, sql, slots: [] };
    return this.byKey;
  }

  /** Whether SQLite looks at all rows of the table. */
  areScanned(programs: Programs): boolean {
    if (this.scanned === undefined) {
      const sql = `EXPLAIN QUERY PLAN SELECT * FROM ${this.query.sql}`;
      const plan = programs.allAlone({ ...this.query, sql });
      this.scanned = plan.some(([, , , detail]) => String(detail).startsWith('SCAN '));
    }
    return this.scanned;
  }
}
