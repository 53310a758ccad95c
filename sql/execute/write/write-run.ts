import type { Repr } from '../../../catalog/types/sql-type';
import type { Connection } from '../../../storage/ranges/connection';
import type { StepPlan } from '../../bind/write/plan';
import type { SessionValues } from '../../builtins/repr';
import type { CompiledWrite } from '../../emit/compiled-write';
import { type CancelFlag, queryCanceled } from '../cancel';
import type { GivenRows, UnmatchedReference } from '../messages';
import { type ChangeContext, ChangeRun, spoolOf } from './change-run';
import { Programs } from './programs';
import type { RedoLog } from './redo-log';
import { Spool } from './spool';
import { makeStepTable, type TemporaryNames, takeSnapshots } from './step-tables';

export interface WriteInput {
  readonly write: CompiledWrite;
  readonly parameters: readonly Repr[];
  readonly session: SessionValues;
  /** `_ts` of the rows that are written: nanoseconds since 1970. */
  readonly timestamp: bigint;
  readonly redo: RedoLog | undefined;
  readonly given?: GivenRows | undefined;
}

/**
 * A write statement on a connection that is in a write transaction: its steps, then itself. Rows that it gives are kept until
 * they are asked for.
 */
export class WriteRun {
  private readonly db: Connection;
  private readonly input: WriteInput;
  private readonly cancel: CancelFlag;
  private results: Spool | undefined;
  /** Rows inserted, updated or deleted by the statement itself. */
  affected = 0;
  /** See GivenRows. */
  unmatched: readonly UnmatchedReference[] = [];

  constructor(db: Connection, cancel: CancelFlag, input: WriteInput) {
    this.db = db;
    this.input = input;
    this.cancel = cancel;
  }

  /** @throws SqlError; what was written so far is then for the caller to roll back */
  run(): void {
    const { write, parameters, session, timestamp, redo, given } = this.input;
    const { plan } = write;
    const names: TemporaryNames = [];
    const { db } = this;
    try {
      const context: ChangeContext = {
        programs: new Programs(db, write.programs, parameters, session),
        timestamp,
        redo,
        given,
        keepers: takeSnapshots(db, plan.snapshots ?? [], timestamp, names),
        checkCanceled: () => {
          if (this.cancel[0] !== 0) throw queryCanceled();
        },
      };
      const changes: ChangeRun[] = [];
      for (const step of plan.steps ?? []) this.step(context, step, names, changes);
      if (plan.kind === 'read') this.results = spoolOf(context, plan.source);
      else {
        if (plan.columns !== null) this.results = new Spool(db);
        const change = new ChangeRun(context, plan, this.results);
        changes.push(change);
        change.run(write.found, write.blind);
        this.affected = change.affected;
      }
      for (const change of changes) {
        change.finish();
        this.unmatched = change.unmatched;
      }
    } finally {
      for (const { kind, name } of names.reverse()) db.exec(`DROP ${kind} IF EXISTS temp.${name}`);
    }
  }

  private step(
    context: ChangeContext,
    { table, width, work }: StepPlan,
    names: TemporaryNames,
    changes: ChangeRun[],
  ): void {
    const rows = width === 0 ? undefined : makeStepTable(this.db, table, width, names);
    if (work.kind === 'change') {
      const change = new ChangeRun(context, work.plan, rows);
      changes.push(change);
      change.run();
    } else {
      for (const row of context.programs.get(work.program).iterate()) {
        context.checkCanceled();
        rows?.add(row);
      }
    }
  }

  /** What RETURNING or the query gives; to be read once. */
  rows(): IterableIterator<Repr[]> {
    return this.results?.rows() ?? noRows();
  }

  close(): void {
    this.results?.close();
  }
}

function* noRows(): IterableIterator<Repr[]> {}
