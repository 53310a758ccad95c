import { defined } from '../../../base/invariant';
import type { Repr } from '../../../catalog/types/sql-type';
import type { Connection } from '../../../storage/ranges/connection';
import type { ConflictPlan, DeletePlan, InsertPlan, UpdatePlan } from '../../bind/write/plan';
import type { SessionValues } from '../../builtins/repr';
import type { CompiledWrite } from '../../emit/compiled-write';
import { type CancelFlag, queryCanceled } from '../cancel';
import { slotValue, sqliteValue } from '../execute-on';
import { ForeignKeys } from './foreign-keys';
import { Programs } from './programs';
import { identity } from './same-value';
import { Spool } from './spool';
import { TableWriter } from './table-writer';
import { affectedTwice, type WriteVerb } from './violations';

export interface WriteInput {
  readonly write: CompiledWrite;
  readonly parameters: readonly Repr[];
  readonly session: SessionValues;
  /** `_ts` of the rows that are written: nanoseconds since 1970. */
  readonly timestamp: bigint;
}

/** A write statement on a connection that is in a write transaction. Rows of RETURNING are kept until they are asked for. */
export class WriteRun {
  private readonly programs: Programs;
  private readonly input: WriteInput;
  private readonly cancel: CancelFlag;
  private readonly keys: ForeignKeys;
  private readonly writers: TableWriter[] = [];
  private readonly results: Spool | undefined;
  /** Primary keys that ON CONFLICT DO UPDATE or UPSERT has written. */
  private readonly written = new Set<string>();
  /** Rows inserted, updated or deleted. */
  affected = 0;

  constructor(db: Connection, cancel: CancelFlag, input: WriteInput) {
    this.input = input;
    this.cancel = cancel;
    const { write, parameters, session } = input;
    this.programs = new Programs(db, write.programs, parameters, session);
    this.keys = new ForeignKeys(
      this.programs,
      (table) => this.writer(table),
      () => this.checkCanceled(),
    );
    const { columns } = write.plan;
    this.results = columns === null ? undefined : new Spool(db);
  }

  private checkCanceled(): void {
    if (this.cancel[0] !== 0) throw queryCanceled();
  }

  private writer(table: number): TableWriter {
    let made = this.writers[table];
    if (made === undefined) {
      const plan = defined(this.input.write.plan.tables[table], `table ${table} of the plan`);
      made = new TableWriter(plan, this.programs, this.keys, this.input.timestamp);
      this.writers[table] = made;
    }
    return made;
  }

  /** @throws SqlError; what was written so far is then for the caller to roll back */
  run(): void {
    const { plan } = this.input.write;
    if (plan.kind === 'insert') this.insert(plan);
    else this.change(plan);
    this.keys.finish();
  }

  /** What RETURNING gives; to be read once. */
  rows(): IterableIterator<Repr[]> {
    return this.results?.rows() ?? noRows();
  }

  close(): void {
    this.results?.close();
  }

  private affectedRow(row: readonly Repr[], extras?: readonly Repr[]): void {
    this.affected++;
    const { returning } = this.input.write.plan;
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
        this.checkCanceled();
        const row = [...template];
        const defaults = constant ?? this.defaults(plan);
        for (let i = 0; i < positions.length; i++) row[positions[i] ?? 0] = values[i] ?? null;
        for (let i = 0; i < defaultPositions.length; i++)
          row[defaultPositions[i] ?? 0] = defaults[i] ?? null;
        this.insertRow(writer, plan, row, verb);
      }
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
    const rows = source.rows.map((row) => row.map(sqliteValue));
    for (const { row, column, slot } of source.fills) {
      const cells = defined(rows[row], `row ${row}`);
      cells[column] = slotValue(slot, this.input.parameters, this.input.session);
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
    const spool = new Spool(this.programs.db);
    try {
      for (const row of this.programs.get(program).iterate()) {
        this.checkCanceled();
        spool.add(row);
      }
    } catch (error) {
      spool.close();
      throw error;
    }
    return { rows: spool.rows(), close: () => spool.close() };
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

  private change(plan: UpdatePlan | DeletePlan): void {
    const writer = this.writer(0);
    const width = writer.plan.columns.length;
    const positions = plan.kind === 'update' ? plan.positions : [];
    const seen = plan.distinct ? new Set<string>() : undefined;
    const { rows, close } = this.spooled(plan.source);
    try {
      for (const given of rows) {
        this.checkCanceled();
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
      close();
    }
  }
}

function* noRows(): IterableIterator<Repr[]> {}
