import { orderBy } from '../../catalog/types/order-by';
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

/** True when SQLite's comparison of representations (with `collationOf`) is the type's own. */
export function comparesNatively(type: SqlType): boolean {
  return !isGeometric(type) && !isKeyed(type);
}

/** Values compare by a key that is computed from them (catalog/types/order-by.ts). */
export function isKeyed(type: SqlType): boolean {
  return orderBy(type).kind === 'key';
}

/** Their order is a space-filling curve, which is not computed here. */
export function isGeometric(type: SqlType): boolean {
  const { family } = type;
  if (family === 'geometry' || family === 'geography') return true;
  return type.element !== undefined && isGeometric(type.element);
}
