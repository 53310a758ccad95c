import { SqlError } from '../../../base/errors';
import { defined } from '../../../base/invariant';
import { limits } from '../../../base/limits';
import type { Repr } from '../../../catalog/types/sql-type';
import type { InboundPlan, OutboundPlan } from '../../bind/write/plan';
import type { UnmatchedReference } from '../messages';
import type { Programs } from './programs';
import { sameValue } from './same-value';
import type { TableWriter } from './table-writer';
import { missingReference, stillReferenced, type WriteVerb } from './violations';

/**
 * Foreign keys of one statement. They hold when it is done, not after each row: a row that misses its reference and a key that
 * went away while rows refer to it are noted, and looked at again at the end. A row that refers to nothing, or to what is
 * there, needs no note: whoever takes that away later in the statement notes it.
 */

interface Reference {
  readonly writer: TableWriter;
  readonly verb: WriteVerb;
  readonly plan: OutboundPlan;
  readonly row: readonly Repr[];
}

interface Departure {
  readonly writer: TableWriter;
  readonly plan: InboundPlan;
  readonly before: Repr[];
  /** Undefined: the row was deleted. */
  readonly after: Repr[] | undefined;
}

export class ForeignKeys {
  private readonly programs: Programs;
  /** The writer of a table by its index in the plan. */
  private readonly writer: (table: number) => TableWriter;
  private readonly checkCanceled: () => void;
  private readonly missing: Reference[] = [];
  private readonly left: Departure[] = [];
  private readonly actions: Departure[] = [];

  constructor(
    programs: Programs,
    writer: (table: number) => TableWriter,
    checkCanceled: () => void,
  ) {
    this.programs = programs;
    this.writer = writer;
    this.checkCanceled = checkCanceled;
  }

  /** A row was written that may refer to others. @throws SqlError foreignKeyViolation (23503) */
  referencing(
    writer: TableWriter,
    verb: WriteVerb,
    row: readonly Repr[],
    before?: readonly Repr[],
  ): void {
    for (const plan of writer.plan.outbound) {
      if (before !== undefined && sameAt(plan.positions, row, before)) continue;
      const nulls = plan.positions.filter((position) => row[position] === null).length;
      if (nulls > 0) {
        if (plan.matchFull && nulls < plan.positions.length)
          throw missingReference(verb, writer.plan, plan, row);
        continue;
      }
      if (this.programs.get(plan.exists).first(row) !== undefined) continue;
      if (!plan.deferred) throw missingReference(verb, writer.plan, plan, row);
      note(this.missing, { writer, verb, plan, row });
    }
  }

  /** A row that others may refer to was changed or deleted. */
  referenced(writer: TableWriter, before: Repr[], after: Repr[] | undefined): void {
    for (const plan of writer.plan.inbound) {
      if (after !== undefined && sameAt(plan.positions, before, after)) continue;
      if (plan.positions.some((position) => before[position] === null)) continue;
      if (this.programs.get(plan.children).first(before) === undefined) continue;
      const action = after === undefined ? plan.onDelete : plan.onUpdate;
      note(action === 'no action' ? this.left : this.actions, { writer, plan, before, after });
    }
  }

  /** Rows that were written before, by earlier runs of the same statement. */
  recall(writer: TableWriter, verb: WriteVerb, unmatched: readonly UnmatchedReference[]): void {
    for (const { constraint, row } of unmatched) {
      const plan = writer.plan.outbound.find(({ name }) => name === constraint);
      if (plan !== undefined) note(this.missing, { writer, verb, plan, row });
    }
  }

  /**
   * What was noted of references and is still so, for a later run of the same statement; to be called when all else that this
   * one does is done.
   */
  takeUnmatched(): UnmatchedReference[] {
    const left = this.missing.filter(
      ({ plan, row }) => this.programs.get(plan.exists).first(row) === undefined,
    );
    this.missing.length = 0;
    return left.map(({ plan, row }) => ({
      constraint: plan.name,
      row: row.map((value, at) => (plan.positions.includes(at) ? value : null)),
    }));
  }

  /** Runs the actions, and those that follow from them; then looks at what was noted. */
  finish(): void {
    for (let i = 0; i < this.actions.length; i++) {
      this.checkCanceled();
      this.act(defined(this.actions[i], 'an action'));
    }
    for (const { writer, verb, plan, row } of this.missing) {
      this.checkCanceled();
      if (this.programs.get(plan.exists).first(row) === undefined)
        throw missingReference(verb, writer.plan, plan, row);
    }
    for (const { writer, plan, before, after } of this.left) {
      this.checkCanceled();
      if (this.programs.get(plan.present).first(before) !== undefined) continue;
      if (this.programs.get(plan.children).first(before) === undefined) continue;
      const verb = after === undefined ? 'delete' : 'update';
      throw stillReferenced(verb, writer.plan, plan, before);
    }
  }

  private act({ plan, before, after }: Departure): void {
    const action = after === undefined ? plan.onDelete : plan.onUpdate;
    const child = this.writer(defined(plan.child, 'a table that an action writes'));
    const values = this.newValues(plan, action, after);
    for (const row of this.programs.get(plan.children).all(before)) {
      if (values === undefined) {
        child.delete(row);
        continue;
      }
      const changed = [...row];
      for (const [i, position] of plan.childPositions.entries())
        changed[position] = values[i] ?? null;
      child.update(row, changed, plan.childPositions, 'update');
    }
  }

  /** Of the child's columns; undefined: the row goes. */
  private newValues(
    plan: InboundPlan,
    action: InboundPlan['onDelete'],
    after: readonly Repr[] | undefined,
  ): readonly Repr[] | undefined {
    if (action === 'set null') return plan.positions.map(() => null);
    if (action === 'set default')
      return this.programs.get(defined(plan.defaults, 'default values')).first();
    return after === undefined ? undefined : plan.positions.map((at) => after[at] ?? null);
  }
}

function sameAt(positions: readonly number[], a: readonly Repr[], b: readonly Repr[]): boolean {
  return positions.every((position) => sameValue(a[position], b[position]));
}

function note<T>(list: T[], item: T): void {
  if (list.length >= limits.cascadesPendingMax)
    throw new SqlError(
      'programLimitExceeded',
      `foreign keys of more than ${limits.cascadesPendingMax} rows would have to be followed`,
      { hint: 'Write fewer rows in one statement.' },
    );
  list.push(item);
}
