import type { FieldDesc } from 'pg-server/protocol/responses';
import type { SqlType } from '../../catalog/types/sql-type';
import { typeRow } from '../../catalog/types/table';
import type { FormatCode, ResultColumn } from '../../sql/engine';

const CHAR_OID = 18;
/** PostgreSQL counts its length word into the modifiers of these types. */
const VARLENA_HEADER_BYTES = 4;

/** `typlen`: bytes of a fixed-size type, -1 for the others; CockroachDB's numbers, which are not all PostgreSQL's. */
export function typeLength(type: SqlType): number {
  return type.family === 'tuple' ? -1 : (typeRow(type)?.sizeBytes ?? -1);
}

/** `atttypmod`: the declared length, or precision and scale; -1 for none. An array has its element's. */
export function typeModifier(type: SqlType): number {
  switch (type.family) {
    case 'array':
      return type.element === undefined ? -1 : typeModifier(type.element);
    case 'string':
    case 'collatedstring':
      return type.width === 0 || type.oid === CHAR_OID ? -1 : type.width + VARLENA_HEADER_BYTES;
    case 'bit':
      return type.width === 0 ? -1 : type.width;
    case 'decimal':
      if (type.precision === 0) return -1;
      return ((type.precision << 16) | type.width) + VARLENA_HEADER_BYTES;
    default:
      return -1;
  }
}

/** @param formats none = all text, one = for all columns, else one a column. */
export function fieldDescriptions(
  columns: readonly ResultColumn[],
  formats: readonly FormatCode[],
): FieldDesc[] {
  const common = formats.length === 1 ? formats[0] : 0;
  return columns.map((column, index) => ({
    name: column.name,
    tableID: column.tableId,
    columnID: column.columnId,
    dataTypeID: column.type.oid,
    dataTypeSize: typeLength(column.type),
    dataTypeModifier: typeModifier(column.type),
    mode: (formats.length > 1 ? formats[index] : common) === 1 ? 'binary' : 'text',
  }));
}
