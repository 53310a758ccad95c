import { defined } from '../../base/invariant';
import { currentDatabase } from '../session/name-resolution';
import { systemTableNamed } from '../virtual/registry';
import { systemRows } from '../virtual/system-rows';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** Columns of a crdb_internal table, as SHOW statements are defined over them. @param columns name in the table, name shown */
export function internalTableResult(
  name: string,
  columns: ReadonlyArray<readonly [column: string, shown: string]>,
  context: StatementContext,
): TableResult {
  const { catalog, engine, settings, user } = context;
  const table = defined(systemTableNamed('crdb_internal', name), name);
  const database = defined(
    catalog.database(currentDatabase(context)) ?? catalog.database('system'),
    'a database',
  );
  const session = context.sessionValues();
  const { rows } = systemRows(table, { catalog, engine, settings, session, user }, database);
  const indexes = columns.map(([column]) => table.columns.findIndex(({ name: n }) => n === column));
  return {
    columns: columnsOf(
      ...columns.map(
        ([, shown], i) =>
          [shown, defined(table.columns[indexes[i] ?? -1], `column ${shown}`).type] as const,
      ),
    ),
    rows: [...rows].map((row) => indexes.map((i) => row[i] ?? null)),
  };
}
