import { SqlError } from '../../base/errors';
import { SYSTEM_DATABASE_ID } from '../../catalog/constants';
import type { CatalogSnapshot, DescriptorHeader } from '../../catalog/snapshot';

/** The error for a name that something else has, by what that something is. */
export function nameInTheWay(holder: DescriptorHeader): SqlError {
  switch (holder.kind) {
    case 'database':
      return new SqlError('duplicateDatabase', `database "${holder.name}" already exists`);
    case 'schema':
      return new SqlError('duplicateSchema', `schema "${holder.name}" already exists`);
    case 'type':
      return new SqlError('duplicateObject', `type "${holder.name}" already exists`);
    case 'table':
      return new SqlError('duplicateRelation', `relation "${holder.name}" already exists`);
  }
}

/** @param schemaId undefined: the schema is new, so nothing can be in the way. */
export function refuseTakenName(
  entry: DescriptorHeader,
  catalog: CatalogSnapshot,
  databaseId: number,
  schemaId: number | undefined,
): void {
  if (databaseId === SYSTEM_DATABASE_ID) {
    // Its tables are not descriptors here, but they are there in every cluster.
    throw new SqlError('duplicateRelation', `relation "${entry.name}" already exists`);
  }
  if (schemaId === undefined || catalog.entry(databaseId) === undefined) return;
  const holder = catalog.holderOfName(
    databaseId,
    entry.kind === 'schema' ? 0 : schemaId,
    entry.name,
  );
  if (holder === undefined) return;
  const error = nameInTheWay(holder);
  if (entry.kind === 'type' && entry.name.startsWith('_')) {
    throw new SqlError(
      holder.kind === 'type' ? 'duplicateObject' : 'duplicateRelation',
      `name collision for "${entry.name.slice(1)}"'s array type: ${error.message}`,
    );
  }
  throw error;
}
