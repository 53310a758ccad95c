import type { SqlType } from '../../../catalog/types/sql-type';

/** PostgreSQL counts the header of a variable-length value in. */
const HEADER_BYTES = 4;

/** `pg_attribute.atttypmod`: width, precision and scale as PostgreSQL packs them; -1 = none. */
export function typeModifier(type: SqlType): number {
  if (type.element !== undefined) return typeModifier(type.element);
  switch (type.family) {
    case 'string':
    case 'collatedstring':
      return type.width === 0 ? -1 : type.width + HEADER_BYTES;
    case 'bit':
      return type.width === 0 ? -1 : type.width;
    case 'decimal':
      return type.precision === 0 ? -1 : ((type.precision << 16) | type.width) + HEADER_BYTES;
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return type.precisionIsSet ? type.precision : -1;
    default:
      return -1;
  }
}
