import { limits } from '../../base/limits';
import type { Repr } from '../../catalog/types/sql-type';
import type { SessionValues } from '../builtins/repr';
import type { Cursor, ResultColumn, RowBatch } from '../engine';
import { FULL_BATCH, openRowWriter, type RowFormat, type RowWriter } from '../execute/data-row';
import type { StatementRun } from './statement-run';

/** Cursors over statements that are not queries. Nothing runs before the first `next`. */

const EMPTY: RowBatch = { bytes: new Uint8Array(0), rowCount: 0, done: true };

/** A statement that answers with a command tag. */
export class CommandCursor implements Cursor {
  readonly columns = null;
  private readonly work: () => Promise<string>;
  private readonly run: StatementRun;
  private tag = '';

  constructor(work: () => Promise<string>, run: StatementRun) {
    this.work = work;
    this.run = run;
  }

  async next(): Promise<RowBatch> {
    this.run.startTimer();
    this.tag = await this.work();
    return EMPTY;
  }

  commandTag(): string {
    return this.tag;
  }

  async close(): Promise<void> {
    this.run.end();
  }
}

/** Statements that answer with rows and change something: they see to their own end. With what their tags start. */
export const WORK_VERBS: ReadonlyMap<string, string> = new Map([
  ['Restore', 'RESTORE'],
  ['Backup', 'BACKUP'],
  ['CreateSchedule', 'SCHEDULED BACKUP'],
]);

/** A statement whose rows are made in memory. */
export class RowsCursor implements Cursor {
  readonly columns: readonly ResultColumn[];
  private readonly work: () => Promise<readonly (readonly Repr[])[]>;
  private readonly run: StatementRun;
  private readonly writer: RowWriter;
  private readonly verb: string;
  private rows: readonly (readonly Repr[])[] | undefined;
  private sent = 0;

  /** @param verb what the command tag starts with: `SHOW` → `SHOW 3`, `RESTORE` */
  constructor(
    columns: readonly ResultColumn[],
    work: () => Promise<readonly (readonly Repr[])[]>,
    options: {
      readonly run: StatementRun;
      readonly verb: string;
      readonly formats: RowFormat;
      readonly session: SessionValues;
    },
  ) {
    this.columns = columns;
    this.work = work;
    this.run = options.run;
    this.verb = options.verb;
    const { formats, session } = options;
    this.writer = openRowWriter(columns, formats, session, FULL_BATCH);
  }

  async next(rowsMax: number): Promise<RowBatch> {
    this.run.startTimer();
    this.rows ??= await this.work();
    this.run.stopTimer();
    const end = rowsMax === 0 ? this.rows.length : Math.min(this.rows.length, this.sent + rowsMax);
    let count = 0;
    while (this.sent < end && this.writer.length < limits.rowBatchBytesMax) {
      this.writer.row(this.rows[this.sent] ?? []);
      this.sent++;
      count++;
    }
    return { bytes: this.writer.take(), rowCount: count, done: this.sent === this.rows.length };
  }

  commandTag(rowsSent: number): string {
    return `${this.verb} ${rowsSent}`;
  }

  async close(): Promise<void> {
    this.run.end();
  }
}
