import { create } from '@bufbuild/protobuf';
import { nameTypesOfView, typeNames, typesByOid } from '../../backup/view-types';
import {
  type Descriptor,
  DescriptorSchema,
  TypeDescriptor_Kind,
} from '../../catalog/descriptor/gen/descriptor_pb';
import { headerOf } from '../../catalog/snapshot';

/** User-defined types in the queries of views. */

const type = (id: number, name: string, arrayTypeId: number, parentSchemaId = 29): Descriptor =>
  create(DescriptorSchema, {
    union: {
      case: 'type',
      value: {
        id,
        name,
        arrayTypeId,
        parentId: 50,
        parentSchemaId,
        kind: arrayTypeId === 0 ? TypeDescriptor_Kind.ALIAS : TypeDescriptor_Kind.ENUM,
      },
    },
  });

const names = typeNames(
  [
    create(DescriptorSchema, { union: { case: 'database', value: { id: 50, name: 'My Db' } } }),
    create(DescriptorSchema, {
      union: { case: 'schema', value: { id: 51, parentId: 50, name: 's' } },
    }),
    type(52, 'mood', 53),
    type(53, '_mood', 0),
    type(54, 'Color', 55, 51),
    type(55, '_Color', 0, 51),
  ].flatMap((descriptor) => headerOf(descriptor) ?? []),
);

test.each([
  ["SELECT 'sad'::@100052", `SELECT 'sad'::"My Db".public.mood`],
  ["SELECT ARRAY['a']::@100053 FROM t", `SELECT ARRAY['a']::"My Db".public.mood[] FROM t`],
  [
    `SELECT CAST(x AS @100054), '::@100052' AS "@100052" FROM t WHERE y = 'r':::@100054`,
    `SELECT CAST(x AS "My Db".s."Color"), '::@100052' AS "@100052" FROM t WHERE y = 'r':::"My Db".s."Color"`,
  ],
  [
    'SELECT x::@100099 FROM a.b.c AS d WHERE e::INT8 = 1',
    'SELECT x::@100099 FROM a.b.c AS d WHERE e::INT8 = 1',
  ],
])('%s', (stored, written) => {
  const view = create(DescriptorSchema, {
    union: { case: 'table', value: { name: 'v', viewQuery: stored } },
  });
  nameTypesOfView(view, names);
  expect(view.union.case === 'table' && view.union.value.viewQuery).toBe(written);
  expect(typesByOid(written, names)).toBe(stored);
});

test('types of other databases keep their names', () => {
  const query = `SELECT 'sad'::other.public.mood, '::"My Db".public.mood'`;
  expect(typesByOid(query, names)).toBe(query);
});
