import { notSupported, SqlError } from '../../base/errors';
import { ConstraintValidity } from '../../catalog/descriptor/gen/index_pb';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { addIndex, addToFamily, findColumn } from '../../catalog/table-builder';
import type { AlterTableCommand } from '../parse/ddl-ast';
import { buildIndex } from './alter-indexes';
import { declareColumn, setExpressions } from './columns';
import { declareCheck } from './create-table';
import { addForeignKey } from './foreign-keys';
import { numberRows } from './number-rows';
import { addPhysicalColumn } from './physical-column';
import { qualified } from './qualifications';
import type { DdlRun } from './run';
import {
  backfillColumn,
  validateCheck,
  validateForeignKey,
  validateNotNull,
} from './validate-rows';

/** ALTER TABLE … ADD COLUMN: rows that are there get its default or computed value. */
export function addColumnCommand(
  table: TableDescriptor,
  command: Extract<AlterTableCommand, { kind: 'addColumn' }>,
  run: DdlRun,
): void {
  const { column } = command;
  if (findColumn(table, column.name) !== undefined) {
    const message = `column "${column.name}" of relation "${table.name}" already exists`;
    if (!command.ifNotExists) throw new SqlError('duplicateColumn', message);
    run.notice({ severity: 'NOTICE', code: '42701', message: `${message}, skipping` });
    return;
  }
  if (qualified(column, 'primaryKey').length > 0) {
    throw new SqlError(
      'invalidColumnDefinition',
      `multiple primary keys for table "${table.name}" are not allowed`,
    );
  }
  const declared = declareColumn(table, column, run);
  const { descriptor, type } = declared;
  setExpressions(table, column, declared, run);
  if (!descriptor.virtual) {
    const [family] = qualified(column, 'family');
    const chosen = family?.qualification;
    addToFamily(table, descriptor, {
      name: chosen?.family ?? null,
      create: chosen?.create ?? false,
      ifNotExists: chosen?.ifNotExists ?? false,
    });
    addPhysicalColumn(table, descriptor, type, run);
    if (descriptor.ownsSequenceIds.length > 0) numberRows(table, descriptor, run);
    else backfillColumn(table, descriptor, run);
  }
  if (!descriptor.nullable) checkNotNull(table, descriptor, run);
  addConstraintsOf(table, command, run);
}

/** @throws SqlError notNullViolation (23502) */
export function checkNotNull(table: TableDescriptor, column: ColumnDescriptor, run: DdlRun): void {
  try {
    validateNotNull(table, column, run);
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlstate !== '23502') throw error;
    throw new SqlError(
      'notNullViolation',
      `null value in column "${column.name}" violates not-null constraint`,
    );
  }
}

function addConstraintsOf(
  table: TableDescriptor,
  { column }: Extract<AlterTableCommand, { kind: 'addColumn' }>,
  run: DdlRun,
): void {
  for (const { name, qualification } of qualified(column, 'unique')) {
    if (qualification.withoutIndex) throw notSupported('UNIQUE WITHOUT INDEX');
    const index = addIndex(table, {
      name: name ?? undefined,
      unique: true,
      inverted: false,
      columns: [{ name: column.name, descending: false }],
      storing: [],
      predicate: undefined,
      createdExplicitly: false,
    });
    buildIndex(table, index, run);
  }
  for (const { name, qualification } of qualified(column, 'check')) {
    validateCheck(table, declareCheck(table, name, qualification.expr, run), run);
  }
  for (const { name, qualification } of qualified(column, 'references')) {
    const { references } = qualification;
    const key = { name: name ?? undefined, columns: [column.name], references };
    validateForeignKey(addForeignKey(table, key, ConstraintValidity.Validated, run), run);
  }
}
