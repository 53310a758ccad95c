import { SqlError } from '../../base/errors';
import { quoteQualified } from '../../catalog/identifiers';
import type { SqlType } from '../../catalog/types/sql-type';
import type { DdlRun } from './run';

/** Types of other databases than a table's own: a backup of its database would lack them. */

/** @throws SqlError featureNotSupported (0A000) */
export function refuseForeignType(type: SqlType, databaseId: number, run: DdlRun): void {
  refuseForeignTypeId((type.element ?? type).enum?.id ?? 0, databaseId, run);
}

/** @throws SqlError featureNotSupported (0A000) */
export function refuseForeignTypeId(typeId: number, databaseId: number, { catalog }: DdlRun): void {
  const found = catalog.entry(typeId);
  if (found === undefined || found.databaseId === databaseId) return;
  const { schemaId, name } = found;
  const parts = [catalog.databaseName(found.databaseId), catalog.schemaName(schemaId), name];
  throw new SqlError(
    'featureNotSupported',
    `cross database type references are not supported: ${quoteQualified(parts)}`,
  );
}
