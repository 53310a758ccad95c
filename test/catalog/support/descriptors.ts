import { create, type MessageInitShape } from '@bufbuild/protobuf';

import {
  type Descriptor,
  DescriptorSchema,
  type TypeDescriptorSchema,
} from '../../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptorSchema } from '../../../catalog/descriptor/gen/table_pb';

/** Small descriptors for tests; what is not given is as protobuf has it: 0, '', empty. */

export type TableInit = MessageInitShape<typeof TableDescriptorSchema> & object;
export type TypeInit = MessageInitShape<typeof TypeDescriptorSchema> & object;

export const database = (id: number, name: string): Descriptor =>
  create(DescriptorSchema, { union: { case: 'database', value: { id, name } } });

export const schema = (id: number, parentId: number, name: string): Descriptor =>
  create(DescriptorSchema, { union: { case: 'schema', value: { id, parentId, name } } });

/** INT8, as every version writes it. */
export const INT8_TYPE = { family: 1, width: 64, oid: 20 } as const;

/** A table of one INT8 column `id`, its key; `more` replaces and adds. */
export function table(
  id: number,
  parentId: number,
  name: string,
  more: TableInit = {},
): Descriptor {
  const base: TableInit = {
    id,
    parentId,
    name,
    unexposedParentSchemaId: 29,
    columns: [{ id: 1, name: 'id', type: INT8_TYPE }],
    families: [{ id: 0, name: 'primary', columnIds: [1], columnNames: ['id'] }],
    primaryIndex: {
      id: 1,
      name: 'primary',
      unique: true,
      keyColumnIds: [1],
      keyColumnNames: ['id'],
      keyColumnDirections: [0],
    },
  };
  const value = { ...base, ...more } as TableInit;
  return create(DescriptorSchema, { union: { case: 'table', value } });
}

export const view = (
  id: number,
  parentId: number,
  name: string,
  dependsOn: number[],
  viewQuery = 'SELECT 1',
): Descriptor => {
  const made = table(id, parentId, name, { viewQuery, dependsOn });
  if (made.union.case === 'table') delete made.union.value.primaryIndex;
  return made;
};

export const enumType = (
  id: number,
  parentId: number,
  name: string,
  labels: readonly string[],
  more: TypeInit = {},
): Descriptor =>
  create(DescriptorSchema, {
    union: {
      case: 'type',
      value: {
        id,
        parentId,
        name,
        parentSchemaId: 29,
        enumMembers: labels.map((logicalRepresentation, i) => ({
          logicalRepresentation,
          physicalRepresentation: Uint8Array.of(0x40 + i * 0x20),
        })),
        ...more,
      },
    },
  });
