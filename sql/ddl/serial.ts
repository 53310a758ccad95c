import { create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import {
  type ColumnDescriptor,
  type TableDescriptor,
  TableDescriptor_ReferenceSchema,
} from '../../catalog/descriptor/gen/table_pb';
import { newSequence, type SequenceOptions } from '../../catalog/new-descriptors';
import type { SqlType } from '../../catalog/types/sql-type';
import { INT2, INT4, INT8 } from '../../catalog/types/table';
import { typeName } from '../../catalog/types/type-name';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import { names } from '../bind/pg-access';
import type { ColumnDefinition, SequenceOption } from '../parse/ddl-ast';
import type { TypeName } from '../parse/pg-tree';
import { qualified } from './qualifications';
import type { DdlRun } from './run';
import { sequenceOptions, sequenceOptionsText } from './sequence-options';
import { newTarget, schemaIdOf } from './target';

/** Columns that number their rows: SERIAL, as `serial_normalization` says, and GENERATED … AS IDENTITY. */

const SERIAL_TYPES: ReadonlyMap<string, SqlType> = new Map([
  ['serial', INT8],
  ['serial8', INT8],
  ['bigserial', INT8],
  ['serial4', INT4],
  ['serial2', INT2],
  ['smallserial', INT2],
]);

/** Values that a session takes at once. Source: v21.2, sql.defaults.serial_sequences_cache_size. */
const CACHED_VALUES = 256n;

function declaredSerial(type: TypeName): SqlType | undefined {
  const parts = names(type.names);
  if (parts.length !== 1 || type.arrayBounds !== undefined) return undefined;
  return SERIAL_TYPES.get(parts[0] ?? '');
}

export const isSerial = (type: TypeName): boolean => declaredSerial(type) !== undefined;

/** The type of a SERIAL column; undefined for other types. Rows' ids are 64 bits wide, whatever was asked for. */
export function serialType(column: ColumnDefinition, run: DdlRun): SqlType | undefined {
  const declared = declaredSerial(column.type);
  if (declared === undefined || usesSequence(run)) return declared;
  if (declared.width < INT8.width) {
    run.notice({
      severity: 'NOTICE',
      code: '00000',
      message: `upgrading the column ${column.name} to ${typeName(INT8)} to utilize the session serial_normalization setting`,
      hint: 'change the serial_normalization to sql_sequence or sql_sequence_cached if you wish to use a smaller sized serial column at the cost of performance. See https://www.cockroachlabs.com/docs/v21.2/serial.html',
    });
  }
  return INT8;
}

const usesSequence = (run: DdlRun): boolean =>
  ['sql_sequence', 'sql_sequence_cached'].includes(run.names.settings.get('serial_normalization'));

/** @throws SqlError syntaxError (42601), invalidParameterValue (22023) */
export function checkNumbering(
  table: TableDescriptor,
  column: ColumnDefinition,
  type: SqlType,
): void {
  const [identity] = qualified(column, 'identity');
  const serial = isSerial(column.type);
  if (identity === undefined && !serial) return;
  const of = `for column "${column.name}" of table "${table.name}"`;
  if (qualified(column, 'default').length > 0 || (serial && identity !== undefined)) {
    throw new SqlError('syntaxError', `multiple default values specified ${of}`);
  }
  if (qualified(column, 'nullable').some((item) => item.qualification.nullable)) {
    throw new SqlError('syntaxError', `conflicting NULL/NOT NULL declarations ${of}`);
  }
  if (qualified(column, 'computed').length > 0) {
    throw new SqlError(
      'syntaxError',
      serial
        ? `SERIAL column "${column.name}" of table "${table.name}" cannot be computed`
        : `both generated identity and computed expression specified ${of}`,
    );
  }
  if (qualified(column, 'identity').length > 1) {
    throw new SqlError('syntaxError', `multiple identity specifications ${of}`);
  }
  if (identity !== undefined && type.family !== 'int') {
    throw new SqlError('invalidParameterValue', 'identity column type must be an INT');
  }
}

/** Gives a SERIAL or IDENTITY column what numbers it. @returns false for other columns */
export function setNumbering(
  table: TableDescriptor,
  column: ColumnDefinition,
  descriptor: ColumnDescriptor,
  run: DdlRun,
): boolean {
  const [identity] = qualified(column, 'identity');
  if (identity !== undefined) {
    const { always, options } = identity.qualification;
    ownSequence(table, descriptor, sequenceOptions(options), run, givenName(table, options, run));
    descriptor.generatedAsIdentityType = always ? ALWAYS : BY_DEFAULT;
    const text = sequenceOptionsText(options);
    if (text !== '') descriptor.generatedAsIdentitySequenceOption = text;
    return true;
  }
  if (!isSerial(column.type)) return false;
  const given: SequenceOption[] = [];
  switch (run.names.settings.get('serial_normalization')) {
    case 'rowid':
      descriptor.defaultExpr = 'unique_rowid()';
      return true;
    case 'virtual_sequence':
      given.push({ kind: 'virtual' });
      break;
    case 'sql_sequence_cached':
      given.push({ kind: 'cache', value: CACHED_VALUES });
      break;
    default:
  }
  ownSequence(table, descriptor, sequenceOptions(given), run);
  return true;
}

const ALWAYS = 1;
const BY_DEFAULT = 2;

/** A sequence that goes when the column goes. */
function ownSequence(
  table: TableDescriptor,
  column: ColumnDescriptor,
  options: SequenceOptions,
  run: DdlRun,
  name = unusedSequenceName(table, column, run),
): void {
  const id = allocateDescriptorIds(run.db, 1);
  const sequence = newSequence(
    {
      id,
      databaseId: table.parentId,
      schemaId: schemaIdOf(table),
      name,
      owner: run.names.user,
    },
    options,
  );
  sequence.temporary = table.temporary;
  const owner = sequence.sequenceOpts?.sequenceOwner;
  if (owner !== undefined) {
    owner.ownerTableId = table.id;
    owner.ownerColumnId = column.id;
  }
  const reference = { id: table.id, columnIds: [column.id], byId: true };
  sequence.dependedOnBy.push(create(TableDescriptor_ReferenceSchema, reference));
  run.add({ case: 'table', value: sequence });
  column.defaultExpr = `nextval(${id}:::REGCLASS)`;
  column.usesSequenceIds = [id];
  column.ownsSequenceIds = [id];
}

/**
 * What SEQUENCE NAME says: as in PostgreSQL, which writes it into its dumps. The sequence lies in the schema of its table.
 * @throws SqlError duplicateRelation (42P07), featureNotSupported (0A000)
 */
function givenName(
  table: TableDescriptor,
  options: readonly SequenceOption[],
  run: DdlRun,
): string | undefined {
  const given = options.find((option) => option.kind === 'name');
  const name = given?.name.parts.at(-1);
  if (given === undefined || name === undefined) return undefined;
  const schemaId = schemaIdOf(table);
  if (given.name.parts.length > 1) {
    const place = newTarget(given.name, run, false);
    if (place.databaseId !== table.parentId || place.schemaId !== schemaId) {
      throw notSupported('a sequence of an identity column in another schema than its table');
    }
  }
  if (run.isNameTaken(table.parentId, schemaId, name)) {
    throw new SqlError('duplicateRelation', `relation "${name}" already exists`);
  }
  return name;
}

/** `table_column_seq`, or with a number behind it. */
function unusedSequenceName(table: TableDescriptor, column: ColumnDescriptor, run: DdlRun): string {
  const base = `${table.name}_${column.name}_seq`;
  const isTaken = (name: string): boolean =>
    run.isNameTaken(table.parentId, schemaIdOf(table), name);
  if (!isTaken(base)) return base;
  let suffix = 1;
  while (isTaken(`${base}${suffix}`)) suffix++;
  return `${base}${suffix}`;
}
