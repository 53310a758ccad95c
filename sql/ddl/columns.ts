import { create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import {
  type ColumnDescriptor,
  type TableDescriptor,
  TableDescriptor_ReferenceSchema,
} from '../../catalog/descriptor/gen/table_pb';
import { addColumn } from '../../catalog/table-builder';
import type { SqlType } from '../../catalog/types/sql-type';
import { arrayOf, collated } from '../../catalog/types/table';
import { resolveTypeName } from '../bind/type-names';
import type { ColumnDefinition, DefinitionExpr } from '../parse/ddl-ast';
import { storeComputed, storeDefault, storeOnUpdate } from './expressions';
import { refuseForeignType } from './foreign-types';
import { qualified } from './qualifications';
import type { DdlRun } from './run';
import { checkNumbering, isSerial, serialType, setNumbering } from './serial';
import { requireStorable } from './storable-type';
import type { StoredExpression } from './store-expression';

/** Column definitions: types, nullability, defaults, computed columns. */

/** @throws SqlError undefinedObject (42704) for unknown types */
export function columnTypeOf(column: ColumnDefinition, run: DdlRun): SqlType {
  const serial = serialType(column, run);
  if (serial !== undefined) return serial;
  const type = resolveTypeName(column.type, run.bindContext().catalog);
  const [collate] = qualified(column, 'collate');
  if (collate === undefined) return type;
  const { locale } = collate.qualification;
  if (locale === 'default' || locale === 'C' || locale === 'POSIX') return type;
  const element = type.element ?? type;
  if (element.family !== 'string') {
    throw new SqlError(
      'datatypeMismatch',
      `COLLATE declaration for non-string-typed column "${column.name}"`,
    );
  }
  const withLocale = collated(locale, element);
  return type.element === undefined ? withLocale : arrayOf(withLocale);
}

/** @throws SqlError insufficientPrivilege (42501), and what `refuseForeignType` throws */
export function requireTypeUsage(type: SqlType, databaseId: number, run: DdlRun): void {
  refuseForeignType(type, databaseId, run);
  const metadata = (type.element ?? type).enum;
  if (metadata !== undefined) run.require(metadata.id, 'USAGE');
}

/** Adds the column; its default and computed expression are set by `setExpressions`. */
export function declareColumn(
  table: TableDescriptor,
  column: ColumnDefinition,
  run: DdlRun,
): { readonly descriptor: ColumnDescriptor; readonly type: SqlType } {
  const [unsupported] = qualified(column, 'unsupported');
  if (unsupported !== undefined) throw notSupported(unsupported.qualification.what);
  const type = columnTypeOf(column, run);
  requireTypeUsage(type, table.parentId, run);
  requireStorable(type);
  checkNumbering(table, column, type);
  const nullability = qualified(column, 'nullable').map((item) => item.qualification.nullable);
  if (new Set(nullability).size > 1) {
    throw new SqlError(
      'syntaxError',
      `conflicting NULL/NOT NULL declarations for column "${column.name}"`,
    );
  }
  const [computed] = qualified(column, 'computed');
  if (computed?.qualification.virtual === true && qualified(column, 'family').length > 0) {
    const message = 'virtual columns cannot have family specifications';
    throw new SqlError('syntaxError', message);
  }
  const descriptor = addColumn(table, {
    name: column.name,
    type,
    nullable: (nullability[0] ?? true) && !isNumbered(column),
    hidden: qualified(column, 'hidden').length > 0,
    virtual: computed?.qualification.virtual === true,
  });
  return { descriptor, type };
}

/** Binds the expressions of a column, once all columns of its table are there. */
export function setExpressions(
  table: TableDescriptor,
  column: ColumnDefinition,
  declared: { readonly descriptor: ColumnDescriptor; readonly type: SqlType },
  run: DdlRun,
): void {
  const { descriptor, type } = declared;
  const defaults = qualified(column, 'default');
  const [computed] = qualified(column, 'computed');
  if (defaults.length > 1) {
    throw new SqlError(
      'syntaxError',
      `multiple default values specified for column "${column.name}"`,
    );
  }
  if (computed !== undefined && defaults.length > 0) {
    throw new SqlError('invalidTableDefinition', 'computed columns cannot have default values');
  }
  if (setNumbering(table, column, descriptor, run)) {
    setOnUpdate(column, declared, run);
    return;
  }
  const given = defaults[0]?.qualification.expr;
  if (given !== undefined) setDefault(table, descriptor, given, type, run);
  if (computed !== undefined) {
    const { expr, virtual } = computed.qualification;
    const stored = storeComputed(expr, table, { type, virtual }, run);
    refuseComputedOfComputed(table, stored);
    descriptor.computeExpr = stored.text;
  }
  setOnUpdate(column, declared, run);
}

const isNumbered = (column: ColumnDefinition): boolean =>
  isSerial(column.type) || qualified(column, 'identity').length > 0;

/** @throws SqlError syntaxError (42601), invalidTableDefinition (42P16) */
function setOnUpdate(
  column: ColumnDefinition,
  { descriptor, type }: { readonly descriptor: ColumnDescriptor; readonly type: SqlType },
  run: DdlRun,
): void {
  const [onUpdate, ...more] = qualified(column, 'onUpdate');
  if (onUpdate === undefined) return;
  if (more.length > 0) {
    throw new SqlError(
      'syntaxError',
      `multiple ON UPDATE values specified for column "${column.name}"`,
    );
  }
  if (descriptor.computeExpr !== '') {
    throw new SqlError(
      'invalidTableDefinition',
      'computed columns cannot have an ON UPDATE expression',
    );
  }
  storeOnUpdateOf(descriptor, onUpdate.qualification.expr, type, run);
}

export function storeOnUpdateOf(
  column: ColumnDescriptor,
  expr: DefinitionExpr,
  type: SqlType,
  run: DdlRun,
): void {
  const stored = storeOnUpdate(expr, type, run);
  if (stored.sequenceIds.length > 0) throw notSupported('a sequence in ON UPDATE of a column');
  column.onUpdateExpr = stored.text;
}

function refuseComputedOfComputed(table: TableDescriptor, stored: StoredExpression): void {
  for (const id of stored.columnIds) {
    const other = table.columns.find((column) => column.id === id);
    if (other !== undefined && other.computeExpr !== '') {
      throw new SqlError(
        'invalidTableDefinition',
        'computed columns cannot reference other computed columns',
      );
    }
  }
}

/** DEFAULT NULL is no default, as CockroachDB stores it. */
export function setDefault(
  table: TableDescriptor,
  column: ColumnDescriptor,
  given: DefinitionExpr,
  type: SqlType,
  run: DdlRun,
): void {
  const stored = storeDefault(given, type, run);
  column.defaultExpr = stored.text;
  if (stored.text === 'NULL') column.defaultExpr = '';
  column.usesSequenceIds = [...stored.sequenceIds];
  for (const id of stored.sequenceIds) noteSequenceUse(table, column.id, id, run);
}

function noteSequenceUse(
  table: TableDescriptor,
  columnId: number,
  sequenceId: number,
  run: DdlRun,
): void {
  const sequence = run.table(sequenceId);
  const known = sequence.dependedOnBy.find((reference) => reference.id === table.id);
  if (known === undefined) {
    const reference = { id: table.id, columnIds: [columnId], byId: true };
    sequence.dependedOnBy.push(create(TableDescriptor_ReferenceSchema, reference));
  } else if (!known.columnIds.includes(columnId)) known.columnIds.push(columnId);
}

/** A column's default no longer advances its sequences. */
export function forgetSequenceUse(
  table: TableDescriptor,
  column: ColumnDescriptor,
  run: DdlRun,
): void {
  for (const id of column.usesSequenceIds) {
    const sequence = run.tableIfKept(id);
    if (sequence === undefined) continue;
    for (const reference of sequence.dependedOnBy) {
      if (reference.id !== table.id) continue;
      reference.columnIds = reference.columnIds.filter((columnId) => columnId !== column.id);
    }
    sequence.dependedOnBy = sequence.dependedOnBy.filter(
      (reference) => reference.id !== table.id || reference.columnIds.length > 0,
    );
  }
  column.usesSequenceIds = [];
}
