import { SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import type { EnumMetadata, SqlType } from './sql-type';

/** Enums: the physical representation, whose bytes order as the labels were declared. */

interface EnumTables {
  readonly labelByPhysical: ReadonlyMap<string, string>;
  readonly physicalByLabel: ReadonlyMap<string, Uint8Array>;
}

const tables = new WeakMap<EnumMetadata, EnumTables>();

function physicalKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

export function enumTables(metadata: EnumMetadata): EnumTables {
  const known = tables.get(metadata);
  if (known !== undefined) return known;
  const made = {
    labelByPhysical: new Map(metadata.members.map((m) => [physicalKey(m.physical), m.label])),
    physicalByLabel: new Map(metadata.members.map((m) => [m.label, m.physical])),
  };
  tables.set(metadata, made);
  return made;
}

function metadataOf(type: SqlType): EnumMetadata {
  invariant(type.enum !== undefined, 'an enum type comes hydrated');
  return type.enum;
}

/** The label of each value of the type; a value without a label is an error of the data. */
export function compileEnumText(type: SqlType): (physical: Uint8Array) => string {
  const { labelByPhysical } = enumTables(metadataOf(type));
  return (physical) => {
    const label = labelByPhysical.get(physicalKey(physical));
    if (label !== undefined) return label;
    const name = metadataOf(type).name;
    throw new SqlError(
      'dataCorrupted',
      `could not find ${bytesLiteral(physical)} in enum ${name} representation`,
    );
  };
}

function bytesLiteral(bytes: Uint8Array): string {
  return `[${Array.from(bytes).join(' ')}]`;
}

/** @throws SqlError 22P02 when there is no such label, 55000 when it may not be written yet or any more */
export function parseEnum(text: string, type: SqlType): Uint8Array {
  const metadata = metadataOf(type);
  const physical = enumTables(metadata).physicalByLabel.get(text);
  if (physical === undefined)
    throw new SqlError(
      'invalidTextRepresentation',
      `invalid input value for enum ${metadata.name}: "${text}"`,
    );
  if (metadata.members.some((member) => member.readOnly && member.label === text))
    throw new SqlError('objectNotInPrerequisiteState', `enum value "${text}" is not yet public`);
  return physical;
}
