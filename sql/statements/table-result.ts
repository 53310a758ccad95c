import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { ResultColumn } from '../engine';

/** A statement's rows made in memory: SHOW, job control, RESTORE's result. Small by nature. */
export interface TableResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Repr[])[];
}

/** Columns of expressions, not of tables. */
export function columnsOf(
  ...columns: ReadonlyArray<readonly [name: string, type: SqlType]>
): readonly ResultColumn[] {
  return columns.map(([name, type]) => ({ name, type, tableId: 0, columnId: 0 }));
}

export const boolRepr = (value: boolean): Repr => (value ? 1n : 0n);
