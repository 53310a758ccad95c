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
  switch (union.case) {
    case 'type': {
      const { value: type } = union;
      type.referencingDescriptorIds = type.referencingDescriptorIds.filter((id) => ids.has(id));
      break;
    }
    case 'database':
      union.value.schemas = union.value.schemas.filter(({ value }) => ids.has(value?.id ?? 0));
      break;
    case 'table':
      union.value.dependedOnBy = union.value.dependedOnBy.filter(({ id }) => ids.has(id));
      break;
  }
}
