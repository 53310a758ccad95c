import { SqlError } from '../../base/errors';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { replaceTable } from '../../storage/ranges/history-tables';
import type { RefreshViewStatement } from '../parse/ddl-ast';
import { parseStatement } from '../parse/parse';
import type { StatementContext } from '../statements/statement-context';
import { fillTable, makePhysicalTable } from './fill-table';
import { type DdlRun, runDefinition } from './run';
import { requireRelation } from './target';

/** REFRESH MATERIALIZED VIEW: its rows are made anew, beside nobody who reads the old ones. */
export async function refreshView(
  statement: RefreshViewStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('REFRESH MATERIALIZED VIEW', context, (run) => refresh(statement, run));
}

function refresh(statement: RefreshViewStatement, run: DdlRun): void {
  const info = requireRelation(statement.name, ['materialized view', 'table', 'view'], run);
  if (info.kind !== 'materialized view') {
    throw new SqlError('wrongObjectType', `"${info.name}" is not a materialized view`);
  }
  run.requireOwnership(info.id);
  if (statement.concurrently) {
    run.notice({
      severity: 'NOTICE',
      code: '00000',
      message: 'CONCURRENTLY is not required as views are refreshed concurrently',
    });
  }
  const view = run.table(info.id);
  run.passRows(info.id);
  const parsed = parseStatement(view.viewQuery);
  if (parsed.kind === 'Select') run.passQuery(parsed.tree);
  refillView(view, statement.withData, run);
}

/** Makes the rows of a view anew, by the indexes that it has now. */
export function refillView(view: TableDescriptor, withData: boolean, run: DdlRun): void {
  replaceTable(run.db, view.id, run.nowNanos, () => makePhysicalTable(view, run));
  if (!withData) return;
  const count = view.columns.filter((column) => !column.hidden).length;
  fillTable(view, { text: view.viewQuery, count, databaseId: view.parentId }, run);
}
