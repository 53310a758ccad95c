import { SqlError } from '../../base/errors';
import {
  type TypeDescriptor,
  TypeDescriptor_Kind,
} from '../../catalog/descriptor/gen/descriptor_pb';

/**
 * May an existing enum stand in for the backup's? It must hold every label with the same bytes, since those bytes are in the
 * data; more labels are fine.
 * @returns the existing type. @throws SqlError 42804 with CockroachDB's text.
 */
export function compatibleType(type: TypeDescriptor, existing: TypeDescriptor): TypeDescriptor {
  const refuse = (cause: string): never => {
    throw new SqlError(
      'datatypeMismatch',
      `"${type.name}" is not compatible with type "${existing.name}" existing in cluster: ${cause}`,
    );
  };
  if (type.kind !== existing.kind) {
    const kind = kindName(type);
    refuse(`"${type.name}" of type "${kind}" is not compatible with type "${kindName(existing)}"`);
  }
  for (const member of type.enumMembers) {
    const label = member.logicalRepresentation;
    const same = existing.enumMembers.find((other) => other.logicalRepresentation === label);
    if (same === undefined) {
      refuse(`could not find enum value "${label}" in "${existing.name}"`);
    } else if (Buffer.compare(same.physicalRepresentation, member.physicalRepresentation) !== 0) {
      refuse(`"${type.name}" has differing physical representation for value "${label}"`);
    }
  }
  return existing;
}

function kindName(type: TypeDescriptor): string {
  const found = Object.entries(TypeDescriptor_Kind).find(([, value]) => value === type.kind);
  return found?.[0] ?? String(type.kind);
}
