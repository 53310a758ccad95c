import { SqlError } from '../../base/errors';
import { emptyTable } from '../../storage/ranges/history-tables';
import { deleteRangesOfTable } from '../../storage/ranges/ranges';
import type { TruncateStatement } from '../parse/ddl-ast';
import type { StatementContext } from '../statements/statement-context';
import { type DdlRun, runDefinition } from './run';
import { requireRelation } from './target';

/** TRUNCATE: the tables' rows go at once. Sequences go on where they are. */
export async function truncate(
  statement: TruncateStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('TRUNCATE', context, (run) => truncateBody(statement, run));
}

function truncateBody(statement: TruncateStatement, run: DdlRun): void {
  const ids = new Set(statement.tables.map((name) => requireRelation(name, ['table'], run).id));
  // Tables that CASCADE adds are looked at in their turn.
  for (const id of ids) {
    run.requireDrop(id);
    const table = run.table(id);
    for (const { originTableId } of table.inboundFks) {
      if (ids.has(originTableId)) continue;
      if (statement.behavior !== 'cascade') {
        const user = run.catalog.tableDescriptor(originTableId)?.name ?? '';
        throw new SqlError(
          'dependentObjectsStillExist',
          `"${table.name}" is referenced by foreign key from table "${user}"`,
          { hint: 'Truncate both in one statement, or use TRUNCATE … CASCADE.' },
        );
      }
      ids.add(originTableId);
    }
  }
  for (const id of ids) {
    run.passRows(id);
    emptyTable(run.db, id, run.nowNanos);
    deleteRangesOfTable(run.db, id);
  }
}
