import type { Descriptor } from '../../../catalog/descriptor/gen/descriptor_pb';

/**
 * Takes out of a descriptor what it says of others that a backup lacks: tables that were not asked for, are temporary, or are being
 * restored. A type names the tables that use it, and CockroachDB's RESTORE leaves ids as they are that it does not find, and then
 * refuses the type (v21.1 and v21.2-alpha). A database names its schemas, and RESTORE refuses one that it does not find. Views of a
 * table it leaves out itself.
 * @param stored changed in place
 * @param ids of what the backup holds
 */
export function keepReferences({ union }: Descriptor, ids: ReadonlySet<number>): void {
  const { case: kind, value } = union;
  if (kind === 'type') {
    value.referencingDescriptorIds = value.referencingDescriptorIds.filter((id) => ids.has(id));
  } else if (kind === 'database') {
    value.schemas = value.schemas.filter((schema) => ids.has(schema.value?.id ?? 0));
  } else if (kind === 'table') {
    value.dependedOnBy = value.dependedOnBy.filter(({ id }) => ids.has(id));
  }
}
