import type { Descriptor } from '../../../catalog/descriptor/gen/descriptor_pb';

/**
 * A type names the tables that use it. CockroachDB's RESTORE leaves ids as they are that a backup lacks, and then refuses the type, as
 * v21.1 and v21.2-alpha check it: those of tables that were not asked for, and of temporary ones, are left out.
 * @param stored changed in place
 * @param ids of what the backup holds
 */
export function keepReferences({ union }: Descriptor, ids: ReadonlySet<number>): void {
  if (union.case !== 'type') return;
  const { value: type } = union;
  type.referencingDescriptorIds = type.referencingDescriptorIds.filter((id) => ids.has(id));
}
