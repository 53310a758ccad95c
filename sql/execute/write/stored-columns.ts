import type { Connection } from '../../../storage/ranges/connection';
import { columnsOf } from '../../../storage/ranges/history-tables';
import type { TablePlan } from '../../bind/write/plan';

const known = new WeakMap<TablePlan, readonly string[]>();

/** What SQLite has of a table, dropped columns that readers of the past may ask for included. A plan is for one schema. */
export function storedColumns(db: Connection, plan: TablePlan): readonly string[] {
  let columns = known.get(plan);
  if (columns === undefined) {
    columns = columnsOf(db, plan.sqliteName);
    known.set(plan, columns);
  }
  return columns;
}
