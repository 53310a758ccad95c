import { STRING } from '../../catalog/types/table';
import type { ExplainStatement } from '../parse/ast';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** EXPLAIN: one row a line. */

export const EXPLAIN_COLUMNS = columnsOf(['info', STRING]);

export async function explain(
  statement: ExplainStatement,
  context: StatementContext,
): Promise<TableResult> {
  const lines = await context.explain(statement);
  return { columns: EXPLAIN_COLUMNS, rows: lines.map((line) => [line]) };
}
