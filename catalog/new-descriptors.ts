import { create } from '@bufbuild/protobuf';
import { PUBLIC_SCHEMA_ID, USER_TYPE_OID_BASE } from './constants';
import {
  type SchemaDescriptor,
  SchemaDescriptorSchema,
  type TypeDescriptor,
  TypeDescriptor_Kind,
  TypeDescriptorSchema,
} from './descriptor/gen/descriptor_pb';
import { type TableDescriptor, TableDescriptorSchema } from './descriptor/gen/table_pb';
import { defaultPrivileges } from './privileges';
import { columnType, newTable } from './table-builder';
import { spreadBytes } from './types/spread-bytes';
import { arrayOf, enumType, INT8 } from './types/table';

/** Descriptors of what is no table: sequences, enums, schemas. */

interface Place {
  readonly id: number;
  readonly databaseId: number;
  readonly schemaId: number;
  readonly name: string;
  readonly owner: string;
}

export interface SequenceOptions {
  readonly increment: bigint;
  readonly minValue: bigint;
  readonly maxValue: bigint;
  readonly start: bigint;
  readonly cache: bigint;
  /** Its values are row ids: none are stored. */
  readonly virtual: boolean;
}

export function newSequence(place: Place, options: SequenceOptions): TableDescriptor {
  const table = newTable(place);
  const fields = create(TableDescriptorSchema, {
    columns: [{ name: 'value', id: 1, type: columnType(INT8) }],
    primaryIndex: {
      name: 'primary',
      id: 1,
      keyColumnNames: ['value'],
      keyColumnIds: [1],
      keyColumnDirections: [0],
    },
    families: [{ name: 'primary', columnNames: ['value'], columnIds: [1], defaultColumnId: 1 }],
    sequenceOpts: {
      increment: options.increment,
      minValue: options.minValue,
      maxValue: options.maxValue,
      start: options.start,
      cacheSize: options.cache,
      ...(options.virtual ? { virtual: true } : {}),
      sequenceOwner: {},
    },
  });
  const { columns, primaryIndex, families, sequenceOpts } = fields;
  if (primaryIndex !== undefined) table.primaryIndex = primaryIndex;
  if (sequenceOpts !== undefined) table.sequenceOpts = sequenceOpts;
  return Object.assign(table, {
    columns,
    families,
    nextColumnId: 0,
    nextIndexId: 0,
    nextMutationId: 0,
  });
}

/** An enum and the type of its arrays. */
export function newEnum(
  place: Place & { readonly databaseName: string; readonly schemaName: string },
  labels: readonly string[],
  array: { readonly id: number; readonly name: string },
  kind: TypeDescriptor_Kind = TypeDescriptor_Kind.ENUM,
): readonly [TypeDescriptor, TypeDescriptor] {
  const common = {
    parentId: place.databaseId,
    parentSchemaId: place.schemaId || PUBLIC_SCHEMA_ID,
    version: 1,
    privileges: defaultPrivileges(place.owner, true),
  };
  const physical = spreadBytes(labels.length);
  const members = labels.map((label, i) => ({
    physicalRepresentation: physical[i] ?? new Uint8Array(),
    logicalRepresentation: label,
  }));
  const type = create(TypeDescriptorSchema, {
    ...common,
    id: place.id,
    name: place.name,
    kind,
    enumMembers: members,
    arrayTypeId: array.id,
  });
  const element = enumType({
    id: place.id,
    arrayOid: array.id + USER_TYPE_OID_BASE,
    databaseName: place.databaseName,
    schemaName: place.schemaName,
    name: place.name,
    members: [],
  });
  const alias = columnType(arrayOf(element));
  const arrayType = create(TypeDescriptorSchema, {
    ...common,
    id: array.id,
    name: array.name,
    kind: TypeDescriptor_Kind.ALIAS,
    alias,
  });
  return [type, arrayType];
}

export function newSchema(place: Omit<Place, 'schemaId'>): SchemaDescriptor {
  return create(SchemaDescriptorSchema, {
    id: place.id,
    parentId: place.databaseId,
    name: place.name,
    version: 1,
    privileges: defaultPrivileges(place.owner),
  });
}
