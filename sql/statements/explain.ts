import { STRING } from '../../catalog/types/table';
import type { ExplainStatement } from '../parse/ast';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** EXPLAIN: one row a line. */

export const EXPLAIN_COLUMNS = columnsOf(['info', STRING]);

export function explain(statement: ExplainStatement, context: StatementContext): TableResult {
  return { columns: EXPLAIN_COLUMNS, rows: context.explain(statement).map((line) => [line]) };
}
