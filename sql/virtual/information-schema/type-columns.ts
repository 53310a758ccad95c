import type { SqlType } from '../../../catalog/types/sql-type';
import { pgTypeName } from '../../../catalog/types/type-name';

/** A type as the columns of information_schema.columns describe it. */

export function dataTypeName(type: SqlType): string {
  if (type.family === 'array') return 'ARRAY';
  return pgTypeName(type);
}

export function characterLength(type: SqlType): number | undefined {
  const limited =
    type.family === 'string' || type.family === 'collatedstring' || type.family === 'bit';
  return limited && type.width > 0 ? type.width : undefined;
}

const FLOAT4_BITS = 32;

/** Bits of integers and of a float's fraction, digits of decimals. */
export function numericPrecision(type: SqlType): number | undefined {
  switch (type.family) {
    case 'int':
      return type.width;
    case 'float':
      return type.width === FLOAT4_BITS ? 24 : 53;
    case 'decimal':
      return type.precision > 0 ? type.precision : undefined;
    default:
      return undefined;
  }
}

export function numericScale(type: SqlType): number | undefined {
  if (type.family === 'int') return 0;
  return type.family === 'decimal' && type.precision > 0 ? type.width : undefined;
}

export function numericRadix(type: SqlType): number | undefined {
  if (type.family === 'int' || type.family === 'float') return 2;
  return type.family === 'decimal' ? 10 : undefined;
}

const TIME_FAMILIES = new Set(['time', 'timetz', 'timestamp', 'timestamptz', 'interval']);
const MICROSECONDS = 6;

export function datetimePrecision(type: SqlType): number | undefined {
  if (!TIME_FAMILIES.has(type.family)) return undefined;
  return type.precisionIsSet ? type.precision : MICROSECONDS;
}
