import { arrayToRepr } from '../../catalog/types/array';
import { timestampOfMicros } from '../../catalog/types/datetime';
import { arrayOf, INT8, STRING, TIMESTAMP } from '../../catalog/types/table';
import { statisticsOfTable } from '../../storage/ranges/statistic-rows';
import type { ShowStatement } from '../parse/ast';
import { requirePrivilege, securedById } from '../privileges/access';
import { resolveRelation, unknownRelation } from '../session/name-resolution';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

const STRINGS = arrayOf(STRING);

/** SHOW STATISTICS FOR TABLE: what a backup knew of the table, the oldest first. Of columns that are gone nothing is shown. */
export function showStatistics(
  statement: Extract<ShowStatement, { kind: 'ShowStatistics' }>,
  context: StatementContext,
): TableResult {
  const table = resolveRelation(statement.table.parts, context);
  if (table === undefined) throw unknownRelation(statement.table.parts);
  requirePrivilege(context, securedById(context, table.id), 'SELECT');
  const names = new Map(table.columns.map(({ id, name }) => [id, name]));
  const known = statisticsOfTable(context.engine.db, table.id).filter(({ columnIds }) =>
    columnIds.every((id) => names.has(id)),
  );
  return {
    columns: columnsOf(
      ['statistics_name', STRING],
      ['column_names', STRINGS],
      ['created', TIMESTAMP],
      ['row_count', INT8],
      ['distinct_count', INT8],
      ['null_count', INT8],
      ['histogram_id', INT8],
    ),
    rows: known.reverse().map((row) => [
      row.name,
      arrayToRepr(
        STRINGS,
        row.columnIds.map((id) => names.get(id) ?? ''),
      ),
      timestampOfMicros(row.createdMicros),
      BigInt(row.rowCount),
      BigInt(row.distinctCount),
      BigInt(row.nullCount),
      row.histogram === null ? null : row.statisticId,
    ]),
  };
}
