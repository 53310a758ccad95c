import { prettyKey } from '../../backup/format/datum/pretty-key';
import { notSupported, SqlError } from '../../base/errors';
import { INT8, STRING } from '../../catalog/types/table';
import { rangesOfTable } from '../../storage/ranges/ranges';
import type { ShowStatement } from '../parse/ast';
import { hasPrivilege, requirePrivilege, securedById } from '../privileges/access';
import { resolveRelation, unknownRelation } from '../session/name-resolution';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** SHOW RANGES FROM TABLE: the key spans that a table was restored in, with the keys of the backup they came from. */
export function showRanges(
  statement: Extract<ShowStatement, { kind: 'ShowRanges' }>,
  context: StatementContext,
): TableResult {
  if (statement.target !== 'TABLE') {
    throw notSupported(`SHOW RANGES FROM ${statement.target}`, 'Use SHOW RANGES FROM TABLE.');
  }
  const table = resolveRelation(statement.name.parts, context);
  if (table === undefined) throw unknownRelation(statement.name.parts);
  const object = securedById(context, table.id);
  requirePrivilege(context, object, 'SELECT');
  if (!hasPrivilege(context, object, 'ZONECONFIG')) {
    throw new SqlError(
      'insufficientPrivilege',
      `only users with the ZONECONFIG privilege or the admin role can use SHOW RANGES on ${table.name}`,
    );
  }
  return {
    columns: columnsOf(
      ['start_key', STRING],
      ['end_key', STRING],
      ['range_id', INT8],
      ['state', STRING],
      ['range_size_bytes', INT8],
      ['rows', INT8],
      ['index_entries', INT8],
      ['job_id', INT8],
      ['source', STRING],
    ),
    rows: rangesOfTable(context.engine.db, table.id).map((range) => [
      prettyKey(range.startKey),
      prettyKey(range.endKey),
      BigInt(range.rangeId),
      range.state,
      BigInt(range.sizeBytes),
      BigInt(range.rowCount),
      BigInt(range.indexEntries),
      range.jobId ?? null,
      range.source,
    ]),
  };
}
