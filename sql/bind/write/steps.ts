import { SqlError } from '../../../base/errors';
import type { TableInfo } from '../../../catalog/table-info';
import type { SqlType } from '../../../catalog/types/sql-type';
import type { ChangeStatement } from '../../parse/changes';
import type { Query } from '../expr';
import { type CteBinding, EMPTY_CTES } from '../scope';
import { bindDelete, bindUpdate } from './bind-change';
import { bindInsert } from './bind-insert';
import { storedColumns } from './inputs';
import type { ChangePlan, SnapshotPlan, StepPlan } from './plan';
import { addProgram, type WriteBinder } from './write-binder';

/**
 * Statements that change data inside of another one: in WITH at its top, or in brackets. Each becomes a step that runs once,
 * to its end, in the order in which it is written. What one of them writes, the others do not see.
 */

/** The rows that a step leaves. */
export interface StepRows {
  readonly sqliteName: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
}

export function bindChange(write: WriteBinder, statement: ChangeStatement) {
  switch (statement.kind) {
    case 'Insert':
      return bindInsert(write, statement.tree, statement.upsert);
    case 'Update':
      return bindUpdate(write, statement.tree, statement.limit);
    case 'Delete':
      return bindDelete(write, statement.tree, statement.limit);
  }
}

/** How each table is written: only plain INSERTs may share one. */
type Manner = 'insert' | 'other';

export class Steps {
  private readonly steps: StepPlan[] = [];
  private readonly written = new Map<number, Manner>();
  /** Tables that are or may be written when what is bound now runs. */
  private readonly begun = new Set<number>();
  private readonly read = new Map<number, SnapshotPlan>();
  private readonly used = new Set<string>();

  /** A step that changes data. @throws SqlError as binding the statement does */
  change(
    write: WriteBinder,
    statement: ChangeStatement,
    ctes: ReadonlyMap<string, CteBinding> = EMPTY_CTES,
  ): StepRows {
    const { relationIds } = write.binder.facts;
    const bound = bindChange({ ...write, ctes }, statement);
    const plan: ChangePlan = { ...bound, parameterTypes: [], relationIds: [...relationIds] };
    this.note(plan);
    const columns = plan.columns ?? [];
    const table = this.nextName();
    this.steps.push({ table, width: columns.length, work: { kind: 'change', plan } });
    this.used.add(table);
    return { sqliteName: table, columns };
  }

  /** A query beside such a step: computed once. Left out when nothing reads it. */
  rows(write: WriteBinder, query: Query): string {
    const table = this.nextName();
    const program = addProgram(write, query);
    const width = query.outputs.length;
    this.steps.push({ table, width, work: { kind: 'rows', program } });
    return table;
  }

  private nextName(): string {
    return `step${this.steps.length + 1}`;
  }

  use(sqliteName: string): void {
    this.used.add(sqliteName);
  }

  /** @throws SqlError featureNotSupported when another part of the statement writes the table */
  note(plan: ChangePlan): void {
    const [target] = plan.tables;
    if (target === undefined) return;
    const plain = plan.kind === 'insert' && plan.conflict === undefined;
    const before = this.written.get(target.id);
    if (before !== undefined && !(plain && before === 'insert'))
      throw new SqlError(
        'featureNotSupported',
        `multiple modification subqueries of the same table "${target.name}" are not supported unless they all use INSERT without ON CONFLICT; this is to prevent data corruption, see documentation of sql.multiple_modifications_of_table.enabled`,
      );
    this.written.set(target.id, plain ? 'insert' : 'other');
    for (const { id } of plan.tables) this.begun.add(id);
  }

  begin(tableId: number): void {
    this.begun.add(tableId);
  }

  /** The SQLite name of a table that is read: what it was, when a step before writes it. */
  nameOf(table: TableInfo): string {
    if (!this.begun.has(table.id)) return table.sqliteName;
    const name = `was_${table.sqliteName}`;
    const stored = storedColumns(table);
    const keyIds = (table.primaryIndex?.keyColumns ?? []).map(({ columnId }) => columnId);
    this.read.set(table.id, {
      sqliteName: table.sqliteName,
      name,
      columns: stored.map((column) => column.sqliteName),
      key: keyIds.flatMap((id) => stored.find((column) => column.id === id)?.sqliteName ?? []),
    });
    return name;
  }

  /** What the plan of the whole statement has of them. */
  finish(): { readonly steps?: readonly StepPlan[]; readonly snapshots?: readonly SnapshotPlan[] } {
    const steps = this.steps.filter(({ table }) => this.used.has(table));
    return {
      ...(steps.length === 0 ? {} : { steps }),
      ...(this.read.size === 0 ? {} : { snapshots: [...this.read.values()] }),
    };
  }
}
