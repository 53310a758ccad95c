import { SqlError } from '../../../base/errors';
import { defined } from '../../../base/invariant';
import type { Repr } from '../../../catalog/types/sql-type';
import { emptyTable, keepsHistory } from '../../../storage/ranges/history-tables';
import type {
  ChangePlan,
  ConflictPlan,
  DeletePlan,
  InsertPlan,
  TablePlan,
  UpdatePlan,
} from '../../bind/write/plan';
import type { CompiledQuery } from '../../emit/compiled-query';
import type { CompiledWrite } from '../../emit/compiled-write';
import { slotValue, sqliteValue, toQueryError } from '../execute-on';
import type { GivenRows, UnmatchedReference } from '../messages';
import { ForeignKeys } from './foreign-keys';
import { FoundRows } from './found-rows';
import type { Programs } from './programs';
import { type RedoLog, recorded } from './redo-log';
import { identity } from './same-value';
import { Spool } from './spool';
import { TableWriter } from './table-writer';
import { affectedTwice, type WriteVerb } from './violations';

/** What the changes of one statement share. */
export interface ChangeContext {
  readonly programs: Programs;
  /** `_ts` of the rows that are written: nanoseconds since 1970. */
  readonly timestamp: bigint;
  /** Notes what is written; undefined: nobody asks. */
  readonly redo: RedoLog | undefined;
  readonly given: GivenRows | undefined;
  /** Keeps a row that is about to be changed, where a part of the statement reads it. */
  readonly keepers: ReadonlyMap<string, (key: Repr[]) => void>;
  checkCanceled(): void;
}

/** From so many rows on it pays to find them once more, and keep all of them at once. */
const ROWS_AT_ONCE_MIN = 8;

/** To keep a row by itself takes as long as to look at so many more. */
const ROWS_READ_PER_KEPT = 12;

/** From so many rows on it pays to look whether they are all of their table: SQLite then drops them page by page. */
const ROWS_COUNTED_MIN = 64;

/** One INSERT, UPSERT, UPDATE or DELETE. `finish` when all changes of the statement are done. */
export class ChangeRun {
  private readonly context: ChangeContext;
  private readonly programs: Programs;
  private readonly plan: ChangePlan;
  /** What RETURNING gives. */
  private readonly results: { add(row: Repr[]): void } | undefined;
  private readonly keys: ForeignKeys;
  private readonly writers: TableWriter[] = [];
  /** Primary keys that ON CONFLICT DO UPDATE or UPSERT has written. */
  private readonly written = new Set<string>();
  /** Where the given row that is at work was. */
  private givenContext: string | undefined;
  /** Rows inserted, updated or deleted. */
  affected = 0;
  /** Of a statement of which more rows come. */
  unmatched: readonly UnmatchedReference[] = [];

  constructor(
    context: ChangeContext,
    plan: ChangePlan,
    results: { add(row: Repr[]): void } | undefined,
  ) {
    this.context = context;
    this.programs = context.programs;
    this.plan = plan;
    this.results = results;
    this.keys = new ForeignKeys(
      this.programs,
      (table) => this.writer(table),
      () => context.checkCanceled(),
    );
  }

  private writer(table: number): TableWriter {
    let made = this.writers[table];
    if (made === undefined) {
      const { timestamp, keepers, redo } = this.context;
      const plan = defined(this.plan.tables[table], `table ${table} of the plan`);
      const keep = keepers.get(plan.sqliteName);
      made = new TableWriter(plan, this.programs, this.keys, { timestamp, keep, redo });
      this.writers[table] = made;
    }
    return made;
  }

  /**
   * @param found the rows of the change, where all of them may be treated at once
   * @param blind they may be deleted at once
   * @throws SqlError; what was written so far is then for the caller to roll back
   */
  run(found?: CompiledQuery, blind?: CompiledWrite['blind']): void {
    const { plan } = this;
    if (found !== undefined && blind !== undefined) this.deleteAtOnce(found, blind);
    else if (plan.kind === 'insert') this.insert(plan);
    else this.change(plan, found);
  }

  private deleteAtOnce(found: CompiledQuery, blind: 'some' | 'all'): void {
    const { db } = this.programs;
    const { redo, timestamp } = this.context;
    if (blind === 'all') {
      const noted = redo === undefined ? db : recorded(db, () => redo);
      this.affected = emptyTable(noted, this.target.id, timestamp);
      redo?.weigh(this.affected);
      return;
    }
    this.affected = keepsHistory(db)
      ? this.deleteKept(new FoundRows(this.programs, this.target, found))
      : this.runAlone({ ...found, sql: `DELETE FROM ${found.sql}` });
  }

  /** @returns how many rows */
  private deleteKept(rows: FoundRows): number {
    const started = performance.now();
    const kept = this.keepVersions(rows);
    if (kept === 0) return 0;
    if (kept >= ROWS_COUNTED_MIN && rows.hasNoMoreThan(kept))
      return this.runAlone(rows.deletionOfAll);
    const { query, byKey } = rows.deletion(kept, performance.now() - started);
    return this.runAlone(query, byKey ? { kept: BigInt(kept) } : undefined);
  }

  private get target(): TablePlan {
    return defined(this.plan.tables[0], 'the table of a change');
  }

  /** Whether it is better to find rows once more, to keep all at once, than to keep each by itself. */
  private areFoundAgain(rows: FoundRows, count: number): boolean {
    return count >= ROWS_AT_ONCE_MIN && !rows.areFewerThanRead(count, ROWS_READ_PER_KEPT);
  }

  /** Of all rows that are about to be changed. @returns how many they are */
  private keepVersions(rows: FoundRows): number {
    return this.runAlone(rows.keeping(), { timestamp: this.context.timestamp });
  }

  /** @returns how many rows it has written */
  private runAlone(query: CompiledQuery, more?: Readonly<Record<string, Repr>>): number {
    const { changes, values } = this.programs.runAlone(query, more);
    this.context.redo?.add(query.sql, [values]);
    this.context.redo?.weigh(changes);
    return changes;
  }

  /** @throws SqlError foreignKeyViolation (23503) */
  finish(): void {
    const { given } = this.context;
    if (given !== undefined) this.keys.recall(this.writer(0), 'insert', given.unmatched);
    if (given?.more === true) this.unmatched = this.keys.takeUnmatched();
    this.keys.finish();
  }

  private affectedRow(row: readonly Repr[], extras?: readonly Repr[]): void {
    this.affected++;
    const { returning } = this.plan;
    if (returning === undefined) return;
    const { direct, program } = returning;
    if (direct !== undefined) this.results?.add(direct.map((position) => row[position] ?? null));
    else if (program !== undefined) {
      const result = this.programs.get(program).first(row, undefined, extras);
      this.results?.add(defined(result, 'a row of RETURNING'));
    }
  }

  private insert(plan: InsertPlan): void {
    const writer = this.writer(0);
    const width = writer.plan.columns.length;
    const verb = plan.upsert ? 'upsert' : 'insert';
    const constant = plan.defaultsVolatile ? undefined : this.defaults(plan);
    const { positions, defaultPositions } = plan;
    const template = new Array<Repr>(width).fill(null);
    const source = this.source(plan);
    try {
      for (const values of source.rows) {
        this.context.checkCanceled();
        const row = [...template];
        const defaults = constant ?? this.defaults(plan);
        for (let i = 0; i < positions.length; i++) row[positions[i] ?? 0] = values[i] ?? null;
        for (let i = 0; i < defaultPositions.length; i++)
          row[defaultPositions[i] ?? 0] = defaults[i] ?? null;
        this.insertRow(writer, plan, row, verb);
      }
    } catch (error) {
      const { givenContext } = this;
      if (givenContext === undefined) throw error;
      const known = toQueryError(error, this.programs.db);
      throw known instanceof SqlError ? known.inContext(givenContext) : known;
    } finally {
      source.close();
    }
  }

  private defaults(plan: InsertPlan): readonly Repr[] {
    if (plan.defaults === undefined) return [];
    return this.programs.get(plan.defaults).first() ?? [];
  }

  private source(plan: InsertPlan): { readonly rows: Iterable<Repr[]>; close(): void } {
    const { source } = plan;
    if (source.kind === 'query') return this.spooled(source.program);
    if (source.kind === 'given') return { rows: this.givenRows(plan), close: () => undefined };
    const rows = source.rows.map((row) => row.map(sqliteValue));
    for (const { row, column, slot } of source.fills) {
      const cells = defined(rows[row], `row ${row}`);
      cells[column] = slotValue(slot, this.programs.parameters, this.programs.session);
    }
    for (const { program, cells } of source.programs) {
      const values = this.programs.get(program).first() ?? [];
      for (const [i, [row, column]] of cells.entries())
        defined(rows[row], `row ${row}`)[column] = values[i] ?? null;
    }
    return { rows, close: () => undefined };
  }

  /** All rows of a query, read before the first of them is written: a statement doesn't see its own rows. */
  private spooled(program: number) {
    const spool = spoolOf(this.context, program);
    return { rows: spool.rows(), close: () => spool.close() };
  }

  /** An error about one of them says where it was. */
  private *givenRows({ tables }: InsertPlan): IterableIterator<Repr[]> {
    const { rows, lines } = defined(this.context.given, 'the rows of this run');
    for (const [i, row] of rows.entries()) {
      this.givenContext = `COPY ${tables[0]?.name}, line ${lines[i]}`;
      yield row as Repr[];
    }
    this.givenContext = undefined;
  }

  private insertRow(writer: TableWriter, plan: InsertPlan, row: Repr[], verb: WriteVerb): void {
    const derived = writer.complete(row);
    const { conflict } = plan;
    if (conflict !== undefined) {
      for (const arbiter of conflict.arbiters) {
        const unique = defined(writer.plan.uniques[arbiter], 'an arbiter');
        const found = writer.conflicting(unique, row);
        if (found === undefined) continue;
        if (conflict.action === 'update') this.resolve(writer, conflict, found, row, verb);
        return;
      }
    }
    writer.insert(row, derived, verb);
    if (conflict?.action === 'update') this.written.add(identity(row, writer.plan.key));
    this.affectedRow(row);
  }

  private resolve(
    writer: TableWriter,
    conflict: ConflictPlan,
    found: Repr[],
    proposed: readonly Repr[],
    verb: WriteVerb,
  ): void {
    const { positions, values, hasWhere } = conflict;
    if (this.written.has(identity(found, writer.plan.key))) throw affectedTwice();
    const row = [...found];
    if (values === undefined) for (const at of positions) row[at] = proposed[at] ?? null;
    else {
      const given = this.programs.get(values).first(found, proposed) ?? [];
      if (hasWhere && given[positions.length] !== 1n) return;
      for (const [i, at] of positions.entries()) row[at] = given[i] ?? null;
    }
    writer.update(found, row, positions, verb === 'insert' ? 'update' : verb);
    this.written.add(identity(row, writer.plan.key));
    this.affectedRow(row);
  }

  private change(plan: UpdatePlan | DeletePlan, found: CompiledQuery | undefined): void {
    const writer = this.writer(0);
    const width = writer.plan.columns.length;
    const positions = plan.kind === 'update' ? plan.positions : [];
    const seen = plan.distinct ? new Set<string>() : undefined;
    const spool = spoolOf(this.context, plan.source);
    try {
      if (found !== undefined && writer.keepsVersions) {
        const rows = new FoundRows(this.programs, this.target, found);
        if (this.areFoundAgain(rows, spool.rowCount)) {
          this.keepVersions(rows);
          writer.keepsVersions = false;
        }
      }
      for (const given of spool.rows()) {
        this.context.checkCanceled();
        const before = given.slice(0, width);
        if (seen !== undefined) {
          const key = identity(before, writer.plan.key);
          if (seen.has(key)) continue;
          seen.add(key);
        }
        const extras = given.slice(width + positions.length);
        if (plan.kind === 'delete') {
          writer.delete(before);
          this.affectedRow(before, extras);
        } else {
          const row = [...before];
          for (const [i, at] of positions.entries()) row[at] = given[width + i] ?? null;
          writer.update(before, row, positions, 'update');
          this.affectedRow(row, extras);
        }
      }
    } finally {
      spool.close();
    }
  }
}

/** The rows of a program. */
export function spoolOf({ programs, checkCanceled }: ChangeContext, program: number): Spool {
  const spool = new Spool(programs.db);
  try {
    for (const row of programs.get(program).iterate()) {
      checkCanceled();
      spool.add(row);
    }
  } catch (error) {
    spool.close();
    throw error;
  }
  return spool;
}
