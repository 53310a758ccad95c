import { SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { sqliteColumnName, sqliteTableName } from '../../catalog/build-table-info';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { quoteName } from '../../storage/ranges/physical-table';
import { readSequence, writeSequence } from '../../storage/ranges/sequence-rows';
import type { DdlRun } from './run';
import { backfillColumn } from './validate-rows';

/**
 * Gives the rows that are there the next numbers of a sequence, in the order of their key: those of a new SERIAL or IDENTITY
 * column, whose sequence is as new as the column, so that no expression can name it yet.
 * @throws SqlError numericValueOutOfRange (22003) when there are more rows than numbers
 */
export function numberRows(table: TableDescriptor, column: ColumnDescriptor, run: DdlRun): void {
  const id = defined(
    column.ownsSequenceIds[0] ?? column.usesSequenceIds[0],
    'a sequence of the column',
  );
  const sequence = defined(run.peekTable(id), `sequence ${id}`);
  const options = defined(sequence.sequenceOpts, 'options of a sequence');
  if (options.virtual) {
    const { defaultExpr } = column;
    column.defaultExpr = 'unique_rowid()';
    backfillColumn(table, column, run);
    column.defaultExpr = defaultExpr;
    return;
  }
  const name = quoteName(sqliteTableName(table.id));
  const rows = run.db.prepare(`SELECT count(*) FROM ${name}`).pluck().safeIntegers(true).get();
  const count = typeof rows === 'bigint' ? rows : 0n;
  if (count === 0n) return;
  const { increment, minValue, maxValue } = options;
  const handedOut = readSequence(run.db, id);
  const start = handedOut === undefined ? options.start : handedOut + increment;
  const last = start + (count - 1n) * increment;
  if (last > maxValue || last < minValue) {
    const [which, bound] = increment > 0n ? ['maximum', maxValue] : ['minimum', minValue];
    throw new SqlError(
      'numericValueOutOfRange',
      `reached ${which} value of sequence "${sequence.name}" (${bound})`,
    );
  }
  const key = (table.primaryIndex?.keyColumnIds ?? []).map((keyId) =>
    quoteName(sqliteColumnName(keyId)),
  );
  const list = key.join(', ');
  run.db.exec(
    `UPDATE ${name} SET ${quoteName(sqliteColumnName(column.id))} = v.n FROM ` +
      `(SELECT ${list}, ${start} + ${increment} * (row_number() OVER (ORDER BY ${list}) - 1) AS n FROM ${name}) AS v ` +
      `WHERE ${key.map((part) => `${name}.${part} = v.${part}`).join(' AND ')}`,
  );
  writeSequence(run.db, id, last);
}
