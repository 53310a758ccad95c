import { defined } from '../../../base/invariant';
import type { Repr } from '../../../catalog/types/sql-type';
import type { Statement } from '../../../storage/ranges/connection';
import { keepsHistory } from '../../../storage/ranges/history-tables';
import { isUniqueViolation } from '../../../storage/ranges/sqlite-errors';
import type { TablePlan, UniquePlan } from '../../bind/write/plan';
import { type Assign, compileAssign } from './assign';
import type { ForeignKeys } from './foreign-keys';
import type { Program, Programs } from './programs';
import type { RedoLog } from './redo-log';
import { sameValue } from './same-value';
import { TableSql } from './table-sql';
import { checkViolation, notNullViolation, uniqueViolation, type WriteVerb } from './violations';

export interface WriterOptions {
  /** Of the rows that are written, as in `_ts`. */
  readonly timestamp: bigint;
  /** Keeps the row of a primary key as it is, before it is changed. */
  readonly keep: ((key: Repr[]) => void) | undefined;
  readonly redo: RedoLog | undefined;
}

/** An UPDATE of columns at some positions, computed ones included. */
interface Change {
  readonly positions: readonly number[];
  readonly changed: readonly number[];
  readonly statement: Statement;
}

/** Writes rows of one table: types' widths, computed columns, NOT NULL, CHECK, unique keys, and what foreign keys ask for. */
export class TableWriter {
  readonly plan: TablePlan;
  private readonly programs: Programs;
  private readonly keys: ForeignKeys;
  private readonly timestamp: bigint;
  private readonly keep: WriterOptions['keep'];
  private readonly redo: RedoLog | undefined;
  private readonly assigns: readonly (Assign | undefined)[];
  private readonly derive: Program | undefined;
  private readonly sql: TableSql;
  private change: Change | undefined;
  private readonly checkedUniques: readonly UniquePlan[];
  private insertStatement: Statement | undefined;
  private deleteStatement: Statement | undefined;
  private versionStatement: Statement | undefined;
  /** What is overwritten and deleted; false: it is kept otherwise. */
  keepsVersions: boolean;

  constructor(plan: TablePlan, programs: Programs, keys: ForeignKeys, about: WriterOptions) {
    this.plan = plan;
    this.sql = TableSql.of(plan);
    this.programs = programs;
    this.keys = keys;
    this.timestamp = about.timestamp;
    this.keep = about.keep;
    this.redo = about.redo;
    this.assigns = plan.columns.map(({ type }) => compileAssign(type));
    this.derive = plan.derive === undefined ? undefined : programs.get(plan.derive);
    this.checkedUniques = plan.uniques.filter((unique) => !unique.physical);
    this.keepsVersions = keepsHistory(programs.db);
  }

  /** Applies the width of a column's type to the value that is about to be written. */
  private assign(row: Repr[], position: number): void {
    const value = row[position] ?? null;
    const rule = this.assigns[position];
    row[position] = rule === undefined || value === null ? value : rule(value);
  }

  /**
   * Fills in what follows from the given values. @param given positions with new values; undefined: all
   * @returns outcomes of the checks, from `computed.length` on
   */
  complete(row: Repr[], given?: readonly number[]): readonly Repr[] {
    if (given === undefined) for (let i = 0; i < row.length; i++) this.assign(row, i);
    else for (const position of given) this.assign(row, position);
    const derived = this.derive?.first(row) ?? [];
    for (const [i, position] of this.plan.computed.entries()) {
      row[position] = derived[i] ?? null;
      this.assign(row, position);
    }
    return derived;
  }

  /** @throws SqlError notNullViolation (23502), checkViolation (23514) */
  private verify(row: readonly Repr[], derived: readonly Repr[]): void {
    const { columns, checks, computed } = this.plan;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      if (row[i] === null && column?.nullable === false) throw notNullViolation(column.name);
    }
    for (let i = 0; i < checks.length; i++) {
      const outcome = derived[computed.length + i];
      if (outcome === 0n) throw checkViolation(defined(checks[i], 'a check'));
    }
  }

  /** The row that has the key already; not `self`, which is the row itself. */
  conflicting(
    unique: UniquePlan,
    row: readonly Repr[],
    self?: readonly Repr[],
  ): Repr[] | undefined {
    const program = this.programs.get(unique.lookup);
    if (self === undefined) return program.first(row);
    return program.all(row).find((found) => !this.sameKey(found, self));
  }

  sameKey(a: readonly Repr[], b: readonly Repr[]): boolean {
    return this.plan.key.every((position) => sameValue(a[position], b[position]));
  }

  private verifyUnique(row: readonly Repr[], self?: readonly Repr[]): void {
    for (const unique of this.checkedUniques)
      if (this.conflicting(unique, row, self) !== undefined)
        throw uniqueViolation(this.plan, unique, row);
  }

  private run(statement: Statement, values: Repr[], row: readonly Repr[], self?: Repr[]): void {
    try {
      statement.run(values);
      this.redo?.add(statement.source, values);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      for (const unique of this.plan.uniques)
        if (this.conflicting(unique, row, self) !== undefined)
          throw uniqueViolation(this.plan, unique, row);
      throw error;
    }
  }

  /** @param row completed; `derived` is what `complete` gave */
  insert(row: Repr[], derived: readonly Repr[], verb: WriteVerb): void {
    this.verify(row, derived);
    this.verifyUnique(row);
    this.insertStatement ??= this.programs.prepare(this.sql.insert);
    this.run(this.insertStatement, [...row, this.timestamp], row);
    this.keys.referencing(this, verb, row);
  }

  /** @param row the new row with its new values at `positions`; completed here */
  update(before: Repr[], row: Repr[], positions: readonly number[], verb: WriteVerb): void {
    this.verify(row, this.complete(row, positions));
    this.verifyUnique(row, before);
    const { changed, statement } = this.changeOf(positions);
    const values = changed.map((position) => row[position] ?? null);
    const key = this.plan.key.map((position) => before[position] ?? null);
    this.keep?.(key);
    this.keepVersion(key);
    this.run(statement, [...values, this.timestamp, ...key], row, before);
    this.keys.referencing(this, verb, row, before);
    this.keys.referenced(this, before, row);
  }

  /** Statements change the same columns of all their rows, but for what foreign keys bring along. */
  private changeOf(positions: readonly number[]): Change {
    if (this.change?.positions !== positions) {
      const changed = [...positions, ...this.plan.computed];
      const statement = this.programs.prepare(this.sql.update(changed));
      this.change = { positions, changed, statement };
    }
    return this.change;
  }

  delete(row: Repr[]): void {
    this.deleteStatement ??= this.programs.prepare(this.sql.delete);
    const key = this.plan.key.map((position) => row[position] ?? null);
    this.keep?.(key);
    this.keepVersion(key);
    this.deleteStatement.run(key);
    this.redo?.add(this.deleteStatement.source, key);
    this.keys.referenced(this, row, undefined);
  }

  /** For those who read the past, unless this very transaction has written it. */
  private keepVersion(key: readonly Repr[]): void {
    if (!this.keepsVersions) return;
    this.versionStatement ??= this.programs.prepare(this.sql.keepVersion(this.programs.db));
    const values = [this.timestamp, ...key, this.timestamp];
    this.versionStatement.run(values);
    this.redo?.add(this.versionStatement.source, values);
  }
}
