import { sqliteTableName } from '../../../catalog/build-table-info';
import type { Connection } from '../../../storage/ranges/connection';
import { isNewerSql } from '../../../storage/ranges/history-reads';
import { TIMESTAMP_COLUMN } from '../../../storage/ranges/physical-table';
import { bindKey, keySteps, stepsFrom } from '../rows/key-steps';
import { NO_EXPRESSIONS } from '../rows/table-source';
import type { WrittenTable } from '../rows/written-table';
import type { Part } from './part';

/** The rows of a part of a primary index: how many, and how many of them carry a later time, or none. */
export function countRows(
  db: Connection,
  { descriptor, encoding }: WrittenTable,
  { from, rowsMax = Number.MAX_SAFE_INTEGER }: Pick<Part, 'from' | 'rowsMax'>,
  than: bigint,
): { readonly rows: number; readonly newer: number } {
  const { alias } = NO_EXPRESSIONS;
  const isNewer = isNewerSql(`${alias}.${TIMESTAMP_COLUMN}`, than);
  const steps = keySteps(sqliteTableName(descriptor.id), encoding, NO_EXPRESSIONS, (rest) =>
    db.prepare(
      `SELECT count(*), total(isNewer) FROM (SELECT ${isNewer} AS isNewer ${rest} LIMIT @limit)`,
    ),
  );
  let [rows, newer] = [0, 0];
  for (const statement of stepsFrom(steps, from, true)) {
    const limit = BigInt(rowsMax - rows);
    const found = statement.raw().get({ ...bindKey(from), limit }) as [bigint, number];
    rows += Number(found[0]);
    newer += found[1];
  }
  return { rows, newer };
}
