import { floatToRepr } from '../../catalog/types/float';
import { FLOAT8, INT8, STRING } from '../../catalog/types/table';
import type { JobResultRow } from '../../jobs/resumer';
import { columnsOf } from './table-result';

/** What BACKUP and RESTORE answer. */

export const WAITING_COLUMNS = columnsOf(
  ['job_id', INT8],
  ['status', STRING],
  ['fraction_completed', FLOAT8],
  ['rows', INT8],
  ['index_entries', INT8],
  ['bytes', INT8],
);
export const DETACHED_COLUMNS = columnsOf(['job_id', INT8]);

export function resultRow(row: JobResultRow) {
  return row.map((value, i) => (i === 2 ? floatToRepr(Number(value)) : value));
}
