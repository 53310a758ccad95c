import type { SqlType } from '../../catalog/types/sql-type';
import { sqliteColumn, typeRow } from '../../catalog/types/table';

/** What operators and emitted SQL need to know of a type besides its row in the type table. */

/** What an unnamed `x::type` column is called. */
export function castColumnName(type: SqlType): string {
  if (type.element !== undefined) return castColumnName(type.element);
  return type.enum?.name ?? typeRow(type)?.typname ?? type.family;
}

/** SQLite's collation that compares representations of the type; empty for BINARY. */
export function collationOf(type: SqlType): '' | 'RTRIM' | 'NOCASE' {
  return sqliteColumn(type).collate ?? '';
}

/** Element types whose bytes in an array say more than their order does. */
const INEXACT_ELEMENTS = new Set(['decimal', 'float', 'interval', 'collatedstring', 'json']);

/** True when SQLite's comparison of representations (with `collationOf`) is the type's own. */
export function comparesNatively(type: SqlType): boolean {
  switch (type.family) {
    case 'collatedstring':
    case 'json':
    case 'geometry':
    case 'geography':
      return false;
    case 'array':
      return type.element !== undefined && !INEXACT_ELEMENTS.has(type.element.family);
    case 'tuple':
      return (type.fields ?? []).every(
        (field) => comparesNatively(field) && !INEXACT_ELEMENTS.has(field.family),
      );
    default:
      return true;
  }
}
